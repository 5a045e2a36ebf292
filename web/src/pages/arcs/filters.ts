import { FLAGS } from '../../arcs/flags'
import { HABITS } from '../../arcs/habits'
import { beginOf, plusDays } from '../../days'
import type { FlagKind, Habit, Intent, SubSessionFilterInput, SubSessionState } from '../../schema'

/** What the list can be narrowed by, as it stands in the address. */
const NAMES = [
  'search',
  'state',
  'outcome',
  'intent',
  'grade',
  'agent',
  'developer',
  'habit',
  'shown',
  'flag',
  'from',
  'to',
  'session',
] as const
export type Name = (typeof NAMES)[number]
export type Filters = Partial<Record<Name, string>>

export const STATES: Record<SubSessionState, string> = {
  OPEN: 'Open',
  CLOSED: 'Closed, not judged yet',
  SCORED: 'Scored',
  EXCLUDED: 'Not scored',
  MERGED: 'Merged into another',
}
export const INTENTS = [
  'BUG_FIX',
  'FEATURE',
  'REFACTOR',
  'SMALL_CHANGE',
  'INVESTIGATION',
  'QUESTION',
  'REVIEW',
  'PLAN',
] as const satisfies readonly Intent[]
export const GRADES = ['A+', 'A', 'A-', 'B+', 'B', 'B-', 'C+', 'C', 'D', 'F'] as const
export const OUTCOMES = {
  crushed: 'Crushed',
  missed: 'Missed or undone',
  counted: 'Counts for the score',
  graded: 'Has a grade',
  judged: 'Enough work to be judged',
  waiting: 'No verdict yet',
} as const
const OF_OUTCOME: Record<keyof typeof OUTCOMES, SubSessionFilterInput> = {
  crushed: { crushed: true },
  missed: { qualifying: true, crushed: false },
  counted: { qualifying: true },
  graded: { graded: true },
  judged: { pastFloor: true },
  waiting: { judgeStatus: 'PENDING' },
}

export function filtersOf(query: URLSearchParams): Filters {
  const found: Filters = {}
  for (const name of NAMES) {
    const value = query.get(name)
    if (value) found[name] = value
  }
  return found
}

const has = <Key extends string>(
  known: Readonly<Record<Key, unknown>>,
  name: string | undefined,
): name is Key => name !== undefined && Object.hasOwn(known, name)
const known = <Value extends string>(values: readonly Value[], name: string | undefined): Value | undefined =>
  values.find((value) => value === name)

/** As the server takes it; what it would not know is left out, so that an address of old still shows a list. */
export function inputOf(filters: Filters, zone: string): SubSessionFilterInput {
  const habit = known(Object.keys(HABITS) as Habit[], filters.habit)
  const flag = known(Object.keys(FLAGS) as FlagKind[], filters.flag)
  const from = instantOf(filters.from, zone)
  const to = instantOf(filters.to, zone, 1)
  const input: { [Name in keyof SubSessionFilterInput]: SubSessionFilterInput[Name] | undefined } = {
    // A text without a letter or digit holds no word to look for.
    search: /[\p{L}\p{N}]/u.test(filters.search ?? '') ? filters.search : undefined,
    ...(has(STATES, filters.state) && { state: filters.state }),
    intent: known(INTENTS, filters.intent),
    letterGrade: known(GRADES, filters.grade),
    sourceService: filters.agent,
    developer: filters.developer,
    session: filters.session,
    habit,
    habitShown: habit && { yes: true, no: false }[filters.shown ?? ''],
    flag,
    flagged: filters.flag === 'any' ? true : undefined,
    ...(has(OF_OUTCOME, filters.outcome) && OF_OUTCOME[filters.outcome]),
    ...((from || to) && { startedAt: { ...(from && { from }), ...(to && { to }) } }),
  }
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}

/** Of a day where it begins, or `later` days after; an instant as it is. */
function instantOf(text: string | undefined, zone: string, later = 0): string | undefined {
  if (!text) return undefined
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)))
    return beginOf(plusDays(text, later), zone)
  return Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString()
}
