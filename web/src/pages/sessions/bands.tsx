import { outcomeOf } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { duration, plural } from '../../format'
import { href } from '../../routes'
import type { SessionQuery } from './Session.gql'
import { rowsOf } from './scale'

type Session = NonNullable<SessionQuery['session']>

const MOST_ROWS = 6
/** Pixels of a band that hold a few letters. */
const LEGIBLE = 48

export interface Placed {
  spanOf: (from: string, to: string) => { from: number; to: number }
  width: number
}

const across = ({ from, to }: { from: number; to: number }) => {
  const left = Math.max(0, from)
  return { left: `${left * 100}%`, width: `${(Math.min(1, to) - left) * 100}%` }
}

/** Its arcs as bands, each leading to its own page. */
export function Arcs({ session, spanOf, width }: Placed & { session: Session }) {
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

/** Its sub-agents in lanes. */
export function Agents({
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
