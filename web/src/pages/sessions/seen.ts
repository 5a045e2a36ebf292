import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Heights } from './heights'
import { useMeasured } from './measured'
import type { Source } from './source'
import type { Told } from './telling'

const GUESS = 64
/** Rows beyond what is seen, on either side. */
const BEYOND = 6

export interface Range {
  first: number
  last: number
}

interface Watched {
  box: RefObject<HTMLDivElement | null>
  source: Source
  count: number
  /** The row where the keyboard is. */
  active: number
  onSeen: (told: Told | undefined) => void
}

/**
 * The rows around what is seen of a list. Heights are guessed until a row is there, then measured; what is seen stays
 * where it is when rows above turn out otherwise, and at the end one stays at the end.
 */
export function useSeen({ box, source, count, active, onSeen }: Watched) {
  const heights = useRef(new Heights(count, GUESS))
  const atEnd = useRef(false)
  const [range, setRange] = useState<Range>({ first: 0, last: 20 })
  const [, redraw] = useState(0)
  if (heights.current.count !== count) heights.current = heights.current.resized(count)
  const look = () => {
    const shown = box.current
    if (!shown) return
    const top = heights.current.at(shown.scrollTop)
    const bottom = shown.scrollTop + shown.clientHeight
    const first = Math.max(0, top - BEYOND)
    const last = Math.min(count - 1, heights.current.at(bottom) + BEYOND)
    atEnd.current = bottom > heights.current.total - GUESS
    setRange((now) => (now.first === first && now.last === last ? now : { first, last }))
    source.need(first, last, active)
    onSeen(source.get(top))
  }
  useLayoutEffect(() => {
    const shown = box.current
    if (shown && atEnd.current && shown.scrollTop > 0) shown.scrollTop = heights.current.total
    look()
  }, [source, count])
  useResized(box, look)
  useMeasured(box, heights, atEnd, () => redraw((times) => times + 1))
  const show = (index: number) => {
    if (box.current) bring(box.current, heights.current, index)
    look()
  }
  return { heights: heights.current, range, look, show }
}

/** Brings a row into sight, at the top if it is far away. */
function bring(shown: HTMLElement, heights: Heights, index: number): void {
  const top = heights.top(index)
  const up = top - shown.scrollTop
  const down = up + heights.of(index) - shown.clientHeight
  if (up < 0 || down > shown.clientHeight) shown.scrollTop = top
  else if (down > 0) shown.scrollTop += Math.min(down, up)
}

function useResized(box: RefObject<HTMLElement | null>, then: () => void): void {
  const latest = useRef(then)
  latest.current = then
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current())
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
}
