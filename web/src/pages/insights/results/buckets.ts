import type { InsightInterval } from '../../../schema'
import { knownZone } from '../../../time'
import type { WhenFragment } from './Result.gql'

/** Buckets are told by where they begin, in the zone of the result: `2026-05-25` or `2026-05-25 14:00:00`. */
const instantOf = (day: string): Date =>
  new Date(`${day.replace(' ', 'T')}${day.length > 10 ? 'Z' : 'T00:00:00Z'}`)

const made = new Map<string, Intl.DateTimeFormat>()
function written(day: string, options: Intl.DateTimeFormatOptions): string {
  const at = instantOf(day)
  if (Number.isNaN(at.getTime())) return day
  const key = JSON.stringify(options)
  const format = made.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
  made.set(key, format)
  return format.format(at)
}

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }

/** A bucket in full, such as `week of 16 Nov 2026`. */
export function bucketName(day: string, interval: InsightInterval | null): string {
  if (interval === 'MONTH') return written(day, { month: 'long', year: 'numeric' })
  if (interval === 'HOUR' || interval === 'MINUTE') return written(day, { ...DAY, year: 'numeric', ...CLOCK })
  const name = written(day, { ...DAY, year: 'numeric' })
  return interval === 'WEEK' ? `week of ${name}` : name
}

/** A bucket where there is little room. */
export function bucketTick(day: string, interval: InsightInterval | null): string {
  if (interval === 'MONTH') return written(day, { month: 'short', year: 'numeric' })
  if (interval === 'HOUR' || interval === 'MINUTE') return written(day, { ...DAY, ...CLOCK })
  return written(day, DAY)
}

/** The first bucket that is not over, or is cut short by the end of what was asked; null: all are whole. */
export function openBucket(days: readonly string[], when: WhenFragment, now: Date): number | null {
  const until = new Date(when.to)
  const cut = told(until < now ? until : now, when.timeZone)
  for (let at = Math.max(0, days.length - 60); at < days.length; at++) {
    const next = days[at + 1]
    const end = next === undefined ? endOf(days[at] as string, when.interval) : instantOf(next).getTime()
    if (end > cut) return at
  }
  return null
}

/** What clocks of that zone show, as an instant of UTC, since buckets are told by clocks. */
function told(at: Date, zone: string): number {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: knownZone(zone),
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at)
  return instantOf(text).getTime()
}

function endOf(day: string, interval: InsightInterval | null): number {
  const at = instantOf(day)
  if (interval === 'MONTH') at.setUTCMonth(at.getUTCMonth() + 1)
  else if (interval === 'WEEK') at.setUTCDate(at.getUTCDate() + 7)
  else if (interval === 'HOUR') at.setUTCHours(at.getUTCHours() + 1)
  else if (interval === 'MINUTE') at.setUTCMinutes(at.getUTCMinutes() + 1)
  else at.setUTCDate(at.getUTCDate() + 1)
  return at.getTime()
}

/** What a bucket is called when one speaks of several, such as `weeks`. */
export const unitOf = (interval: InsightInterval | null): string =>
  interval === null ? 'bucket' : interval.toLowerCase()

/** Which time a result is about, in the days of its zone. */
export function rangeOf(when: WhenFragment): string {
  const first = told(new Date(when.from), when.timeZone)
  const last = told(new Date(when.to), when.timeZone) - 1
  const [from, to] = [first, Math.max(first, last)].map((at) =>
    written(new Date(at).toISOString().slice(0, 10), { ...DAY, year: 'numeric' }),
  )
  return from === to ? `${from}` : `${from} to ${to}`
}
