import { signal } from './signal'

const SHOWN_MS = 5_000
const said = signal('')
let timer = 0

/** Tells briefly what was done, to eyes and to screen readers alike. */
export function say(text: string): void {
  said.set(text)
  clearTimeout(timer)
  timer = window.setTimeout(() => said.set(''), SHOWN_MS)
}

export function Said() {
  return (
    <div class="said" role="status" aria-live="polite">
      {said.use()}
    </div>
  )
}
