import type { Document } from '../../api/document'
import { useConnection } from '../../api/hooks'
import { type Problem, problem, problemOf, type UserError } from '../../api/problem'

/** A change of arcs, as it is sent and as it can be told: every one of them answers in the same shape. */
export interface Step {
  document: Document<unknown, never>
  input: object
  /** What was done, once it is. */
  said: string
}

/** `arcs` are those that the change left; `problem` says why it was not done, `at` which field to look at. */
export interface Done {
  arcs: readonly string[]
  problem: Problem | null
  at: Readonly<Record<string, string>>
}

interface Payload {
  subSession?: { id: string } | null
  subSessions?: readonly { id: string }[]
  userErrors: readonly UserError[]
}

const NOTHING: Done = { arcs: [], problem: null, at: {} }

export function useSteps(): (step: Step) => Promise<Done> {
  const { client } = useConnection()
  return async ({ document, input }) => {
    const answer = await client.mutation(document.toString(), { input }).toPromise()
    const [payload] = Object.values((answer.data ?? {}) as Record<string, Payload | null>)
    if (payload) return doneOf(payload)
    return { ...NOTHING, problem: problemOf(answer.error) ?? problem('', 'The server answered nothing.') }
  }
}

/** What to say below a form whose fields say the rest themselves. */
export function besides({ problem: told, at }: Done, fields: readonly string[]): Problem | null {
  const marked = told?.code === 'REFUSED' && Object.keys(at).some((field) => fields.includes(field))
  return marked ? { code: 'REFUSED', message: 'Change what is marked.', hint: '' } : told
}

export function doneOf(payload: Payload): Done {
  const arcs = [payload.subSession, ...(payload.subSessions ?? [])].flatMap((arc) => (arc ? [arc.id] : []))
  const { userErrors } = payload
  if (userErrors.length === 0) return { ...NOTHING, arcs }
  const at = Object.fromEntries(
    userErrors.flatMap(({ field, message }) => (field?.[0] ? [[field[0], message]] : [])),
  )
  const message = userErrors.map((error) => error.message).join(' ')
  return { ...NOTHING, problem: { code: 'REFUSED', message, hint: '' }, at }
}
