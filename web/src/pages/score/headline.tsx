import { useMay } from '../../app/viewer'
import { number, plural, words } from '../../format'
import { href } from '../../routes'
import { Badge, Card, Empty, type Tone } from '../../ui/parts'
import { Tip } from '../../ui/tip'
import { PERIODS, useLink } from './ask'
import { Figures, Sparkline } from './figures'
import { type Score, TIPS } from './words'

const TIERS: Record<string, Tone> = { LEADING: 'good', ELITE: 'good', SCALING: 'act', BUILDING: 'warn' }

/** The score, and how much there is to it. */
export function Headline({ score }: { score: Score }) {
  const link = useLink()
  const { prismScore, letterGrade, personalTier, totalCount } = score
  const { now, many } = PERIODS[score.window]
  return (
    <Card class="score-head">
      <div class="score-main">
        <p class="score-figure">
          <Tip text={TIPS.score(score)} href={link({ show: 'QUALIFYING' })}>
            <span class="hidden">Score: </span>
            <span class="number">{number(prismScore)}</span>
          </Tip>
          {letterGrade && (
            <Tip text={TIPS.grade} href={link({ show: 'QUALIFYING' })}>
              <Badge tone="act">{letterGrade}</Badge>
            </Tip>
          )}
          {personalTier && (
            <Tip text={TIPS.tier} href={link({ show: 'QUALIFYING' })}>
              <Badge tone={TIERS[personalTier] ?? ''}>{words(personalTier)}</Badge>
            </Tip>
          )}
        </p>
        {prismScore === null ? <Nothing score={score} /> : <Interval score={score} />}
      </div>
      <Figures figures={counts(score)} />
      <Sparkline values={score.sparkline} name={`Score, last four ${many}`} text={number} top={100} />
      {score.tooFew && totalCount > 0 && (
        <p class="notice warn">
          Too few to tell: {plural(totalCount, 'arc')} {now}. From five on the score begins to say something;
          a longer window says more.
        </p>
      )}
    </Card>
  )
}

const counts = (score: Score) => [
  { name: 'Crushed', value: number(score.crushedCount), tip: TIPS.crushed, show: { show: 'CRUSHED' } },
  {
    name: 'Not crushed',
    value: number(score.totalCount - score.crushedCount),
    tip: TIPS.missed,
    show: { show: 'MISSED' },
  },
  { name: 'Qualifying (n)', value: number(score.totalCount), tip: TIPS.total, show: { show: 'QUALIFYING' } },
  {
    name: 'Not judged yet',
    value: number(score.pendingCount),
    tip: TIPS.pending,
    show: { show: 'PENDING' },
  },
]

function Nothing({ score }: { score: Score }) {
  const { pendingCount, trivia, window } = score
  return (
    <p class="quiet">
      No score: no arc that began {PERIODS[window].now} qualifies.{' '}
      {pendingCount > 0 && `${plural(pendingCount, 'arc')} not judged yet. `}
      {trivia.totalCount > 0 && `${plural(trivia.totalCount, 'arc')} left out, see below. `}A longer window
      may have one.
    </p>
  )
}

/** Where nothing ended in the window, there is nothing to explain either. */
export function Nowhere({ score }: { score: Score }) {
  const { now, many } = PERIODS[score.window]
  const link = useLink()
  const others = useMay('org:read')
  return (
    <Card>
      <Empty title={`No work that began ${now} has ended`}>
        <p>
          The score counts goal arcs once they are closed and judged. It is no 0: there is nothing to say yet.
          The last four {many}: {score.sparkline.map(number).join(', ')}.
        </p>
        {others && <p>This is the score of one developer: choose another above.</p>}
        <p class="row">
          {score.window !== 'MONTHLY' && (
            <a class="button" href={link({ window: 'MONTHLY' })}>
              Look at the month
            </a>
          )}
          <a class="button" href={href('now')}>
            See what is open, and how to capture
          </a>
        </p>
      </Empty>
    </Card>
  )
}

/** The range of rates that would fit what was seen, on the scale of the score. */
function Interval({ score }: { score: Score }) {
  const { interval, prismScore } = score
  const link = useLink()
  if (!interval || prismScore == null) return null
  const { low, high } = interval
  return (
    <div class="score-interval">
      <div class="score-scale" aria-hidden="true">
        <span class="score-range" style={{ left: `${low}%`, width: `${high - low}%` }} />
        <span class="score-point" style={{ left: `${prismScore}%` }} />
        {[0, 30, 50, 70, 90, 100].map((at) => (
          <span key={at} class="score-mark small quiet" style={{ left: `${at}%` }}>
            {at}
          </span>
        ))}
      </div>
      <p class="small">
        <Tip text={TIPS.interval} href={link({ show: 'QUALIFYING' })}>
          {number(low)} to {number(high)}
        </Tip>{' '}
        <span class="quiet">would fit what was seen (95 %), n = {score.totalCount}</span>
      </p>
    </div>
  )
}
