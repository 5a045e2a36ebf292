import { expect, test } from 'vitest'
import { Heights } from './heights'
import { groupsOf, instantOf, panned, rowsOf, scaleOf, ticksOf, unitOf, zoomed } from './scale'
import { firstLines, tell } from './telling'

const MINUTE = 60_000

test('rows are found by where they stand, whatever their heights', () => {
  const heights = new Heights(1_000, 40)
  heights.set(3, 100)
  heights.set(999, 10)
  expect(heights.total).toBe(998 * 40 + 110)
  expect(heights.top(4)).toBe(220)
  expect([0, 39, 40, 219, 220].map((y) => heights.at(y))).toEqual([0, 0, 1, 3, 4])
  expect(heights.at(1e9)).toBe(999)
  for (const index of [0, 3, 4, 500, 999]) expect(heights.at(heights.top(index))).toBe(index)
  expect(heights.resized(2_000).top(4)).toBe(220)
  expect(new Heights(0, 40).at(5)).toBe(0)
})

test('pauses are folded, and every instant of work has its place', () => {
  const scale = scaleOf([
    { from: 0, to: 60 * MINUTE },
    { from: 600 * MINUTE, to: 640 * MINUTE },
  ])
  expect(scale.total).toBe(102 * MINUTE)
  expect(unitOf(scale, 30 * MINUTE)).toBe(30 * MINUTE)
  expect(unitOf(scale, 600 * MINUTE)).toBe(62 * MINUTE)
  for (const at of [0, 59, 300, 610, 640]) {
    expect(instantOf(scale, unitOf(scale, at * MINUTE))).toBeCloseTo(at * MINUTE)
  }
})

test('one sees a part of the picture, never beyond its ends', () => {
  const scale = scaleOf([{ from: 0, to: 1_000_000 }])
  const whole = { from: 0, to: scale.total }
  expect(zoomed(whole, scale, 0.5, 0)).toEqual({ from: 0, to: 500_000 })
  expect(zoomed(whole, scale, 0.5, 1)).toEqual({ from: 500_000, to: 1_000_000 })
  expect(zoomed({ from: 0, to: 500_000 }, scale, 9)).toEqual(whole)
  expect(panned({ from: 0, to: 500_000 }, scale, 5)).toEqual({ from: 500_000, to: 1_000_000 })
})

test('ticks stand on round times, where there is room', () => {
  const scale = scaleOf([{ from: 3 * MINUTE, to: 63 * MINUTE }])
  const ticks = ticksOf(scale, { from: 0, to: scale.total }, 12 * MINUTE)
  expect(ticks.map((tick) => tick / MINUTE)).toEqual([3, 15, 30, 45, 60])
})

test('spans share rows, and marks that would overlap are one', () => {
  expect(
    rowsOf([
      { from: 0, to: 5 },
      { from: 3, to: 9 },
      { from: 6, to: 7 },
    ]),
  ).toEqual([0, 1, 0])
  expect(groupsOf([1, 2, 30, 31, 70], (at) => at, 10)).toEqual([[1, 2], [30, 31], [70]])
})

const event = {
  id: 'e',
  kind: 'COMMAND',
  ts: '2026-11-06T14:15:15.000Z',
  actor: 'AI',
  tool: 'Bash',
  path: null,
  exitCode: 1,
  succeeded: false,
  durationMs: 2_000,
  model: null,
  linesAdded: null,
  linesRemoved: null,
  agentId: 'a1',
  tokens: null,
  data: { command: 'pytest -q', stdout: 'x'.repeat(9_000), stderr: '' },
} as const

test('an event is told in words, and long ones in part', () => {
  const told = tell(event)
  expect(told).toMatchObject({ label: 'Command', tone: 'bad', title: 'pytest -q', form: 'mono', cut: true })
  expect(told.facts).toBe('failed with 1 · 2 s · sub-agent a1')
  expect(told.body).toHaveLength(6_000)
  expect(tell({ ...event, kind: 'CHECKPOINT', data: { note: 'so far' } }).body).toBe('note: so far')
  expect(firstLines('a\nb\nc', 2)).toEqual({ text: 'a\nb', whole: false })
  expect(firstLines('a\nb', 2).whole).toBe(true)
})
