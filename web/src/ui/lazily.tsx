import type { ComponentType } from 'preact'
import { useFetched } from './fetched'
import { Problem, Waiting } from './parts'

/** A part of a page that is fetched when it is first shown: who reads a list needs no builder. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  const kept = new Map<string, ComponentType<Props>>()
  return function Lazily(props: Props) {
    const { value: Shown, problem, again } = useFetched('', kept, load)
    if (Shown) return <Shown {...props} />
    return problem ? <Problem problem={problem} again={again} /> : <Waiting />
  }
}
