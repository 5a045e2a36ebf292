import type { InsightQueryInput } from '../../../schema'
import type { Of } from './kind'

export const isRunningSum = (query: InsightQueryInput | null): boolean =>
  query?.trends?.display === 'CUMULATIVE_LINE'

/** A formula that ends so is a percentage, unless its numbers say otherwise. */
const OF_HUNDRED = /\*\s*100(\.0+)?\s*$/

export function percentOf(result: Of<'TrendsResult'>, query: InsightQueryInput | null): '' | '%' {
  const formulas = query?.trends?.formulas ?? []
  if (!formulas.length || !formulas.every(({ formula }) => OF_HUNDRED.test(formula))) return ''
  const values = result.lines.flatMap((line) => [...line.values, line.aggregatedValue])
  return values.every((value) => value === null || (value >= 0 && value <= 100)) ? '%' : ''
}

/** Whether there is one number for the whole time. */
export const isWhole = ({ lines }: Of<'TrendsResult'>): boolean =>
  lines.length > 0 && lines.every(({ aggregatedValue }) => aggregatedValue !== null)
