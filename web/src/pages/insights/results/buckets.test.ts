import { describe, expect, it } from 'vitest'
import { bucketName, bucketTick, openBucket, rangeOf } from './buckets'

const when = (interval: 'DAY' | 'WEEK' | 'MONTH' | 'HOUR', to: string, timeZone = 'UTC') => ({
  from: '2026-11-01T00:00:00Z',
  to,
  timeZone,
  interval,
})

describe('the bucket that goes on', () => {
  const now = new Date('2026-11-22T16:00:00Z')
  it('is that of now', () => {
    const days = ['2026-11-20', '2026-11-21', '2026-11-22']
    expect(openBucket(days, when('DAY', '2026-11-23T00:00:00Z'), now)).toBe(2)
  })
  it('is none where all are over', () => {
    expect(openBucket(['2026-11-20', '2026-11-21'], when('DAY', '2026-11-22T00:00:00Z'), now)).toBeNull()
  })
  it('is one that the end of the range cuts short', () => {
    expect(openBucket(['2026-11-02', '2026-11-09'], when('WEEK', '2026-11-12T00:00:00Z'), now)).toBe(1)
  })
  it('is found before those that are yet to come', () => {
    const months = ['2026-10-01', '2026-11-01', '2026-12-01']
    expect(openBucket(months, when('MONTH', '2027-01-01T00:00:00Z'), now)).toBe(1)
  })
  it('is that of the zone of the result', () => {
    const days = ['2026-11-22', '2026-11-23']
    expect(openBucket(days, when('DAY', '2026-11-23T15:00:00Z', 'Asia/Tokyo'), now)).toBe(1)
    expect(openBucket([], when('DAY', '2026-11-23T00:00:00Z'), now)).toBeNull()
  })
})

it('names buckets', () => {
  expect(bucketName('2026-11-16', 'WEEK')).toBe('week of 16 Nov 2026')
  expect(bucketName('2026-11-01', 'MONTH')).toBe('November 2026')
  expect(bucketName('2026-11-16 14:00:00', 'HOUR')).toBe('16 Nov 2026, 14:00')
  expect(bucketTick('2026-11-16', 'DAY')).toBe('16 Nov')
  expect(bucketName('whenever', 'DAY')).toBe('whenever')
})

it('tells the days of a range in its zone, the last one included', () => {
  expect(rangeOf(when('DAY', '2026-11-23T00:00:00Z'))).toBe('1 Nov 2026 to 22 Nov 2026')
})
