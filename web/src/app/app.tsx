import { Provider } from '@urql/preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Connection, connect, signOut } from '../api/client'
import { ConnectionContext, useRead } from '../api/hooks'
import { canBeKey, forgetKey, keepKey, storedKey } from '../api/key'
import { problem, type Problem as Told } from '../api/problem'
import { href, replace, useRoute } from '../routes'
import { keptPlace } from '../scroll'
import { knownZone, ZoneContext } from '../time'
import { Problem, Waiting } from '../ui/parts'
import { Frame } from './frame'
import { Guarded } from './guarded'
import { Loaded, preload } from './loaded'
import { SignIn } from './sign_in'
import { ViewerDocument } from './Viewer.gql'
import { ViewerContext } from './viewer'

const UNKNOWN = problem('UNAUTHENTICATED', 'The server does not know this key.')
const ENDED = problem('UNAUTHENTICATED', 'This key is no longer in use.')

export function App() {
  const [key, setKey] = useState(storedKey)
  const known = useRef(false)
  const [wrong, setWrong] = useState<Told | null>(null)
  const connection = useMemo(
    () => (key ? connect(key, () => leave(known.current ? ENDED : UNKNOWN)) : null),
    [key],
  )
  const leave = (why: Told | null) => {
    if (connection) signOut(connection)
    forgetKey()
    known.current = false
    setWrong(why)
    setKey(null)
  }
  useEffect(() => () => connection?.close(), [connection])
  if (!key || !connection) {
    const enter = (given: string) => {
      if (!canBeKey(given)) return setWrong(UNKNOWN)
      setWrong(null)
      keepKey(given)
      setKey(given)
    }
    return <SignIn problem={wrong} onKey={enter} />
  }
  return (
    <Provider value={connection.client}>
      <ConnectionContext.Provider value={connection}>
        <Signed
          connection={connection}
          onKnown={() => {
            known.current = true
          }}
          onLeave={() => {
            // What was looked for is not for whoever comes next.
            replace(href('now'))
            leave(null)
          }}
        />
      </ConnectionContext.Provider>
    </Provider>
  )
}

/** Asks who one is before anything else: every page needs to know. */
function Signed({ onKnown, onLeave }: { connection: Connection; onKnown: () => void; onLeave: () => void }) {
  const route = useRoute()
  const { data, problem: wrong, again } = useRead(ViewerDocument, {})
  const viewer = useMemo(() => data && { ...data.viewer, timeZone: knownZone(data.viewer.timeZone) }, [data])
  const [zone, setZone] = useState<string | null>(null)
  useEffect(() => {
    if (data) onKnown()
  }, [data])
  // Its code comes while the server looks who this is.
  useEffect(() => preload(route.page), [])
  useEffect(() => {
    if (!keptPlace()) scrollTo(0, 0)
  }, [route.page, route.id])
  if (!viewer) {
    return <main>{wrong ? <Problem problem={wrong} again={again} /> : <Waiting what="Signing in" />}</main>
  }
  const shown = zone ?? viewer.timeZone
  return (
    <ViewerContext.Provider value={viewer}>
      <ZoneContext.Provider value={shown}>
        <Frame where={route.page} zone={shown} onZone={setZone} onLeave={onLeave}>
          <Guarded place={location.hash}>
            <Loaded route={route} />
          </Guarded>
        </Frame>
      </ZoneContext.Provider>
    </ViewerContext.Provider>
  )
}
