import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { UserError } from '../../../api/problem'

/** What the server says against a query, by the place in it. */
export const WrongContext = createContext<readonly UserError[]>([])

/** The place of an error, from the kind of the query on, as texts joined by dots. */
export const placeOf = (error: UserError): string =>
  (error.field?.[0] === 'query' ? error.field.slice(1) : (error.field ?? [])).join('.')

/** Finds what stands against a place of the query; with `within` also against what lies in it. */
export function useWrongs(): (place: string, within?: boolean) => string | null {
  const errors = useContext(WrongContext)
  return (place, within = true) => {
    const found = errors.filter((error) => {
      const at = placeOf(error)
      return at === place || (within && at.startsWith(`${place}.`))
    })
    return found.length ? found.map(({ message }) => said(message)).join(' ') : null
  }
}

export const useWrong = (place: string, within = true): string | null => useWrongs()(place, within)

/** Messages begin with their place, which is seen here, and one names a field of another face. */
export const said = (message: string): string => {
  const bare = message.replace(/^[a-zA-Z]+(\.[a-zA-Z0-9]+)*: /, '')
  const named = bare.replace('a math_property', 'a number that it is taken of')
  return named.charAt(0).toUpperCase() + named.slice(1)
}
