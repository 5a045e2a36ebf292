import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

const EDGE = 8
/** Puts away the one that is shown: there is one at a time. */
let putAway = () => {}

/** A word or number with its explanation, on hover and on focus; Escape puts it away. With `href` it leads somewhere. */
export function Tip({ text, href, children }: { text: string; href?: string; children: ComponentChildren }) {
  const id = useId()
  const [shown, setShown] = useState(false)
  const anchor = useRef<HTMLSpanElement>(null)
  const box = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    if (shown && anchor.current && box.current) place(box.current, anchor.current.getBoundingClientRect())
  }, [shown, text])
  // Before anything is painted: of two at once one would cover the other.
  useLayoutEffect(() => {
    if (!shown) return
    const hide = () => setShown(false)
    // Also where the pointer rests on it and the focus is elsewhere.
    const escaped = (event: KeyboardEvent) => event.key === 'Escape' && hide()
    putAway()
    putAway = hide
    addEventListener('keydown', escaped)
    addEventListener('scroll', hide, { capture: true, passive: true })
    return () => {
      if (putAway === hide) putAway = () => {}
      removeEventListener('keydown', escaped)
      removeEventListener('scroll', hide, { capture: true })
    }
  }, [shown])
  const said = {
    'aria-describedby': id,
    onFocus: () => setShown(true),
    onBlur: () => setShown(false),
  }
  return (
    <span
      class="tip"
      ref={anchor}
      onPointerEnter={() => setShown(true)}
      onPointerLeave={() => setShown(anchor.current?.contains(document.activeElement) ?? false)}
    >
      {href ? (
        <a href={href} {...said}>
          {children}
        </a>
      ) : (
        <button type="button" {...said}>
          {children}
        </button>
      )}
      <span role="tooltip" id={id} ref={box} hidden={!shown}>
        {text}
      </span>
    </span>
  )
}

/** Below what it explains, or above where there is no room; never beyond an edge of the window. */
function place(box: HTMLElement, anchor: DOMRect): void {
  const { clientWidth, clientHeight } = document.documentElement
  const left = Math.min(anchor.left, clientWidth - box.offsetWidth - EDGE)
  const below = anchor.bottom + box.offsetHeight + EDGE <= clientHeight
  box.style.left = `${Math.max(EDGE, left)}px`
  box.style.top = `${below ? anchor.bottom : Math.max(EDGE, anchor.top - box.offsetHeight)}px`
}
