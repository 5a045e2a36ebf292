import { placeOf } from '../../arcs/events'
import { outcomeOf } from '../../arcs/outcome'
import { share, signed, words } from '../../format'
import { useClock } from '../../time'
import { Badge, Card, Time, Tip } from '../../ui/parts'
import type { ArcEventFragment } from './Arc.gql'
import type { Arc } from './one'

const CONFIDENCE =
  'How sure the rules are that the goal was reached: 30 % and the points of the evidence together, from 0 to 100 %. It must reach the floor of the intent: 50 % for a question, 60 % for an investigation, review, plan or small change, 70 % for other code.'

export function Verdict({ arc }: { arc: Arc }) {
  const { verdict } = arc
  const outcome = verdict.evidence.filter(({ part }) => part === 'OUTCOME')
  const intent = verdict.evidence.filter(({ part }) => part === 'INTENT')
  return (
    <Card title="Verdict">
      <div class="stack">
        <p>
          {outcomeOf(arc).sentence} {arc.state !== 'OPEN' && arc.exclusionDetail}
        </p>
        {verdict.completionConfidence !== null && <Confidence of={verdict.completionConfidence} />}
        {verdict.rationale && (
          <p dir="auto">
            <span class="quiet">The judge’s reason: </span>
            {verdict.rationale}
          </p>
        )}
        <Appeal arc={arc} />
        {outcome.length > 0 && <Evidence title="Evidence of the outcome" of={outcome} counted />}
        {intent.length > 0 && arc.intent && (
          <Evidence
            title={`Evidence of the intent: ${words(arc.intent).toLowerCase()}, ${share(arc.intentConfidence)} sure`}
            of={intent}
          />
        )}
        <p class="small quiet">
          Rules {arc.rulesetVersion}
          {verdict.judgeVersion && `, judge ${verdict.judgeVersion}`}
          {verdict.goalCompletedAt && (
            <>
              {' '}
              · goal reached <Time at={verdict.goalCompletedAt} />
            </>
          )}
          {verdict.explicitAcceptance && ' · the developer said that it is good'}
        </p>
      </div>
    </Card>
  )
}

function Confidence({ of }: { of: number }) {
  return (
    <div class="arcs-confidence">
      <Tip text={CONFIDENCE}>Confidence that it was reached</Tip>
      <div class="bar" aria-hidden="true">
        <span style={{ width: `${of * 100}%` }} />
      </div>
      <strong class="number">{share(of)}</strong>
    </div>
  )
}

function Appeal({ arc }: { arc: Arc }) {
  const { appeal } = arc.verdict
  if (!appeal) return null
  const said = (complete: boolean) => (complete ? 'reached' : 'not reached')
  return (
    <div class="notice warn">
      <strong>Appealed: the developer says that the goal was {said(appeal.goalComplete)}</strong>
      <span dir="auto">“{appeal.reason}”</span>
      <span class="small quiet">
        <Time at={appeal.at} /> · the judge had said: {said(appeal.judgedGoalComplete)}. The developer’s word
        counts.
      </span>
    </div>
  )
}

type Piece = Arc['verdict']['evidence'][number]

function Evidence({
  title,
  of,
  counted = false,
}: {
  title: string
  of: readonly Piece[]
  counted?: boolean
}) {
  return (
    <div class="stack tight">
      <h3>{title}</h3>
      <ul class="arcs-evidence">
        {of.map((piece) => (
          <li key={`${piece.criterion}-${piece.events[0]?.id}`}>
            <div class="row">
              {counted && <Points of={piece.points} />}
              <strong>{words(piece.criterion.toUpperCase())}</strong>
              <Events of={piece.events} />
            </div>
            {piece.quote && <blockquote dir="auto">{piece.quote}</blockquote>}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Points({ of }: { of: number }) {
  const tone = of > 0 ? 'good' : of < 0 ? 'bad' : ''
  return (
    <Badge tone={tone} title="Hundredths of confidence">
      <span class="number">{signed(of)}</span>
    </Badge>
  )
}

const MOST = 4

/** Each leads to its place in the timeline of its session. */
export function Events({ of }: { of: readonly ArcEventFragment[] }) {
  const clock = useClock()
  return (
    <span class="row small">
      {of.slice(0, MOST).map((event) => {
        const place = placeOf(event)
        const name = `${words(event.kind)} at ${clock.time(event.ts)}`
        return place ? (
          <a key={event.id} href={place} title={clock.full(event.ts)}>
            {name}
          </a>
        ) : (
          <span key={event.id} class="quiet">
            {name}
          </span>
        )
      })}
      {of.length > MOST && <span class="quiet">and {of.length - MOST} more</span>}
    </span>
  )
}
