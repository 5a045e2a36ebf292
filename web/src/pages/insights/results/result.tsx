import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import type { ResultFragment } from './Result.gql'

/** A result drawn as fits its kind. `query` says how it wants to be drawn; null: it is not known. */
export function Result({
  result,
}: {
  result: ResultFragment
  query: InsightQueryInput | null
  onDrill: (point: InsightPointInput) => void
}) {
  return <pre>{JSON.stringify(result, null, 2)}</pre>
}
