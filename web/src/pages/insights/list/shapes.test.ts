import { expect, test } from 'vitest'
import { shapeOf } from './shapes'

test('lines over time lie between 0 and 1, those of nothing at 0', () => {
  const trends = [{ label: 'a', values: [0, 2, 4], aggregatedValue: null }]
  expect(shapeOf({ __typename: 'TrendsResult', trends })).toEqual({ kind: 'lines', lines: [[0, 0.5, 1]] })
  const nothing = [{ label: 'a', values: [0, null], aggregatedValue: null }]
  expect(shapeOf({ __typename: 'TrendsResult', trends: nothing })).toEqual({ kind: 'lines', lines: [[0, 0]] })
})

test('one number of the whole time is a bar, and no number nothing', () => {
  const trends = [{ label: 'a', values: [], aggregatedValue: 7 }]
  expect(shapeOf({ __typename: 'TrendsResult', trends })).toEqual({ kind: 'bars', bars: [1] })
  expect(shapeOf({ __typename: 'FunnelResult', groups: [] })).toBeNull()
})
