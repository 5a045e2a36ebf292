import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { useMay } from '../../app/viewer'
import { compact, duration, number, plural, usd, words } from '../../format'
import { href, type Route } from '../../routes'
import { lazily } from '../../ui/lazily'
import { Badge, Card, Heading, Missing, Problem, Time, Tip, Waiting } from '../../ui/parts'
import { leastOf } from './least'
import { nameOf } from './name'
import { Parts } from './parts'
import { SessionDocument, type SessionQuery } from './Session.gql'
import { FINDS, type Find, Timeline } from './timeline'

const Edit = lazily(() => import('./edit').then((module) => module.Edit))

type Session = NonNullable<SessionQuery['session']>

export function One({ route, id }: { route: Route; id: string }) {
  const scores = useMay('scores:read')
  const { data, problem, loading, again } = useRead(SessionDocument, { id, scores })
  const session = data?.session
  if (loading) return <Waiting />
  if (!session) return <Missing what="session" page="sessions" problem={problem} again={again} />
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
        find={Object.hasOwn(FINDS, find) ? (find as Find) : ''}
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
      <p class="small">
        <a href={href('sessions')}>All sessions</a>
      </p>
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
      {asking && <Edit asking={asking} session={session} again={again} onClose={close} />}
    </>
  )
}

function Facts({ session }: { session: Session }) {
  const { tokens, summary } = session
  const least = leastOf(session)
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
            text={`Sent ${number(tokens.input)}, written ${number(tokens.output)}, read from the cache ${number(tokens.cacheRead)}, put into it ${number(tokens.cacheWrite)}: ${number(tokens.total)} in all, each response counted once.${least && ' The agent tells too few of those written, so there are at least these.'}`}
          >
            {least}
            {compact(tokens.total)}
          </Tip>
        </Fact>
        <Fact name="Cost">
          <Tip text="What the responses cost, as the agent said or by list price; a dash where any has no price.">
            {session.costUsd !== null && least}
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
          {[
            session.toolErrorCount ? plural(session.toolErrorCount, 'tool call') : '',
            session.apiErrorCount ? plural(session.apiErrorCount, 'service error') : '',
          ]
            .filter(Boolean)
            .join(' · ') || 'nothing'}
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
