import { useMemo } from 'preact/hooks'
import { duration, number } from '../../../format'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { BucketPlot } from './bucket_plot'
import { rangeOf } from './buckets'
import type { Kind, Of, Shown, ViewProps } from './kind'
import type { Sheet } from './sheet'

type Result = Of<'FunnelTimesResult'>

/** To which step times are told; null: the query is not known, so neither is the step. */
const lastOf = (query: InsightQueryInput | null): number | null =>
  query?.funnel ? (query.funnel.lastStep ?? query.funnel.steps.length - 1) : null

function pointAt({ bins }: Result, query: InsightQueryInput | null, at: number): InsightPointInput | null {
  const step = lastOf(query)
  const bin = bins[at]
  if (step === null || !bin) return null
  const next = bins[at + 1]
  const below = next ? { belowSeconds: next.startSeconds } : {}
  return { funnel: { step, leastSeconds: bin.startSeconds, ...below } }
}

function nameOf({ bins }: Result, at: number): string {
  const [from, to] = [bins[at]?.startSeconds, bins[at + 1]?.startSeconds]
  return to === undefined ? `${duration(from)} or more` : `${duration(from)} to ${duration(to)}`
}

function View({ result, query, summary, onDrill }: ViewProps<'FunnelTimesResult'>) {
  const plot = useMemo(() => {
    const track = {
      name: 'Got through',
      values: result.bins.map(({ count }) => count),
      place: 0,
      pointAt: (bucket: number) => pointAt(result, query, bucket),
      total: result.bins.reduce((sum, { count }) => sum + count, 0),
      totalPoint: totalPoint(query),
    }
    return {
      shape: 'bars' as const,
      names: result.bins.map((_, at) => nameOf(result, at)),
      ticks: result.bins.map(({ startSeconds }) => duration(startSeconds)),
      tracks: [track],
      unit: '' as const,
      open: null,
    }
  }, [result, query])
  return <BucketPlot plot={plot} summary={summary} unit="time" onDrill={onDrill} />
}

function totalPoint(query: InsightQueryInput | null): InsightPointInput | null {
  const step = lastOf(query)
  return step === null ? null : { funnel: { step, leastSeconds: 0 } }
}

function summary({ result }: Shown<'FunnelTimesResult'>): string | null {
  const all = result.bins.reduce((sum, { count }) => sum + count, 0)
  if (!all) return null
  return `${rangeOf(result.resolved)}: ${number(all)} got through, in ${duration(result.averageSeconds)} on average.`
}

function sheet({ result, query }: Shown<'FunnelTimesResult'>): Sheet {
  const rows = result.bins.map(({ startSeconds, count }, at) => [
    { value: nameOf(result, at) },
    { value: startSeconds, text: duration(startSeconds) },
    { value: count, point: pointAt(result, query, at) },
  ])
  const columns = [{ name: 'Time' }, { name: 'From', numeric: true }, { name: 'Got through', numeric: true }]
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'FunnelTimesResult'>
