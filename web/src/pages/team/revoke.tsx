import { useChange } from '../../api/hooks'
import { refused, type Problem as Told } from '../../api/problem'
import { words } from '../../format'
import { Form } from '../../ui/dialog'
import { say } from '../../ui/said'
import { RevokeKeyDocument, type TeamKeyFragment } from './Keys.gql'

/** Asks once more before a key ends. */
export function RevokeForm({ ended, onClose }: { ended: TeamKeyFragment; onClose: () => void }) {
  const [revoke] = useChange(RevokeKeyDocument)
  const send = async (): Promise<Told | null> => {
    const { data, problem } = await revoke({ input: { id: ended.id } })
    const wrong = problem ?? refused(data.revokeApiKey)
    if (!wrong) say('The key is revoked')
    return wrong
  }
  const email = ended.developer?.email ?? 'somebody'
  return (
    <Form title="Revoke a key" send="Revoke" danger onSend={send} onClose={onClose}>
      <p>
        The {words(ended.kind).toLowerCase()} key of <strong class="team-address">{email}</strong> ends at
        once: whatever uses it is refused from then on. What was recorded with it stays. A new key can be made
        at any time; this one does not come back.
      </p>
      {ended.current && <p class="notice warn">It is the key that you use now: you will be signed out.</p>}
    </Form>
  )
}
