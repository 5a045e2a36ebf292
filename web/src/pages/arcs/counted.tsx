import { number } from '../../format'

/** How much of a text fits, as the server counts: by characters, blanks around it left out. */
export function Counted({ text, most }: { text: string; most: number }) {
  const count = [...text.trim()].length
  return (
    <p class={`small arcs-counted ${count > most ? 'arcs-over' : 'quiet'}`} aria-live="polite">
      {number(count)} of {number(most)} characters
    </p>
  )
}
