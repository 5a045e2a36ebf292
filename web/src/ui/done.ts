import { useState } from 'preact/hooks'
import { type Problem, refused, type UserError } from '../api/problem'
import { say } from './said'

type Payload = { userErrors: readonly UserError[] } | null | undefined

/** What stands against the last change, and `done`: whether one was made. It says `text` then. */
export function useDone() {
  const [wrong, setWrong] = useState<Problem | null>(null)
  const done = (problem: Problem | null, payload: Payload, text?: string): boolean => {
    const against = problem ?? refused(payload)
    setWrong(against)
    if (!against && text) say(text)
    return !against
  }
  return { wrong, done }
}
