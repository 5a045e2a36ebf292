import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Heights } from './heights'

/** Measures each row that is there, and again when it changes; `grown` is told once for all that did. */
export function useMeasured(
  box: { current: HTMLDivElement | null },
  heights: { current: Heights },
  atEnd: { current: boolean },
  grown: () => void,
): void {
  const seen = useRef(new Set<Element>())
  const observer = useRef<ResizeObserver | null>(null)
  useEffect(() => () => observer.current?.disconnect(), [])
  useLayoutEffect(() => {
    const shown = box.current
    if (!shown) return
    observer.current ??= new ResizeObserver((entries) => {
      let above = 0
      let changed = false
      for (const { target, borderBoxSize } of entries) {
        const index = Number((target as HTMLElement).dataset.index)
        const height = borderBoxSize[0]?.blockSize ?? 0
        if (!height || !target.isConnected || Math.abs(height - heights.current.of(index)) < 0.5) continue
        const bottom = heights.current.top(index + 1)
        const more = heights.current.set(index, height)
        if (bottom <= shown.scrollTop + 1) above += more
        changed = true
      }
      if (!changed) return
      const inner = shown.firstElementChild as HTMLElement
      // Before what is scrolled to may lie beyond the old end.
      inner.style.height = `${heights.current.total}px`
      if (atEnd.current) shown.scrollTop = heights.current.total
      else if (above) shown.scrollTop += above
      grown()
    })
    const rows = new Set<Element>(shown.querySelectorAll('article'))
    for (const row of seen.current) if (!rows.has(row)) observer.current.unobserve(row)
    for (const row of rows) if (!seen.current.has(row)) observer.current.observe(row)
    seen.current = rows
  })
}
