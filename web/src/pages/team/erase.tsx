import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { type Problem, refused } from '../../api/problem'
import { Form } from '../../ui/dialog'
import { Field } from '../../ui/forms'
import { say } from '../../ui/said'
import type { MemberFragment } from './Developers.gql'
import { EraseDeveloperDocument } from './Erasures.gql'

/** Nobody is erased by one click: the address has to be typed. */
export function EraseForm(props: {
  member: MemberFragment
  onBegun: (erasure: string) => void
  onClose: () => void
}) {
  const { member, onBegun, onClose } = props
  const [typed, setTyped] = useState('')
  const [erase] = useChange(EraseDeveloperDocument)
  const send = async (): Promise<Problem | null> => {
    if (typed.trim().toLowerCase() !== member.email)
      return { code: 'REFUSED', message: 'This is not the address.', hint: `Type ${member.email} to go on.` }
    const { data, problem } = await erase({ input: { developer: member.id } })
    const wrong = problem ?? refused(data.eraseDeveloper)
    if (wrong) return wrong
    say(`${member.email} is being erased`)
    if (data?.eraseDeveloper?.erasure) onBegun(data.eraseDeveloper.erasure.id)
    return null
  }
  return (
    <Form title="Erase a developer" send="Erase for good" danger onSend={send} onClose={onClose}>
      <p>
        All that was recorded of <strong class="team-address">{member.email}</strong> goes: sessions, goal
        arcs, scores, reports and keys. Their keys end at once. It cannot be undone.
      </p>
      <Field label={`Type ${member.email} to confirm`}>
        <input
          value={typed}
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </Field>
    </Form>
  )
}
