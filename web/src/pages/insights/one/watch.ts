import type { InsightQueryInput, InsightWatchInput, LifecycleStatus } from '../../../schema'
import { kindOf } from '../kinds'

/** A number of an insight that an alert can watch, and what to call it. */
interface Watchable {
  title: string
  watch: InsightWatchInput
}

const STATUSES: LifecycleStatus[] = ['NEW', 'RETURNING', 'RESURRECTING', 'DORMANT']

/** The numbers of an insight that are worth an alert; the most obvious one first. */
export function watchables(query: InsightQueryInput): Watchable[] {
  if (query.trends) {
    const { series, formulas } = query.trends
    const shown = formulas?.length
      ? formulas.map(({ formula, name }) => name || formula)
      : series.map(({ event, name }) => name || event || 'any event')
    return shown.map((title, at) => ({ title, watch: { trends: { series: at } } }))
  }
  if (query.funnel) {
    const whole: Watchable = { title: 'Percent that get through', watch: { funnel: {} } }
    const steps = query.funnel.steps.slice(1).map(({ event, name }, at) => ({
      title: `Percent that get to ${name || event || 'any event'} from the step before`,
      watch: { funnel: { step: at + 1 } },
    }))
    return steps.length > 1 ? [whole, ...steps] : [whole]
  }
  if (query.retention) {
    const count = Math.min(4, (query.retention.periodCount ?? 11) - 1)
    return Array.from({ length: Math.max(1, count) }, (_, at) => ({
      title: `Percent that come back ${at + 1} ${(query.retention?.interval ?? 'DAY').toLowerCase()}${at ? 's' : ''} later`,
      watch: { retention: { period: at + 1, average: true } },
    }))
  }
  if (query.lifecycle) {
    return STATUSES.map((status) => ({
      title: `How many are ${status.toLowerCase()}`,
      watch: { lifecycle: { status } },
    }))
  }
  if (query.stickiness) {
    return query.stickiness.series.map(({ event, name }, at) => ({
      title: `Percent active in two or more: ${name || event || 'any event'}`,
      watch: { stickiness: { series: at } },
    }))
  }
  if (query.sql) return [{ title: 'The first number in the first row', watch: { sql: {} } }]
  return []
}

/** Paths have no number of their own: two events say which. */
export const isPaths = (query: InsightQueryInput): boolean => kindOf(query) === 'paths'
