import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ViewerQuery } from './Viewer.gql'

export type Viewer = ViewerQuery['viewer']

export const ViewerContext = createContext<Viewer | null>(null)

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext)
  if (!viewer) throw new Error('nobody is signed in')
  return viewer
}

/** Whether the key may do this: look before asking for a field that needs it, since a refused one empties its parent. */
export function useMay(scope: string): boolean {
  const { scopes } = useViewer()
  return scopes.includes('*') || scopes.includes(scope)
}
