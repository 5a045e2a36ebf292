import { useState } from 'preact/hooks'
import type { Problem as Told } from '../../api/problem'
import { titleOf } from '../../arcs/table'
import { Form } from '../../ui/dialog'
import { Field } from '../../ui/forms'
import { Problem } from '../../ui/parts'
import { RenameArcDocument, ResetArcLabelDocument } from './Changes.gql'
import { Counted } from './counted'
import type { FormProps } from './forms'
import { offer } from './offer'
import type { Arc } from './one'
import { besides, type Step, useSteps } from './steps'

const TITLE_CHARS = 60
const SUMMARY_CHARS = 240

export function RenameForm({ arc, onClose }: FormProps) {
  const run = useSteps()
  const [title, setTitle] = useState(arc.title ?? '')
  const [summary, setSummary] = useState(arc.summary ?? '')
  const [waits, setWaits] = useState(false)
  const [unset, setUnset] = useState<Told | null>(null)
  const [at, setAt] = useState<Readonly<Record<string, string>>>({})
  const make = async (step: Step) => {
    const done = await run(step)
    setAt(done.at)
    if (!done.problem) offer({ said: step.said, arcs: [arc.id, ...done.arcs], undo: backOf(arc) })
    return besides(done, ['title', 'summary'])
  }
  const reset = async () => {
    setWaits(true)
    const wrong = await make(resetOf(arc.id))
    setWaits(false)
    setUnset(wrong)
    if (!wrong) onClose()
  }
  return (
    <Form
      title="Rename this arc"
      send="Rename"
      onSend={() => make(labelOf(arc.id, title, summary, 'Renamed.'))}
      onClose={onClose}
    >
      <p class="quiet">Your words take the place of the judge’s and stay, whatever is judged later.</p>
      <Field label="Title" wrong={at.title ?? null}>
        <input
          value={title}
          required
          dir="auto"
          aria-invalid={at.title !== undefined}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </Field>
      <Counted text={title} most={TITLE_CHARS} />
      <Field label="Summary (may be empty)" wrong={at.summary ?? null}>
        <textarea
          value={summary}
          dir="auto"
          aria-invalid={at.summary !== undefined}
          onInput={(event) => setSummary(event.currentTarget.value)}
        />
      </Field>
      <Counted text={summary} most={SUMMARY_CHARS} />
      {arc.titleSource === 'USER_EDITED' && (
        <p class="small quiet">
          The label is yours.{' '}
          <button type="button" class="plain" disabled={waits} onClick={() => void reset()}>
            {waits ? 'Working…' : 'Reset label'}
          </button>{' '}
          lets the judge write it again.
        </p>
      )}
      <Problem problem={unset} />
    </Form>
  )
}

const labelOf = (id: string, title: string, summary: string, said: string): Step => ({
  document: RenameArcDocument,
  input: { id, title, summary: summary.trim() ? summary : null },
  said,
})

const resetOf = (id: string): Step => ({
  document: ResetArcLabelDocument,
  input: { id },
  said: 'The judge wrote the label again.',
})

/** A label of one's own comes back as it was; one of the judge is written again. */
function backOf(arc: Arc): Step {
  if (arc.titleSource !== 'USER_EDITED') return resetOf(arc.id)
  return labelOf(arc.id, titleOf(arc), arc.summary ?? '', 'The label is as it was.')
}
