import { expect, it } from 'vitest'
import { knownZone } from './time'

it.each([
  ['Asia/Tokyo', 'Asia/Tokyo'],
  ['localtime', 'UTC'],
  ['', 'UTC'],
])('writes times of %j in %j', (zone, shown) => {
  expect(knownZone(zone)).toBe(shown)
})
