import type { InsightConditionInput, InsightEventsInput, InsightQueryInput } from '../../../schema'
import type { EventsFragment, QueryFragment, WhereFragment } from './Query.gql'
import { pruned } from './query'

interface Compared {
  __typename: 'InsightComparison'
  property: { key: string; source: 'EVENT' | 'PERSON' | 'SESSION' }
  operator: NonNullable<NonNullable<InsightConditionInput['compare']>['operator']>
  values: readonly string[]
}
interface Group {
  __typename?: 'InsightConditionGroup'
  everyNeeded?: boolean
  conditions?: readonly (Compared | Group)[]
}

/** Says that a query has parts which cannot be written here, so that nobody loses them by changing it. */
export class NotShown extends Error {}

/** A query as the server shows it, as it is asked. Raises NotShown. */
export function shownQuery(query: QueryFragment | null | undefined): InsightQueryInput {
  if (!query) throw new NotShown('This insight asks nothing yet.')
  return pruned(input(query)) as InsightQueryInput
}

/** Null where it cannot be written here. */
export function shownOrNull(query: QueryFragment | null | undefined): InsightQueryInput | null {
  try {
    return shownQuery(query)
  } catch (error) {
    if (error instanceof NotShown) return null
    throw error
  }
}

function input(query: QueryFragment): InsightQueryInput {
  switch (query.__typename) {
    case 'TrendsQuery': {
      const { __typename, counted, where, ...rest } = query
      const series = counted.map((one) => ({ ...events(one.events), math: one.math, of: one.of }))
      return { trends: { ...rest, where: whole(where), series, formulas: [...rest.formulas] } as never }
    }
    case 'FunnelQuery': {
      const { __typename, steps, where, exclusions, ...rest } = query
      const dropped = exclusions.map((one) => ({ ...one, events: events(one.events) }))
      return {
        funnel: { ...rest, where: whole(where), steps: steps.map(events), exclusions: dropped } as never,
      }
    }
    case 'RetentionQuery': {
      const { __typename, target, returning, where, ...rest } = query
      const both = { target: events(target), returning: events(returning) }
      return { retention: { ...rest, ...both, where: whole(where) } as never }
    }
    case 'PathsQuery': {
      const { __typename, where, ...rest } = query
      return { paths: { ...rest, where: whole(where) } as never }
    }
    case 'LifecycleQuery': {
      const { __typename, where, events: counted, ...rest } = query
      return { lifecycle: { ...rest, events: events(counted), where: whole(where) } as never }
    }
    case 'StickinessQuery': {
      const { __typename, where, series, ...rest } = query
      return { stickiness: { ...rest, series: series.map(events), where: whole(where) } as never }
    }
    case 'SqlQuery': {
      const { __typename, ...rest } = query
      if (rest.values.some(({ text, number }) => text == null && number == null))
        throw new NotShown(
          'A value of this statement is a list, or true or false, which cannot be written here.',
        )
      if (/\{variables\./.test(rest.statement))
        throw new NotShown('This statement has variables, which can only be changed over REST.')
      return { sql: rest as never }
    }
    case 'StoredQuery':
      throw new NotShown(`This query (${query.storedKind}) is kept for its client and not computed here.`)
  }
}

function events({ event, name, where }: EventsFragment): InsightEventsInput {
  return { event, name, where: whole(where) }
}

function whole(where: WhereFragment | null | undefined): InsightConditionInput | null {
  return where ? condition(where as Group) : null
}

function condition(part: Compared | Group): InsightConditionInput {
  if ('property' in part) {
    const { property, operator, values } = part
    return {
      compare: { property: { key: property.key, source: property.source }, operator, values: [...values] },
    }
  }
  if (!part.conditions)
    throw new NotShown('The conditions of this insight stand deeper in each other than shown here.')
  const parts = part.conditions.map(condition)
  return part.everyNeeded ? { all: parts } : { any: parts }
}
