import { DAY_MS } from '../../time'
import type { NowArcFragment, NowBoardQuery, NowEventsSubscription } from './Now.gql'

export type Arc = NowArcFragment
export type Told = NowEventsSubscription['subSessionEvents']

/** Something that happened, as the feed tells it. */
export interface Happening {
  key: string
  change: NonNullable<Told['change']>
  at: string
  arc: Arc | null
  /** How often it happened in a row: work that goes on is told once. */
  times: number
}

/** What the page shows. Nothing of it grows beyond a bound. */
export interface Board {
  open: readonly Arc[]
  /** Whether more is open than is shown: how much, only the server knows. */
  beyond: boolean
  finished: readonly Arc[]
  feed: readonly Happening[]
}

export const EMPTY: Board = { open: [], beyond: false, finished: [], feed: [] }
export const OPEN_SHOWN = 40
const FINISHED_SHOWN = 8
const FEED_SHOWN = 25

const endOf = (arc: Arc): string => arc.endedAt ?? arc.lastActivityAt

/** Newest first by what does not change while one looks, so that no row jumps. */
const byStart = (a: Arc, b: Arc): number => b.startedAt.localeCompare(a.startedAt) || a.id.localeCompare(b.id)
const byEnd = (a: Arc, b: Arc): number => endOf(b).localeCompare(endOf(a)) || a.id.localeCompare(b.id)

const sorted = (arcs: readonly Arc[], now: number): Pick<Board, 'open' | 'finished'> => ({
  open: arcs
    .filter((arc) => arc.state === 'OPEN')
    .sort(byStart)
    .slice(0, OPEN_SHOWN),
  finished: arcs
    .filter((arc) => arc.state !== 'OPEN' && arc.state !== 'MERGED')
    .filter((arc) => now - Date.parse(endOf(arc)) < DAY_MS)
    .sort(byEnd)
    .slice(0, FINISHED_SHOWN),
})

/** What the server has now; what was told meanwhile stays told. */
export function read(board: Board, answer: NowBoardQuery, now: number): Board {
  const { open, closed, scored, excluded } = answer
  const found = [closed, scored, excluded, open].flatMap(({ nodes }) => nodes)
  const arcs = new Map(found.map((arc) => [arc.id, arc]))
  return { ...board, beyond: open.totalCount > OPEN_SHOWN, ...sorted([...arcs.values()], now) }
}

/** Puts what was told in its place. */
export function tell(board: Board, events: readonly Told[], now: number): Board {
  const arcs = new Map([...board.finished, ...board.open].map((arc) => [arc.id, arc]))
  let feed = board.feed
  for (const event of events) {
    if (event.resync || !event.subSessionId) continue
    if (event.subSession) arcs.set(event.subSession.id, event.subSession)
    else arcs.delete(event.subSessionId)
    feed = noted(feed, event)
  }
  const all = [...arcs.values()]
  const beyond = board.beyond || all.filter(({ state }) => state === 'OPEN').length > OPEN_SHOWN
  return { beyond, ...sorted(all, now), feed }
}

/** The most telling first: of what is told of an arc at one moment the feed says one thing. */
const TELLING: readonly Happening['change'][] = [
  'MERGED',
  'SCORED',
  'CLOSED',
  'OPENED',
  'REWORKED',
  'FLAGGED',
  'RELABELLED',
  'UPDATED',
]

function noted(feed: readonly Happening[], event: Told): readonly Happening[] {
  const { change, at, cursor, subSession: arc } = event
  if (!change || !at) return feed
  const fits = (one: Happening) =>
    one.arc?.id === arc?.id && (one.at === at || (change === 'UPDATED' && one.change === change))
  const before = feed.find(fits)
  const rest = before ? feed.filter((one) => one !== before) : feed
  const said = before && TELLING.indexOf(before.change) < TELLING.indexOf(change) ? before.change : change
  const times = said === 'UPDATED' ? (before?.times ?? 0) + 1 : 1
  return [{ key: cursor, change: said, at, arc: arc ?? null, times }, ...rest].slice(0, FEED_SHOWN)
}
