import { expect, test } from 'vitest'
import { runsOf, topOf } from './scale'

const of = (kind: 'LINE' | 'STACK', ...values: (number | null)[][]) => ({
  kind,
  maximum: null,
  labels: (values[0] ?? []).map(String),
  series: values.map((row, place) => ({ name: String(place), values: row })),
})

test('bars upon each other reach as high as their sum', () => {
  expect(topOf(of('STACK', [1, 2], [3, null]))).toBe(4)
  expect(topOf(of('LINE', [1, 2], [3, null]))).toBe(3)
})

test('an axis without figures still has a top', () => expect(topOf(of('LINE', [null, 0]))).toBe(1))

test('a line breaks where there is no figure', () => {
  expect(runsOf([1, null, null, 2, 3])).toEqual([
    [[0, 1]],
    [
      [3, 2],
      [4, 3],
    ],
  ])
  expect(runsOf([null])).toEqual([])
})
