import './lines.css'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { inkOf, useScheme } from '../../../charts/canvas'
import type { Scale } from '../../../charts/ticks'
import { type Area, colourOf, type Plot, type Track } from './plot'
import { stacked } from './stacks'

/** Room around the plot, so that what lies at its edge is drawn whole. */
const MARGIN = 6
const POINTS_UP_TO = 60
const SO_FAR = [2, 4]
const BEFORE = [7, 4]

/** Lines or areas over buckets; what stands around them is drawn by whoever shows them. */
export function Lines({
  plot,
  tracks,
  area,
  scale,
}: {
  plot: Plot
  tracks: readonly Track[]
  area: Area
  scale: Scale
}) {
  const box = useRef<HTMLDivElement>(null)
  const scheme = useScheme()
  useEffect(() => {
    const element = box.current
    if (!element) return
    const drawn = plot.shape === 'areas' ? areas(element, plot, tracks) : lines(element, plot, tracks)
    const chart = new uPlot(optionsOf(plot, area, scale, drawn), dataOf(plot, drawn), element)
    return () => chart.destroy()
  }, [plot, tracks, area.left, area.width, area.height, scale.least, scale.most, scheme])
  const place = { left: `${area.left - MARGIN}px`, top: `${area.top - MARGIN}px` }
  return <div ref={box} class="results-canvas" style={place} />
}

interface Drawn {
  values: (number | null)[]
  series: uPlot.Series
  band?: uPlot.Band
}

function lines(element: HTMLElement, plot: Plot, tracks: readonly Track[]): Drawn[] {
  const { open } = plot
  return tracks.flatMap((track) => {
    const stroke = inkOf(element, colourOf(track.place), track.previous ? 0.7 : 1)
    const style = { stroke, width: track.previous ? 1.5 : 2, points: { show: true, size: 6, fill: stroke } }
    const many = track.values.length > POINTS_UP_TO
    const points = many ? { filter: alone } : style.points
    const whole = track.values.map((value, at) => (open === null || at < open ? value : null))
    const line: Drawn = {
      values: whole,
      series: { ...style, points, ...(track.previous ? { dash: BEFORE } : {}) },
    }
    if (open === null) return [line]
    const rest = track.values.map((value, at) => (at === open || at === open - 1 ? value : null))
    const last = { show: true, size: 7, fill: inkOf(element, 'var(--surface)'), filter: onlyAt(open) }
    return [line, { values: rest, series: { ...style, dash: SO_FAR, points: last } }]
  })
}

/** Where there are many points only those are drawn that no line leads to. */
const alone: uPlot.Series.Points.Filter = (chart, series) => {
  const values = chart.data[series] as (number | null)[]
  return values.flatMap((value, at) =>
    value !== null && values[at - 1] == null && values[at + 1] == null ? [at] : [],
  )
}

const onlyAt =
  (bucket: number): uPlot.Series.Points.Filter =>
  () => [bucket]

/** Each area reaches from the one below it to its own number more. */
function areas(element: HTMLElement, plot: Plot, tracks: readonly Track[]): Drawn[] {
  const ends = stacked(tracks)
  return tracks.map((track, at) => {
    const stroke = inkOf(element, colourOf(track.place))
    const fill = inkOf(element, colourOf(track.place), 0.3)
    const values = (ends[at] ?? []).map(([, to], bucket) =>
      plot.open !== null && bucket > plot.open ? null : to,
    )
    const series = { stroke, width: 1.5, points: { show: false } }
    return at === 0
      ? { values, series: { ...series, fill } }
      : { values, series, band: { series: [at + 1, at], fill } }
  })
}

function optionsOf(plot: Plot, area: Area, scale: Scale, drawn: readonly Drawn[]): uPlot.Options {
  const count = plot.names.length
  const beside = (MARGIN / area.width) * count
  const over = (MARGIN / area.height) * (scale.most - scale.least)
  return {
    width: area.width + 2 * MARGIN,
    height: area.height + 2 * MARGIN,
    padding: [0, 0, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: [-0.5 - beside, count - 0.5 + beside] },
      y: { range: [scale.least - over, scale.most + over] },
    },
    series: [{}, ...drawn.map(({ series }) => series)],
    bands: drawn.flatMap(({ band }) => (band ? [band] : [])),
  }
}

const dataOf = (plot: Plot, drawn: readonly Drawn[]): uPlot.AlignedData => [
  plot.names.map((_, at) => at),
  ...drawn.map(({ values }) => values),
]
