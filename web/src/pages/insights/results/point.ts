import type { InsightPointInput } from '../../../schema'
import type { ResultFragment } from './Result.gql'

/** A point as it stands in the address of a page. */
export const addressOf = (point: InsightPointInput): string => JSON.stringify(point)

/** The point that an address tells; null where it tells none. Whether there is such a place is for the server to say. */
export function pointOf(text: string | null | undefined): InsightPointInput | null {
  if (!text) return null
  try {
    const point: unknown = JSON.parse(text)
    const known = typeof point === 'object' && point !== null && Object.keys(point).length === 1
    return known ? (point as InsightPointInput) : null
  } catch {
    return null
  }
}

/** Which number it is, in words: what was counted, and of when. */
export function titleOfPoint(_result: ResultFragment | null | undefined, _point: InsightPointInput): string {
  return 'Arcs behind a number'
}
