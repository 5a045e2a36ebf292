import { duration } from '../../format'
import { useClock } from '../../time'
import type { Signal } from '../../ui/signal'
import { type Scale, ticksOf, type View } from './scale'

/** Pixels between two times below the picture. */
const TICKS_APART = 76
const TICK_WIDTH = 52

interface Shown {
  scale: Scale
  view: View
}

/** Pauses, each as a narrow strip. */
export function Folds({ scale, view }: Shown) {
  const size = view.to - view.from
  return (
    <>
      {scale.pieces
        .filter((piece) => piece.fold && piece.at < view.to && piece.at + piece.size > view.from)
        .map((piece) => (
          <div
            key={piece.at}
            class="sessions-fold"
            title={`A pause of ${duration((piece.to - piece.from) / 1_000)}, folded`}
            style={{
              left: `${((piece.at - view.from) / size) * 100}%`,
              width: `${(piece.size / size) * 100}%`,
            }}
          />
        ))}
    </>
  )
}

/** Times below the picture, with the day where it is another than before. */
export function Axis({
  scale,
  view,
  width,
  placeOf,
}: Shown & { width: number; placeOf: (ts: string) => number }) {
  const clock = useClock()
  const size = view.to - view.from
  const within = { from: view.from, to: view.to - (size / width) * TICK_WIDTH }
  const ticks = width ? ticksOf(scale, within, (size / width) * TICKS_APART) : []
  return (
    <div class="sessions-axis small number" aria-hidden="true">
      {ticks.map((tick, index) => {
        const at = new Date(tick).toISOString()
        const before = ticks[index - 1]
        const day = before === undefined || clock.day(at) !== clock.day(new Date(before).toISOString())
        return (
          <span key={tick} style={{ left: `${placeOf(at) * 100}%` }}>
            {size < 600_000 ? clock.time(at) : clock.time(at).slice(0, 5)}
            {day && <small>{clock.day(at)}</small>}
          </span>
        )
      })}
    </div>
  )
}

/** Where the list below stands. */
export function Seen({ seen, placeOf }: { seen: Signal<string>; placeOf: (ts: string) => number }) {
  const ts = seen.use()
  return ts ? <div class="sessions-seen" style={{ left: `${placeOf(ts) * 100}%` }} /> : null
}
