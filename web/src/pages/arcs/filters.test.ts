import { expect, test } from 'vitest'
import { filtersOf, inputOf } from './filters'

const asked = (query: string, zone = 'UTC') => inputOf(filtersOf(new URLSearchParams(query)), zone)

test.each([
  ['', {}],
  ['search=round*&grade=B%2B', { search: 'round*', letterGrade: 'B+' }],
  ['search=--', {}],
  ['state=OPEN&intent=BUG_FIX&agent=codex', { state: 'OPEN', intent: 'BUG_FIX', sourceService: 'codex' }],
  ['outcome=missed', { qualifying: true, crushed: false }],
  ['habit=PLAN_FIRST&shown=no', { habit: 'PLAN_FIRST', habitShown: false }],
  ['shown=no', {}],
  ['flag=any', { flagged: true }],
  ['flag=TINY_PROMPT_BURST', { flag: 'TINY_PROMPT_BURST' }],
  ['state=constructor&intent=x&outcome=toString&flag=y', {}],
  ['from=2026-02-31x&to=soon', {}],
  ['developer=d&session=s&other=1', { developer: 'd', session: 's' }],
])('%s asks for %o', (query, input) => {
  expect(asked(query)).toEqual(input)
})

test('days begin in the zone of the viewer, and the last one is whole', () => {
  expect(asked('from=2026-03-28&to=2026-03-29', 'Europe/Berlin')).toEqual({
    startedAt: { from: '2026-03-27T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z' },
  })
  expect(asked('from=2026-03-28T10:00:00Z')).toEqual({ startedAt: { from: '2026-03-28T10:00:00.000Z' } })
})
