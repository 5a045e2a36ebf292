import { duration, plural, words } from '../../../format'
import type { InsightPointInput } from '../../../schema'
import { signal } from '../../../ui/signal'
import { bucketName, unitOf } from './buckets'
import type { ResultFragment } from './Result.gql'

/** What a page shows: it knows what the places of a point are called. */
export const shown = signal<ResultFragment | null>(null)

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

const UNKNOWN = 'Arcs behind a number'

/** Which number it is, in words: what was counted, and of when. */
export function titleOfPoint(result: ResultFragment | null | undefined, point: InsightPointInput): string {
  const parts = result ? partsOf(result, point) : []
  return parts.filter(Boolean).join(' · ') || UNKNOWN
}

type Parts = (string | null | undefined)[]

function partsOf(result: ResultFragment, point: InsightPointInput): Parts {
  if (point.trends && result.__typename === 'TrendsResult') return trendsParts(result, point.trends)
  if (point.funnel) return funnelParts(result, point.funnel)
  if (point.retention && result.__typename === 'RetentionResult')
    return retentionParts(result, point.retention)
  if (point.paths) return [`${point.paths.source} → ${point.paths.target}`, `step ${point.paths.step}`]
  if (point.lifecycle && result.__typename === 'LifecycleResult') {
    const { status, bucket } = point.lifecycle
    return [words(status), bucketOf(result.lines[0]?.days, result, bucket)]
  }
  if (point.stickiness && result.__typename === 'StickinessResult') {
    const { series = 0, bucketCount } = point.stickiness
    const line = result.lines.find((one) => one.series === series)
    return [line?.name ?? line?.label, `on ${plural(bucketCount, unitOf(result.resolved.interval))}`]
  }
  return []
}

function bucketOf(
  days: readonly string[] | undefined,
  { resolved }: Exclude<ResultFragment, { __typename: 'SqlResult' }>,
  bucket: number | null | undefined,
): string | null {
  const day = bucket == null ? undefined : days?.[bucket]
  return day === undefined ? null : bucketName(day, resolved.interval)
}

const same = (one: readonly unknown[] | null | undefined, other: readonly unknown[]): boolean =>
  JSON.stringify(one ?? []) === JSON.stringify(other)

function trendsParts(
  result: Extract<ResultFragment, { __typename: 'TrendsResult' }>,
  { series = 0, bucket, breakdown, previous = false }: NonNullable<InsightPointInput['trends']>,
): Parts {
  const line = result.lines.find(
    (one) => one.series === series && one.previous === previous && same(breakdown, one.breakdown),
  )
  if (!line) return []
  const when = bucketOf(line.days, result, bucket)
  return [
    line.name,
    line.name && line.breakdown.length === 0 ? null : line.label,
    when,
    previous ? 'the time before' : null,
  ]
}

function funnelParts(
  result: ResultFragment,
  { step, dropped, breakdown, bucket, leastSeconds, belowSeconds }: NonNullable<InsightPointInput['funnel']>,
): Parts {
  const told = breakdown?.map((one) => one ?? 'none').join(', ')
  if (result.__typename === 'FunnelResult') {
    const group = result.groups.find((one) => same(breakdown, one.breakdown))
    const name = `step ${step + 1}, ${group?.steps[step]?.name ?? ''}`
    return [`${dropped ? 'Dropped before' : 'Reached'} ${name}`, group?.ofRest ? 'others' : told]
  }
  if (result.__typename === 'FunnelTrendsResult')
    return [`Reached step ${step + 1}`, told, bucketOf(result.lines[0]?.days, result, bucket)]
  return [`Reached step ${step + 1}`, leastSeconds ? lasting(leastSeconds, belowSeconds) : null]
}

const lasting = (from: number, to: number | null | undefined): string =>
  to == null ? `took ${duration(from)} or more` : `took ${duration(from)} to ${duration(to)}`

function retentionParts(
  result: Extract<ResultFragment, { __typename: 'RetentionResult' }>,
  { cohort, period, breakdown }: NonNullable<InsightPointInput['retention']>,
): Parts {
  const days = [...new Set(result.cohorts.map(({ day }) => day))].sort()
  const name = `Cohort of ${bucketOf(days, result, cohort) ?? ''}`
  const back = period == null ? null : `came back in ${result.periodLabels[period] ?? ''}`
  return [name, back, breakdown?.map((one) => one ?? 'none').join(', ')]
}
