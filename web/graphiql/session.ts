/** Whose key is used: asked once for each, and kept by the tab as the dashboard keeps it. */
import { useCallback, useEffect, useState } from 'react'
import { canBeKey, forgetKey, keepKey, storedKey } from '../src/api/key'
import { ViewerDocument, type ViewerQuery } from '../src/app/Viewer.gql'
import { answerOf, post } from './post'

export type Session =
  | { state: 'none' | 'asking'; problem: string | null }
  | { state: 'known'; key: string; email: string; organisation: string; problem: null }

const UNKNOWN = 'The server does not know this key. Paste one that is in use.'
const ENDED = 'This key is no longer in use. Paste another one.'

export function useSession() {
  const [session, setSession] = useState<Session>({
    state: storedKey() ? 'asking' : 'none',
    problem: null,
  })
  const enter = useCallback(async (key: string) => {
    setSession({ state: 'asking', problem: null })
    setSession(await begun(key))
  }, [])
  const refused = useCallback(() => {
    forgetKey()
    setSession({ state: 'none', problem: ENDED })
  }, [])
  useEffect(() => {
    const key = storedKey()
    if (key) void enter(key)
  }, [enter])
  return { session, enter, refused }
}

/** Nothing of what was shown outlives the key: the page begins anew. */
export function signOut(): void {
  forgetKey()
  location.reload()
}

async function begun(key: string): Promise<Session> {
  const none = (problem: string): Session => ({ state: 'none', problem })
  if (!canBeKey(key)) return none(UNKNOWN)
  const response = await post({ query: ViewerDocument.toString() }, key).catch(() => null)
  if (response?.status === 401) {
    forgetKey()
    return none(UNKNOWN)
  }
  const answer = await answerOf(response)
  const viewer = (answer.data as ViewerQuery | null | undefined)?.viewer
  if (!viewer) return none(answer.errors?.[0]?.message ?? 'The server does not say whose key this is.')
  keepKey(key)
  return { state: 'known', key, email: viewer.email, organisation: viewer.organisation.slug, problem: null }
}
