import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

interface Place {
  top: number
  /** Pages of the list that were shown. */
  pages: number
}

const WAIT_MS = 100

/** Where one was when one left this step of the history; null where one comes for the first time. */
export const keptPlace = (): Place | null => (history.state as { place?: Place } | null)?.place ?? null

/**
 * Leads a list back to where it was left, once `ready`: the place is kept in its own step of the history, so the way
 * back finds it and a new visit begins at the top.
 */
export function useKeptPlace(ready: boolean, pages: number): void {
  const wanted = useRef(keptPlace())
  useLayoutEffect(() => {
    if (!ready || !wanted.current) return
    scrollTo(0, wanted.current.top)
    wanted.current = null
  }, [ready])
  useEffect(() => {
    if (!ready) return
    const step = location.hash
    let timer = 0
    const keep = () => {
      clearTimeout(timer)
      timer = 0
      if (location.hash === step) history.replaceState({ place: { top: scrollY, pages } }, '')
    }
    const scrolled = () => {
      timer ||= window.setTimeout(keep, WAIT_MS)
    }
    // A click may lead elsewhere before the wait is over.
    addEventListener('scroll', scrolled, { passive: true })
    addEventListener('click', keep, { capture: true })
    return () => {
      clearTimeout(timer)
      removeEventListener('scroll', scrolled)
      removeEventListener('click', keep, { capture: true })
    }
  })
}
