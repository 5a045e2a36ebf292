import type { InsightConditionInput, InsightQueryInput } from '../../../schema'
import { isKind, type Kind } from '../kinds'

/** What somebody sees who has not said anything yet: a question that most accounts have an answer to. */
const FIRST: { [K in Kind]: () => InsightQueryInput } = {
  trends: () => ({ trends: { series: [{ event: 'prompt' }], interval: 'DAY', range: { dateFrom: '-14d' } } }),
  funnel: () => ({
    funnel: {
      steps: [{ event: 'prompt' }, { event: 'edit' }, { event: 'commit' }],
      subject: 'ARC',
      range: { dateFrom: '-30d' },
    },
  }),
  retention: () => ({
    retention: {
      target: { event: 'prompt' },
      returning: { event: 'prompt' },
      interval: 'WEEK',
      periodCount: 8,
    },
  }),
  paths: () => ({
    paths: {
      subject: 'ARC',
      startEvent: 'prompt',
      stepCount: 5,
      excludedEvents: [
        ...['arc_opened', 'arc_closed', 'arc_judged', 'arc_completed', 'arc_crushed', 'arc_held'],
        ...['ai_response', 'api_request', 'tool_use', 'tool_result', 'command', 'file_diff'],
      ],
      range: { dateFrom: '-30d' },
    },
  }),
  lifecycle: () => ({
    lifecycle: { events: { event: 'prompt' }, interval: 'WEEK', range: { dateFrom: '-11w' } },
  }),
  stickiness: () => ({
    stickiness: { series: [{ event: 'prompt' }], interval: 'DAY', range: { dateFrom: '-13d' } },
  }),
  sql: () => ({
    sql: { statement: 'select event, count() as n\nfrom events\ngroup by event\norder by n desc' },
  }),
}

export const first = (kind: Kind): InsightQueryInput => FIRST[kind]()

/** A query as it stands in an address; null where that is none. What else is wrong with it is for the server to say. */
export function queryOf(text: string | null): InsightQueryInput | null {
  if (!text) return null
  try {
    const found: unknown = JSON.parse(text)
    if (typeof found !== 'object' || found === null) return null
    const [kind, ...others] = Object.keys(found)
    const fits =
      kind !== undefined && isKind(kind) && others.length === 0 && hasParts(kind, Object.values(found)[0])
    return fits ? (found as InsightQueryInput) : null
  } catch {
    return null
  }
}

const LISTS: Partial<Record<Kind, string>> = { trends: 'series', funnel: 'steps', stickiness: 'series' }

/** Whether what every editor relies on is there. */
function hasParts(kind: Kind, asked: unknown): boolean {
  if (typeof asked !== 'object' || asked === null) return false
  const list = LISTS[kind]
  const parts = asked as Record<string, unknown>
  if (list) {
    const all = parts[list]
    return Array.isArray(all) && all.every((one) => typeof one === 'object' && one !== null)
  }
  if (kind === 'lifecycle') return typeof parts.events === 'object' && parts.events !== null
  return kind !== 'sql' || typeof parts.statement === 'string'
}

/** Without what says nothing: null, empty texts and lists, and the names of types that come with answers. */
export function pruned<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(pruned) as Value
  if (typeof value !== 'object' || value === null) return value
  const said = Object.entries(value).flatMap(([name, part]) => {
    const short: unknown = pruned(part)
    return name !== '__typename' && saysSomething(short) ? [[name, short] as const] : []
  })
  return Object.fromEntries(said) as Value
}

const saysSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)

/**
 * What can be asked already: without conditions, breakdowns and formulas that somebody is still writing. `written` is
 * what one sees, so a part that is left out shifts nothing that errors point to but its own list.
 */
export function asked(written: InsightQueryInput): InsightQueryInput {
  return pruned(ready(written)) as InsightQueryInput
}

function ready(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ready)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([name, part]) => readyPart(name, part)))
}

function readyPart(name: string, part: unknown): [string, unknown][] {
  if (name === 'where') {
    const kept = part ? readyCondition(part as InsightConditionInput) : null
    return kept ? [[name, kept]] : []
  }
  if (name === 'breakdown') {
    const properties = ((part as { properties?: { key: string }[] } | null)?.properties ?? []).filter(
      ({ key }) => key,
    )
    return properties.length ? [[name, { ...(part as object), properties }]] : []
  }
  if (name === 'formulas')
    return [[name, (part as { formula: string }[]).filter(({ formula }) => formula.trim())]]
  if (name === 'cleaning') {
    const rules = part as { regex: string; alias: string }[]
    return [[name, rules.filter(({ regex, alias }) => regex && alias)]]
  }
  if (name === 'of' && !(part as { key?: string } | null)?.key) return []
  return [[name, ready(part)]]
}

export const NEEDS_NONE = new Set(['SET', 'NOT_SET'])
export const NEEDS_TWO = new Set(['BETWEEN', 'NOT_BETWEEN'])

/** Whether a comparison says all that it needs. */
export function isComplete(condition: InsightConditionInput): boolean {
  if (!condition.compare) return true
  const { property, operator = 'EXACT', values } = condition.compare
  if (!property.key) return false
  if (NEEDS_NONE.has(operator)) return true
  const given = (values ?? []).filter((value) => value !== '')
  return given.length >= (NEEDS_TWO.has(operator) ? 2 : 1)
}

function readyCondition(condition: InsightConditionInput): InsightConditionInput | null {
  if (condition.compare) {
    if (!isComplete(condition)) return null
    const { values, ...rest } = condition.compare
    return { compare: NEEDS_NONE.has(rest.operator ?? 'EXACT') ? rest : { ...rest, values: values ?? [] } }
  }
  const parts = (condition.all ?? condition.any ?? []).flatMap((part) => readyCondition(part) ?? [])
  if (parts.length === 0) return null
  return condition.any ? { any: parts } : { all: parts }
}
