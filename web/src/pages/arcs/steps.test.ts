import { expect, test } from 'vitest'
import { besides, doneOf } from './steps'

test('a change tells the arcs that it left', () => {
  expect(doneOf({ subSession: { id: 'a' }, userErrors: [] })).toEqual({ arcs: ['a'], problem: null, at: {} })
  expect(doneOf({ subSessions: [{ id: 'a' }, { id: 'b' }], userErrors: [] }).arcs).toEqual(['a', 'b'])
})

test('what is refused stands at its field, and below the form where there is none', () => {
  const done = doneOf({ subSession: null, userErrors: [{ field: ['title'], message: 'Too long.' }] })
  expect(done.at).toEqual({ title: 'Too long.' })
  expect(besides(done, ['title'])?.message).toBe('Change what is marked.')
  expect(besides(done, ['reason'])?.message).toBe('Too long.')
  expect(besides(doneOf({ userErrors: [{ field: null, message: 'Gone.' }] }), ['title'])?.message).toBe(
    'Gone.',
  )
})
