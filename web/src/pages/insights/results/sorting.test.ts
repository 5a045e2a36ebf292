import { expect, it } from 'vitest'
import { ordered } from './sorting'

const row = (text: string | null, number: number | null = null) => ({ cells: [{ text, number }] })
const texts = (rows: readonly ReturnType<typeof row>[]) => rows.map(({ cells }) => cells[0]?.text)

it('sorts numbers by size and texts as people do, with nothing last either way', () => {
  const numbers = [row('10', 10), row(null), row('9', 9), row('-1', -1)]
  expect(texts(ordered(numbers, { column: 0, falls: false }))).toEqual(['-1', '9', '10', null])
  expect(texts(ordered(numbers, { column: 0, falls: true }))).toEqual(['10', '9', '-1', null])
  const words = [row('v10'), row('V9'), row('b')]
  expect(texts(ordered(words, { column: 0, falls: false }))).toEqual(['b', 'V9', 'v10'])
})

it('leaves rows as they came where nothing is chosen', () => {
  const rows = [row('b'), row('a')]
  expect(ordered(rows, null)).toBe(rows)
})
