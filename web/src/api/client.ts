import { type Client, cacheExchange, createClient, fetchExchange } from '@urql/core'
import { createClient as createSocket, type Client as Socket } from 'graphql-ws'
import { forgetKey } from './key'
import { BAD_KEY, HTTP, SOCKET } from './server'

/** Of how long a page waits before it tries again, in ms: doubled each time up to the second. */
const FIRST_WAIT = 250
const LONGEST_WAIT = 4_000
/** How long a connection stays that nothing is followed over. */
const IDLE_MS = 5_000
/** How often a connection is tried, and how long it may be silent then. */
const BEAT_MS = 15_000
const SILENCE_MS = 5_000
const SILENT = 4408

/** Both ways to the server under one key: requests, and what is live. */
export interface Connection {
  key: string
  client: Client
  socket: Socket
  close: () => void
}

/** `refuse` is called once the server does not know the key any more, and never after the connection was closed. */
export function connect(key: string, refuse: () => void): Connection {
  const watch = watched()
  let over = false
  const refused = () => {
    if (!over) refuse()
    over = true
  }
  const socket = createSocket({
    url: SOCKET,
    connectionParams: { apiKey: key },
    // From one page to the next the connection stays.
    lazyCloseTimeout: IDLE_MS,
    keepAlive: BEAT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (tries) => pause(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)),
    shouldRetry: (event) => (event as { code?: number }).code !== BAD_KEY,
    on: {
      ...watch,
      closed: (event) => {
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
      const answer = await fetch(input, init)
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

/** Closes a connection over which no answer to a beat comes: a network that went away says nothing by itself. */
function watched() {
  let open: WebSocket | null = null
  let timer = 0
  return {
    opened: (socket: unknown) => {
      open = socket as WebSocket
      clearTimeout(timer)
    },
    ping: (received: boolean) => {
      if (!received) timer = window.setTimeout(() => open?.close(SILENT, 'no answer'), SILENCE_MS)
    },
    pong: (received: boolean) => {
      if (received) clearTimeout(timer)
    },
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms * (0.75 + Math.random() / 2)))
