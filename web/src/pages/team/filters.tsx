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
