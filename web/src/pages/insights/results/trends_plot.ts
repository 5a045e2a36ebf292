import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { bucketName, bucketTick, openBucket } from './buckets'
import type { Of } from './kind'
import type { Plot, Track } from './plot'
import { isRunningSum, percentOf } from './trends_query'
import { told, valueInWords } from './values'

export type Line = Of<'TrendsResult'>['lines'][number]

/** What a line is called: as somebody called it, and its value. */
export function nameOf(line: Line): string {
  const value = valueInWords(line)
  const name = line.name && value ? `${line.name}, ${value}` : (line.name ?? line.label)
  return line.previous ? `${name} – the time before` : name
}

/** Of a formula no arcs are known. */
export function pointOf(line: Line, bucket: number | null): InsightPointInput | null {
  if (line.math === null) return null
  const where = bucket === null ? {} : { bucket }
  const when = line.previous ? { previous: true } : {}
  return { trends: { series: line.series, ...where, ...told(line), ...when } }
}

/** Only what is counted or added can be added up over buckets. */
const ADDED = new Set(['TOTAL', 'SUM', 'FIRST_TIME_FOR_USER'])
export const totalOf = (line: Line): number | null =>
  line.math !== null && ADDED.has(line.math) ? line.count : null

/** A line of the time before has the colour of the one it is compared with. */
export function placesOf(lines: readonly Line[]): number[] {
  const places = new Map<string, number>()
  return lines.map((line) => {
    const key = JSON.stringify([line.series, line.breakdown])
    const place = places.get(key) ?? places.size
    places.set(key, place)
    return place
  })
}

export function plotOf(result: Of<'TrendsResult'>, query: InsightQueryInput | null, now: Date): Plot {
  const { interval } = result.resolved
  const first = result.lines.find(({ previous }) => !previous) ?? result.lines[0]
  const days = first?.days ?? []
  const open = openBucket(days, result.resolved, now)
  const places = placesOf(result.lines)
  const running = isRunningSum(query)
  const tracks = result.lines.map(
    (line, at): Track => ({
      name: nameOf(line),
      values: until(line.values, open, line.previous),
      place: places[at] ?? at,
      previous: line.previous,
      pointAt: (bucket) => pointOf(line, bucket),
      total: running ? null : totalOf(line),
      totalPoint: pointOf(line, null),
      names: line.days.map((day) => bucketName(day, interval)),
    }),
  )
  return {
    shape: shapeOf(query),
    names: days.map((day) => bucketName(day, interval)),
    ticks: days.map((day) => bucketTick(day, interval)),
    tracks,
    unit: percentOf(result, query),
    open,
  }
}

/** Buckets that are yet to come have no number; of the time before all are over. */
const until = (values: readonly (number | null)[], open: number | null, previous: boolean) =>
  open === null || previous ? values : values.map((value, at) => (at > open ? null : value))

function shapeOf(query: InsightQueryInput | null): Plot['shape'] {
  switch (query?.trends?.display) {
    case 'AREA':
      return 'areas'
    case 'STACKED_BAR':
    case 'BAR':
      return query.trends.compared ? 'bars' : 'stacks'
    case 'UNSTACKED_BAR':
      return 'bars'
    default:
      return 'lines'
  }
}
