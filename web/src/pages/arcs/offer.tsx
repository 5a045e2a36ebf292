import { useState } from 'preact/hooks'
import type { Problem as Told } from '../../api/problem'
import { go, href } from '../../routes'
import { Problem } from '../../ui/parts'
import { signal } from '../../ui/signal'
import { type Step, useSteps } from './steps'

/** What was done last, and how it is taken back; it is told on the pages of the arcs that it concerns. */
interface Offer {
  said: string
  arcs: readonly string[]
  undo: Step | null
}

const offered = signal<Offer | null>(null)

export const offer = (made: Offer): void => offered.set(made)

export function Offered({ id }: { id: string }) {
  const made = offered.use()
  const run = useSteps()
  const [problem, setProblem] = useState<Told | null>(null)
  const shown = made?.arcs.includes(id) ? made : null
  const undo = async (step: Step) => {
    const done = await run(step)
    setProblem(done.problem)
    if (done.problem) return
    const arcs = done.arcs.length > 0 ? done.arcs : [id]
    offer({ said: step.said, arcs, undo: null })
    if (!arcs.includes(id)) go(href('arcs', arcs[0]))
  }
  return (
    <div class="arcs-told" role="status">
      {shown && (
        <div class="notice arcs-offer">
          <span>{shown.said}</span>
          {shown.undo && (
            <button type="button" onClick={() => shown.undo && void undo(shown.undo)}>
              Undo
            </button>
          )}
          <button type="button" class="plain" onClick={() => offered.set(null)}>
            Dismiss
          </button>
          <Problem problem={problem} />
        </div>
      )}
    </div>
  )
}
