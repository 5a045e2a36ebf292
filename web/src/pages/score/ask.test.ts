import { expect, test } from 'vitest'
import { askOf, linkOf } from './ask'

const query = (text: string) => new URLSearchParams(text)

test('what an address does not say, or says wrongly, is as usual', () => {
  const usual = {
    window: 'WEEKLY',
    developer: null,
    aligned: false,
    version: null,
    trend: null,
    behind: null,
  }
  expect(askOf(query(''))).toEqual(usual)
  expect(askOf(query('window=YEARLY&version=V9&show=ALL'))).toEqual(usual)
})

test('the arcs behind a number stand in the address', () => {
  expect(askOf(query('show=GRADED&habit=PLAN_FIRST&shown=no&from=x')).behind).toEqual({
    which: 'GRADED',
    of: { habit: 'PLAN_FIRST', habitShown: false },
    from: null,
    to: null,
  })
})

test('another choice keeps the rest and puts the arcs away', () => {
  const there = query('window=DAILY&show=GRADED&letterGrade=A%2B')
  expect(linkOf(there, { aligned: true })).toBe('#/score?window=DAILY&aligned=true')
  expect(linkOf(there, { show: 'CRUSHED' })).toBe('#/score?window=DAILY&show=CRUSHED')
})
