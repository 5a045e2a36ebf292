import { expect, test } from 'vitest'
import { drawnScale, runsOf } from './figures'

const of = (kind: 'LINE' | 'STACK', ...values: (number | null)[][]) => ({
  kind,
  maximum: null,
  labels: (values[0] ?? []).map(String),
  series: values.map((row, place) => ({ name: String(place), values: row })),
})

test('bars upon each other reach as high as their sum', () => {
  expect(drawnScale(of('STACK', [1, 2], [3, null])).most).toBe(4)
  expect(drawnScale(of('LINE', [1, 2], [3, null])).most).toBe(3)
})

test('an axis reaches as high as it is told', () => {
  expect(drawnScale({ ...of('LINE', [20]), maximum: 100 }).most).toBe(100)
})

test('a line breaks where there is no figure', () => {
  const runs = [
    [[0, 1]],
    [
      [3, 2],
      [4, 3],
    ],
  ]
  expect(runsOf([1, null, null, 2, 3])).toEqual(runs)
  expect(runsOf([null])).toEqual([])
})
