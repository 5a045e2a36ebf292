import './totals.css'
import { number, share, signed } from '../../../format'
import type { Drill, ViewProps } from './kind'
import { Num } from './number'
import { colourOf, textOf } from './plot'
import type { Sheet } from './sheet'
import { SheetTable } from './sheet_table'
import { type Line, nameOf, placesOf, pointOf } from './trends_plot'
import { percentOf } from './trends_query'

/** Numbers for the whole time: large ones, or bars beside each other, the greatest share first. */
export function Totals({
  result,
  query,
  summary,
  sheet,
  onDrill,
}: ViewProps<'TrendsResult'> & { sheet: Sheet }) {
  const unit = percentOf(result, query)
  const display = query?.trends?.display
  const now = result.lines.filter(({ previous }) => !previous)
  const lines = now.length ? now : result.lines
  const before = result.lines.filter(({ previous }) => previous)
  if (display === 'TABLE') return <SheetTable sheet={sheet} label={summary} onDrill={onDrill} />
  if (display === 'NUMBER' || (display === undefined && lines.length === 1)) {
    return (
      <div class="results-figures">
        {lines.map((line, at) => (
          <Figure key={at} line={line} before={twin(line, before)} unit={unit} onDrill={onDrill} />
        ))}
      </div>
    )
  }
  return (
    <>
      {display === 'PIE' && <Shares lines={lines} />}
      <TotalBars lines={lines} before={before} unit={unit} asShares={display === 'PIE'} onDrill={onDrill} />
      {result.moreHidden && (
        <p class="small quiet">“others” are all values beyond the most frequent ones, together.</p>
      )}
    </>
  )
}

const twin = (line: Line, before: readonly Line[]): Line | undefined =>
  before.find(
    (other) =>
      other.series === line.series && JSON.stringify(other.breakdown) === JSON.stringify(line.breakdown),
  )

function Figure({
  line,
  before,
  unit,
  onDrill,
}: {
  line: Line
  before: Line | undefined
  unit: string
  onDrill: Drill
}) {
  const value = line.aggregatedValue
  return (
    <div>
      <div class="results-figure">
        <Num
          value={value}
          text={textOf(value, unit)}
          of={nameOf(line)}
          point={pointOf(line, null)}
          onDrill={onDrill}
        />
      </div>
      <div class="quiet">{nameOf(line)}</div>
      {before && (
        <div class="small">
          {signed((value ?? 0) - (before.aggregatedValue ?? 0))}
          {unit && ' points'} against{' '}
          <Num
            value={before.aggregatedValue}
            text={textOf(before.aggregatedValue, unit)}
            of={nameOf(before)}
            point={pointOf(before, null)}
            onDrill={onDrill}
          />{' '}
          the time before
        </div>
      )}
    </div>
  )
}

/** Parts of one whole; what they are called stands at the bars below. */
function Shares({ lines }: { lines: readonly Line[] }) {
  const places = placesOf(lines)
  return (
    <div class="results-shares" aria-hidden="true">
      {lines.map((line, at) => (
        <span
          key={at}
          style={{ flexGrow: Math.max(0, line.aggregatedValue ?? 0), background: colourOf(places[at] ?? at) }}
        />
      ))}
    </div>
  )
}

function TotalBars({
  lines,
  before,
  unit,
  asShares,
  onDrill,
}: {
  lines: readonly Line[]
  before: readonly Line[]
  unit: string
  asShares: boolean
  onDrill: Drill
}) {
  const places = placesOf(lines)
  const most = Math.max(...lines.map((line) => Math.abs(line.aggregatedValue ?? 0)), 1e-9)
  // Parts are those of one whole: different series have none.
  const one = new Set(lines.map(({ series }) => series)).size === 1
  const all = one ? lines.reduce((sum, line) => sum + Math.max(0, line.aggregatedValue ?? 0), 0) : 0
  return (
    <ul class="results-totals">
      {lines.map((line, at) => {
        const value = line.aggregatedValue
        const other = twin(line, before)
        const colour = colourOf(asShares ? (places[at] ?? at) : line.series)
        return (
          <li key={at}>
            <span class="results-name" dir="auto" title={nameOf(line)}>
              {nameOf(line)}
            </span>
            <span class="results-track">
              <span style={{ width: `${(Math.abs(value ?? 0) / most) * 100}%`, background: colour }} />
            </span>
            <span class="number">
              <Num
                value={value}
                text={textOf(value, unit)}
                of={nameOf(line)}
                point={pointOf(line, null)}
                onDrill={onDrill}
              />
              <span class="small quiet">
                {other
                  ? ` before ${number(other.aggregatedValue)}`
                  : !unit && all > 0 && lines.length > 1 && ` ${share(Math.max(0, value ?? 0) / all)}`}
              </span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
