import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { href } from '../../routes'
import type { FigureFilterInput, ScoreArcs, ScoreVersion, ScoreWindow, TrendPeriod } from '../../schema'

/** What the page is asked to show: all of it stands in the address. */
export interface Ask {
  window: ScoreWindow
  developer: string | null
  /** Compare with as much of the window before as has passed of this one. */
  aligned: boolean
  /** Null: the one that the person has shown first. */
  version: ScoreVersion | null
  trend: string | null
  behind: Behind | null
}

/** The arcs behind a number: of the window, or of a point of a trend. */
export interface Behind {
  which: ScoreArcs
  of: FigureFilterInput
  from: string | null
  to: string | null
}

type Changes = Record<string, string | boolean | null>

const WINDOWS: readonly string[] = ['DAILY', 'WEEKLY', 'MONTHLY']
const ARCS: readonly string[] = [
  'QUALIFYING',
  'CRUSHED',
  'MISSED',
  'PENDING',
  'PAST_FLOOR',
  'GRADED',
  'FLAGGED',
  'TRIVIA',
]
const OF = ['intent', 'flag', 'exclusionReason', 'judgeStatus', 'letterGrade', 'habit'] as const
const BEHIND = ['show', ...OF, 'shown', 'from', 'to']

const among = (text: string | null, names: readonly string[]): string | null =>
  text !== null && names.includes(text) ? text : null

const instant = (text: string | null): string | null =>
  text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : null

export function askOf(query: URLSearchParams): Ask {
  const which = among(query.get('show'), ARCS) as ScoreArcs | null
  return {
    window: (among(query.get('window'), WINDOWS) as ScoreWindow | null) ?? 'WEEKLY',
    developer: query.get('developer'),
    aligned: query.get('aligned') === 'true',
    version: among(query.get('version'), ['V2', 'V3']) as ScoreVersion | null,
    trend: query.get('trend'),
    behind: which && {
      which,
      of: ofOf(query),
      from: instant(query.get('from')),
      to: instant(query.get('to')),
    },
  }
}

function ofOf(query: URLSearchParams): FigureFilterInput {
  const given = OF.filter((name) => query.get(name)).map((name) => [name, query.get(name)])
  const shown = query.get('habit') && query.get('shown')
  return { ...Object.fromEntries(given), ...(shown ? { habitShown: shown === 'yes' } : {}) }
}

/** The address with some of it changed. Whatever else changes, the arcs behind a number are put away. */
export function linkOf(query: URLSearchParams, changes: Changes): string {
  const kept = [...query].filter(([name]) => !BEHIND.includes(name))
  return href('score', null, { ...Object.fromEntries(kept), ...changes })
}

export const LinkContext = createContext<(changes: Changes) => string>(() => '')
export const useLink = () => useContext(LinkContext)

export const PERIODS: Record<ScoreWindow, { period: TrendPeriod; now: string; many: string; count: number }> =
  {
    DAILY: { period: 'DAY', now: 'today', many: 'days', count: 30 },
    WEEKLY: { period: 'WEEK', now: 'this week', many: 'weeks', count: 12 },
    MONTHLY: { period: 'MONTH', now: 'this month', many: 'months', count: 12 },
  }
