import { figure } from '../../../format'
import type { InsightPointInput } from '../../../schema'
import type { Drill } from './kind'

/** A number that leads to the arcs behind it, where there are some; `of` says which number it is. */
export function Num({
  value,
  text,
  of,
  point,
  onDrill,
}: {
  value: number | null | undefined
  text?: string | undefined
  of: string
  point: InsightPointInput | null | undefined
  onDrill: Drill
}) {
  const shown = text ?? figure(value)
  if (!point || !value) return <span class="number">{shown}</span>
  return (
    <button
      type="button"
      class="bare number results-number"
      title="Show the arcs behind it"
      aria-label={`${shown}: ${of}. Show the arcs behind it`}
      onClick={() => onDrill(point)}
    >
      {shown}
    </button>
  )
}
