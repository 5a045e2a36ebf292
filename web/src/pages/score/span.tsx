import type { ScoreWindow } from '../../schema'
import { Clock } from '../../time'
import { Time } from '../../ui/parts'

interface Dated {
  window: ScoreWindow
  from: string
  to: string
  timeZone: string
  asOf: string
  rulesetVersion: string
  developer: { email: string }
}

/** Whose numbers these are and of when, and what changes compare with: days of the zone in which they are cut. */
export function Span({ score, before }: { score: Dated; before?: { from: string; to: string } }) {
  const clock = new Clock(score.timeZone)
  const end = new Date(Date.parse(score.to) - 1).toISOString()
  return (
    <p class="small quiet">
      <bdi>{score.developer.email}</bdi> · {clock.day(score.from)}
      {score.window !== 'DAILY' && ` to ${clock.day(end)}`}, {score.timeZone}
      {before && ` · changes compare with ${clock.minute(before.from)} to ${clock.minute(before.to)}`} · as of{' '}
      <Time at={score.asOf} /> · rules {score.rulesetVersion}
    </p>
  )
}
