import { useMemo } from 'preact/hooks'
import { outcomeOf } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { duration, plural } from '../../format'
import { href } from '../../routes'
import { useClock } from '../../time'
import type { Signal } from '../../ui/signal'
import { LANES, type Mark, Marks, NAMES } from './marks'
import type { SessionQuery } from './Session.gql'
import { instantOf, rowsOf, type Scale, scaleOf, ticksOf, unitOf, type View } from './scale'
import type { Outline } from './source'
import { shareAt, useView } from './view'

type Session = NonNullable<SessionQuery['session']>

/** Pixels between two times below the picture. */
const TICKS_APART = 76
const TICK_WIDTH = 52
const MOST_ROWS = 6
/** Pixels of a band that hold a few letters. */
const LEGIBLE = 48

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
  const { zone } = useClock()
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
  return (
    <>
      <div class="row spread sessions-controls">
        <Legend marks={outline.marks} />
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
      {/* biome-ignore lint/a11y/useSemanticElements: it holds controls of its own and is no form */}
      <div
        class="sessions-picture"
        role="group"
        aria-label={`Picture of the session. ${pauses(scale)} Plus and minus zoom, arrows move, 0 shows all of it.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
        tabIndex={0}
        onKeyDown={press}
        {...dragging}
        onClick={(event) => {
          const at = event.target as HTMLElement
          if (at.closest('a, button')) return
          const unit = view.from + shareAt(box.current, event.clientX) * size
          onTime(new Date(instantOf(scale, unit)).toISOString())
        }}
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
      <p class="small quiet">
        {pauses(scale)} Times: {zone}. Drag to move, Ctrl and wheel or two fingers to zoom; a click goes to
        the events of that moment.
        {outline.markCount > outline.marks.length &&
          ` Of ${plural(outline.markCount, 'mark')} the first ${outline.marks.length} are drawn.`}
      </p>
    </>
  )
}

interface Shown {
  scale: Scale
  view: View
}

/** Pauses, each as a narrow strip. */
function Folds({ scale, view }: Shown) {
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
function Axis({ scale, view, width, placeOf }: Shown & { width: number; placeOf: (ts: string) => number }) {
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
function Seen({ seen, placeOf }: { seen: Signal<string>; placeOf: (ts: string) => number }) {
  const ts = seen.use()
  return ts ? <div class="sessions-seen" style={{ left: `${placeOf(ts) * 100}%` }} /> : null
}

/** What is folded, in words. */
function pauses({ pieces }: Scale): string {
  const folds = pieces.filter(({ fold }) => fold)
  const idle = folds.reduce((sum, { from, to }) => sum + to - from, 0)
  if (!folds.length) return 'No pause of more than 5 minutes.'
  return `${plural(folds.length, 'pause')} of more than 5 minutes (${duration(idle / 1_000)} in all) ${folds.length === 1 ? 'is' : 'are'} folded.`
}

interface Placed {
  spanOf: (from: string, to: string) => { from: number; to: number }
  width: number
}

const across = ({ from, to }: { from: number; to: number }) => {
  const left = Math.max(0, from)
  return { left: `${left * 100}%`, width: `${(Math.min(1, to) - left) * 100}%` }
}

function Arcs({ session, spanOf, width }: Placed & { session: Session }) {
  const arcs = (session.subSessions ?? []).map((arc) => ({
    arc,
    span: spanOf(arc.startedAt, arc.lastActivityAt),
  }))
  if (!arcs.length) return null
  const rows = rowsOf(arcs.map(({ span }) => span))
  return (
    <nav class="sessions-lanes" aria-label="Goal arcs" style={{ height: `${height(rows)}rem` }}>
      {arcs.map(({ arc, span }, index) => {
        const { word, tone, sentence } = outcomeOf(arc)
        return (
          span.to > 0 &&
          span.from < 1 && (
            <a
              key={arc.id}
              class={`sessions-band ${tone}`}
              href={href('arcs', arc.id)}
              style={{ ...across(span), top: `${(rows[index] ?? 0) * ROW}rem` }}
              aria-label={`${titleOf(arc)}: ${word}`}
              title={`${titleOf(arc)}: ${word}. ${sentence}`}
              dir="auto"
            >
              {(span.to - span.from) * width > LEGIBLE && titleOf(arc)}
            </a>
          )
        )
      })}
    </nav>
  )
}

const ROW = 1.75
const height = (rows: readonly number[]) => (Math.max(-1, ...rows) + 1) * ROW

function Agents({
  session,
  spanOf,
  width,
  onTime,
}: Placed & { session: Session; onTime: (ts: string) => void }) {
  const agents = session.subAgents.map((agent) => ({ agent, span: spanOf(agent.startedAt, agent.endedAt) }))
  if (!agents.length) return null
  const rows = rowsOf(agents.map(({ span }) => span)).map((row) => row % MOST_ROWS)
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fields of a form
    <div class="sessions-lanes" role="group" aria-label="Sub-agents" style={{ height: `${height(rows)}rem` }}>
      {agents.map(({ agent, span }, index) => {
        const name = agent.description ?? agent.type ?? agent.agentId
        const label = `Sub-agent ${name}: ${duration(agent.durationMs / 1_000)}${agent.errorCount ? `, ${plural(agent.errorCount, 'failed call')}` : ''}`
        return (
          span.to > 0 &&
          span.from < 1 && (
            <button
              key={agent.agentId}
              type="button"
              class="sessions-band agent"
              style={{ ...across(span), top: `${(rows[index] ?? 0) * ROW}rem` }}
              aria-label={label}
              title={label}
              dir="auto"
              onClick={() => onTime(agent.startedAt)}
            >
              {(span.to - span.from) * width > LEGIBLE && name}
            </button>
          )
        )
      })}
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
