import { describe, expect, it } from 'vitest'
import { fitted, named, scaleOf } from './ticks'

describe('a scale', () => {
  const cases: [(number | null)[], number[]][] = [
    [
      [3, 19, 30],
      [0, 10, 20, 30],
    ],
    [[7], [0, 2, 4, 6, 8]],
    [[1], [0, 1]],
    [[], [0, 1]],
    [
      [null, null],
      [0, 1],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    [
      [84.1, 69.2],
      [0, 20, 40, 60, 80, 100],
    ],
    [
      [-8, 5],
      [-10, -5, 0, 5],
    ],
    [
      [-3, -1],
      [-3, -2, -1, 0],
    ],
    [
      [0.0013, 0.018],
      [0, 0.005, 0.01, 0.015, 0.02],
    ],
    [
      [1.2e12, 16.8e12],
      [0, 5e12, 10e12, 15e12, 20e12],
    ],
    [
      [0.1, 0.3],
      [0, 0.1, 0.2, 0.3],
    ],
  ]
  it.each(cases)('of %j has lines at %j', (values, ticks) => {
    expect(scaleOf(values).ticks).toEqual(ticks)
  })
  it('reaches from its first line to its last one', () => {
    const { least, most, ticks } = scaleOf([-8, 5])
    expect([least, most]).toEqual([ticks[0], ticks.at(-1)])
  })
})

describe('names below a chart', () => {
  it('are all there where there is room', () => expect(named(5, 600, 60)).toEqual([0, 1, 2, 3, 4]))
  it('are left out evenly where there is none', () => expect(named(13, 400, 80)).toEqual([0, 3, 6, 9, 12]))
  it('never meet', () => {
    for (const count of [1, 7, 60, 500, 1000]) {
      const at = named(count, 700, 80)
      const apart = (700 / count) * ((at[1] ?? count) - (at[0] ?? 0))
      expect(at.length === 1 || apart >= 80).toBe(true)
    }
  })
  it('are cut with an ellipsis', () => {
    expect(fitted('short', 100)).toBe('short')
    expect(fitted('a name that is too long', 60)).toMatch(/^a name.*…$/)
  })
})
