import { useEffect, useRef } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { compact, number, words } from '../../format'
import { Badge, Card, Problem, Time } from '../../ui/parts'
import { type ErasedFragment, ErasuresDocument } from './Erasures.gql'

const LOOK_MS = 1_500
const WHAT = {
  SESSION: 'A session',
  DEVELOPER: 'A developer',
  ORGANISATION: 'The organisation',
  RETENTION: 'What had grown old',
} as const
const WAYS = { API: 'over the API', COMMAND_LINE: 'on the command line', RETENTION: 'by age' } as const

/**
 * What was erased and how far it is. It does not say who it was: nobody knows that any more.
 * The one that was `begun` just now may be over at the first look.
 */
export function Erasures({ begun, onOver }: { begun: string | null; onOver: () => void }) {
  const { data, problem, again } = useRead(ErasuresDocument, {})
  const erasures = data?.erasures.nodes ?? []
  const going = erasures.filter((one) => one.state !== 'DONE').length
  const over = erasures.some((one) => one.id === begun && one.state === 'DONE')
  const before = useRef(0)
  useEffect(() => {
    if (over || going < before.current) onOver()
    before.current = going
    if (!going) return
    const timer = setInterval(again, LOOK_MS)
    return () => clearInterval(timer)
  }, [going, over])
  if (problem) return <Problem problem={problem} again={again} />
  if (!erasures.length) return null
  return (
    <Card title="Erasures">
      <ul class="stack" aria-live="polite">
        {erasures.map((one) => (
          <Erasure key={one.id} erasure={one} />
        ))}
      </ul>
    </Card>
  )
}

/** Of 100, never full before it is over: more may come meanwhile. */
export function percentDone({ state, eventCount, erasedEventCount }: ErasedFragment): number {
  if (state === 'DONE') return 100
  return eventCount ? Math.min(99, Math.floor((100 * erasedEventCount) / eventCount)) : 0
}

function Erasure({ erasure }: { erasure: ErasedFragment }) {
  const { kind, askedBy, state, erasedSessionCount, erasedEventCount, createdAt } = erasure
  const percent = percentDone(erasure)
  const over = state === 'DONE'
  return (
    <li class="team-erasure">
      <span class="row spread">
        <span>
          {WHAT[kind]}{' '}
          <span class="quiet">
            {WAYS[askedBy]}, <Time at={createdAt} since />
          </span>
        </span>
        <Badge tone={over ? '' : 'open'}>{over ? 'Nothing is left' : words(state)}</Badge>
      </span>
      {!over && (
        <span class="bar" role="progressbar" aria-label="Erased" aria-valuenow={percent}>
          <span style={{ width: `${percent}%` }} />
        </span>
      )}
      <span class="small quiet" title={`${number(erasedEventCount)} events`}>
        {number(erasedSessionCount)} sessions, {compact(erasedEventCount)} events erased
      </span>
    </li>
  )
}
