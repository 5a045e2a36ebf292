import './retention.css'
import { useMemo, useState } from 'preact/hooks'
import { number, share, words } from '../../../format'
import { BucketPlot } from './bucket_plot'
import { bucketName, rangeOf } from './buckets'
import { type Group, groupsOf, type Row, shareOf } from './cohorts'
import type { Drill, Kind, Of, Shown, ViewProps } from './kind'
import { Num } from './number'
import type { Plot } from './plot'
import type { Cell, Sheet } from './sheet'
import { told } from './values'

type Result = Of<'RetentionResult'>
const GROUPS = 5

const pointOf = (row: Row, period: number | null) => ({
  retention: { cohort: row.place, ...(period === null ? {} : { period }), ...told(row.cohort) },
})

const isOpen = (row: Row, period: number): boolean => row.open !== null && period >= row.open

function View({ result, summary, onDrill }: ViewProps<'RetentionResult'>) {
  const [asLines, setAsLines] = useState(false)
  const groups = useMemo(() => groupsOf(result, new Date()), [result])
  const shown = groups.slice(0, GROUPS)
  return (
    <div class="stack tight">
      {/* biome-ignore lint/a11y/useSemanticElements: two buttons are no form */}
      <div class="row" role="group" aria-label="Drawn as">
        {[false, true].map((lines) => (
          <button
            key={String(lines)}
            type="button"
            class={asLines === lines ? 'results-chosen' : ''}
            aria-pressed={asLines === lines}
            onClick={() => setAsLines(lines)}
          >
            {lines ? 'Lines' : 'Grid'}
          </button>
        ))}
      </div>
      {shown.map((group) => (
        <section key={group.name} class="stack tight">
          {group.name && <h3>{group.name}</h3>}
          {asLines ? (
            <Lines group={group} result={result} summary={summary} onDrill={onDrill} />
          ) : (
            <Grid group={group} result={result} summary={summary} onDrill={onDrill} />
          )}
        </section>
      ))}
      <p class="small quiet">
        {asLines ? 'Dotted' : 'Dashed'}: the period goes on, and counts for no mean. Means weigh cohorts by
        their size.
        {groups.length > GROUPS &&
          ` ${number(GROUPS)} of ${number(groups.length)} values are shown; the table has all.`}
      </p>
    </div>
  )
}

const cohortWord = (interval: Result['resolved']['interval']): string =>
  interval === 'WEEK' ? 'Week of' : words(interval)
/** Below `Week of` the day alone says which week. */
const shortName = (day: string, interval: Result['resolved']['interval']): string =>
  bucketName(day, interval === 'WEEK' ? 'DAY' : interval)

interface GroupProps {
  group: Group
  result: Result
  summary: string
  onDrill: Drill
}

/** A row for each cohort, darker where more came back; every share also stands there in words. */
function Grid({ group, result, summary, onDrill }: GroupProps) {
  const { interval } = result.resolved
  return (
    <div class="scroll">
      <table class="results-grid" aria-label={summary}>
        <thead>
          <tr>
            <th scope="col">{cohortWord(interval)}</th>
            <th scope="col" class="number">
              Size
            </th>
            {result.periodLabels.map((label) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="results-mean">
            <th scope="row">Mean</th>
            <td />
            {group.means.map((mean, period) => (
              <td key={period} class="number" style={shade(mean)}>
                {mean === null ? '–' : whole(mean)}
              </td>
            ))}
          </tr>
          {group.rows.map((row) => (
            <tr key={row.cohort.day}>
              <th scope="row">{shortName(row.cohort.day, interval)}</th>
              <td class="number">
                <Num
                  value={row.cohort.count}
                  of={`cohort of ${bucketName(row.cohort.day, interval)}`}
                  point={pointOf(row, null)}
                  onDrill={onDrill}
                />
              </td>
              {result.periodLabels.map((label, period) => (
                <Came
                  key={label}
                  row={row}
                  period={period}
                  label={label}
                  interval={interval}
                  onDrill={onDrill}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Came({
  row,
  period,
  label,
  interval,
  onDrill,
}: {
  row: Row
  period: number
  label: string
  interval: Result['resolved']['interval']
  onDrill: Drill
}) {
  const count = row.cohort.returnedCounts[period]
  if (count === undefined) return <td />
  const part = shareOf(row.cohort, period)
  const open = isOpen(row, period)
  return (
    <td
      class={`number ${open ? 'results-open' : ''}`}
      style={shade(part)}
      title={`${number(count)} of ${number(row.cohort.count)}${open ? ', so far' : ''}`}
    >
      <Num
        value={count}
        text={part === null ? '–' : whole(part)}
        of={`${number(count)} of ${number(row.cohort.count)}, cohort of ${bucketName(row.cohort.day, interval)}, ${label}${open ? ', so far' : ''}`}
        point={pointOf(row, period)}
        onDrill={onDrill}
      />
    </td>
  )
}

const whole = (part: number): string => `${Math.round(part * 100)}%`

/** No darker than that the ink of the page reads well on it, in both schemes. */
const DARKEST = 48
const shade = (part: number | null) =>
  part === null
    ? {}
    : { background: `color-mix(in srgb, var(--c1) ${Math.round(part * DARKEST)}%, var(--surface))` }

function Lines({ group, result, summary, onDrill }: GroupProps) {
  const plot = useMemo(() => linesOf(group, result), [group, result])
  return <BucketPlot plot={plot} summary={summary} unit="period" onDrill={onDrill} />
}

function linesOf({ rows, means }: Group, { periodLabels, resolved }: Result): Plot {
  const percent = (part: number | null) => (part === null ? null : Math.round(part * 1000) / 10)
  const mean = { name: 'Mean', values: means.map(percent), place: 0, pointAt: () => null }
  const cohorts = rows.map((row, at) => ({
    name: bucketName(row.cohort.day, resolved.interval),
    values: periodLabels.map((_, period) =>
      isOpen(row, period) ? null : percent(shareOf(row.cohort, period)),
    ),
    place: at + 1,
    pointAt: (period: number) => pointOf(row, period),
  }))
  const names = [...periodLabels]
  return { shape: 'lines', names, ticks: names, tracks: [mean, ...cohorts], unit: '%', open: null }
}

function summary({ result }: Shown<'RetentionResult'>): string | null {
  const groups = groupsOf(result, new Date())
  if (!result.cohorts.some(({ count }) => count)) return null
  const told = groups.slice(0, 3).map(({ name, means }) => {
    const first = means[1] ?? null
    const last = means.findLastIndex((mean) => mean !== null)
    const start = `${name ? `${name}: ` : ''}${first === null ? 'nobody could come back yet' : `${share(first)} came back in ${result.periodLabels[1]}`}`
    return last > 1 ? `${start}, ${share(means[last])} in ${result.periodLabels[last]}` : start
  })
  return `${rangeOf(result.resolved)}, mean of the cohorts: ${told.join('; ')}.`
}

function sheet({ result }: Shown<'RetentionResult'>): Sheet {
  const apart = result.cohorts.some(({ breakdown }) => breakdown.length > 0)
  const columns = [
    { name: 'Cohort' },
    ...(apart ? [{ name: 'Value' }] : []),
    { name: 'Size', numeric: true },
    ...result.periodLabels.map((name) => ({ name, numeric: true })),
  ]
  const rows = groupsOf(result, new Date()).flatMap(({ name, rows: some }) =>
    some.map((row): Cell[] => [
      { value: row.cohort.day, text: bucketName(row.cohort.day, result.resolved.interval) },
      ...(apart ? [{ value: name }] : []),
      { value: row.cohort.count, point: pointOf(row, null) },
      ...result.periodLabels.map((_, period): Cell => {
        const count = row.cohort.returnedCounts[period]
        return count === undefined ? { value: null, text: '' } : { value: count, point: pointOf(row, period) }
      }),
    ]),
  )
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'RetentionResult'>
