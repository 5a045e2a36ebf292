import type { Liveness } from '../api/hooks'
import type { Problem } from '../api/problem'
import { Badge, type Tone } from './parts'

const SAID: Record<Liveness, [string, Tone, string]> = {
  connecting: ['Connecting…', '', 'The live connection is being made.'],
  live: ['Live', 'good', 'What happens is shown as it happens.'],
  gone: ['Reconnecting…', 'warn', 'The connection was lost. Once it is back, what was missed follows.'],
}

/** Whether what is shown is of now; a stream that was refused is not tried again. */
export function LiveState({ state, problem = null }: { state: Liveness; problem?: Problem | null }) {
  const [word, tone, sentence]: [string, Tone, string] = problem
    ? ['Not live', 'warn', `${problem.message}. Reload to see what is new.`]
    : SAID[state]
  return (
    <span role="status" class="row">
      <Badge tone={tone} title={sentence}>
        {word}
      </Badge>
    </span>
  )
}
