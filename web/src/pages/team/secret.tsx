import { useRef, useState } from 'preact/hooks'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/forms'

/** A secret that is shown this once. */
export function Secret({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const shown = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  const copy = async () => {
    shown.current?.select()
    try {
      await navigator.clipboard.writeText(secret)
      setSaid('Copied.')
    } catch {
      // Browsers keep the clipboard from pages without TLS.
      setSaid('It is selected: copy it with Ctrl+C or ⌘C.')
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="notice warn">
        This is the only time that the secret is shown. Copy it now; if it is lost, revoke the key and make
        another.
      </p>
      <Field label="Secret">
        <input
          class="mono"
          readOnly
          ref={shown}
          value={secret}
          onFocus={(event) => event.currentTarget.select()}
        />
      </Field>
      <p class="small quiet" role="status">
        {said || 'Agents and scripts send it as “Authorization: Bearer …”.'}
      </p>
      <footer>
        <button type="button" class="main" onClick={copy}>
          Copy
        </button>
        <button type="button" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  )
}
