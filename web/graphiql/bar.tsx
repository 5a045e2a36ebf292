/** @jsxImportSource react */
import { type FormEvent, useState } from 'react'
import { type Session, signOut } from './session'

/** Where one is, and whose key is used. */
export function Bar({ session, onKey }: { session: Session; onKey: (key: string) => void }) {
  return (
    <div className="own-bar">
      <a href="./" className="own-brand">
        <img src={new URL('../src/icon.svg', import.meta.url).href} alt="" width="24" height="24" /> Goalarc
      </a>
      <h1>GraphiQL</h1>
      {session.state === 'known' ? (
        <div className="own-key">
          <span title={`${session.email} at ${session.organisation}`}>{session.email}</span>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </div>
      ) : (
        <KeyForm session={session} onKey={onKey} />
      )}
    </div>
  )
}

function KeyForm({ session, onKey }: { session: Session; onKey: (key: string) => void }) {
  const [key, setKey] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim()) onKey(key.trim())
  }
  const asking = session.state === 'asking'
  return (
    <form className="own-key" onSubmit={submit}>
      <label htmlFor="key">Key</label>
      <input
        id="key"
        type="password"
        value={key}
        autoComplete="off"
        spellCheck={false}
        required
        aria-describedby="about-key"
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <button type="submit" disabled={asking}>
        {asking ? 'Asking…' : 'Use key'}
      </button>
    </form>
  )
}

/** What stands in the way, or that a key is needed at all. */
export function Notice({ session, reason }: { session: Session; reason: string | null }) {
  if (session.problem) {
    return (
      <p className="own-notice own-bad" role="alert" id="about-key">
        {session.problem}
      </p>
    )
  }
  if (session.state === 'none') {
    return (
      <p className="own-notice" id="about-key">
        Every request needs a key: <code>make run</code> prints one, <code>goalarc keys create</code> makes
        more. This tab keeps it until you close it or sign out.
      </p>
    )
  }
  return reason ? (
    <p className="own-notice" role="status">
      {reason}
    </p>
  ) : null
}

/** In place of the editor until that is there. */
export function Waiting() {
  return (
    <p className="own-waiting" role="status">
      Loading the editor…
    </p>
  )
}

/** In place of the editor where it does not come. */
export function Failed() {
  return (
    <p className="own-notice own-bad" role="alert">
      The editor could not be fetched. The server may have been updated or be down: reload, or try again in a
      moment.
    </p>
  )
}
