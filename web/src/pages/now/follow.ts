import { useEffect, useRef, useState } from 'preact/hooks'
import { type Liveness, useConnection, useLive } from '../../api/hooks'
import { type Problem, problemOf } from '../../api/problem'
import { daysAgo } from '../../time'
import { type Board, EMPTY, OPEN_SHOWN, read, type Told, tell } from './board'
import { NowBoardDocument, type NowBoardQuery, NowEventsDocument } from './Now.gql'

/** Arcs may last for days: what ended within a day began within so many, as a rule. */
const BEGAN_DAYS = 7
/** Of an import comes much at once: it is shown together. */
const GATHER_MS = 50

export interface Followed {
  board: Board
  /** Whether anything was ever captured; null until that is known. */
  any: boolean | null
  state: Liveness
  problem: Problem | null
  again: () => void
}

/**
 * What is going on, as it goes on. Whatever is told while the page is being read waits, so that an older answer never
 * hides newer news. `onNews` is called for what changes a day's figures.
 */
export function useBoard(sessions: boolean, onNews: () => void): Followed {
  const { client } = useConnection()
  const [board, setBoard] = useState<Board>(EMPTY)
  const [any, setAny] = useState<boolean | null>(null)
  const [wrong, setWrong] = useState<Problem | null>(null)
  const waiting = useRef<Told[]>([])
  // The read under way; whatever it answers counts only while it still stands here.
  const reading = useRef<symbol | null>(null)
  const timer = useRef(0)

  const show = () => {
    timer.current = 0
    const events = waiting.current.splice(0)
    if (!events.length) return
    setBoard((shown) => tell(shown, events, Date.now()))
    setAny(true)
    onNews()
  }
  const load = async () => {
    const mine = Symbol()
    reading.current = mine
    const since = daysAgo(BEGAN_DAYS)
    const asked = client.query<NowBoardQuery>(
      NowBoardDocument.toString(),
      { since, sessions },
      { requestPolicy: 'network-only' },
    )
    const { data, error } = await asked.toPromise()
    if (reading.current !== mine) return
    reading.current = null
    setWrong(data ? null : problemOf(error))
    if (data) {
      setBoard((shown) => read(shown, data, Date.now()))
      setAny(data.any.nodes.length > 0)
    }
    show()
  }
  const took = (event: Told) => {
    if (event.resync) return void load().then(onNews)
    waiting.current.push(event)
    if (!reading.current && !timer.current) timer.current = window.setTimeout(show, GATHER_MS)
  }
  const live = useLive(
    NowEventsDocument,
    { after: null as string | null, sessions },
    ({ subSessionEvents }) => subSessionEvents.cursor,
    ({ subSessionEvents }) => took(subSessionEvents),
  )
  useEffect(() => {
    void load()
    return () => {
      reading.current = Symbol()
      clearTimeout(timer.current)
    }
  }, [])
  const short = board.beyond && board.open.length < OPEN_SHOWN
  useEffect(() => {
    // Others come up in the places of those that ended.
    if (short) void load()
  }, [short])
  return { board, any, state: live.state, problem: wrong ?? live.problem, again: () => void load() }
}
