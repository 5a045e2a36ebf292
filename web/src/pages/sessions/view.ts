import { useEffect, useRef, useState } from 'preact/hooks'
import { useWidth } from '../../charts/width'
import { panned, type Scale, type View, zoomed } from './scale'

const STEP = 1.5
/** So many pixels of a drag are still a click. */
const SHAKE = 4

/** What part of the picture is seen: moved by drag, pinch, wheel, arrows; zoomed by pinch, Ctrl and wheel, + and -. */
export function useView(scale: Scale) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [chosen, choose] = useState<View | null>(null)
  const whole = { from: 0, to: scale.total }
  const view = chosen && chosen.to <= scale.total ? chosen : whole
  const latest = useRef({ view, scale })
  latest.current = { view, scale }
  const zoom = (factor: number, around?: number) =>
    choose(zoomed(latest.current.view, latest.current.scale, factor, around))
  const pan = (share: number) => choose(panned(latest.current.view, latest.current.scale, share))
  useEffect(() => {
    const shown = box.current
    if (!shown) return
    // Only so may a listener keep the page from scrolling.
    const wheel = (event: WheelEvent) => {
      const across = Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (!across && !event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      if (across) pan(event.deltaX / shown.clientWidth)
      else zoom(1.002 ** event.deltaY, shareAt(shown, event.clientX))
    }
    shown.addEventListener('wheel', wheel, { passive: false })
    return () => shown.removeEventListener('wheel', wheel)
  }, [])
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const acts: Record<string, () => void> = {
      '+': () => zoom(1 / STEP),
      '=': () => zoom(1 / STEP),
      '-': () => zoom(STEP),
      '0': () => choose(null),
      ArrowLeft: () => pan(-0.2),
      ArrowRight: () => pan(0.2),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  return {
    box,
    width,
    view,
    whole: !chosen,
    closer: () => zoom(1 / STEP),
    farther: () => zoom(STEP),
    reset: () => choose(null),
    press,
    dragging: useDrag(box, zoom, pan),
  }
}

export const shareAt = (box: HTMLElement | null, x: number): number => {
  const { left, width } = box?.getBoundingClientRect() ?? { left: 0, width: 1 }
  return Math.min(1, Math.max(0, (x - left) / Math.max(1, width)))
}

/** One finger or the mouse moves, two fingers zoom. What began on a button and did not move stays a click. */
function useDrag(
  box: { current: HTMLDivElement | null },
  zoom: (factor: number, around?: number) => void,
  pan: (share: number) => void,
) {
  const fingers = useRef(new Map<number, { x: number; from: number }>())
  const dragged = useRef(false)
  const end = (event: PointerEvent) => fingers.current.delete(event.pointerId)
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      dragged.current = false
      fingers.current.set(event.pointerId, { x: event.clientX, from: event.clientX })
    },
    onPointerMove: (event: PointerEvent) => {
      const finger = fingers.current.get(event.pointerId)
      const shown = box.current
      if (!finger || !shown) return
      if (!dragged.current && Math.abs(event.clientX - finger.from) < SHAKE) return
      if (!dragged.current) shown.setPointerCapture(event.pointerId)
      dragged.current = true
      const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1]
      if (other) {
        const before = Math.max(8, Math.abs(finger.x - other.x))
        const now = Math.max(8, Math.abs(event.clientX - other.x))
        zoom(before / now, shareAt(shown, other.x))
      } else pan((finger.x - event.clientX) / shown.clientWidth)
      finger.x = event.clientX
    },
    onPointerUp: end,
    onPointerCancel: end,
    onClickCapture: (event: MouseEvent) => {
      if (!dragged.current) return
      dragged.current = false
      event.preventDefault()
      event.stopPropagation()
    },
    // Links would be dragged away instead.
    onDragStart: (event: DragEvent) => event.preventDefault(),
  }
}
