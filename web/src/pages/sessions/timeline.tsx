import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ask } from '../../api/ask'
import { useConnection, useLive } from '../../api/hooks'
import type { Problem as Told } from '../../api/problem'
import { number, plural } from '../../format'
import { href, replace } from '../../routes'
import type { EventKind } from '../../schema'
import { Choice } from '../../ui/forms'
import { LiveState } from '../../ui/live'
import { Card, Empty, Problem, Waiting } from '../../ui/parts'
import { signal } from '../../ui/signal'
import { Feed } from './feed'
import type { Mark } from './marks'
import { Picture } from './picture'
import type { SessionQuery } from './Session.gql'
import { type Outline, PAGE, Source } from './source'
import {
  type EventLineFragment,
  EventsBeforeDocument,
  EventsDocument,
  FollowTimelineDocument,
  OneEventDocument,
  OutlineDocument,
} from './Timeline.gql'
import { tell } from './telling'
import type { Going } from './walk'

export const FINDS = {
  prompts: 'Prompts',
  talk: 'Prompts and answers',
  commands: 'Commands, tests, builds',
  files: 'Changes of files',
  git: 'Git',
  tools: 'Tool calls and results',
  models: 'Model calls and errors',
  course: 'Interruptions and the like',
}
const KINDS: Record<keyof typeof FINDS, EventKind[]> = {
  prompts: ['PROMPT', 'SLASH_COMMAND'],
  talk: ['PROMPT', 'SLASH_COMMAND', 'AI_RESPONSE', 'PLANNING', 'DECISION_EVENT'],
  commands: ['COMMAND', 'TEST_RUN', 'BUILD_RUN'],
  files: ['FILE_DIFF', 'FILE_CREATE', 'FILE_DELETE'],
  git: ['GIT_ACTION'],
  tools: ['TOOL_USE', 'TOOL_RESULT', 'MCP_CALL'],
  models: ['API_REQUEST', 'API_ERROR'],
  course: [
    'INTERRUPTION',
    'CONTEXT_CLEAR',
    'CONTEXT_COMPACT',
    'CHECKPOINT',
    'SESSION_START',
    'SESSION_END',
    'SESSION_TITLE',
  ],
}
export type Find = keyof typeof FINDS | ''

/** What arrives within it is read together, in ms. */
const TOGETHER = 300

/** Picture and events of a session, as they are and as they come. */
export function Timeline({
  session,
  at,
  find,
  onArrival,
}: {
  session: NonNullable<SessionQuery['session']>
  at: string | null
  find: Find
  onArrival: () => void
}) {
  const connection = useConnection()
  const { id } = session
  const { whole, source, problem, again } = useSource(id, find)
  const seen = useMemo(() => signal(''), [id])
  const { going, lost, place, goMark, goTime } = useGoing(id, find, source, at)
  const arrived = useTogether(() => {
    again()
    onArrival()
  })
  const live = useLive(
    FollowTimelineDocument,
    { session: id },
    (result) => result.timelineEvents.cursor,
    arrived,
  )
  // Not drawn anew when events are read.
  const picture = useMemo(
    () => whole && <Picture session={session} outline={whole} seen={seen} onGo={goMark} onTime={goTime} />,
    [session, whole, source, find, at, seen],
  )
  if (!whole)
    return problem ? <Problem problem={problem} again={again} /> : <Waiting what="Reading the timeline" />
  if (!whole.eventCount)
    return <Empty title="Nothing was recorded yet">What the agent does appears here as it happens.</Empty>
  return (
    <>
      <Card title="At a glance" actions={<LiveState state={live.state} />}>
        {picture}
      </Card>
      <Card title={`Events`} class="sessions-events">
        <div class="row spread sessions-controls">
          <Choice
            label="Show"
            value={find}
            all="Everything"
            options={FINDS}
            onChange={(next) => replace(place(null, next))}
          />
          <span class="small quiet" role="status">
            {source && plural(source.count, 'event')}
            {source && find && ` of ${number(whole.eventCount)}`}
          </span>
        </div>
        <Problem problem={problem ?? source?.problem ?? live.problem} again={again} />
        {lost && <p class="notice warn">The event that this address names is not in this session.</p>}
        {!source && <Waiting />}
        {source?.count === 0 && <Empty title="No such events">Choose others, or everything.</Empty>}
        {source && source.count > 0 && (
          <Feed
            key={find}
            source={source}
            count={source.count}
            named={at}
            going={going}
            link={(told) => place(told.id)}
            whole={async (told) => {
              const node = (await ask(connection, OneEventDocument, { id: told.id })).data?.node
              return node && 'kind' in node
                ? tell(node as EventLineFragment, Number.POSITIVE_INFINITY).body
                : told.body
            }}
            onSeen={(told) => told && seen.set(told.ts)}
          />
        )}
      </Card>
    </>
  )
}

/** Leads to the event that the address names, to a mark, and to an instant. */
function useGoing(id: string, find: Find, source: Source | null, at: string | null) {
  const connection = useConnection()
  const [going, setGoing] = useState<Going | null>(null)
  const [lost, setLost] = useState(false)
  const hint = useRef<Mark | null>(null)
  const kinds = find ? KINDS[find] : null
  const place = (event: string | null, found: Find = find) => href('sessions', id, { find: found, at: event })
  const go = (index: number) => setGoing({ index })

  /** The place of the first event from an instant on. */
  const placeOf = async (to: string) => {
    const { data } = await ask(connection, EventsBeforeDocument, { id, to, kinds })
    return data?.session?.timeline.totalCount ?? -1
  }
  const indexOf = async (event: string): Promise<number> => {
    if (!find && hint.current?.eventId === event) return hint.current.index
    const known = source?.indexOf(event) ?? -1
    if (known >= 0 || !source) return known
    const node = (await ask(connection, OneEventDocument, { id: event })).data?.node
    const index = node && 'ts' in node ? await placeOf(node.ts) : -1
    if (index < 0) return index
    // Events of the same instant may stand before it.
    await Promise.all([0, 1].map((next) => source.load(Math.floor(index / PAGE) + next)))
    return source.indexOf(event)
  }
  const goEvent = async (event: string) => {
    const index = await indexOf(event)
    setLost(index < 0)
    if (index >= 0) go(index)
  }
  const goMark = (mark: Mark) => {
    hint.current = mark
    if (mark.eventId === at && !find) go(mark.index)
    else replace(place(mark.eventId, ''))
  }
  const goTime = async (ts: string) => {
    const index = await placeOf(ts)
    if (index >= 0) go(Math.min(index, (source?.count ?? 1) - 1))
  }
  useEffect(() => {
    setLost(false)
    if (source && at) void goEvent(at)
  }, [source, at])
  return { going, lost, place, goMark, goTime }
}

/** The outline of all events for the picture, and the events of the kinds that are wanted, read as they are seen. */
function useSource(id: string, find: Find) {
  const connection = useConnection()
  const [read, setRead] = useState<{ id: string; of: string; whole: Outline; wanted: Outline }>()
  const [problem, setProblem] = useState<Told | null>(null)
  const [, redraw] = useState(0)
  const of = `${id} ${find}`
  const now = useRef(of)
  now.current = of
  const again = async () => {
    const asked = [null, find ? KINDS[find] : null].slice(0, find ? 2 : 1)
    const answers = await Promise.all(asked.map((kinds) => ask(connection, OutlineDocument, { id, kinds })))
    if (now.current !== of) return
    setProblem(answers.find((answer) => answer.problem)?.problem ?? null)
    const [whole, wanted = whole] = answers.map((answer) => answer.data?.session?.outline)
    if (whole && wanted) setRead({ id, of, whole, wanted })
  }
  const source = useMemo(() => {
    if (read?.of !== of) return null
    const asking = (after: string | null) =>
      ask(connection, EventsDocument, { id, after, kinds: find ? KINDS[find] : null })
    return new Source(asking, read.wanted, () => redraw((times) => times + 1))
  }, [of, read?.of])
  if (source && read?.of === of) source.outline = read.wanted
  useEffect(() => {
    void again()
  }, [of])
  return { whole: read?.id === id ? read.whole : undefined, source, problem, again }
}

/** Calls once for all that comes within a moment. */
function useTogether(then: () => void): () => void {
  const latest = useRef(then)
  latest.current = then
  const waiting = useRef(0)
  useEffect(() => () => clearTimeout(waiting.current), [])
  return () => {
    if (waiting.current) return
    waiting.current = window.setTimeout(() => {
      waiting.current = 0
      latest.current()
    }, TOGETHER)
  }
}
