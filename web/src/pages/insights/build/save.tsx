import { useEffect, useState } from 'preact/hooks'
import { useChange } from '../../../api/hooks'
import { refused, type Problem as Told } from '../../../api/problem'
import { go, href } from '../../../routes'
import type { InsightQueryInput } from '../../../schema'
import { Form } from '../../../ui/dialog'
import { Field } from '../../../ui/forms'
import { say } from '../../../ui/said'
import { Shelf } from '../shelf'
import { CreateDocument, ProposeDocument } from './Build.gql'

/** Asks what to call an insight, proposes a name, and keeps it. */
export function Save({ query, onClose }: { query: InsightQueryInput; onClose: () => void }) {
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [tags, setTags] = useState<readonly string[]>([])
  const [folder, setFolder] = useState('')
  const [propose] = useChange(ProposeDocument)
  const [create] = useChange(CreateDocument)
  useEffect(() => {
    propose({ input: { query } }).then(({ data }) => {
      const proposed = data?.generateInsightMetadata
      setName((written) => written || (proposed?.name ?? ''))
      setDescription((written) => written || (proposed?.description ?? ''))
    })
  }, [])
  const send = async (): Promise<Told | null> => {
    const input = { query, name: name.trim(), description, tags: [...tags], folder: folder.trim() || null }
    const { data, problem } = await create({ input })
    const wrong = problem ?? refused(data?.createInsight)
    if (wrong) return wrong
    say('Saved.')
    const made = data?.createInsight?.insight
    if (made) go(href('insights', made.shortId))
    return null
  }
  return (
    <Form title="Save this insight" send="Save" onSend={send} onClose={onClose}>
      <Field label="Name">
        <input
          value={name}
          required
          maxLength={400}
          autofocus
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label="Description">
        <textarea value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
      </Field>
      <Shelf tags={tags} folder={folder} onTags={setTags} onFolder={setFolder} />
    </Form>
  )
}
