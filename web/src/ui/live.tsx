import type { Liveness } from '../api/hooks'
import { Badge, type Tone } from './parts'

const SAID: Record<Liveness, [string, Tone, string]> = {
  connecting: ['Connecting…', '', 'The live connection is being made.'],
  live: ['Live', 'good', 'What happens is shown as it happens.'],
  gone: ['Reconnecting…', 'warn', 'The connection was lost. Once it is back, what was missed follows.'],
}

/** Whether what is shown is of now. */
export function LiveState({ state }: { state: Liveness }) {
  const [word, tone, sentence] = SAID[state]
  return (
    <span role="status">
      <Badge tone={tone} title={sentence}>
        {word}
      </Badge>
    </span>
  )
}
