import type { ComponentChildren } from 'preact'
import { useEffect, useErrorBoundary } from 'preact/hooks'
import { Problem } from '../ui/parts'

const FAILED = {
  code: 'PAGE',
  message: 'This page cannot be shown.',
  hint: 'Its address may say what no page understands. Try again, or choose another page.',
}

/** A page that fails takes nothing else with it; elsewhere, `place` being another one, it is tried anew. */
export function Guarded({ place, children }: { place: string; children: ComponentChildren }) {
  const [error, again] = useErrorBoundary((reason) => reportError(reason))
  useEffect(() => {
    if (error) again()
  }, [place])
  return error ? <Problem problem={FAILED} again={again} /> : <>{children}</>
}
