import { expect, it } from 'vitest'
import { groupsOf } from './cohorts'
import type { Of } from './kind'

const cohort = (day: string, count: number, returnedCounts: number[], value?: string) => ({
  day,
  label: day,
  count,
  returnedCounts,
  breakdown: value === undefined ? [] : [value],
  ofRest: false,
})

const result = (cohorts: ReturnType<typeof cohort>[]): Of<'RetentionResult'> => ({
  __typename: 'RetentionResult',
  resolved: { from: '2026-11-20T00:00:00Z', to: '2026-11-23T00:00:00Z', timeZone: 'UTC', interval: 'DAY' },
  periodLabels: ['Day 0', 'Day 1', 'Day 2'],
  cohorts,
})
const NOW = new Date('2026-11-22T16:00:00Z')

it('weighs means by size, and leaves out periods that go on', () => {
  const [group] = groupsOf(
    result([
      cohort('2026-11-20', 20, [20, 10, 1]),
      cohort('2026-11-21', 5, [5, 5]),
      cohort('2026-11-22', 1, [0]),
    ]),
    NOW,
  )
  expect(group?.means).toEqual([1, 0.5, null])
  expect(group?.rows.map(({ open }) => open)).toEqual([2, 1, 0])
})

it('counts cohorts as the server does where values stand beside each other', () => {
  const groups = groupsOf(
    result([
      cohort('2026-11-20', 2, [2], 'codex'),
      cohort('2026-11-22', 2, [2], 'codex'),
      cohort('2026-11-21', 2, [2], 'claude-code'),
    ]),
    NOW,
  )
  expect(groups.map(({ name, rows }) => [name, rows.map(({ place }) => place)])).toEqual([
    ['codex', [0, 2]],
    ['claude-code', [1]],
  ])
})
