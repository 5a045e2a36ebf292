import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { refused, type Problem as Told } from '../../api/problem'
import { go, href } from '../../routes'
import { Problem } from '../../ui/parts'
import { say } from '../../ui/said'
import { signal } from '../../ui/signal'
import { RestoreDocument } from './one/One.gql'

/** The insight that was deleted last; null: none, or somebody went on. */
export const undo = signal<{ id: string; name: string } | null>(null)

/** Says what was deleted, and takes it back. */
export function Undo() {
  const gone = undo.use()
  const [restore, busy] = useChange(RestoreDocument)
  const [wrong, setWrong] = useState<Told | null>(null)
  if (!gone) return null
  const back = async () => {
    const { data, problem } = await restore({ input: { id: gone.id } })
    const against = problem ?? refused(data?.restoreInsight)
    setWrong(against)
    const insight = data?.restoreInsight?.insight
    if (against || !insight) return
    undo.set(null)
    say('It is back.')
    go(href('insights', insight.shortId))
  }
  return (
    <div class="notice" role="status">
      <span>“{gone.name}” was deleted.</span>
      <span class="row">
        <button type="button" disabled={busy} onClick={back}>
          Undo
        </button>
        <button type="button" class="plain" onClick={() => undo.set(null)}>
          Dismiss
        </button>
      </span>
      <Problem problem={wrong} />
    </div>
  )
}
