/** One request over HTTP, under one key unless it brings its own. */
import { HTTP } from '../src/api/server'

export interface Answer {
  data?: Record<string, unknown> | null
  errors?: readonly { message: string; extensions?: { code?: string } }[]
}

const NO_ANSWER = 'The server does not answer. Check that it is running, then try again.'

export const secretIn = (headers: Headers): string | null =>
  headers.get('authorization')?.replace(/^bearer\s+/i, '') ?? headers.get('x-api-key')

export async function post(
  params: { query: string },
  secret: string,
  headers = new Headers(),
): Promise<Response> {
  if (!secretIn(headers)) headers.set('authorization', `Bearer ${secret}`)
  headers.set('content-type', 'application/json')
  headers.set('accept', 'application/json')
  return fetch(HTTP, { method: 'POST', headers, body: JSON.stringify(params) })
}

/** Also where nothing came, or something that is no answer, such as the page of a proxy. */
export async function answerOf(response: Response | null): Promise<Answer> {
  return (await response?.json().catch(() => null)) ?? { errors: [{ message: NO_ANSWER }] }
}
