import { useMemo } from 'preact/hooks'
import { number } from '../../../format'
import { BucketPlot } from './bucket_plot'
import { bucketName, rangeOf, unitOf } from './buckets'
import type { Kind, Shown, ViewProps } from './kind'
import { textOf } from './plot'
import type { Cell, Sheet } from './sheet'
import { Totals } from './totals'
import { type Line, nameOf, plotOf, pointOf, totalOf } from './trends_plot'
import { isRunningSum, isWhole, percentOf } from './trends_query'
import { inSentence } from './values'

function View(props: ViewProps<'TrendsResult'>) {
  if (isWhole(props.result)) return <Totals {...props} sheet={sheet(props)} />
  return <OverTime {...props} />
}

function OverTime({ result, query, summary, onDrill }: ViewProps<'TrendsResult'>) {
  const plot = useMemo(() => plotOf(result, query, new Date()), [result, query])
  return (
    <>
      <BucketPlot plot={plot} summary={summary} unit={unitOf(result.resolved.interval)} onDrill={onDrill} />
      {result.moreHidden && (
        <p class="small quiet">“others” are all values beyond the most frequent ones, together.</p>
      )}
    </>
  )
}

function summary({ result, query }: Shown<'TrendsResult'>): string | null {
  if (!result.lines.length) return null
  const when = rangeOf(result.resolved)
  const unit = percentOf(result, query)
  const whole = isWhole(result)
  const told = result.lines
    .slice(0, 3)
    .map(
      (line) =>
        `${inSentence(nameOf(line))} ${whole ? textOf(line.aggregatedValue, unit) : course(line, query, unit)}`,
    )
  const rest = result.lines.length - told.length
  return `${when}: ${told.join('; ')}${rest > 0 ? `; and ${number(rest)} more` : ''}.`
}

/** A line in words: what it comes to, or between what it lies. */
function course(line: Line, query: Shown<'TrendsResult'>['query'], unit: string): string {
  const there = line.values.filter((value): value is number => value !== null)
  if (!there.length) return 'has no numbers'
  const total = isRunningSum(query) ? null : totalOf(line)
  if (total !== null) return `${number(total)} in all`
  const [low, high] = there.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [there[0] as number, there[0] as number],
  )
  return low === high
    ? `always ${textOf(low, unit)}`
    : `between ${textOf(low, unit)} and ${textOf(high, unit)}`
}

function sheet({ result, query }: Shown<'TrendsResult'>): Sheet {
  const unit = percentOf(result, query)
  return isWhole(result) ? whole(result.lines, unit) : overTime(result, unit)
}

function whole(lines: readonly Line[], unit: string): Sheet {
  const rows = lines.map((line): Cell[] => [
    { value: nameOf(line) },
    { value: line.aggregatedValue, text: textOf(line.aggregatedValue, unit), point: pointOf(line, null) },
  ])
  return { columns: [{ name: 'What' }, { name: 'Whole time', numeric: true }], rows }
}

function overTime({ lines, resolved }: Shown<'TrendsResult'>['result'], unit: string): Sheet {
  const first = lines.find(({ previous }) => !previous) ?? lines[0]
  const columns = lines.map((line) => ({ name: nameOf(line), numeric: true }))
  const rows = (first?.days ?? []).map((day, bucket): Cell[] => [
    { value: day, text: bucketName(day, resolved.interval) },
    ...lines.map((line) => {
      const value = line.values[bucket] ?? null
      return { value, text: textOf(value, unit), point: pointOf(line, bucket) }
    }),
  ])
  const word = unitOf(resolved.interval)
  return { columns: [{ name: word.charAt(0).toUpperCase() + word.slice(1) }, ...columns], rows }
}

export default { summary, sheet, View } satisfies Kind<'TrendsResult'>
