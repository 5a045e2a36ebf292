import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Problem as Told } from '../api/problem'
import { Problem } from './parts'

/** A question over the page: the browser's own dialog, which keeps the focus inside and closes on Escape. */
export function Dialog({
  title,
  wide = false,
  side = false,
  onClose,
  children,
}: {
  title: string
  /** For tables. */
  wide?: boolean
  /** Beside the page, at its full height, with a way out of its own: for what one looks at and leaves. */
  side?: boolean
  onClose: () => void
  children: ComponentChildren
}) {
  const id = useId()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    // A dialog that is taken away while it is open leaves the focus nowhere.
    return () => before instanceof HTMLElement && before.isConnected && before.focus()
  }, [])
  const heading = <h2 id={id}>{title}</h2>
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys close it by Escape
    <dialog
      ref={box}
      class={side ? 'side' : wide ? 'wide' : ''}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => side && event.target === box.current && onClose()}
    >
      <div class="stack">
        {side ? (
          <div class="row spread">
            {heading}
            <button type="button" onClick={onClose}>
              Close
            </button>
          </div>
        ) : (
          heading
        )}
        {children}
      </div>
    </dialog>
  )
}

/**
 * A form in a dialog. `onSend` answers with what stands against it, or null once it is done, which closes the dialog.
 */
export function Form({
  title,
  send,
  danger = false,
  onSend,
  onClose,
  children,
}: {
  title: string
  send: string
  danger?: boolean
  onSend: () => Promise<Told | null>
  onClose: () => void
  children?: ComponentChildren
}) {
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<Told | null>(null)
  const submit = async (event: Event) => {
    event.preventDefault()
    setSending(true)
    const wrong = await onSend()
    setSending(false)
    setProblem(wrong)
    if (!wrong) onClose()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        <Problem problem={problem} />
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'main'} disabled={sending}>
            {sending ? 'Working…' : send}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
