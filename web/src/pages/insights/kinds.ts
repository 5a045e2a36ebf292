import type { InsightQueryInput, InsightType } from '../../schema'

/** Kinds of insights in the order in which they are offered; each is the field of `InsightQueryInput` of that name. */
export const KINDS = ['trends', 'funnel', 'retention', 'paths', 'lifecycle', 'stickiness', 'sql'] as const
export type Kind = (typeof KINDS)[number]

export const TITLES: Record<Kind, string> = {
  trends: 'Trends',
  funnel: 'Funnel',
  retention: 'Retention',
  paths: 'Paths',
  lifecycle: 'Lifecycle',
  stickiness: 'Stickiness',
  sql: 'SQL',
}

/** What each answers, in a question of a newcomer. */
export const QUESTIONS: Record<Kind, string> = {
  trends: 'How much, how often, over time?',
  funnel: 'Where do we get stuck?',
  retention: 'Do they keep at it?',
  paths: 'What follows what?',
  lifecycle: 'Who begins, stays, comes back, leaves?',
  stickiness: 'How regularly?',
  sql: 'Everything else',
}

const TYPES: Record<InsightType, Kind | null> = {
  TRENDS: 'trends',
  FUNNELS: 'funnel',
  RETENTION: 'retention',
  PATHS: 'paths',
  LIFECYCLE: 'lifecycle',
  STICKINESS: 'stickiness',
  SQL: 'sql',
  JSON: null,
}

/** Kinds as lists of insights are filtered by. */
export const typeOf = (kind: Kind): InsightType =>
  (Object.keys(TYPES) as InsightType[]).find((type) => TYPES[type] === kind) ?? 'JSON'

export const kindOfType = (type: InsightType | null | undefined): Kind | null => (type ? TYPES[type] : null)

export const isKind = (name: string | null): name is Kind => KINDS.includes(name as Kind)

export const kindOf = (query: InsightQueryInput): Kind => Object.keys(query)[0] as Kind

/** What to call an insight: its name, else what it is called by itself. */
export const nameOf = (insight: {
  name?: string | null
  derivedName?: string | null
  shortId: string
}): string => insight.name || insight.derivedName || `Insight ${insight.shortId}`
