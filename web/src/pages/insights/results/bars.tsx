import { type Scale, tickTextOf, widthOf } from '../../../charts/ticks'
import { type Area, COLOURS, colourOf, type Plot, type Track, yOf } from './plot'
import { slotOf, stacked, standing } from './stacks'

/** How full boxes are, so that nobody needs to tell colours apart; the same as in the pictures of reports. */
const FILLS = [1, 0.4, 0.1, 0.7, 0.25, 0.55]

/** Bars that are narrower, in pixels, would be all outline. */
const OUTLINED = 4

/** Bars beside or above each other; their numbers stand on them where they are single and there is room. */
export function Bars({
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
  const above = plot.shape === 'stacks'
  const ends = above ? stacked(tracks) : standing(tracks)
  const each = area.width / Math.max(1, plot.names.length)
  return (
    <g>
      {tracks.map((track, at) => {
        const slot = slotOf(each, above ? 1 : tracks.length, above ? 0 : at)
        return (
          <g key={track.name} style={styleOf(track, slot.width < OUTLINED)}>
            {(ends[at] ?? []).map(([from, to], bucket) => {
              if (from === to) return null
              const [high, low] = [yOf(area, scale, Math.max(from, to)), yOf(area, scale, Math.min(from, to))]
              const x = area.left + bucket * each + slot.x
              return (
                <rect
                  key={bucket}
                  class={plot.open !== null && bucket >= plot.open ? 'results-open' : ''}
                  x={x}
                  y={high}
                  width={slot.width}
                  height={Math.max(1, low - high)}
                  rx={Math.min(2, slot.width / 4)}
                />
              )
            })}
          </g>
        )
      })}
      {tracks.length === 1 && tracks[0] && <OnTop track={tracks[0]} area={area} scale={scale} plot={plot} />}
    </g>
  )
}

const styleOf = (track: Track, narrow: boolean) => ({
  fill: colourOf(track.place),
  fillOpacity: String(track.previous ? 0.15 : narrow ? 1 : FILLS[track.place % COLOURS]),
  stroke: narrow ? 'none' : colourOf(track.place),
  ...(track.previous ? { strokeDasharray: '3 2' } : {}),
})

function OnTop({ track, area, scale, plot }: { track: Track; area: Area; scale: Scale; plot: Plot }) {
  const each = area.width / Math.max(1, plot.names.length)
  const texts = track.values.map((value) => (value ? tickTextOf(value, plot.unit) : ''))
  if (Math.max(...texts.map(widthOf)) + 4 > each) return null
  return (
    <g class="results-axes">
      {texts.map((text, bucket) => {
        const value = track.values[bucket] ?? 0
        const y = yOf(area, scale, value) + (value < 0 ? 14 : -4)
        return (
          text && (
            <text key={bucket} x={area.left + (bucket + 0.5) * each} y={Math.max(10, y)} text-anchor="middle">
              {text}
            </text>
          )
        )
      })}
    </g>
  )
}
