import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { problem } from '../api/problem'
import { Problem, Waiting } from './parts'

/** A part whose code comes when it is first shown: what most people never open costs them nothing. */
export function later<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  let Shown: ComponentType<Props> | null = null
  return function Later(props: Props) {
    const [, redraw] = useState(0)
    const [failed, setFailed] = useState(false)
    const come = () => {
      setFailed(false)
      load().then(
        (module) => {
          Shown = module.default
          redraw((count) => count + 1)
        },
        () => setFailed(true),
      )
    }
    useEffect(() => {
      if (!Shown) come()
    }, [])
    if (Shown) return <Shown {...props} />
    if (!failed) return <Waiting />
    return <Problem problem={problem('NETWORK', 'This part could not be fetched.')} again={come} />
  }
}
