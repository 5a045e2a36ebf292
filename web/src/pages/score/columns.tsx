import { Integrity, LeftOut, Verdicts } from './counts'
import { Skill, Speed, TokensSpent } from './pillars'
import type { Score } from './words'

/** What stands behind the headline, in columns of about one height. */
export function Columns({ score }: { score: Score }) {
  return (
    <div class="grid">
      <div class="stack">
        <Speed score={score} />
        <Verdicts score={score} />
      </div>
      <div class="stack">
        <TokensSpent score={score} />
        <Integrity score={score} />
      </div>
      <div class="stack">
        <Skill score={score} />
        <LeftOut score={score} />
      </div>
    </div>
  )
}
