import { type Client, cacheExchange, createClient, fetchExchange } from '@urql/core'
import { createClient as createSocket, type Client as Socket } from 'graphql-ws'
import { forgetKey } from './key'
import { BAD_KEY, HTTP, SOCKET } from './server'
import { watched } from './silence'

/** Of how long a page waits before it tries again, in ms: doubled each time up to the second. */
const FIRST_WAIT = 250
const LONGEST_WAIT = 4_000
/** How long a connection stays that nothing is followed over. */
const IDLE_MS = 5_000
/** How often a connection is tried. */
const BEAT_MS = 15_000
/** How long an answer may take: more than the two minutes an insight may. A lost one would be waited for till the end. */
const ANSWER_MS = 150_000

/** Both ways to the server under one key: requests, and what is live. */
export interface Connection {
  key: string
  client: Client
  socket: Socket
  close: () => void
}

/** `refuse` is called once the server does not know the key any more, and never after the connection was closed. */
export function connect(key: string, refuse: () => void): Connection {
  let over = false
  const refused = () => {
    if (!over) refuse()
    over = true
  }
  const watch = watched(() => socket.terminate())
  const socket: Socket = createSocket({
    url: SOCKET,
    connectionParams: { apiKey: key },
    // From one page to the next the connection stays.
    lazyCloseTimeout: IDLE_MS,
    keepAlive: BEAT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (tries) => pause(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)),
    shouldRetry: (event) => (event as { code?: number }).code !== BAD_KEY,
    on: {
      ...watch.on,
      closed: (event) => {
        watch.heard()
        if ((event as { code?: number }).code === BAD_KEY) refused()
      },
    },
  })
  const client = createClient({
    url: HTTP,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
    fetch: async (input, init) => {
      const patience = AbortSignal.timeout(ANSWER_MS)
      const signal = init?.signal ? AbortSignal.any([init.signal, patience]) : patience
      const answer = await fetch(input, { ...init, signal })
      if (answer.status === 401) refused()
      return answer
    },
    // What is live is followed by `useLive`, over the socket.
    exchanges: [cacheExchange, fetchExchange],
  })
  const close = () => {
    over = true
    void socket.dispose()
  }
  return { key, client, socket, close }
}

export function signOut(connection: Connection): void {
  forgetKey()
  connection.close()
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms * (0.75 + Math.random() / 2)))
