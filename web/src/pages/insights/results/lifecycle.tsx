import { useMemo } from 'preact/hooks'
import { number, words } from '../../../format'
import { BucketPlot } from './bucket_plot'
import { bucketName, bucketTick, openBucket, rangeOf, unitOf } from './buckets'
import type { Kind, Of, Shown, ViewProps } from './kind'
import type { Plot } from './plot'
import type { Sheet } from './sheet'

type Result = Of<'LifecycleResult'>
type Line = Result['lines'][number]

const point = (line: Line, bucket: number) => ({ lifecycle: { status: line.status, bucket } })

function plotOf(result: Result): Plot {
  const { interval } = result.resolved
  const days = result.lines[0]?.days ?? []
  return {
    shape: 'stacks',
    names: days.map((day) => bucketName(day, interval)),
    ticks: days.map((day) => bucketTick(day, interval)),
    tracks: result.lines.map((line, place) => ({
      name: words(line.status),
      values: line.counts,
      place,
      pointAt: (bucket) => point(line, bucket),
    })),
    unit: '',
    open: openBucket(days, result.resolved, new Date()),
  }
}

function View({ result, summary, onDrill }: ViewProps<'LifecycleResult'>) {
  const plot = useMemo(() => plotOf(result), [result])
  return (
    <>
      <BucketPlot plot={plot} summary={summary} unit={unitOf(result.resolved.interval)} onDrill={onDrill} />
      <p class="small quiet">
        Dormant ones count below zero: they were there in the {unitOf(result.resolved.interval)} before and
        are not in this one.
      </p>
    </>
  )
}

function summary({ result }: Shown<'LifecycleResult'>): string | null {
  if (!result.lines.some(({ counts }) => counts.some(Boolean))) return null
  const each = result.lines.map(
    ({ status, count }) => `${words(status).toLowerCase()} ${number(Math.abs(count))}`,
  )
  return `${rangeOf(result.resolved)}, all ${unitOf(result.resolved.interval)}s together: ${each.join(', ')}.`
}

function sheet({ result }: Shown<'LifecycleResult'>): Sheet {
  const columns = [
    { name: 'When' },
    ...result.lines.map(({ status }) => ({ name: words(status), numeric: true })),
  ]
  const rows = (result.lines[0]?.days ?? []).map((day, bucket) => [
    { value: day, text: bucketName(day, result.resolved.interval) },
    ...result.lines.map((line) => ({ value: line.counts[bucket] ?? null, point: point(line, bucket) })),
  ])
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'LifecycleResult'>
