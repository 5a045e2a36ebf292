import { expect, it } from 'vitest'
import { Clock, knownZone } from './time'

it.each([
  ['Asia/Tokyo', 'Asia/Tokyo'],
  ['localtime', 'UTC'],
  ['', 'UTC'],
])('writes times of %j in %j', (zone, shown) => {
  expect(knownZone(zone)).toBe(shown)
})

it('writes times that are told in such a zone', () => {
  expect(new Clock('localtime').minute('2026-11-22T14:00:00Z')).toBe('22 Nov 2026, 14:00')
})
