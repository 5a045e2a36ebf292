import './legend.css'
import type { Drill } from './kind'
import { Num } from './number'
import { colourOf, type Plot, type Track, textOf } from './plot'

/** The series with their numbers of a bucket, or of the whole time; each can be switched off and asked behind. */
export function Legend({
  plot,
  hidden,
  bucket,
  onToggle,
  onWhole,
  onDrill,
}: {
  plot: Plot
  hidden: ReadonlySet<number>
  /** Null: the whole time. */
  bucket: number | null
  onToggle: (place: number) => void
  /** Goes back from a bucket that was chosen; null: none was. */
  onWhole: (() => void) | null
  onDrill: Drill
}) {
  const open = bucket !== null && plot.open !== null && bucket >= plot.open
  return (
    <div class="results-legend">
      <div class="row spread small">
        <span>
          <strong>{bucket === null ? 'Whole time' : plot.names[bucket]}</strong>
          <span class="quiet">
            {open ? ' · goes on, so it may still grow' : plot.open !== null && ` · ${MARKED[plot.shape]}`}
          </span>
        </span>
        {onWhole && (
          <button type="button" class="plain" onClick={onWhole}>
            Back
          </button>
        )}
      </div>
      <ul>
        {plot.tracks.map((track, place) => (
          <li key={place}>
            <Key
              track={track}
              on={!hidden.has(place)}
              onToggle={plot.tracks.length > 1 ? () => onToggle(place) : null}
            />
            <Figure plot={plot} track={track} bucket={bucket} onDrill={onDrill} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const MARKED = {
  lines: 'what is dotted goes on',
  areas: 'the last one goes on',
  bars: 'what is paler goes on',
  stacks: 'what is paler goes on',
}

function Key({ track, on, onToggle }: { track: Track; on: boolean; onToggle: (() => void) | null }) {
  const swatch = (
    <i
      class={`results-swatch ${track.previous ? 'before' : ''}`}
      style={{
        background: on && !track.previous ? colourOf(track.place) : 'none',
        borderColor: colourOf(track.place),
      }}
    />
  )
  if (!onToggle) {
    return (
      <span class="results-key">
        {swatch} <span dir="auto">{track.name}</span>
      </span>
    )
  }
  return (
    <button type="button" class="results-key" aria-pressed={on} title={track.name} onClick={onToggle}>
      {swatch} <span dir="auto">{track.name}</span>
    </button>
  )
}

function Figure({
  plot,
  track,
  bucket,
  onDrill,
}: {
  plot: Plot
  track: Track
  bucket: number | null
  onDrill: Drill
}) {
  const value = bucket === null ? track.total : track.values[bucket]
  const when = bucket === null ? 'whole time' : (track.names?.[bucket] ?? plot.names[bucket] ?? '')
  const point = bucket === null ? track.totalPoint : track.pointAt(bucket)
  return (
    <Num
      value={value}
      text={textOf(value, plot.unit)}
      of={`${track.name}, ${when}`}
      point={point}
      onDrill={onDrill}
    />
  )
}
