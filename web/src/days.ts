/** Days of the calendar, written as `2026-03-29`, in a zone. Inputs of type `date` speak so. */

const made = new Map<string, Intl.DateTimeFormat>()

function parts(zone: string): Intl.DateTimeFormat {
  const known =
    made.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  made.set(zone, known)
  return known
}

/** What clocks of the zone show at an instant, as if that were UTC; both in ms. */
function shown(instant: number, zone: string): number {
  const found: Record<string, number> = {}
  for (const { type, value } of parts(zone).formatToParts(instant)) found[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** The day on which an instant lies. */
export const dayOf = (instant: string | number, zone: string): string =>
  new Date(shown(new Date(instant).getTime(), zone)).toISOString().slice(0, 10)

/** So many days later, or earlier. */
export function plusDays(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + count)
  return date.toISOString().slice(0, 10)
}

/**
 * The instant at which a day begins, as ISO 8601 text. Where clocks skip midnight it is the first moment of the day;
 * where midnight comes twice, the earlier one.
 */
export function beginOf(day: string, zone: string): string {
  const wanted = Date.parse(`${day}T00:00:00Z`)
  const guesses = [-1, 1].map((side) => {
    const near = wanted + side * 86_400_000
    return wanted - (shown(near, zone) - near)
  })
  const [earlier = wanted, later = wanted] = guesses.sort((one, other) => one - other)
  const begins = shown(earlier, zone) >= wanted ? earlier : later
  return new Date(begins).toISOString()
}
