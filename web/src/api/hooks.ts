import { type AnyVariables, useMutation, useQuery } from '@urql/preact'
import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import type { Connection } from './client'
import type { Document } from './document'
import { type Problem, problem, problemOf } from './problem'

export const ConnectionContext = createContext<Connection | null>(null)

export function useConnection(): Connection {
  const connection = useContext(ConnectionContext)
  if (!connection) throw new Error('no connection above')
  return connection
}

export interface Read<Result> {
  /** The last answer, also while a newer one is under way. */
  data: Result | undefined
  problem: Problem | null
  /** Whether nothing was answered yet. */
  loading: boolean
  again: () => void
}

/** Reads, and reads again when a change touched what was read. */
export function useRead<Result, Variables extends AnyVariables>(
  document: Document<Result, Variables>,
  variables: Variables,
  pause = false,
): Read<Result> {
  const [state, run] = useQuery<Result, AnyVariables>({
    query: document.toString(),
    variables: variables ?? {},
    pause,
  })
  return {
    data: state.data,
    problem: problemOf(state.error),
    loading: state.fetching && state.data === undefined,
    again: () => run({ requestPolicy: 'network-only' }),
  }
}

export type Changed<Result> = { data: Result; problem: null } | { data: null; problem: Problem }

/** A change to call, and whether one is under way. What is refused in a payload is told by `refused` of ./problem. */
export function useChange<Result, Variables extends AnyVariables>(
  document: Document<Result, Variables>,
): [(variables: Variables) => Promise<Changed<Result>>, boolean] {
  const [state, run] = useMutation<Result, AnyVariables>(document.toString())
  const change = async (variables: Variables): Promise<Changed<Result>> => {
    const answer = await run(variables ?? {})
    const wrong = problemOf(answer.error)
    if (wrong) return { data: null, problem: wrong }
    if (!answer.data)
      return { data: null, problem: problem('INTERNAL_SERVER_ERROR', 'The server answered nothing.') }
    return { data: answer.data, problem: null }
  }
  return [change, state.fetching]
}

/** `gone`: the connection is lost, and is being tried again. */
export type Liveness = 'connecting' | 'live' | 'gone'

/**
 * Follows a subscription whose events have a cursor, over every loss of the connection: it goes on after the last
 * event seen, so nothing is missed and nothing comes twice. `start` is where to begin; null follows from now on.
 */
export function useLive<Result, Variables extends { after?: string | null | undefined }>(
  document: Document<Result, Variables>,
  variables: Variables,
  cursorOf: (result: Result) => string | null | undefined,
  onEvent: (result: Result) => void,
  pause = false,
): { state: Liveness; problem: Problem | null } {
  const { socket } = useConnection()
  const [state, setState] = useState<Liveness>('connecting')
  const [wrong, setWrong] = useState<Problem | null>(null)
  const latest = useRef(onEvent)
  latest.current = onEvent
  const query = document.toString()
  const key = JSON.stringify(variables)
  useEffect(() => {
    setWrong(null)
    if (pause) return
    // The client sends this very object again after a loss: so it always holds the last cursor.
    const following = { ...variables }
    const stops = [
      socket.on('connected', () => setState('live')),
      socket.on('closed', () => setState('gone')),
      socket.subscribe<Result>(
        { query, variables: following },
        {
          next: ({ data, errors }) => {
            setState('live')
            if (errors?.[0]) setWrong(problem(String(errors[0].extensions?.code ?? ''), errors[0].message))
            if (!data) return
            const cursor = cursorOf(data)
            if (cursor) following.after = cursor
            latest.current(data)
          },
          error: (reason) => setWrong(problemOfReason(reason)),
          complete: () => {},
        },
      ),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [socket, query, key, pause])
  return { state, problem: wrong }
}

function problemOfReason(reason: unknown): Problem {
  if (Array.isArray(reason) && reason[0]?.message) {
    return problem(String(reason[0].extensions?.code ?? ''), reason[0].message)
  }
  return problem('NETWORK', 'The live connection was lost.')
}
