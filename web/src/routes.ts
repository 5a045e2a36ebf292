import { useEffect, useState } from 'preact/hooks'

/**
 * Where one is, as it stands after the `#`: `#/arcs/ID?state=OPEN`. What follows the `#` never leaves the browser, so no
 * search lands in a server's log, and the dashboard works below any path.
 */
export interface Route {
  page: string
  id: string | null
  query: URLSearchParams
}

export const PAGES = ['now', 'score', 'arcs', 'sessions', 'insights', 'reports', 'team'] as const
export type Page = (typeof PAGES)[number]

export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [page, id] = path.split('/')
  return { page: page || 'now', id: id ? decoded(id) : null, query: new URLSearchParams(query) }
}

/** What is wrongly encoded is no id of anything, and is looked for as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

type Query = Record<string, string | number | boolean | null | undefined>

/** The address of a place; what is null, false or empty is left out of its query. */
export function href(page: Page, id?: string | null, query: Query = {}): string {
  const asked = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== false && value !== '',
  )
  const text = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString()
  return `#/${page}${id ? `/${encodeURIComponent(id)}` : ''}${text ? `?${text}` : ''}`
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = () => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return routeOf(hash)
}

export const go = (address: string): void => {
  location.hash = address
}

/** Goes there without a step to come back to: for filters that change while one types. */
export const replace = (address: string): void => {
  history.replaceState(null, '', address)
  dispatchEvent(new HashChangeEvent('hashchange'))
}
