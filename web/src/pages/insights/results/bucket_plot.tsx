import './plot.css'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { scaleOf } from '../../../charts/ticks'
import { useWidth } from '../../../charts/width'
import { lazily } from '../../../ui/lazily'
import { Axes, areaOf } from './axes'
import { Bars } from './bars'
import { Cursor } from './cursor'
import type { Drill } from './kind'
import { Legend } from './legend'
import { COLOURS, isAbove, isBars, type Plot, type Track } from './plot'
import { stacked } from './stacks'

// What draws lines is large, and bars do without.
const Lines = lazily(() => import('./lines').then((module) => module.Lines))

/** Numbers over buckets, drawn; one reads them with the mouse or the arrow keys, and asks behind each. */
export function BucketPlot({
  plot,
  summary,
  unit,
  onDrill,
}: {
  plot: Plot
  summary: string
  /** What a bucket is called, such as `week`. */
  unit: string
  onDrill: Drill
}) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [at, setAt] = useState<number | null>(null)
  const [hidden, setHidden] = useState<ReadonlySet<number>>(() => beyond(plot))
  // What was switched off belongs to the series that were there.
  const named = plot.tracks.map(({ name }) => name).join('\n')
  useEffect(() => setHidden(beyond(plot)), [named])
  const tracks = useMemo(() => plot.tracks.filter((_, place) => !hidden.has(place)), [plot, hidden])
  const scale = useMemo(() => scaleOf(reached(plot, tracks)), [plot, tracks])
  const height = Math.round(Math.max(220, Math.min(420, width * 0.26)))
  const area = useMemo(() => areaOf(width, height, scale, plot.unit), [width, scale, plot])
  const bucket = at !== null && at < plot.names.length ? at : firstRead(plot)
  const toggle = (place: number) => {
    const next = new Set(hidden)
    if (!next.delete(place)) next.add(place)
    setHidden(next)
  }
  const drawing = { plot, tracks, area, scale }
  // It stays as it is while one only reads it.
  const picture = useMemo(
    () => (
      <div role="img" aria-label={summary} class="results-picture">
        <svg width={width} height={height} aria-hidden="true">
          <Axes area={area} scale={scale} ticks={plot.ticks} unit={plot.unit} />
          {isBars(plot) && <Bars {...drawing} />}
        </svg>
        {!isBars(plot) && <Lines {...drawing} />}
      </div>
    ),
    [area, tracks, summary],
  )
  return (
    <div class="stack tight">
      <div ref={box} class="results-plot" style={{ height: `${height}px` }}>
        {width > 0 && (
          <>
            {picture}
            <Cursor {...drawing} at={at} unit={unit} onAt={setAt} onDrill={onDrill} />
          </>
        )}
      </div>
      <Legend
        plot={plot}
        hidden={hidden}
        bucket={bucket}
        onToggle={toggle}
        onWhole={at === null ? null : () => setAt(null)}
        onDrill={onDrill}
      />
    </div>
  )
}

/** More series than there are colours are there to be switched on. */
const beyond = (plot: Plot): Set<number> =>
  new Set(plot.tracks.flatMap(({ place }, at) => (place >= COLOURS ? [at] : [])))

/** How far all reaches: above each other they reach as far as all together. */
function reached(plot: Plot, tracks: readonly Track[]): (number | null)[] {
  if (isAbove(plot)) return stacked(tracks).flatMap((ends) => ends.map(([, to]) => to))
  const values = tracks.flatMap((track) => track.values)
  // Numbers stand on single bars.
  const on = plot.shape === 'bars' && tracks.length === 1
  return on ? values.map((value) => value && roomier(value)) : values
}

const roomier = (value: number): number => (Number.isInteger(value) ? Math.ceil(value * 1.08) : value * 1.08)

/** What is read before one chooses: the whole time where that says something, else the last bucket that is over. */
function firstRead(plot: Plot): number | null {
  if (plot.tracks.every(({ total }) => total != null)) return null
  const last = plot.open === null ? plot.names.length - 1 : plot.open - 1
  return Math.max(0, last)
}
