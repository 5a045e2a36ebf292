import { useState } from 'preact/hooks'
import { Form } from '../../ui/dialog'
import { Field } from '../../ui/forms'
import { AppealArcDocument, WithdrawArcAppealDocument } from './Changes.gql'
import { Counted } from './counted'
import type { FormProps } from './forms'
import { offer } from './offer'
import type { Arc } from './one'
import { besides, type Step, useSteps } from './steps'

const REASON_CHARS = 1_000

export function AppealForm({ arc, onClose }: FormProps) {
  const run = useSteps()
  const { appeal, judgedGoalComplete } = arc.verdict
  const [complete, setComplete] = useState(appeal?.goalComplete ?? !judgedGoalComplete)
  const [reason, setReason] = useState(appeal?.reason ?? '')
  const [at, setAt] = useState<Readonly<Record<string, string>>>({})
  const send = async () => {
    const done = await run(appealOf(arc.id, complete, reason, ''))
    setAt(done.at)
    if (!done.problem) {
      const said = `Your word counts now: the goal was ${complete ? 'reached' : 'not reached'}.`
      offer({ said, arcs: [arc.id, ...done.arcs], undo: backOf(arc) })
    }
    return besides(done, ['reason'])
  }
  return (
    <Form title="Appeal the verdict" send="Appeal" onSend={send} onClose={onClose}>
      <p class="quiet">
        The judge says that the goal was {judgedGoalComplete ? 'reached' : 'not reached'}. Your word counts
        instead, in the score too; the judge’s stays beside it, and you can withdraw yours.
      </p>
      <fieldset class="arcs-choices">
        <legend>The goal was</legend>
        {[true, false].map((value) => (
          <label key={String(value)}>
            <input
              type="radio"
              name="complete"
              checked={complete === value}
              onChange={() => setComplete(value)}
            />
            {value ? 'Reached' : 'Not reached'}
          </label>
        ))}
      </fieldset>
      <Field label="Why" wrong={at.reason ?? null}>
        <textarea
          value={reason}
          required
          dir="auto"
          aria-invalid={at.reason !== undefined}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <Counted text={reason} most={REASON_CHARS} />
    </Form>
  )
}

const appealOf = (id: string, goalComplete: boolean, reason: string, said: string): Step => ({
  document: AppealArcDocument,
  input: { id, goalComplete, reason },
  said,
})

export const withdrawalOf = (id: string): Step => ({
  document: WithdrawArcAppealDocument,
  input: { id },
  said: 'The appeal is withdrawn: the judge’s word counts again.',
})

/** An earlier appeal comes back; without one the first is withdrawn. */
export function backOf({ id, verdict: { appeal } }: Arc): Step {
  return appeal
    ? appealOf(id, appeal.goalComplete, appeal.reason, 'The appeal is as it was.')
    : withdrawalOf(id)
}
