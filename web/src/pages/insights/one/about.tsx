import './about.css'
import { useState } from 'preact/hooks'
import { useChange } from '../../../api/hooks'
import { refused, type Problem as Told } from '../../../api/problem'
import { href } from '../../../routes'
import { Form } from '../../../ui/dialog'
import { Field } from '../../../ui/forms'
import { Badge, Card, Time } from '../../../ui/parts'
import { say } from '../../../ui/said'
import { Shelf } from '../shelf'
import { DescribeDocument } from './One.gql'
import type { Insight } from './one'

/** Name, description, tags and folder: shown, and changed in a form. */
export function About({
  insight,
  mayWrite,
  again,
}: {
  insight: Insight
  mayWrite: boolean
  again: () => void
}) {
  const [changing, setChanging] = useState(false)
  return (
    <Card
      title="About"
      actions={
        mayWrite && (
          <button type="button" onClick={() => setChanging(true)}>
            Change
          </button>
        )
      }
    >
      <div class="stack tight">
        <p dir="auto" class={insight.description ? 'insights-text' : 'quiet'}>
          {insight.description || 'No description yet.'}
        </p>
        <dl class="insights-facts small">
          <div>
            <dt>Tags</dt>
            <dd class="row">
              {insight.tags.length === 0 && <span class="quiet">none</span>}
              {insight.tags.map((tag) => (
                <a key={tag} href={href('insights', null, { tag })}>
                  <Badge>{tag}</Badge>
                </a>
              ))}
            </dd>
          </div>
          <div>
            <dt>Folder</dt>
            <dd>
              {insight.folder ? (
                <a href={href('insights', null, { folder: insight.folder })}>{insight.folder}</a>
              ) : (
                <span class="quiet">none</span>
              )}
            </dd>
          </div>
          <div>
            <dt>Made</dt>
            <dd>
              <Time at={insight.createdAt} /> {insight.createdBy && `by ${insight.createdBy.email}`}
            </dd>
          </div>
        </dl>
      </div>
      {changing && <Change insight={insight} again={again} onClose={() => setChanging(false)} />}
    </Card>
  )
}

function Change({ insight, again, onClose }: { insight: Insight; again: () => void; onClose: () => void }) {
  const [name, setName] = useState(insight.name ?? '')
  const [description, setDescription] = useState(insight.description ?? '')
  const [tags, setTags] = useState<readonly string[]>(insight.tags)
  const [folder, setFolder] = useState(insight.folder ?? '')
  const [describe] = useChange(DescribeDocument)
  const send = async (): Promise<Told | null> => {
    const input = { id: insight.id, name: name.trim() || null, description, tags: [...tags] }
    const { data, problem } = await describe({ input: { ...input, folder: folder.trim() || null } })
    const wrong = problem ?? refused(data?.updateInsight)
    if (wrong) return wrong
    say('Changed.')
    again()
    return null
  }
  return (
    <Form title="About this insight" send="Save" onSend={send} onClose={onClose}>
      <Field label="Name">
        <input
          value={name}
          maxLength={400}
          placeholder={insight.derivedName ?? ''}
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
