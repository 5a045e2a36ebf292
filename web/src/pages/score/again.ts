import { useEffect, useRef } from 'preact/hooks'

/** Reads again whenever `stamp` grows: something was told that changes the numbers. */
export function useAgain(stamp: number, again: () => void): void {
  const seen = useRef(stamp)
  const latest = useRef(again)
  latest.current = again
  useEffect(() => {
    if (stamp === seen.current) return
    seen.current = stamp
    latest.current()
  }, [stamp])
}
