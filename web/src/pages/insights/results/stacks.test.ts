import { expect, it } from 'vitest'
import { slotOf, stacked, standing } from './stacks'

it('puts numbers above each other, and those below zero below', () => {
  const tracks = [{ values: [2, 1] }, { values: [3, null] }, { values: [-4, -1] }, { values: [1, -2] }]
  expect(stacked(tracks)).toEqual([
    [
      [0, 2],
      [0, 1],
    ],
    [
      [2, 5],
      [1, 1],
    ],
    [
      [0, -4],
      [0, -1],
    ],
    [
      [5, 6],
      [-1, -3],
    ],
  ])
})

it('has bars beside each other stand on zero', () => {
  expect(standing([{ values: [2, null, -1] }])).toEqual([
    [
      [0, 2],
      [0, 0],
      [0, -1],
    ],
  ])
})

it('keeps the bars of a bucket within it and off each other', () => {
  for (const [width, count] of [
    [100, 3],
    [2, 1],
    [20, 6],
    [900, 2],
  ] as const) {
    const slots = Array.from({ length: count }, (_, at) => slotOf(width, count, at))
    slots.forEach((slot, at) => {
      expect(slot.x).toBeGreaterThanOrEqual(0)
      expect(slot.x + slot.width).toBeLessThanOrEqual(width + 1e-9)
      const next = slots[at + 1]
      if (next) expect(slot.x + slot.width).toBeLessThanOrEqual(next.x + 1e-9)
    })
  }
})
