import { AppealForm } from './appeal'
import { MergeForm } from './merge'
import type { Arc } from './one'
import { RenameForm } from './rename'
import { SplitForm } from './split'
import { UndoForm } from './undo'

export interface FormProps {
  arc: Arc
  onClose: () => void
}

const FORMS = {
  rename: RenameForm,
  appeal: AppealForm,
  withdraw: (props: FormProps) => <UndoForm {...props} what="withdraw" />,
  split: SplitForm,
  merge: MergeForm,
  unsplit: (props: FormProps) => <UndoForm {...props} what="unsplit" />,
  unmerge: (props: FormProps) => <UndoForm {...props} what="unmerge" />,
}
export type Action = keyof typeof FORMS

/** What one is asked before an arc changes. */
export function ArcForm({ action, ...props }: FormProps & { action: Action }) {
  const Asked = FORMS[action]
  return <Asked {...props} />
}
