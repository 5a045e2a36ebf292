import { go, href } from '../../routes'
import { Form } from '../../ui/dialog'
import { backOf, withdrawalOf } from './appeal'
import { UndoArcMergeDocument, UndoArcSplitDocument } from './Changes.gql'
import type { FormProps } from './forms'
import { offer } from './offer'
import { type Step, useSteps } from './steps'

export const unsplitOf = (id: string): Step => ({
  document: UndoArcSplitDocument,
  input: { id },
  said: 'The split is undone.',
})

export const unmergeOf = (id: string): Step => ({
  document: UndoArcMergeDocument,
  input: { id },
  said: 'The merge is undone.',
})

const WAYS = {
  withdraw: {
    title: 'Withdraw the appeal',
    sentence: 'The judge’s word counts again, in the score too. Your reason is not kept.',
    send: 'Withdraw',
    step: withdrawalOf,
  },
  unsplit: {
    title: 'Undo the split',
    sentence:
      'Takes back the cut that this arc begins with. What follows from the events alone holds again; mostly it is part of the arc before it then, and this page leads there.',
    send: 'Undo split',
    step: unsplitOf,
  },
  unmerge: {
    title: 'Undo the merge',
    sentence:
      'Takes back the last join in this arc: its fragments are arcs of their own again, and judged so.',
    send: 'Undo merge',
    step: unmergeOf,
  },
}

export function UndoForm({ arc, what, onClose }: FormProps & { what: keyof typeof WAYS }) {
  const run = useSteps()
  const { title, sentence, send, step } = WAYS[what]
  const undo = async () => {
    const made = step(arc.id)
    const done = await run(made)
    if (done.problem) return done.problem
    const arcs = done.arcs.length > 0 ? done.arcs : [arc.id]
    offer({ said: made.said, arcs, undo: what === 'withdraw' ? backOf(arc) : null })
    if (!arcs.includes(arc.id)) go(href('arcs', arcs[0]))
    return null
  }
  return (
    <Form title={title} send={send} onSend={undo} onClose={onClose}>
      <p class="quiet">{sentence}</p>
    </Form>
  )
}
