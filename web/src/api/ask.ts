import type { Connection } from './client'
import type { Document } from './document'
import type { Changed } from './hooks'
import { problem } from './problem'
import { HTTP } from './server'

/** Asks past the cache, which keeps all that it ever saw: for what is too much to keep. */
export async function ask<Result, Variables>(
  connection: Connection,
  document: Document<Result, Variables>,
  variables: Variables,
): Promise<Changed<Result>> {
  try {
    const answer = await fetch(HTTP, {
      method: 'POST',
      headers: { authorization: `Bearer ${connection.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: document.toString(), variables }),
    })
    const { data, errors } = await answer.json()
    if (!errors?.[0]) return { data, problem: null }
    const { code, requestId } = errors[0].extensions ?? {}
    return { data: null, problem: problem(code ?? '', errors[0].message, requestId) }
  } catch {
    return { data: null, problem: problem('NETWORK', 'The server does not answer.') }
  }
}
