import { expect, test } from 'vitest'
import { placed } from './placed'

test.each([
  ['/shared/x.pdf', 'https://h.example/#/reports/1', 'https://h.example/shared/x.pdf'],
  ['/shared/x.pdf', 'https://h.example/goalarc/#/reports', 'https://h.example/goalarc/shared/x.pdf'],
  ['/graphql', 'https://h.example/goalarc/graphql', 'https://h.example/goalarc/graphql'],
  ['https://told.example/shared/x', 'https://h.example/goalarc/', 'https://told.example/shared/x'],
])('%s on %s', (path, page, address) => {
  expect(placed(path, page)).toBe(address)
})
