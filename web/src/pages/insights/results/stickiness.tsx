import { useMemo } from 'preact/hooks'
import { number, plural } from '../../../format'
import { BucketPlot } from './bucket_plot'
import { rangeOf, unitOf } from './buckets'
import type { Kind, Of, Shown, ViewProps } from './kind'
import type { Plot } from './plot'
import type { Sheet } from './sheet'

type Result = Of<'StickinessResult'>
type Line = Result['lines'][number]

const nameOf = (line: Line): string => line.name ?? line.label

function pointOf(line: Line, at: number) {
  const bucketCount = line.bucketCounts[at]
  return bucketCount === undefined ? null : { stickiness: { series: line.series, bucketCount } }
}

function placeOf(result: Result, count: number): string {
  const times = plural(count, unitOf(result.resolved.interval))
  return result.cumulative ? `${times} or more` : times
}

function plotOf(result: Result): Plot {
  const counts = result.lines[0]?.bucketCounts ?? []
  const names = counts.map((count) => placeOf(result, count))
  return {
    shape: 'bars',
    names,
    ticks: counts.map((count) => plural(count, unitOf(result.resolved.interval))),
    tracks: result.lines.map((line, place) => ({
      name: nameOf(line),
      values: line.counts,
      place,
      pointAt: (bucket) => pointOf(line, bucket),
      total: line.count,
    })),
    unit: '',
    open: null,
  }
}

function View({ result, summary, onDrill }: ViewProps<'StickinessResult'>) {
  const plot = useMemo(() => plotOf(result), [result])
  return <BucketPlot plot={plot} summary={summary} unit="bar" onDrill={onDrill} />
}

function summary({ result }: Shown<'StickinessResult'>): string | null {
  if (!result.lines.some(({ counts }) => counts.some(Boolean))) return null
  const each = result.lines
    .slice(0, 3)
    .map(
      (line) =>
        `${nameOf(line)}: ${number(line.count)} at all${result.cumulative ? '' : `, ${often(result, line)}`}`,
    )
  return `${rangeOf(result.resolved)}, on how many ${unitOf(result.resolved.interval)}s: ${each.join('; ')}.`
}

function often(result: Result, line: Line): string {
  const at = line.counts.reduce((best, count, place) => (count > (line.counts[best] ?? 0) ? place : best), 0)
  return `most of them (${number(line.counts[at])}) on ${placeOf(result, line.bucketCounts[at] ?? 0)}`
}

function sheet({ result }: Shown<'StickinessResult'>): Sheet {
  const columns = [
    { name: `On how many ${unitOf(result.resolved.interval)}s` },
    ...result.lines.map((line) => ({ name: nameOf(line), numeric: true })),
  ]
  const rows = (result.lines[0]?.bucketCounts ?? []).map((count, at) => [
    { value: placeOf(result, count) },
    ...result.lines.map((line) => ({ value: line.counts[at] ?? null, point: pointOf(line, at) })),
  ])
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'StickinessResult'>
