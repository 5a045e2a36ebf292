import type { JSX } from 'preact'
import { number, share } from '../../format'
import type { ReportChartFragment } from './Report.gql'
import { runsOf, topOf } from './scale'

const WIDTH = 640
const HEIGHT = 200
const SIDE = 40
const FOOT = 24
const PLOT = HEIGHT - FOOT

type Drawn = { chart: ReportChartFragment; top: number }

/** A chart of a report with its sentence, and its figures as a table behind it. */
export function Chart({ chart }: { chart: ReportChartFragment }) {
  const top = topOf(chart)
  return (
    <figure class="stack tight">
      <figcaption>
        <h3>{chart.title}</h3>
      </figcaption>
      {chart.kind === 'SHARES' ? <Shares chart={chart} /> : <Axes chart={chart} top={top} />}
      <details class="small">
        <summary>As a table</summary>
        <Figures chart={chart} />
      </details>
    </figure>
  )
}

function Axes({ chart, top }: Drawn) {
  const step = (WIDTH - SIDE) / Math.max(1, chart.labels.length)
  const shown = Math.ceil(chart.labels.length / 8)
  return (
    <>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${chart.title}. ${chart.summary}`}
        class="reports-chart"
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1={SIDE} x2={WIDTH} y1={PLOT * (1 - part)} y2={PLOT * (1 - part)} class="rule" />
            <text x={SIDE - 6} y={PLOT * (1 - part) + (part === 1 ? 10 : 0)} text-anchor="end">
              {number(top * part)}
            </text>
          </g>
        ))}
        {chart.labels.map((label, place) => (
          <text key={label} x={SIDE + step * (place + 0.5)} y={HEIGHT - 6} text-anchor="middle">
            {place % shown ? '' : label}
          </text>
        ))}
        {chart.kind === 'LINE' ? <Lines chart={chart} top={top} /> : <Bars chart={chart} top={top} />}
      </svg>
      <Legend chart={chart} />
    </>
  )
}

function Lines({ chart, top }: Drawn) {
  const step = (WIDTH - SIDE) / Math.max(1, chart.labels.length)
  const x = (place: number) => SIDE + step * (place + 0.5)
  const y = (value: number) => PLOT * (1 - Math.min(1, value / top))
  return (
    <>
      {chart.series.map((series, at) => (
        <g key={series.name} class={`series-${at + 1}`}>
          {runsOf(series.values).map((run) => (
            <polyline
              key={run[0]?.[0]}
              points={run.map(([place, value]) => `${x(place)},${y(value)}`).join(' ')}
            />
          ))}
          {series.values.map((value, place) =>
            value === null ? null : <circle key={chart.labels[place]} cx={x(place)} cy={y(value)} r={3} />,
          )}
        </g>
      ))}
    </>
  )
}

function Bars({ chart, top }: Drawn) {
  const step = (WIDTH - SIDE) / Math.max(1, chart.labels.length)
  const stack = chart.kind === 'STACK'
  const width = (step * 0.7) / (stack ? 1 : chart.series.length)
  const bars: JSX.Element[] = []
  chart.labels.forEach((label, place) => {
    let below = 0
    chart.series.forEach((series, at) => {
      const height = (PLOT * (series.values[place] ?? 0)) / top
      const left = SIDE + step * (place + 0.15) + (stack ? 0 : width * at)
      const bar = {
        x: left,
        y: PLOT - below - height,
        width: Math.max(1, width - 1),
        height: Math.max(0, height),
      }
      bars.push(<rect key={`${label}-${series.name}`} class={`series-${at + 1}`} {...bar} />)
      if (stack) below += height
    })
  })
  return <>{bars}</>
}

/** Bars from the left, each with its name and its share. */
function Shares({ chart }: { chart: ReportChartFragment }) {
  const values = chart.series[0]?.values ?? []
  return (
    <ul class="reports-shares" aria-label={chart.summary}>
      {chart.labels.map((label, place) => (
        <li key={label}>
          <span>{label}</span>
          <span class="bar">
            <span style={{ width: `${100 * (values[place] ?? 0)}%` }} />
          </span>
          <span class="number">{share(values[place])}</span>
        </li>
      ))}
    </ul>
  )
}

function Legend({ chart }: { chart: ReportChartFragment }) {
  if (chart.series.length < 2) return null
  return (
    <ul class="row small">
      {chart.series.map((series, at) => (
        <li key={series.name} class="row">
          <svg width="12" height="12" aria-hidden="true" class="reports-chart">
            <rect class={`series-${at + 1}`} width="12" height="12" rx="2" />
          </svg>
          {series.name}
        </li>
      ))}
    </ul>
  )
}

function Figures({ chart }: { chart: ReportChartFragment }) {
  const written = chart.kind === 'SHARES' ? share : number
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
          {chart.labels.map((label, place) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {chart.series.map((series) => (
                <td key={series.name} class="number">
                  {written(series.values[place])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
