import { useState } from 'preact/hooks'
import type { Problem as Told } from '../api/problem'
import { Field } from '../ui/forms'
import { Problem } from '../ui/parts'

/** Takes a key. `problem` says why one has to sign in again. */
export function SignIn({ problem, onKey }: { problem: Told | null; onKey: (key: string) => void }) {
  const [key, setKey] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    const given = key.trim()
    if (given) onKey(given)
  }
  return (
    <main class="sign-in">
      <form class="card stack" onSubmit={submit}>
        <div>
          <h1>Goalarc</h1>
          <p class="quiet">Did the coding session reach its goal?</p>
        </div>
        <Field label="Key">
          <input
            type="password"
            value={key}
            autocomplete="off"
            spellcheck={false}
            required
            autofocus
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </Field>
        <p class="small quiet">
          <code>make run</code> prints one; <code>goalarc keys create</code> makes more. It is kept by this
          tab until you close it or sign out.
        </p>
        <Problem problem={problem} />
        <button type="submit" class="main">
          Sign in
        </button>
        <p class="small">
          Without a key: <a href="./docs">REST reference</a> · <a href="./graphql">GraphiQL</a>
        </p>
      </form>
    </main>
  )
}
