import { beginOf, plusDays } from '../../days'
import type { ArcOutcome, SessionFilterInput, SessionSortInput, SessionSortKey } from '../../schema'

/** What the address may say of a list, each part a text. */
const NAMES = [
  'q',
  'agent',
  'project',
  'branch',
  'developer',
  'from',
  'to',
  'outcome',
  'tokens',
  'cost',
  'failed',
  'has',
  'sort',
  'up',
] as const
export type Name = (typeof NAMES)[number]
export type Filters = Record<Name, string>

export const SORTS: Partial<Record<SessionSortKey, string>> = {
  START: 'Start',
  ACTIVITY: 'Latest activity',
  DURATION: 'Length',
  TOKENS: 'Tokens',
  COST: 'Cost',
  ERRORS: 'Failures',
}
export const OUTCOMES: Record<ArcOutcome, string> = {
  CRUSHED: 'A goal reached',
  MISSED: 'A goal missed',
  PENDING: 'Not judged yet',
} as Record<ArcOutcome, string>
export const HAS = { commit: 'A commit', request: 'A pull request', none: 'No commit' }

export const filtersOf = (query: URLSearchParams): Filters =>
  Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as Filters

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** What to ask for; days are those of the zone, the last one included. What makes no sense is left out. */
export function inputOf(filters: Filters, zone: string): SessionFilterInput {
  const from = DAY.test(filters.from) ? beginOf(filters.from, zone) : null
  const to = DAY.test(filters.to) ? beginOf(plusDays(filters.to, 1), zone) : null
  const atLeast = (text: string) => (Number(text) > 0 ? { min: Number(text) } : null)
  const whole = (text: string) => (Number(text) > 0 ? { min: Math.ceil(Number(text)) } : null)
  const asked: SessionFilterInput = {
    search: filters.q.trim() || null,
    sourceService: filters.agent.trim() || null,
    project: filters.project.trim() || null,
    branch: filters.branch.trim() || null,
    developer: filters.developer || null,
    startedAt: from || to ? { from, to } : null,
    outcome: Object.hasOwn(OUTCOMES, filters.outcome) ? { any: [filters.outcome as ArcOutcome] } : null,
    tokens: whole(filters.tokens),
    costUsd: atLeast(filters.cost),
    toolErrors: whole(filters.failed),
    hasCommits: { commit: true, none: false }[filters.has] ?? null,
    hasPullRequest: filters.has === 'request' ? true : null,
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null))
}

export const sortOf = ({ sort, up }: Filters): SessionSortInput | null =>
  Object.hasOwn(SORTS, sort) ? { by: sort as SessionSortKey, direction: up ? 'ASC' : 'DESC' } : null
