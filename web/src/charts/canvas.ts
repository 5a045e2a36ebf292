import { useEffect, useState } from 'preact/hooks'

/** A canvas knows no variables of styles: what a colour such as `var(--c1)` comes to here and now. */
export function inkOf(element: HTMLElement, colour: string, opacity = 1): string {
  const probe = document.createElement('span')
  probe.style.color = `color-mix(in srgb, ${colour} ${opacity * 100}%, transparent)`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Changes when the person's scheme does: a canvas has to be drawn anew then. */
export function useScheme(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setDark(scheme.matches)
    scheme.addEventListener('change', changed)
    return () => scheme.removeEventListener('change', changed)
  }, [])
  return dark
}
