import { type Client, cacheExchange, createClient, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSocket, type Client as Socket } from 'graphql-ws'
import { forgetKey } from './key'

const HTTP = new URL('graphql', document.baseURI).href
const SOCKET = HTTP.replace(/^http/, 'ws')
const BAD_KEY = 4403
/** Of how long a page waits before it tries again, in ms: doubled each time up to the second. */
const FIRST_WAIT = 250
const LONGEST_WAIT = 4_000
/** How long a connection stays that nothing is followed over. */
const IDLE_MS = 5_000

/** Both ways to the server under one key: requests, and what is live. */
export interface Connection {
  key: string
  client: Client
  socket: Socket
  close: () => void
}

/** `refused` is called once the server does not know the key any more. */
export function connect(key: string, refused: () => void): Connection {
  const socket = createSocket({
    url: SOCKET,
    connectionParams: { apiKey: key },
    // From one page to the next the connection stays.
    lazyCloseTimeout: IDLE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (tries) => pause(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)),
    shouldRetry: (event) => (event as { code?: number }).code !== BAD_KEY,
    on: {
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
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink as never),
          }),
        }),
      }),
    ],
  })
  return { key, client, socket, close: () => void socket.dispose() }
}

/** An answer of the server outside GraphQL, such as a PDF, under the same key. */
export async function fetched(connection: Connection, path: string): Promise<Response> {
  return fetch(new URL(path, document.baseURI), { headers: { authorization: `Bearer ${connection.key}` } })
}

export function signOut(connection: Connection): void {
  forgetKey()
  connection.close()
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms * (0.75 + Math.random() / 2)))
