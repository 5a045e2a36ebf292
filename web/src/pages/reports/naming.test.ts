import { expect, test } from 'vitest'
import { nameOf } from './naming'

test('a week is called by its first and last day in its own zone', () => {
  const week = { kind: 'V3', period: 'WEEKLY', timeZone: 'Asia/Tokyo' } as const
  const named = nameOf({ ...week, from: '2026-11-15T15:00:00Z', to: '2026-11-22T15:00:00Z' })
  expect(named).toBe('Goal arcs, week 16 Nov 2026 – 22 Nov 2026')
})

test('a day is called once, and a medium has no time', () => {
  const day = { from: '2026-11-15T00:00:00Z', to: '2026-11-16T00:00:00Z', timeZone: 'UTC' }
  expect(nameOf({ ...day, kind: 'V21', period: 'DAILY' })).toBe('Organisation, day 15 Nov 2026')
  expect(nameOf({ kind: 'MEDIA', period: 'CUSTOM', timeZone: 'UTC', from: null, to: null })).toBe(
    'One session',
  )
})
