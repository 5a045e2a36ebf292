import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { refused } from '../../api/problem'
import { plural } from '../../format'
import { go, href } from '../../routes'
import { Form } from '../../ui/dialog'
import { Field } from '../../ui/forms'
import { say } from '../../ui/said'
import { nameOf } from './name'
import { DeleteSessionDocument, type SessionQuery, UpdateSessionDocument } from './Session.gql'

interface Asked {
  session: NonNullable<SessionQuery['session']>
  onClose: () => void
}

export function Edit({ asking, again, ...asked }: Asked & { asking: 'title' | 'delete'; again: () => void }) {
  return asking === 'title' ? <Title {...asked} again={again} /> : <Delete {...asked} />
}

function Title({ session, again, onClose }: Asked & { again: () => void }) {
  const [title, setTitle] = useState(session.title ?? '')
  const [update] = useChange(UpdateSessionDocument)
  const send = async () => {
    const { data, problem } = await update({ input: { id: session.id, title: title.trim() || null } })
    const wrong = problem ?? refused(data?.updateSession)
    if (wrong) return wrong
    say(title.trim() ? 'The title is changed.' : 'The session has its own title again.')
    again()
    return null
  }
  return (
    <Form title="Change title" send="Save" onSend={send} onClose={onClose}>
      <Field label="Title, or nothing for what the agent calls it">
        <input
          value={title}
          maxLength={200}
          dir="auto"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </Field>
    </Form>
  )
}

const SURE = 'delete'

function Delete({ session, onClose }: Asked) {
  const [typed, setTyped] = useState('')
  const [remove] = useChange(DeleteSessionDocument)
  const send = async () => {
    if (typed.trim().toLowerCase() !== SURE)
      return { code: 'REFUSED', message: `Type “${SURE}” to go on.`, hint: '' }
    const { data, problem } = await remove({ input: { id: session.id } })
    const wrong = problem ?? refused(data?.deleteSession)
    if (wrong) return wrong
    say('The session is deleted.')
    go(href('sessions'))
    return null
  }
  return (
    <Form title="Delete this session?" send="Delete for good" danger onSend={send} onClose={onClose}>
      <p>
        “{nameOf(session)}” goes with its {plural(session.eventCount, 'event')}, its goal arcs, their verdicts
        and what they count in scores. Nobody can bring it back.
      </p>
      <Field label={`Type “${SURE}” to confirm`}>
        <input
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </Field>
    </Form>
  )
}
