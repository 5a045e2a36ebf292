import type { CombinedError } from '@urql/core'

/** What went wrong, in words for people: what happened, and what to do. */
export interface Problem {
  code: string
  message: string
  hint: string
}

const HINTS: Record<string, string> = {
  UNAUTHENTICATED: 'Sign in again with a key that is in use.',
  FORBIDDEN: 'Use a key with this right, or ask whoever runs the server for one.',
  NOT_FOUND: 'It may be deleted, or out of reach of this key.',
  BAD_USER_INPUT: 'Look again at what was entered, or at the address of this page.',
  TOO_MANY_REQUESTS: 'Wait a moment, then try again.',
  QUERY_TOO_COMPLEX: 'Ask for less: a shorter time range or fewer rows.',
  UNAVAILABLE: 'It may be starting anew; /readyz tells how the server is.',
  NETWORK: 'Check that the server is running and reachable, then try again.',
}
const OTHER = 'Try again. If it stays, give whoever runs the server the request id.'

export function problem(code: string, message: string, requestId?: unknown): Problem {
  const hint = HINTS[code] ?? OTHER
  return {
    code,
    message,
    hint: requestId && !HINTS[code] ? `${hint} Request id: ${String(requestId)}` : hint,
  }
}

/** The first of what a request failed with. */
export function problemOf(error: CombinedError | undefined): Problem | null {
  if (!error) return null
  const first = error.graphQLErrors[0]
  if (!first) return problem('NETWORK', 'The server does not answer.')
  const { code, requestId } = first.extensions as { code?: string; requestId?: string }
  return problem(code ?? 'INTERNAL_SERVER_ERROR', first.message, requestId)
}

export interface UserError {
  message: string
  field?: readonly string[] | null
}

/** What a change was refused for, by its payload. */
export function refused(payload: { userErrors: readonly UserError[] } | null | undefined): Problem | null {
  const first = payload?.userErrors[0]
  return first ? { code: 'REFUSED', message: first.message, hint: '' } : null
}
