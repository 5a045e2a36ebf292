import { useState } from 'preact/hooks'
import { useMay, useViewer } from '../../app/viewer'
import { AppealForm } from './appeal'
import { MergeForm } from './merge'
import { neighboursOf } from './neighbours'
import type { Arc } from './one'
import { RenameForm } from './rename'
import { SplitForm } from './split'
import { UndoForm } from './undo'

const FORMS = {
  rename: RenameForm,
  appeal: AppealForm,
  withdraw: (props: FormProps) => <UndoForm {...props} what="withdraw" />,
  split: SplitForm,
  merge: MergeForm,
  unsplit: (props: FormProps) => <UndoForm {...props} what="unsplit" />,
  unmerge: (props: FormProps) => <UndoForm {...props} what="unmerge" />,
} as const
type Action = keyof typeof FORMS

export interface FormProps {
  arc: Arc
  onClose: () => void
}

/** What its developer can do with an arc; everybody else is told why there is nothing to do. */
export function Actions({ arc }: { arc: Arc }) {
  const why = useReason(arc)
  const [open, setOpen] = useState<Action | null>(null)
  if (arc.mergedInto) return null
  if (why) return <p class="small quiet arcs-why">{why}</p>
  const Form = open && FORMS[open]
  return (
    <>
      {actionsOf(arc).map(([action, name]) => (
        <button key={action} type="button" onClick={() => setOpen(action)}>
          {name}
        </button>
      ))}
      {Form && <Form arc={arc} onClose={() => setOpen(null)} />}
    </>
  )
}

function useReason(arc: Arc): string | null {
  const own = useViewer().developer.id === arc.developer.id
  const may = useMay('labels:write')
  if (!own) return `Only ${arc.developer.email} can change this arc, with a key of their own.`
  return may ? null : 'This key can only read. Use one with labels:write to rename, appeal, split or merge.'
}

function actionsOf(arc: Arc): [Action, string][] {
  const { previous, next } = neighboursOf(arc)
  const found: [Action, string][] = [['rename', 'Rename']]
  if (arc.verdict.appeal) found.push(['appeal', 'Change appeal'], ['withdraw', 'Withdraw appeal'])
  else if (arc.verdict.judgedGoalComplete !== null) found.push(['appeal', 'Appeal verdict'])
  found.push(['split', 'Split'])
  if (previous || next) found.push(['merge', 'Merge'])
  if (arc.splitByHand) found.push(['unsplit', 'Undo split'])
  if (arc.mergedByHand) found.push(['unmerge', 'Undo merge'])
  return found
}
