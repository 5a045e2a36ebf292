import { describe, expect, it } from 'vitest'
import security from '../../../../docs/security.md?raw'
import { percentDone } from './erasures'
import { asked, usual } from './scopes'
import { MANAGERS_CANNOT, MANAGERS_SEE, NOBODY_SEES, OPERATORS } from './sentences'

describe('scopes of a new key', () => {
  it('are the usual ones, without those that one lacks', () => {
    expect(usual(['a:read', 'b:read'], ['a:read', 'admin'])).toEqual({
      given: ['a:read'],
      lacking: ['b:read'],
    })
    expect(usual(['a:read'], ['*'])).toEqual({ given: ['a:read'], lacking: [] })
  })
  it('are only sent where they are not the usual ones', () => {
    expect(asked(['b', 'a'], ['a', 'b'])).toEqual([])
    expect(asked(['b'], ['a', 'b'])).toEqual(['b'])
    expect(asked(['b', 'a', 'c'], ['a', 'b'])).toEqual(['a', 'b', 'c'])
  })
})

describe('who sees what', () => {
  it('is said in the words of the documentation', () => {
    const page = security.replace(/\s+/g, ' ')
    for (const sentence of [...MANAGERS_SEE, ...MANAGERS_CANNOT, ...NOBODY_SEES, OPERATORS]) {
      expect(page).toContain(sentence.replaceAll('’', "'"))
    }
  })
})

describe('an erasure', () => {
  const erasure = {
    id: 'e',
    kind: 'DEVELOPER',
    askedBy: 'API',
    state: 'RUNNING',
    sessionCount: 1,
    erasedSessionCount: 0,
    eventCount: 200,
    erasedEventCount: 50,
    createdAt: '2026-01-01T00:00:00Z',
    finishedAt: null,
  } as const
  it('is full only when it is over', () => {
    expect(percentDone(erasure)).toBe(25)
    expect(percentDone({ ...erasure, erasedEventCount: 300 })).toBe(99)
    expect(percentDone({ ...erasure, eventCount: 0, erasedEventCount: 0 })).toBe(0)
    expect(percentDone({ ...erasure, state: 'DONE', eventCount: 0 })).toBe(100)
  })
})
