import { useEffect, useState } from 'preact/hooks'
import { type Problem, problem } from '../api/problem'

export interface Fetched<Value> {
  /** Undefined until it is there. */
  value: Value | undefined
  problem: Problem | null
  again: () => void
}

/**
 * Code that comes when it is first needed: what most people never open costs them nothing. `kept` holds what has come,
 * by name, for who needs it next; without `load` there is nothing to fetch.
 */
export function useFetched<Value>(
  name: string,
  kept: Map<string, Value>,
  load: (() => Promise<Value>) | undefined,
  what = 'This part',
): Fetched<Value> {
  const [, redraw] = useState(0)
  const [failed, setFailed] = useState<string | null>(null)
  const come = () => {
    setFailed(null)
    load?.().then(
      (value) => {
        kept.set(name, value)
        redraw((count) => count + 1)
      },
      () => setFailed(name),
    )
  }
  const value = kept.get(name)
  useEffect(() => {
    // As it was drawn: what has come since then is not shown yet.
    if (value === undefined) come()
  }, [name])
  const wrong =
    failed === name ? { ...problem('NETWORK', `${what} could not be fetched.`), hint: HINT } : null
  return { value, problem: wrong, again: come }
}

const HINT = 'The server may have been updated or be down. Reload, or try again in a moment.'
