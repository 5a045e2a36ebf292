/** How numbers are written. None of them knows a unit that its name does not say. */
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 2 })

export const NONE = '–'

type Maybe = number | null | undefined

export const number = (value: Maybe): string => (value == null ? NONE : plain.format(value))
/** A number whose size is not known: of small ones as much as says something. */
export const figure = (value: Maybe): string =>
  value == null || value === 0 || Math.abs(value) >= 1 ? number(value) : small.format(value)
/** Such as 1.2M, where the exact figure stands nearby or does not matter. */
export const compact = (value: Maybe): string => (value == null ? NONE : short.format(value))
/** Of a share between 0 and 1. */
export const share = (value: Maybe): string => (value == null ? NONE : percent.format(value))
export const usd = (value: Maybe): string =>
  value == null ? NONE : value > 0 && value < 0.01 ? '< $0.01' : dollars.format(value)
export const signed = (value: Maybe): string =>
  value == null ? NONE : `${value > 0 ? '+' : ''}${plain.format(value)}`

/** A length of time: the two largest units that say something, such as `2 h 5 min`. */
export function duration(seconds: Maybe): string {
  if (seconds == null) return NONE
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  let rest = Math.max(0, Math.round(seconds))
  const first = units.findIndex(([size]) => rest >= size)
  if (first < 0) return '0 s'
  const parts: string[] = []
  for (const [size, name] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count) parts.push(`${count} ${name}`)
  }
  return parts.join(' ')
}

/** Words of an enum: `NO_REAL_WORK` is `No real work`, `AI_RESPONSE` is `AI response`. */
export const words = (name: string | null | undefined): string =>
  name
    ? (name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ')).replace(
        /^(ai|api|mcp)\b/i,
        (short) => short.toUpperCase(),
      )
    : NONE

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${plain.format(count)} ${count === 1 ? one : many}`
