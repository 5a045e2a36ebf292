import type { ComponentChildren } from 'preact'
import { compact, NONE, number, usd } from '../../format'
import { href } from '../../routes'
import { Card } from '../../ui/parts'
import { Tip } from '../../ui/tip'
import type { NowTodayQuery } from './Now.gql'

function Figure({ name, tip, children }: { name: string; tip: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>
        <Tip text={tip}>{name}</Tip>
      </dt>
      <dd class="number">{children}</dd>
    </div>
  )
}

type Day = NonNullable<NowTodayQuery['sessionInsights']>['dailySummary']

/** At least so much where some have no price, or more tokens than were told; nothing where none has a price. */
function costOf(day: Day | undefined): string {
  if (!day || (day.unpricedCount > 0 && day.unpricedCount >= day.sessionCount)) return NONE
  return `${day.unpricedCount || day.lowerBoundCount ? '≥ ' : ''}${usd(day.costUsd)}`
}

/** What makes the day's tokens and cost lower bounds. */
const toldLow = (day: Day | undefined): string =>
  day?.lowerBoundCount ? ` At least this: too few tokens are told in ${day.lowerBoundCount} of them.` : ''

/** The day so far: of all that the key sees, or of its developer where it may read no sessions. */
export function Today({
  today,
  open,
  sessions,
}: {
  today: NowTodayQuery | undefined
  open: number
  sessions: boolean
}) {
  const day = today?.sessionInsights?.dailySummary
  const judged = day?.qualifyingCount ?? today?.score?.totalCount
  const crushed = day?.crushedCount ?? today?.score?.crushedCount
  const score = day?.prismScore ?? today?.score?.prismScore
  return (
    <Card title="Today" actions={<a href={href('score', null, { window: 'DAILY' })}>Score of today</a>}>
      <dl class="now-today">
        <Figure name="Open" tip="Goal arcs whose work goes on at this moment.">
          {number(open)}
        </Figure>
        <Figure
          name="Crushed"
          tip="Of the arcs that began today and count for the score, those whose goal was reached and not undone: crushed / qualifying."
        >
          {judged ? `${number(crushed)} of ${number(judged)}` : NONE}
        </Figure>
        <Figure
          name="Score"
          tip="100 × crushed / qualifying arcs of today; a dash where none qualifies yet. A few arcs say little."
        >
          {number(score)}
        </Figure>
        {sessions && (
          <>
            <Figure name="Sessions" tip="Sessions that began today.">
              {number(day?.sessionCount)}
            </Figure>
            <Figure
              name="Tokens"
              tip={`All four classes of tokens of these sessions: input, output, cache reads and cache writes.${toldLow(day)}`}
            >
              {day?.lowerBoundCount ? '≥ ' : ''}
              {compact(day?.tokenCount)}
            </Figure>
            <Figure
              name="Cost"
              tip={`US dollars by list prices. ${day?.unpricedCount ? `Sessions without a price, which are left out: ${day.unpricedCount}.` : 'All of these sessions have a price.'}${toldLow(day)}`}
            >
              {costOf(day)}
            </Figure>
          </>
        )}
      </dl>
      {day && !day.sessionCount && <p class="quiet">No session began today.</p>}
    </Card>
  )
}
