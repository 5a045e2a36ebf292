import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { problem } from '../api/problem'
import { Problem, Waiting } from './parts'

/** A part of a page that is fetched when it is first shown: who reads a list needs no builder. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let loaded: ComponentType<Props> | null = null
  return function Lazily(props: Props) {
    const [, redraw] = useState(0)
    const [failed, setFailed] = useState(false)
    const fetchIt = () => {
      setFailed(false)
      load().then(
        (component) => {
          loaded = component
          redraw((count) => count + 1)
        },
        () => setFailed(true),
      )
    }
    useEffect(() => {
      if (!loaded) fetchIt()
    }, [])
    if (loaded) {
      const Shown = loaded
      return <Shown {...props} />
    }
    if (failed)
      return <Problem problem={problem('NETWORK', 'This part could not be fetched.')} again={fetchIt} />
    return <Waiting />
  }
}
