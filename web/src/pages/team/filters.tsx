import type { ComponentChildren } from 'preact'
import { look } from './address'

/** A row of filters; `developer` is whose things alone are shown, whose address is `email` once that is known. */
export function Filters(props: {
  query: URLSearchParams
  email?: string | undefined
  children: ComponentChildren
}) {
  const { query, email, children } = props
  return (
    <div class="row team-filters">
      {children}
      {query.get('developer') && (
        <button type="button" onClick={() => look(query, { developer: null })}>
          Of {email ?? 'one developer'} <span aria-hidden="true">×</span>
          <span class="hidden">: show everybody’s</span>
        </button>
      )}
    </div>
  )
}

const DAY_MS = 86_400_000

/** So many days before or, with a negative number, after now. */
export const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()
