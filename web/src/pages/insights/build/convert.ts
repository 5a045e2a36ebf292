import type {
  InsightBreakdownInput,
  InsightConditionInput,
  InsightEventsInput,
  InsightInterval,
  InsightQueryInput,
  InsightRangeInput,
  InsightSubject,
} from '../../../schema'
import { type Kind, kindOf } from '../kinds'
import { first, pruned } from './query'

/** What kinds have in common: it goes along when one moves from one kind to another. */
export interface Shared {
  events?: InsightEventsInput[]
  where?: InsightConditionInput
  range?: InsightRangeInput
  subject?: InsightSubject
  interval?: InsightInterval
  breakdown?: InsightBreakdownInput
}

type Parts = Record<string, unknown>

/** Which parts a kind has a place for. One that has none says nothing about them, so that they are not lost on the way. */
const PLACES: Record<Kind, readonly (keyof Shared)[]> = {
  trends: ['events', 'where', 'range', 'subject', 'interval', 'breakdown'],
  funnel: ['events', 'where', 'range', 'subject', 'breakdown'],
  retention: ['events', 'where', 'subject', 'interval', 'breakdown'],
  paths: ['events', 'where', 'range', 'subject'],
  lifecycle: ['events', 'where', 'range', 'subject', 'interval'],
  stickiness: ['events', 'where', 'range', 'subject', 'interval'],
  sql: [],
}

/** What a query says, apart from whom its kind is about by itself, beside what was said before in kinds that have a place for it. */
export function remembered(query: InsightQueryInput, before: Shared): Shared {
  const asked = Object.values(query)[0] as Parts
  const known: Parts = { ...before }
  for (const part of PLACES[kindOf(query)]) {
    if (part === 'events') known.events = longer(eventsOf(query), before.events ?? [])
    else if (
      part === 'subject' &&
      asked.subject === (Object.values(first(kindOf(query)))[0] as Parts).subject
    )
      continue
    else if (asked[part] == null) delete known[part]
    else known[part] = asked[part]
  }
  return known as Shared
}

/** Kinds that have a place for one event or two keep the others in mind as long as they begin alike. */
function longer(events: InsightEventsInput[], before: InsightEventsInput[]): InsightEventsInput[] {
  const alike = events.length > 0 && events.every(({ event }, at) => event === before[at]?.event)
  return alike && before.length > events.length ? before : events
}

/** The same question as another kind asks it, as far as that has a place for it; else what that kind begins with. */
export function converted(
  query: InsightQueryInput,
  to: Kind,
  known: Shared = remembered(query, {}),
): InsightQueryInput {
  if (kindOf(query) === to) return query
  const asked: Parts = { ...(Object.values(first(to))[0] as Parts) }
  for (const part of PLACES[to]) {
    if (part !== 'events' && known[part] !== undefined && fits(part, known[part], to))
      asked[part] = known[part]
  }
  return pruned({
    [to]: { ...asked, ...placed(known.events ?? [], to, asked) },
  }) as unknown as InsightQueryInput
}

/** Retention knows no minutes. */
const fits = (part: keyof Shared, value: unknown, to: Kind): boolean =>
  !(part === 'interval' && value === 'MINUTE' && to === 'retention')

function eventsOf(query: InsightQueryInput): InsightEventsInput[] {
  if (query.trends) return query.trends.series.map(({ math, of, ...events }) => events)
  if (query.funnel) return query.funnel.steps
  if (query.stickiness) return query.stickiness.series
  if (query.lifecycle) return [query.lifecycle.events]
  if (query.retention) {
    const { target, returning } = query.retention
    const both = [target, returning].flatMap((one) => one ?? [])
    return target?.event === returning?.event ? both.slice(0, 1) : both
  }
  if (query.paths)
    return [query.paths.startEvent, query.paths.endEvent].flatMap((event) => (event ? [{ event }] : []))
  return []
}

function placed(events: InsightEventsInput[], to: Kind, asked: Parts): Parts {
  const [one, two] = events
  if (!one) return {}
  switch (to) {
    case 'trends':
    case 'stickiness':
      return { series: events }
    case 'funnel':
      return {
        steps: two ? events.slice(0, 20) : [one, { event: one.event === 'commit' ? 'push' : 'commit' }],
      }
    case 'retention':
      return { target: one, returning: two ?? one }
    case 'lifecycle':
      return { events: one }
    case 'paths':
      // What paths begin with has to count.
      return {
        startEvent: one.event,
        excludedEvents: (asked.excludedEvents as string[]).filter((event) => event !== one.event),
      }
    case 'sql':
      return {}
  }
}
