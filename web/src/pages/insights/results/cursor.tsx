import './cursor.css'
import { useState } from 'preact/hooks'
import type { Scale } from '../../../charts/ticks'
import type { Drill } from './kind'
import { type Area, bucketAt, colourOf, isBars, type Plot, type Track, textOf, xOf, yOf } from './plot'
import { slotOf, stacked } from './stacks'

const MOST_READ = 8

interface Cursored extends Drawing {
  at: number | null
  unit: string
  onAt: (bucket: number) => void
  onDrill: Drill
}

/** Chooses a bucket by mouse, touch or arrow keys, and tells its numbers; Enter or a click asks behind one. */
export function Cursor(props: Cursored) {
  const { plot, tracks, area, scale, at, unit } = props
  const { bucket, near, shown, ...moved } = useAim(props)
  const reading = at !== null && shown
  return (
    <>
      {reading && <Marks plot={plot} tracks={tracks} area={area} scale={scale} bucket={bucket} near={near} />}
      <div
        role="slider"
        tabIndex={0}
        class="results-cursor"
        aria-label={`Choose a ${unit}; Enter shows the arcs behind its number`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, plot.names.length - 1)}
        aria-valuenow={bucket}
        aria-valuetext={spoken(plot, tracks, bucket, near)}
        {...moved}
      />
      {reading && <Tip plot={plot} tracks={tracks} area={area} bucket={bucket} near={near} />}
    </>
  )
}

/** Which bucket and series of it one aims at, whether that is shown, and what listens for it. */
function useAim({ at, onAt, onDrill, ...drawing }: Cursored) {
  const { plot, tracks, area } = drawing
  const [near, setNear] = useState<number | null>(null)
  const [shown, setShown] = useState(false)
  const count = plot.names.length
  const bucket = Math.min(at ?? count - 1, count - 1)
  const aim = (event: { offsetX: number; offsetY: number }) => {
    const next = bucketAt(area, count, event.offsetX)
    setShown(true)
    onAt(next)
    const found = nearest(drawing, stacked(tracks), next, event.offsetX, event.offsetY)
    setNear(found)
    return { next, found }
  }
  const open = (place: number | null, where: number) => {
    const point = tracks[place ?? 0]?.values[where] ? tracks[place ?? 0]?.pointAt(where) : null
    if (point) onDrill(point)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = movedBy(event.key, bucket, count, at === null)
    const turned = turnedBy(event.key, near, tracks.length)
    if (moved !== null) onAt(moved)
    else if (turned !== null) setNear(turned)
    else if (event.key === 'Enter' || event.key === ' ') open(near, bucket)
    else if (event.key !== 'Escape') return
    setShown(event.key !== 'Escape')
    event.preventDefault()
  }
  const onClick = (event: MouseEvent) => {
    // The first touch reads, the next one at the same place asks.
    const again = at === bucketAt(area, count, event.offsetX)
    const { next, found } = aim(event)
    if (again || (event as PointerEvent).pointerType !== 'touch') open(found, next)
  }
  return {
    bucket,
    near,
    shown,
    onKeyDown,
    onClick,
    onFocus: () => setShown(true),
    onBlur: () => setShown(false),
    onPointerMove: (event: PointerEvent) => void (event.pointerType !== 'touch' && aim(event)),
    onPointerLeave: () => setShown(false),
  }
}

/** The series above or below, round and round. */
function turnedBy(key: string, near: number | null, count: number): number | null {
  const turn = { ArrowUp: -1, ArrowDown: 1 }[key]
  if (!turn || count < 2) return null
  return ((near ?? (turn > 0 ? -1 : 0)) + turn + count) % count
}

function movedBy(key: string, bucket: number, count: number, first: boolean): number | null {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = steps[key]
  if (step === undefined) return null
  // The first press shows where one is.
  return first ? bucket : Math.max(0, Math.min(count - 1, bucket + step))
}

interface Drawing {
  plot: Plot
  tracks: readonly Track[]
  area: Area
  scale: Scale
}

/** Which series is meant: the bar one points at, else the number that is nearest. */
function nearest(
  { plot, tracks, area, scale }: Drawing,
  ends: [number, number][][],
  bucket: number,
  x: number,
  y: number,
): number | null {
  const each = area.width / Math.max(1, plot.names.length)
  if (plot.shape === 'bars') {
    const within = x - area.left - bucket * each
    const at = tracks.findIndex((_, place) => {
      const slot = slotOf(each, tracks.length, place)
      return within >= slot.x && within <= slot.x + slot.width
    })
    return at < 0 ? null : at
  }
  const above = plot.shape !== 'lines'
  const distances = tracks.map((track, place) => {
    const value = track.values[bucket]
    if (value == null) return Number.POSITIVE_INFINITY
    const [from, to] = above ? (ends[place]?.[bucket] ?? [0, 0]) : [value, value]
    const [high, low] = [yOf(area, scale, Math.max(from, to)), yOf(area, scale, Math.min(from, to))]
    return y < high ? high - y : y > low ? y - low : 0
  })
  const least = Math.min(...distances)
  return Number.isFinite(least) ? distances.indexOf(least) : null
}

function spoken(plot: Plot, tracks: readonly Track[], bucket: number, near: number | null): string {
  const one = near === null ? null : tracks[near]
  const told = one ? [one] : tracks.slice(0, MOST_READ)
  const texts = told.map(({ name, values }) => `${name} ${textOf(values[bucket], plot.unit)}`)
  const so = plot.open !== null && bucket >= plot.open ? ', so far' : ''
  return `${plot.names[bucket] ?? ''}${so}: ${texts.join('; ')}`
}

/** A line through the bucket with a dot on each series, or the ground of its bars. */
function Marks({
  plot,
  tracks,
  area,
  scale,
  bucket,
  near,
}: Drawing & { bucket: number; near: number | null }) {
  const x = xOf(area, plot.names.length, bucket)
  const each = area.width / Math.max(1, plot.names.length)
  return (
    <svg class="results-marks" aria-hidden="true">
      {isBars(plot) ? (
        <rect x={x - each / 2} y={area.top} width={each} height={area.height} class="results-ground" />
      ) : (
        <line x1={x} x2={x} y1={area.top} y2={area.top + area.height} />
      )}
      {plot.shape === 'lines' &&
        tracks.map((track, place) => {
          const value = track.values[bucket]
          if (value == null) return null
          const y = yOf(area, scale, value)
          const style = { fill: colourOf(track.place) }
          return <circle key={place} cx={x} cy={y} r={place === near ? 6 : 4} style={style} />
        })}
    </svg>
  )
}

function Tip({
  plot,
  tracks,
  area,
  bucket,
  near,
}: {
  plot: Plot
  tracks: readonly Track[]
  area: Area
  bucket: number
  near: number | null
}) {
  const x = xOf(area, plot.names.length, bucket)
  const before = x > area.left + area.width / 2
  const full = area.left + area.width
  const place = before ? { right: `calc(100% - ${x - 12}px)` } : { left: `${x + 12}px` }
  const first = Math.max(0, Math.min((near ?? 0) - MOST_READ + 1, tracks.length - MOST_READ))
  return (
    <div class="results-tip small" aria-hidden="true" style={{ ...place, maxWidth: `${full / 2 + 40}px` }}>
      <strong>
        {plot.names[bucket]}
        {plot.open !== null && bucket >= plot.open ? ' · so far' : ''}
      </strong>
      {tracks.slice(first, first + MOST_READ).map((track, offset) => (
        <span key={offset} class={first + offset === near ? 'results-near' : ''}>
          <i style={{ background: colourOf(track.place) }} />
          <span dir="auto">{track.name}</span>
          <b>{textOf(track.values[bucket], plot.unit)}</b>
        </span>
      ))}
      {tracks.length > MOST_READ && <span class="quiet">and {tracks.length - MOST_READ} more below</span>}
    </div>
  )
}
