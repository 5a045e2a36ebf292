import type { ScoreWindow } from '../../schema'
import { useClock } from '../../time'

interface Dated {
  window: ScoreWindow
  from: string
  to: string
  timeZone: string
  asOf: string
  rulesetVersion: string
  developer: { email: string }
}

/** Whose numbers these are and of when, and what changes compare with. */
export function Span({ score, before }: { score: Dated; before?: { from: string; to: string } }) {
  const clock = useClock()
  const end = new Date(Date.parse(score.to) - 1).toISOString()
  return (
    <p class="small quiet">
      <bdi>{score.developer.email}</bdi> · {clock.day(score.from)}
      {score.window !== 'DAILY' && ` to ${clock.day(end)}`}, {score.timeZone} · as of {clock.time(score.asOf)}
      {before && ` · changes compare with ${clock.minute(before.from)} to ${clock.minute(before.to)}`} · rules{' '}
      {score.rulesetVersion}
    </p>
  )
}
