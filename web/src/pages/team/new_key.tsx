import { useState } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { Dialog } from '../../ui/dialog'
import { Problem, Waiting } from '../../ui/parts'
import { RulesDocument } from './Rules.gql'
import { Secret } from './secret'
import { type Made, Wish } from './wish'
import { KINDS } from './words'

/** Asks whose key it shall be and what it may do, then shows the secret, once. */
export function NewKey({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const { data, problem, again } = useRead(RulesDocument, {})
  const [made, setMade] = useState<Made | null>(null)
  if (made?.secret && made.apiKey) {
    const title = `A ${KINDS[made.apiKey.kind][0].toLowerCase()} key for ${made.apiKey.developer?.email}`
    return <Secret key="secret" title={title} secret={made.secret} onClose={onClose} />
  }
  if (data) {
    const take = (payload: Made) => {
      setMade(payload)
      onMade()
    }
    return <Wish rules={data.accessRules} onMade={take} onClose={onClose} />
  }
  return (
    <Dialog title="New key" onClose={onClose}>
      {problem ? <Problem problem={problem} again={again} /> : <Waiting />}
    </Dialog>
  )
}
