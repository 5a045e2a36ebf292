import './sharing.css'
import { useState } from 'preact/hooks'
import { type Changed, useChange, useRead } from '../../../api/hooks'
import { refused, type Problem as Told, type UserError } from '../../../api/problem'
import { useMay } from '../../../app/viewer'
import { Form } from '../../../ui/dialog'
import { useDone } from '../../../ui/done'
import { Field } from '../../../ui/forms'
import { Card, Problem, Time } from '../../../ui/parts'
import { say } from '../../../ui/said'
import {
  DropPasswordDocument,
  NewLinkDocument,
  NewPasswordDocument,
  ShareDocument,
  SharedDocument,
  type SharingFragment,
} from './Sharing.gql'
import { Switch } from './switch'

type Payload = { userErrors: readonly UserError[]; sharing?: SharingFragment | null } | null | undefined

interface Wish {
  enabled?: boolean
  passwordNeeded?: boolean
}

/** A link that shows it to whoever has the address, with passwords if wanted. */
export function Sharing({ id, onChanged }: { id: string; onChanged: () => void }) {
  const mayChange = useMay('sharing_configuration:write')
  const { data, problem, again } = useRead(SharedDocument, { id })
  const { wrong, done } = useDone()
  const [asking, setAsking] = useState(false)
  const [password, setPassword] = useState<string | null>(null)
  const [share] = useChange(ShareDocument)
  const [turn] = useChange(NewLinkDocument)
  const [drop] = useChange(DropPasswordDocument)
  const sharing = data?.insight?.sharing
  const changed = (made: boolean) => {
    if (made) {
      again()
      onChanged()
    }
    return made
  }
  const set = async (told: string, input: Wish) => {
    const answer = await share({ input: { id, ...input } })
    return changed(done(answer.problem, answer.data?.updateInsightSharing, told))
  }
  const remove = async (passwordId: string) => {
    const answer = await drop({ input: { id, passwordId } })
    const told = 'The password opens nothing any more.'
    changed(done(answer.problem, answer.data?.deleteInsightPassword, told))
  }
  const renew = async () => {
    const answer = await turn({ input: { id } })
    changed(done(answer.problem, answer.data?.refreshInsightSharing, 'It has another link.'))
  }
  if (!sharing) return problem ? <Problem problem={problem} again={again} /> : null
  return (
    <Card title="Sharing">
      <div class="stack tight">
        <Switch
          label="Open to whoever has the link"
          on={sharing.enabled}
          off={!mayChange}
          onSet={(enabled) => set(enabled ? 'The link opens now.' : 'The link is closed.', { enabled })}
        />
        <Problem problem={wrong} />
        {sharing.enabled && sharing.accessToken && (
          <Opened
            sharing={sharing}
            token={sharing.accessToken}
            mayChange={mayChange}
            onSet={set}
            onDrop={remove}
            onAsk={() => setAsking(true)}
            onTurn={renew}
          />
        )}
        {password && <Once password={password} onDone={() => setPassword(null)} />}
      </div>
      {asking && (
        <NewPassword
          id={id}
          onMade={(made) => {
            setPassword(made)
            again()
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Card>
  )
}

/** What there is to a link that opens: its address, its passwords, and another one in its place. */
function Opened({
  sharing,
  token,
  mayChange,
  onSet,
  onDrop,
  onAsk,
  onTurn,
}: {
  sharing: SharingFragment
  token: string
  mayChange: boolean
  onSet: (told: string, wish: Wish) => Promise<boolean>
  onDrop: (passwordId: string) => void
  onAsk: () => void
  onTurn: () => void
}) {
  const { passwordNeeded } = sharing
  return (
    <>
      <Link token={token} />
      <p class="small quiet">
        It shows everybody's events and needs no key. It loads nothing from elsewhere and runs nothing.
      </p>
      <Switch
        label="Ask for a password"
        on={passwordNeeded}
        off={!mayChange}
        onSet={(needed) =>
          onSet(needed ? 'The link asks for a password.' : 'The link asks for none.', {
            passwordNeeded: needed,
          })
        }
      />
      {passwordNeeded && <Passwords sharing={sharing} mayChange={mayChange} onDrop={onDrop} />}
      {mayChange && (
        <div class="row">
          {passwordNeeded && (
            <button type="button" onClick={onAsk}>
              New password
            </button>
          )}
          <button type="button" title="The address of now opens nothing any more" onClick={onTurn}>
            New link
          </button>
        </div>
      )}
    </>
  )
}

function Link({ token }: { token: string }) {
  const address = new URL(`shared/${token}`, document.baseURI).href
  return (
    <div class="insights-line">
      <a class="insights-link mono" href={address} target="_blank" rel="noreferrer">
        {address}
      </a>
      <Copy text={address} what="the link" />
    </div>
  )
}

function Copy({ text, what }: { text: string; what: string }) {
  if (!navigator.clipboard) return null
  return (
    <button
      type="button"
      aria-label={`Copy ${what}`}
      onClick={() => navigator.clipboard.writeText(text).then(() => say('Copied.'))}
    >
      Copy
    </button>
  )
}

function Passwords({
  sharing,
  mayChange,
  onDrop,
}: {
  sharing: SharingFragment
  mayChange: boolean
  onDrop: (id: string) => void
}) {
  if (sharing.passwords.length === 0) {
    return <p class="small">No password opens it yet: make one.</p>
  }
  return (
    <ul class="insights-history small">
      {sharing.passwords.map((one) => (
        <li key={one.rawId}>
          <span>
            {one.note || 'Password'} <span class="quiet">of </span>
            <Time at={one.createdAt} />
          </span>
          {mayChange && (
            <button
              type="button"
              class="plain"
              aria-label={`Delete the password ${one.note || one.rawId}`}
              onClick={() => onDrop(one.rawId)}
            >
              Delete
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

function NewPassword({
  id,
  onMade,
  onClose,
}: {
  id: string
  onMade: (password: string) => void
  onClose: () => void
}) {
  const [password, setPassword] = useState('')
  const [note, setNote] = useState('')
  const [make] = useChange(NewPasswordDocument)
  const send = async (): Promise<Told | null> => {
    const answer: Changed<{ createInsightPassword?: (Payload & { password?: string | null }) | null }> =
      await make({
        input: { id, password: password || null, note: note || null },
      })
    const against = answer.problem ?? refused(answer.data.createInsightPassword)
    if (against) return against
    const made = answer.data?.createInsightPassword?.password
    if (made) onMade(made)
    return null
  }
  return (
    <Form title="New password" send="Make it" onSend={send} onClose={onClose}>
      <Field label="Password, 8 characters or more; empty: one is made">
        <input
          value={password}
          minLength={8}
          autocomplete="off"
          onInput={(e) => setPassword(e.currentTarget.value)}
        />
      </Field>
      <Field label="Note, to know it by later">
        <input value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </Field>
    </Form>
  )
}

/** A password, the only time it is shown. */
function Once({ password, onDone }: { password: string; onDone: () => void }) {
  return (
    <div class="notice warn" role="status">
      <span>This password is shown once:</span>
      <span class="row">
        <code class="insights-secret">{password}</code>
        <Copy text={password} what="the password" />
      </span>
      <button type="button" onClick={onDone}>
        I have it
      </button>
    </div>
  )
}
