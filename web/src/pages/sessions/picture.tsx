import { useMemo } from 'preact/hooks'
import { duration, plural } from '../../format'
import { useClock } from '../../time'
import type { Signal } from '../../ui/signal'
import { Axis, Folds, Seen } from './backdrop'
import { Agents, Arcs } from './bands'
import { LANES, type Mark, Marks, NAMES } from './marks'
import type { SessionQuery } from './Session.gql'
import { instantOf, type Scale, scaleOf, unitOf } from './scale'
import type { Outline } from './source'
import { shareAt, useView } from './view'

type Session = NonNullable<SessionQuery['session']>

/** A session at a glance: its arcs as bands, sub-agents in lanes, what stands out as marks, pauses folded. */
export function Picture({
  session,
  outline,
  seen,
  onGo,
  onTime,
}: {
  session: Session
  outline: Outline
  /** When that happened which the list below shows. */
  seen: Signal<string>
  onGo: (mark: Mark) => void
  onTime: (ts: string) => void
}) {
  const scale = useMemo(
    () => scaleOf(outline.stretches.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }))),
    [outline],
  )
  const { box, width, view, whole, closer, farther, reset, press, dragging } = useView(scale)
  const size = view.to - view.from
  const placeOf = (ts: string) => (unitOf(scale, Date.parse(ts)) - view.from) / size
  const spanOf = (from: string, to: string) => ({
    from: placeOf(from),
    to: Math.max(placeOf(to), placeOf(from) + 6 / (width || 1000)),
  })
  const placed = { spanOf, width }
  const clicked = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('a, button')) return
    const unit = view.from + shareAt(box.current, event.clientX) * size
    onTime(new Date(instantOf(scale, unit)).toISOString())
  }
  return (
    <>
      <Controls marks={outline.marks} {...{ whole, closer, farther, reset }} />
      {/* biome-ignore lint/a11y/useSemanticElements: it holds controls of its own and is no form */}
      <div
        class="sessions-picture"
        role="group"
        aria-label={`Picture of the session. ${pauses(scale)} Plus and minus zoom, arrows move, 0 shows all of it.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
        tabIndex={0}
        onKeyDown={press}
        {...dragging}
        onClick={clicked}
      >
        <div class="sessions-canvas" ref={box}>
          <Folds scale={scale} view={view} />
          <Seen seen={seen} placeOf={placeOf} />
          <Arcs session={session} {...placed} />
          <Agents session={session} {...placed} onTime={onTime} />
          {Object.entries(LANES).map(([name, kinds]) => {
            const marks = outline.marks.filter((mark) => kinds.includes(mark.kind))
            return marks.length > 0 && <Marks key={name} {...{ name, marks, placeOf, width, onGo }} />
          })}
          <Axis scale={scale} view={view} width={width} placeOf={placeOf} />
        </div>
      </div>
      <Told scale={scale} outline={outline} />
    </>
  )
}

function Controls({
  marks,
  whole,
  closer,
  farther,
  reset,
}: {
  marks: readonly Mark[]
  whole: boolean
  closer: () => void
  farther: () => void
  reset: () => void
}) {
  return (
    <div class="row spread sessions-controls">
      <Legend marks={marks} />
      <div class="row">
        <button type="button" aria-label="Zoom out" disabled={whole} onClick={farther}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={closer}>
          +
        </button>
        <button type="button" disabled={whole} onClick={reset}>
          Whole session
        </button>
      </div>
    </div>
  )
}

function Legend({ marks }: { marks: readonly Mark[] }) {
  const there = (Object.keys(NAMES) as Mark['kind'][]).filter((kind) =>
    marks.some((mark) => mark.kind === kind),
  )
  return (
    <ul class="row small quiet" aria-label="Marks">
      {there.map((kind) => (
        <li key={kind} class={`sessions-mark legend ${kind.toLowerCase()}`}>
          <i /> {NAMES[kind][1]}
        </li>
      ))}
    </ul>
  )
}

/** What is not seen at once: what was left out, and how it is moved. */
function Told({ scale, outline: { marks, markCount } }: { scale: Scale; outline: Outline }) {
  const { zone } = useClock()
  return (
    <p class="small quiet">
      {pauses(scale)} Times: {zone}. Drag to move, Ctrl and wheel or two fingers to zoom; a click goes to the
      events of that moment.
      {markCount > marks.length && ` Of ${plural(markCount, 'mark')} the first ${marks.length} are drawn.`}
    </p>
  )
}

/** What is folded, in words. */
function pauses({ pieces }: Scale): string {
  const folds = pieces.filter(({ fold }) => fold)
  const idle = folds.reduce((sum, { from, to }) => sum + to - from, 0)
  if (!folds.length) return 'No pause of more than 5 minutes.'
  return `${plural(folds.length, 'pause')} of more than 5 minutes (${duration(idle / 1_000)} in all) ${folds.length === 1 ? 'is' : 'are'} folded.`
}
