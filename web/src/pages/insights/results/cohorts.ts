import { openBucket } from './buckets'
import type { Of } from './kind'
import { valueInWords } from './values'

export type Cohort = Of<'RetentionResult'>['cohorts'][number]

export interface Row {
  cohort: Cohort
  /** Which one, as the server counts them. */
  place: number
  /** Counts of periods that are not over may still grow; null: all are over. */
  open: number | null
}

/** Cohorts of one value of the breakdown. */
export interface Group {
  name: string
  rows: Row[]
  /** Of each period that is over, the share of all who could come back by then; null where none is over. */
  means: (number | null)[]
}

export function groupsOf(result: Of<'RetentionResult'>, now: Date): Group[] {
  const days = [...new Set(result.cohorts.map(({ day }) => day))].sort()
  const open = openBucket(days, result.resolved, now)
  const groups = new Map<string, Row[]>()
  for (const cohort of result.cohorts) {
    const place = days.indexOf(cohort.day)
    const name = valueInWords(cohort)
    const row = { cohort, place, open: open === null ? null : Math.max(0, open - place) }
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [...groups].map(([name, rows]) => ({
    name,
    rows,
    means: result.periodLabels.map((_, period) => meanOf(rows, period)),
  }))
}

/** Weighted by the sizes of cohorts: a cohort of one says less than one of twenty. */
function meanOf(rows: readonly Row[], period: number): number | null {
  let came = 0
  let could = 0
  for (const { cohort, open } of rows) {
    const count = cohort.returnedCounts[period]
    if (count === undefined || (open !== null && period >= open)) continue
    came += count
    could += cohort.count
  }
  return could ? came / could : null
}

export const shareOf = (cohort: Cohort, period: number): number | null => {
  const count = cohort.returnedCounts[period]
  return count === undefined || !cohort.count ? null : count / cohort.count
}
