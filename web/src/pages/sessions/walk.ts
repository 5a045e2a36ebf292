import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

const LEAP = 10

/** A row to go to; another object for the same row goes there again. */
export interface Going {
  index: number
}

interface Walked {
  box: RefObject<HTMLDivElement | null>
  count: number
  active: number
  going: Going | null
  onActive: (index: number) => void
  /** Brings a row into sight. */
  show: (index: number) => void
}

/** Goes from row to row: `step` by keys, and to where `going` says. Rows need to be drawn before they have the focus. */
export function useWalk({ box, count, active, going, onActive, show }: Walked) {
  const wanted = useRef(-1)
  const go = (index: number) => {
    wanted.current = index
    onActive(index)
    show(index)
  }
  useLayoutEffect(() => {
    if (!going) return
    box.current?.scrollIntoView({ block: 'nearest' })
    go(going.index)
  }, [going])
  useLayoutEffect(() => {
    if (wanted.current < 0) return
    const row = box.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (!row) return
    wanted.current = -1
    row.focus({ preventScroll: true })
  })
  /** Whether the key leads to another row. */
  const step = (key: string): boolean => {
    const next = nextOf(key, active, count)
    if (next !== null) go(next)
    return next !== null
  }
  return { step, underWay: wanted.current >= 0 }
}

function nextOf(key: string, active: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + LEAP,
    PageUp: active - LEAP,
    Home: 0,
    End: count - 1,
  }
  const next = steps[key]
  return next === undefined ? null : Math.max(0, Math.min(count - 1, next))
}
