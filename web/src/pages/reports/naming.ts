import { Clock } from '../../time'
import type { ReportLineFragment } from './Reports.gql'

const KINDS = { V3: 'Goal arcs', V21: 'Organisation', MEDIA: 'One session' } as const
/** What one may ask for by hand. */
export const ABOUT = { V3: 'My goal arcs', V21: "The organisation's sessions (older score)" } as const
const PERIODS = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', CUSTOM: '' } as const

/** What a report is of: `Goal arcs, week 16 Nov 2026 – 22 Nov 2026`, its days being those of its own zone. */
export function nameOf(
  report: Pick<ReportLineFragment, 'kind' | 'period' | 'from' | 'to' | 'timeZone'>,
): string {
  const stretch = stretchOf(report)
  return [KINDS[report.kind], [PERIODS[report.period], stretch].filter(Boolean).join(' ')]
    .filter(Boolean)
    .join(', ')
}

function stretchOf({ from, to, timeZone }: Pick<ReportLineFragment, 'from' | 'to' | 'timeZone'>): string {
  if (!from || !to) return ''
  const clock = new Clock(timeZone)
  const first = clock.day(from)
  // The end is left out of it: its last day is that of the moment before.
  const last = clock.day(new Date(Date.parse(to) - 1).toISOString())
  return first === last ? first : `${first} – ${last}`
}

export const isOver = (status: ReportLineFragment['status']): boolean =>
  status !== 'PENDING' && status !== 'RUNNING'
