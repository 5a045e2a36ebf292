import { figure } from '../format'

/** Where lines of a scale lie, and what stands at them. */
const STEPS = [1, 2, 2.5, 5, 10]

export interface Scale {
  least: number
  most: number
  ticks: number[]
}

/** A scale that holds 0, with about `count` even steps; of whole numbers only whole steps. */
export function scaleOf(values: readonly (number | null)[], count = 5): Scale {
  const there = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const low = there.reduce((least, value) => Math.min(least, value), 0)
  const high = there.reduce((most, value) => Math.max(most, value), 0)
  const whole = there.every(Number.isInteger)
  const step = stepOf(high - low || 1, count, whole)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1)
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => tidy((first + at) * step))
  return { least: first * step, most: last * step, ticks }
}

function stepOf(range: number, count: number, whole: boolean): number {
  const rough = range / count
  const size = 10 ** Math.floor(Math.log10(rough))
  const step = (STEPS.find((one) => one * size >= rough * (1 - 1e-9)) ?? 10) * size
  return whole && (step < 1 || !Number.isInteger(step)) ? Math.max(1, Math.ceil(step)) : step
}

/** Without what floating point leaves behind, such as 0.30000000000000004. */
const tidy = (value: number): number => Number(value.toPrecision(12)) || 0

/** Which of `count` places are named, so that names of `wide` pixels have room in `width`: each so-and-so-manyth. */
export function named(count: number, width: number, wide: number): number[] {
  const room = Math.max(1, Math.floor(width / wide))
  const rough = Math.max(1, Math.ceil(count / room))
  const each = [1, 2, 3, 4, 5, 7, 10, 14, 20, 25, 50, 100, 200, 250, 500].find((one) => one >= rough) ?? rough
  return Array.from({ length: Math.ceil(count / each) }, (_, at) => at * each)
}

/** About how broad a text is, in pixels of the small size of letters. */
export const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 13 : 7.2), 0)

/** A text that has room in `width` pixels, cut with an ellipsis where it has not. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const letters = [...text]
  while (letters.length > 1 && widthOf(`${letters.join('')}…`) > width) letters.pop()
  return `${letters.join('')}…`
}

const big = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
/** A number where there is little room. */
export const tickTextOf = (value: number, unit: string): string =>
  (Math.abs(value) >= 10_000 ? big.format(value) : figure(value)) + unit
