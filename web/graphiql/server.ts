/** How GraphiQL asks: over HTTP, and over a socket where it follows; under one key, unless a request brings its own. */
import type { Fetcher, FetcherParams } from '@graphiql/toolkit'
import { getIntrospectionQuery, getOperationAST, parse } from 'graphql'
import { createClient, type Sink } from 'graphql-ws'
import { BAD_KEY, SOCKET } from '../src/api/server'
import { type Answer, answerOf, post, secretIn } from './post'

/** The library's own question leaves out which inputs take one field only. */
const WHOLE_SCHEMA = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })

export interface Asking {
  key: string | null
  /** Is called once the server does not know `key` any more. */
  refused: () => void
  /** Is told what each question for the schema was answered with. */
  onSchema: (answer: Answer) => void
}

type Request = FetcherParams & { operationName: string | null }

export function fetcherFor(asking: Asking): Fetcher {
  return async (params, options) => {
    const headers = new Headers(options?.headers)
    const secret = secretIn(headers) ?? asking.key
    if (!secret) throw saying('Enter a key at the top of the page, then run this again.')
    const operation = operationOf(params)
    const operationName = operation ? operation.name?.value : params.operationName
    const isForSchema = params.operationName === 'IntrospectionQuery' && !options?.documentAST
    const query = isForSchema ? WHOLE_SCHEMA : params.query
    const request = { ...params, query, operationName: operationName ?? null }
    if (operation?.operation === 'subscription') return follow(request, secret, asking) as never
    const response = await post(request, secret, headers).catch(() => null)
    if (response?.status === 401 && secret === asking.key) asking.refused()
    const answer = await answerOf(response)
    if (isForSchema) asking.onSchema(answer)
    return answer as never
  }
}

/** A socket for each subscription: it is closed with it, and a loss is told rather than papered over. */
function follow(request: Request, secret: string, asking: Asking) {
  return {
    subscribe: (sink: Sink<unknown>) => {
      const client = createClient({ url: SOCKET, connectionParams: { apiKey: secret }, retryAttempts: 0 })
      const stop = client.subscribe(
        { ...request, variables: request.variables ?? {} },
        {
          next: (value) => sink.next(value),
          error: (reason) => {
            if (codeOf(reason) === BAD_KEY && secret === asking.key) asking.refused()
            sink.error(told(reason))
          },
          complete: () => sink.complete(),
        },
      )
      return { unsubscribe: stop }
    },
  }
}

/** The editor may still name the operation of the tab before: where there is only one, that is the one. */
function operationOf({ query, operationName }: FetcherParams) {
  try {
    const document = parse(query)
    return getOperationAST(document, operationName) ?? getOperationAST(document)
  } catch {
    return null // the server says what is wrong
  }
}

const codeOf = (reason: unknown): number | undefined => (reason as { code?: number } | null)?.code

function told(reason: unknown): unknown {
  if (codeOf(reason) === BAD_KEY) return saying('The server does not know this key.')
  if (reason instanceof CloseEvent) return saying(`The stream ended (${reason.code}). Run it again.`)
  return reason
}

/** The editor shows all that an error brings: here that is what one can read. */
function saying(message: string): Error {
  const error = new Error(message)
  delete error.stack
  return error
}
