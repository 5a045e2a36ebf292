import { expect, it, vi } from 'vitest'

vi.stubGlobal('location', { hash: '' })
const { href, routeOf } = await import('./routes')

it.each([
  ['', 'now', null],
  ['#/arcs', 'arcs', null],
  ['#/sessions/a%2Fb?q=%3F', 'sessions', 'a/b'],
  ['#/arcs/%', 'arcs', '%'],
  ['#/arcs/%E0%A4%A', 'arcs', '%E0%A4%A'],
])('reads %j', (hash, page, id) => {
  expect(routeOf(hash)).toMatchObject({ page, id })
})

it('reads what it wrote', () => {
  const { page, id, query } = routeOf(href('arcs', 'a/b?#', { search: '100% ?&#' }))
  expect([page, id, query.get('search')]).toEqual(['arcs', 'a/b?#', '100% ?&#'])
})
