import { useEffect, useState } from 'preact/hooks'

/** A value that several components watch. */
export function signal<Value>(first: Value) {
  let value = first
  const watching = new Set<(value: Value) => void>()
  return {
    get: (): Value => value,
    set: (next: Value): void => {
      value = next
      for (const tell of watching) tell(next)
    },
    use: (): Value => {
      const [shown, show] = useState(value)
      useEffect(() => {
        watching.add(show)
        show(value)
        return () => void watching.delete(show)
      }, [])
      return shown
    },
  }
}

export type Signal<Value> = ReturnType<typeof signal<Value>>
