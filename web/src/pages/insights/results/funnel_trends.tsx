import { useMemo } from 'preact/hooks'
import { number, share } from '../../../format'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { BucketPlot } from './bucket_plot'
import { bucketName, bucketTick, openBucket, rangeOf, unitOf } from './buckets'
import type { Kind, Of, Shown, ViewProps } from './kind'
import { type Plot, textOf } from './plot'
import type { Cell, Sheet } from './sheet'
import { told, valueInWords } from './values'

type Line = Of<'FunnelTrendsResult'>['lines'][number]

/** Who began, and who got through; null: the query is not known, so neither are its steps. */
function pointOf(
  query: InsightQueryInput | null,
  line: Line,
  bucket: number,
  end: 'first' | 'last',
): InsightPointInput | null {
  const asked = query?.funnel
  if (!asked) return null
  const step = end === 'first' ? (asked.firstStep ?? 0) : (asked.lastStep ?? asked.steps.length - 1)
  return { funnel: { step, bucket, ...told(line) } }
}

function plotOf({ result, query }: Shown<'FunnelTrendsResult'>): Plot {
  const { interval } = result.resolved
  const days = result.lines[0]?.days ?? []
  const open = openBucket(days, result.resolved, new Date())
  return {
    shape: 'lines',
    names: days.map((day) => bucketName(day, interval)),
    ticks: days.map((day) => bucketTick(day, interval)),
    tracks: result.lines.map((line, place) => ({
      name: valueInWords(line) || 'Got through',
      values: line.rates,
      place,
      pointAt: (bucket) => pointOf(query, line, bucket, 'last'),
    })),
    unit: '%',
    open,
  }
}

function View({ result, query, summary, onDrill }: ViewProps<'FunnelTrendsResult'>) {
  const plot = useMemo(() => plotOf({ result, query }), [result, query])
  return (
    <BucketPlot plot={plot} summary={summary} unit={unitOf(result.resolved.interval)} onDrill={onDrill} />
  )
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)

function summary({ result }: Shown<'FunnelTrendsResult'>): string | null {
  if (!result.lines.some(({ enteredCounts }) => sum(enteredCounts))) return null
  const told = result.lines.slice(0, 3).map((line) => {
    const [began, done] = [sum(line.enteredCounts), sum(line.convertedCounts)]
    const name = valueInWords(line)
    return `${name ? `${name}: ` : ''}${number(done)} of ${number(began)} got through (${share(began ? done / began : null)})`
  })
  return `${rangeOf(result.resolved)}: ${told.join('; ')}.`
}

function sheet({ result, query }: Shown<'FunnelTrendsResult'>): Sheet {
  const apart = result.lines.length > 1
  const columns = [
    { name: 'When' },
    ...result.lines.flatMap((line) =>
      ['Began', 'Got through', 'Share'].map((name) => ({
        name: apart ? `${valueInWords(line)}: ${name.toLowerCase()}` : name,
        numeric: true,
      })),
    ),
  ]
  const rows = (result.lines[0]?.days ?? []).map((day, bucket): Cell[] => [
    { value: day, text: bucketName(day, result.resolved.interval) },
    ...result.lines.flatMap((line): Cell[] => [
      { value: line.enteredCounts[bucket] ?? null, point: pointOf(query, line, bucket, 'first') },
      { value: line.convertedCounts[bucket] ?? null, point: pointOf(query, line, bucket, 'last') },
      { value: line.rates[bucket] ?? null, text: textOf(line.rates[bucket], '%') },
    ]),
  ])
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'FunnelTrendsResult'>
