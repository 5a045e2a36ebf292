import { expect, it } from 'vitest'
import { changes, consequences, draftOf } from './draft'
import type { KeptFragment } from './Settings.gql'

const KEPT: KeptFragment = {
  redaction: true,
  splitOnCommit: false,
  scoreDefault: 'V3',
  retentionDays: null,
  aiProcessing: true,
  language: 'EN',
}

it('sends only what was changed', () => {
  const draft = draftOf(KEPT)
  expect(changes(KEPT, draft)).toEqual({})
  expect(changes(KEPT, { ...draft, language: 'JA', bounded: true, days: '90' })).toEqual({
    language: 'JA',
    retentionDays: 90,
  })
  const bounded = { ...KEPT, retentionDays: 90 }
  expect(changes(bounded, { ...draftOf(bounded), bounded: false })).toEqual({ retentionDays: null })
})

it('warns of what cannot be taken back', () => {
  const bounded = { ...KEPT, retentionDays: 90 }
  expect(consequences(KEPT, { retentionDays: 30 })).toHaveLength(1)
  expect(consequences(bounded, { retentionDays: 30 })[0]).toContain('30 days')
  expect(consequences(bounded, { retentionDays: 180 })).toEqual([])
  expect(consequences(bounded, { retentionDays: null, aiProcessing: false })).toEqual([])
  expect(consequences(KEPT, { redaction: false, splitOnCommit: true })).toHaveLength(2)
})
