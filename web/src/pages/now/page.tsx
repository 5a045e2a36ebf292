import { useEffect, useRef, useState } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { useMay, useViewer } from '../../app/viewer'
import { number } from '../../format'
import { href } from '../../routes'
import { lazily } from '../../ui/lazily'
import { LiveState } from '../../ui/live'
import { Card, Empty, Heading, Problem, Waiting } from '../../ui/parts'
import { Feed } from './feed'
import { type Followed, useBoard } from './follow'
import './now.css'
import { NowTodayDocument, type NowTodayQuery } from './Now.gql'
import { FinishedRow, OpenRow } from './rows'
import { Today } from './today'

// Seen where nothing was done yet.
const Ways = lazily(() => import('./capture').then((module) => module.Ways))

/** How long the day's figures wait for more news, so that a busy team asks for them seldom. */
const TODAY_MS = 1_500
const TODAY_AT_LEAST_MS = 300_000

export default function Page() {
  const sessions = useMay('sessions:read')
  const today = useRead(NowTodayDocument, { sessions })
  const seldom = useSeldom(today.again)
  const followed = useBoard(sessions, seldom)
  const { any, state, problem, again } = followed
  useEffect(() => {
    // What was asked while the server was away got no answer.
    if (state === 'live') seldom()
  }, [state])
  return (
    <div class="stack now">
      <Heading title="Now" about="Goal arcs that are worked on, as it happens.">
        <LiveState state={state} problem={problem} />
      </Heading>
      <Problem problem={problem} again={again} />
      {any === null && !problem && <Waiting what="Looking what goes on" />}
      {any === false && (
        <Empty title="Nothing was captured yet">
          <p>Let an agent tell of its work in one of these ways; this page fills by itself.</p>
          <Ways />
        </Empty>
      )}
      {any && <Board followed={followed} today={today.data} />}
    </div>
  )
}

function Board({ followed, today }: { followed: Followed; today: NowTodayQuery | undefined }) {
  const { open, beyond, finished, feed } = followed.board
  const people = useViewer().scopes.some((scope) => scope === 'org:read' || scope === '*')
  const now = useTicks()
  const all = beyond ? Math.max(open.length, today?.open.totalCount ?? 0) : open.length
  return (
    <div class="now-board">
      <div class="stack">
        <Card title={`Open (${number(all)})`}>
          {open.length === 0 && <Idle />}
          <ul class="now-rows">
            {open.map((arc) => (
              <OpenRow key={arc.id} arc={arc} people={people} now={now} />
            ))}
          </ul>
          {all > open.length && (
            <p>
              The newest {number(open.length)} are shown.{' '}
              <a href={href('arcs', null, { state: 'OPEN' })}>All {number(all)} open arcs</a>
            </p>
          )}
        </Card>
        <Card title="Just finished" actions={<a href={href('arcs')}>All arcs</a>}>
          {finished.length === 0 && <p class="quiet">No arc ended within a day.</p>}
          <ul class="now-rows">
            {finished.map((arc) => (
              <FinishedRow key={arc.id} arc={arc} people={people} now={now} />
            ))}
          </ul>
        </Card>
      </div>
      <div class="stack now-side">
        <Today today={today} open={all} sessions={useMay('sessions:read')} />
        <Feed feed={feed} now={now} />
      </div>
    </div>
  )
}

function Idle() {
  return (
    <div class="stack">
      <p class="quiet">
        Nothing is worked on at the moment. An arc opens with the first prompt of a session and shows up here
        within two seconds, if its agent is captured while it works.
      </p>
      <details>
        <summary>How to capture</summary>
        <Ways />
      </details>
    </div>
  )
}

function useTicks(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Calls it once for much that happens in a while; and now and then anyway, since days end. */
function useSeldom(call: () => void): () => void {
  const latest = useRef(call)
  latest.current = call
  const timer = useRef(0)
  useEffect(() => {
    const steady = setInterval(() => latest.current(), TODAY_AT_LEAST_MS)
    return () => {
      clearInterval(steady)
      clearTimeout(timer.current)
    }
  }, [])
  return () => {
    timer.current ||= window.setTimeout(() => {
      timer.current = 0
      latest.current()
    }, TODAY_MS)
  }
}
