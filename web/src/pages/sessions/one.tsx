import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useChange, useRead } from '../../api/hooks'
import { refused } from '../../api/problem'
import { useMay } from '../../app/viewer'
import { compact, duration, number, plural, usd, words } from '../../format'
import { go, href, type Route } from '../../routes'
import { Form } from '../../ui/dialog'
import { Field } from '../../ui/forms'
import { Badge, Card, Heading, Problem, Time, Tip, Waiting } from '../../ui/parts'
import { say } from '../../ui/said'
import { nameOf } from './name'
import { Parts } from './parts'
import {
  DeleteSessionDocument,
  SessionDocument,
  type SessionQuery,
  UpdateSessionDocument,
} from './Session.gql'
import { FINDS, type Find, Timeline } from './timeline'

type Session = NonNullable<SessionQuery['session']>

export function One({ route, id }: { route: Route; id: string }) {
  const scores = useMay('scores:read')
  const { data, problem, loading, again } = useRead(SessionDocument, { id, scores })
  const session = data?.session
  if (!session) return loading ? <Waiting /> : <Problem problem={problem} again={again} />
  const find = route.query.get('find') ?? ''
  return (
    <div class="stack sessions-one">
      <Top session={session} again={again} />
      <Problem problem={problem} again={again} />
      <div class="sessions-top">
        <Facts session={session} />
        <Parts session={session} />
      </div>
      <Timeline
        session={session}
        at={route.query.get('at')}
        find={find in FINDS ? (find as Find) : ''}
        onArrival={again}
      />
    </div>
  )
}

function Top({ session, again }: { session: Session; again: () => void }) {
  const [asking, setAsking] = useState<'title' | 'delete' | null>(null)
  const [mayWrite, mayDelete] = [useMay('sessions:write'), useMay('sessions:delete')]
  const { summary } = session
  const close = () => setAsking(null)
  return (
    <>
      <a class="small" href={href('sessions')}>
        ← All sessions
      </a>
      <Heading title={nameOf(session)} about={summary?.text}>
        {!session.endedAt && (
          <Badge tone="open" title="It was active within the last hour.">
            Running
          </Badge>
        )}
        {mayWrite && (
          <button type="button" onClick={() => setAsking('title')}>
            Change title
          </button>
        )}
        {mayDelete && (
          <button type="button" class="danger" onClick={() => setAsking('delete')}>
            Delete
          </button>
        )}
      </Heading>
      {asking === 'title' && <Title session={session} again={again} onClose={close} />}
      {asking === 'delete' && <Delete session={session} onClose={close} />}
    </>
  )
}

interface Asked {
  session: Session
  onClose: () => void
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

function Facts({ session }: { session: Session }) {
  const { tokens, summary } = session
  const seconds = (Date.parse(session.lastActivityAt ?? '') - Date.parse(session.startedAt ?? '')) / 1_000
  return (
    <Card>
      <dl class="sessions-facts">
        {summary && <Fact name="Outcome">{words(summary.outcome)}</Fact>}
        <Fact name="Agent">{session.sourceService ?? 'not told'}</Fact>
        <Fact name="Project">
          <span class="mono" dir="auto">
            {session.project ?? '–'}
          </span>
        </Fact>
        {session.branch && (
          <Fact name="Branch">
            <span class="mono">{session.branch}</span>
          </Fact>
        )}
        <Fact name="Developer">{session.developer.email}</Fact>
        <Fact name="Began">
          <Time at={session.startedAt} />
        </Fact>
        <Fact name={session.endedAt ? 'Ended' : 'Last active'}>
          <Time at={session.endedAt ?? session.lastActivityAt} since={!session.endedAt} />
        </Fact>
        <Fact name="From first to last">{Number.isNaN(seconds) ? '–' : duration(seconds)}</Fact>
        <Fact name="Tokens">
          <Tip
            text={`Sent ${number(tokens.input)}, written ${number(tokens.output)}, read from the cache ${number(tokens.cacheRead)}, put into it ${number(tokens.cacheWrite)}: ${number(tokens.total)} in all, each response counted once.`}
          >
            {compact(tokens.total)}
          </Tip>
        </Fact>
        <Fact name="Cost">
          <Tip text="What the responses cost, as the agent said or by list price; a dash where any has no price.">
            {usd(session.costUsd)}
          </Tip>
        </Fact>
        <Fact name="Work">
          {[
            plural(session.promptCount, 'prompt'),
            plural(session.toolCallCount, 'tool call'),
            plural(session.commitCount, 'commit'),
            session.pullRequestCount ? plural(session.pullRequestCount, 'pull request') : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </Fact>
        <Fact name="Failed">
          {session.toolErrorCount + session.apiErrorCount
            ? [plural(session.toolErrorCount, 'call'), plural(session.apiErrorCount, 'service error')].join(
                ' · ',
              )
            : 'nothing'}
        </Fact>
      </dl>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt class="small quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
