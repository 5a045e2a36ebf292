import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { named, type Scale, widthOf } from '../../charts/ticks'
import { useWidth } from '../../charts/width'
import { drawnScale, runsOf } from './figures'
import type { ReportChartFragment } from './Report.gql'

const HEIGHT = 200
const FOOT = 24
const HEAD = 8
const PLOT = HEIGHT - FOOT - HEAD
const GAP = 8

/** Where things stand, in pixels. */
interface Place {
  chart: ReportChartFragment
  scale: Scale
  width: number
  side: number
  write: Intl.NumberFormat
}

/** A chart of a report with its sentence, and its figures as a table behind it; `language` is a tag of BCP 47. */
export function Chart({ chart, language }: { chart: ReportChartFragment; language: string }) {
  const shares = chart.kind === 'SHARES'
  const write = new Intl.NumberFormat(language, shares ? { style: 'percent' } : { maximumFractionDigits: 2 })
  return (
    <figure class="stack tight">
      <figcaption>
        <h3>{chart.title}</h3>
      </figcaption>
      {shares ? <Shares chart={chart} write={write} /> : <Axes chart={chart} write={write} />}
      <details class="small">
        <summary>As a table</summary>
        <Figures chart={chart} write={write} />
      </details>
    </figure>
  )
}

type Written = Pick<Place, 'chart' | 'write'>

function Axes({ chart, write }: Written) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const scale = drawnScale(chart)
  const side = GAP + Math.max(...scale.ticks.map((tick) => widthOf(write.format(tick))))
  const place = { chart, scale, width, side, write }
  return (
    <>
      <div ref={box} class="reports-plot">
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`${chart.title}. ${chart.summary}`}
            class="reports-chart"
          >
            <Rules {...place} />
            {chart.kind === 'LINE' ? <Lines {...place} /> : <Bars {...place} />}
          </svg>
        )}
      </div>
      <Legend chart={chart} />
    </>
  )
}

/** By what they say of the work; where no series says anything, each has its own. */
function hueOf({ series }: ReportChartFragment, number: number): string {
  const told = series.some(({ tone }) => tone !== 'NEUTRAL')
  return told ? `series-${series[number]?.tone.toLowerCase()}` : `series-${number + 1}`
}

const stepOf = ({ chart, width, side }: Place) => (width - side) / Math.max(1, chart.labels.length)
const middleOf = (place: Place, at: number) => place.side + stepOf(place) * (at + 0.5)
const heightOf = ({ scale }: Place, value: number) =>
  (PLOT * (value - scale.least)) / (scale.most - scale.least)

function Rules(place: Place) {
  const { chart, scale, width, side, write } = place
  const broad = GAP + Math.max(0, ...chart.labels.map(widthOf))
  return (
    <>
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${HEAD + PLOT - heightOf(place, tick)})`}>
          <line x1={side} x2={width} class="rule" />
          <text x={side - GAP} text-anchor="end" dominant-baseline="middle">
            {write.format(tick)}
          </text>
        </g>
      ))}
      {named(chart.labels.length, width - side, broad).map((at) => (
        <text key={at} x={middleOf(place, at)} y={HEIGHT - 6} text-anchor="middle">
          {chart.labels[at]}
        </text>
      ))}
    </>
  )
}

function Lines(place: Place) {
  const { chart } = place
  const dot = ([at, value]: [number, number]) =>
    `${middleOf(place, at)},${HEAD + PLOT - heightOf(place, value)}`
  return (
    <>
      {chart.series.map((series, number) => (
        <g key={series.name} class={hueOf(chart, number)}>
          {runsOf(series.values).map((run) => (
            <g key={run[0]?.[0]}>
              <polyline points={run.map(dot).join(' ')} />
              {run.map(([at, value]) => (
                <circle key={at} cx={middleOf(place, at)} cy={HEAD + PLOT - heightOf(place, value)} r={3} />
              ))}
            </g>
          ))}
        </g>
      ))}
    </>
  )
}

function Bars(place: Place) {
  const { chart } = place
  const stack = chart.kind === 'STACK'
  const step = stepOf(place)
  const width = Math.min(64, (step * 0.7) / (stack ? 1 : chart.series.length))
  const left = (at: number, number: number) =>
    middleOf(place, at) + (stack ? -width / 2 : width * (number - chart.series.length / 2))
  const bars: JSX.Element[] = []
  chart.labels.forEach((label, at) => {
    let below = 0
    chart.series.forEach((series, number) => {
      const height = Math.max(0, heightOf(place, series.values[at] ?? 0))
      const y = HEAD + PLOT - below - height
      bars.push(
        <rect
          key={`${label}-${series.name}`}
          class={hueOf(chart, number)}
          x={left(at, number)}
          y={y}
          width={width}
          height={height}
          rx={1}
        />,
      )
      if (stack) below += height
    })
  })
  return <>{bars}</>
}

/** Bars from the left, each with its name and its share. */
function Shares({ chart, write }: Written) {
  const values = chart.series[0]?.values ?? []
  return (
    <ul class="reports-shares" aria-label={chart.summary}>
      {chart.labels.map((label, at) => (
        <li key={label}>
          <span>{label}</span>
          <span class="bar">
            <span style={{ width: `${100 * (values[at] ?? 0)}%` }} />
          </span>
          <span class="number">{values[at] == null ? '–' : write.format(values[at])}</span>
        </li>
      ))}
    </ul>
  )
}

function Legend({ chart }: { chart: ReportChartFragment }) {
  if (chart.series.length < 2) return null
  return (
    <ul class="row small">
      {chart.series.map((series, number) => (
        <li key={series.name} class="row">
          <svg width="12" height="12" aria-hidden="true" class="reports-chart">
            <rect class={hueOf(chart, number)} width="12" height="12" rx="2" />
          </svg>
          {series.name}
        </li>
      ))}
    </ul>
  )
}

function Figures({ chart, write }: Written) {
  return (
    <div class="scroll">
      <table aria-label={chart.title}>
        <thead>
          <tr>
            <td />
            {chart.series.map((series) => (
              <th key={series.name} scope="col" class="number">
                {[series.name, chart.unit].filter(Boolean).join(', ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chart.labels.map((label, at) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {chart.series.map((series) => (
                <td key={series.name} class="number">
                  {series.values[at] == null ? '–' : write.format(series.values[at])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
