import { useChange } from '../../../api/hooks'
import { useMay } from '../../../app/viewer'
import { go, href } from '../../../routes'
import type { InsightQueryInput } from '../../../schema'
import { useDone } from '../../../ui/done'
import { Problem } from '../../../ui/parts'
import { say } from '../../../ui/said'
import { nameOf } from '../kinds'
import { undo } from '../undo'
import { DeleteDocument, DuplicateDocument } from './One.gql'
import type { Insight } from './one'

/** What can be done with the whole of it. */
export function Actions({ insight, query }: { insight: Insight; query: InsightQueryInput | null }) {
  const mayWrite = useMay('insight:write')
  const mayRun = useMay('query:read')
  const [duplicate, doubling] = useChange(DuplicateDocument)
  const [remove, removing] = useChange(DeleteDocument)
  const { wrong, done } = useDone()
  const double = async () => {
    if (!query) return
    const { description, tags, folder } = insight
    const input = { query, name: `${nameOf(insight)} (copy)`.slice(0, 400), description: description ?? null }
    const { data, problem } = await duplicate({
      input: { ...input, tags: [...tags], folder: folder ?? null },
    })
    const made = data?.createInsight?.insight
    if (!done(problem, data?.createInsight) || !made) return
    say('This is the copy.')
    go(href('insights', made.shortId))
  }
  const bin = async () => {
    const { data, problem } = await remove({ input: { id: insight.id } })
    if (!done(problem, data?.deleteInsight)) return
    undo.set({ id: insight.id, name: nameOf(insight) })
    go(href('insights'))
  }
  if (!mayWrite) return null
  return (
    <>
      {query && mayRun && (
        <a class="button" href={href('insights', 'new', { edit: insight.shortId })}>
          Edit
        </a>
      )}
      {query && (
        <button type="button" disabled={doubling} onClick={double}>
          Duplicate
        </button>
      )}
      <button type="button" class="danger" disabled={removing} onClick={bin}>
        Delete
      </button>
      <Problem problem={wrong} />
    </>
  )
}
