import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** The zone that times are shown in: the one of the viewer's key, whose days and weeks the numbers are cut in. */
export const ZoneContext = createContext('UTC')

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The zone, or UTC where this browser has not heard of it: the list of zones grows each year. */
export function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) && zone
  } catch {
    return 'UTC'
  }
}

const made = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  const known = made.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: knownZone(zone), ...options })
  made.set(key, known)
  return known
}

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' }
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }

/** Writes instants (ISO 8601 texts) in one zone. */
export class Clock {
  constructor(readonly zone: string) {}
  day = (instant: string): string => format(this.zone, DAY).format(new Date(instant))
  minute = (instant: string): string => format(this.zone, { ...DAY, ...CLOCK }).format(new Date(instant))
  time = (instant: string): string =>
    format(this.zone, { ...CLOCK, second: '2-digit' }).format(new Date(instant))
  /** With the zone's name, for hovering. */
  full = (instant: string): string =>
    format(this.zone, { ...DAY, ...CLOCK, second: '2-digit', timeZoneName: 'short' }).format(
      new Date(instant),
    )
}

export function useClock(): Clock {
  const zone = useContext(ZoneContext)
  return new Clock(zone)
}

export const DAY_MS = 86_400_000

/** The instant so many days before now or, with a negative number, after it. */
export const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [3_600, 'minute'],
  [86_400, 'hour'],
  [2_592_000, 'day'],
]
const SIZES: Record<string, number> = { second: 1, minute: 60, hour: 3_600, day: 86_400, month: 2_592_000 }
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** Such as `5 minutes ago`. */
export function ago(instant: string, now: number = Date.now()): string {
  const seconds = (new Date(instant).getTime() - now) / 1000
  const unit = STEPS.find(([below]) => Math.abs(seconds) < below)?.[1] ?? 'month'
  return relative.format(Math.round(seconds / (SIZES[unit] ?? 1)), unit)
}
