import { expect, test } from 'vitest'
import { type Arc, type Board, EMPTY, OPEN_SHOWN, read, type Told, tell } from './board'

const NOW = Date.parse('2026-03-02T12:00:00Z')

const arc = (id: string, over: Partial<Arc> = {}): Arc =>
  ({
    id,
    state: 'OPEN',
    startedAt: `2026-03-02T10:${id.padStart(2, '0')}:00Z`,
    endedAt: null,
    ...over,
  }) as Arc

let moment = 0
const told = (cursor: string, of: Arc, change: Told['change'] = 'UPDATED', at = `${moment++}`): Told =>
  ({
    cursor,
    resync: false,
    change,
    at,
    subSessionId: of.id,
    subSession: of,
  }) as Told

const ids = (arcs: readonly Arc[]) => arcs.map(({ id }) => id)
const none = { nodes: [] }
const answer = (open: Arc[]) =>
  ({ open: { nodes: open, totalCount: open.length }, closed: none, scored: none, excluded: none }) as never

test('an update moves no row', () => {
  const board = read(EMPTY, answer([arc('1'), arc('2'), arc('3')]), NOW)
  const later = tell(board, [told('a', arc('1', { lastActivityAt: '2026-03-02T11:59:00Z' }))], NOW)
  expect(ids(later.open)).toEqual(ids(board.open))
  expect(ids(later.open)).toEqual(['3', '2', '1'])
})

test('an arc that closes moves to what was just finished, and back when it goes on', () => {
  const closed = arc('1', { state: 'CLOSED', endedAt: '2026-03-02T11:50:00Z' })
  let board = tell(read(EMPTY, answer([arc('1')]), NOW), [told('a', closed, 'CLOSED')], NOW)
  expect([ids(board.open), ids(board.finished)]).toEqual([[], ['1']])
  board = tell(board, [told('b', arc('1'))], NOW)
  expect([ids(board.open), ids(board.finished)]).toEqual([['1'], []])
})

test('what is joined to another arc or gone is shown no more', () => {
  let board = read(EMPTY, answer([arc('1'), arc('2')]), NOW)
  board = tell(board, [told('a', arc('1', { state: 'MERGED' }), 'MERGED')], NOW)
  board = tell(board, [{ ...told('b', arc('2')), subSession: null }], NOW)
  expect([...board.open, ...board.finished]).toEqual([])
})

test('an import of old work is told, but was not finished just now', () => {
  const old = arc('1', { state: 'SCORED', endedAt: '2026-01-01T10:00:00Z' })
  const board = tell(EMPTY, [told('a', old, 'SCORED')], NOW)
  expect([board.finished.length, board.feed.length]).toEqual([0, 1])
})

test('of several things at one moment the most telling is told', () => {
  const judged = arc('1', { state: 'SCORED' })
  const { feed } = tell(
    EMPTY,
    [told('a', judged, 'SCORED', 'then'), told('b', judged, 'RELABELLED', 'then')],
    NOW,
  )
  expect(feed.map(({ key, change }) => [key, change])).toEqual([['b', 'SCORED']])
})

test('work that goes on is told once, by its newest event', () => {
  const events = [told('a', arc('1')), told('b', arc('2')), told('c', arc('1'))]
  const { feed } = tell(EMPTY, events, NOW)
  expect(feed.map(({ key, times }) => [key, times])).toEqual([
    ['c', 2],
    ['b', 1],
  ])
})

test('nothing grows without end', () => {
  let board: Board = EMPTY
  for (let n = 0; n < 500; n++) {
    board = tell(board, [told(`o${n}`, arc(`${n}`), 'OPENED')], NOW)
    const over = { state: 'SCORED', endedAt: '2026-03-02T11:00:00Z' } as const
    board = tell(board, [told(`s${n}`, arc(`x${n}`, over), 'SCORED')], NOW)
  }
  expect([board.open.length, board.finished.length, board.feed.length]).toEqual([OPEN_SHOWN, 8, 25])
})

test('what is read anew takes the place of what was there, and the feed stays', () => {
  const board = tell(read(EMPTY, answer([arc('1')]), NOW), [told('a', arc('2'), 'OPENED')], NOW)
  const anew = read(board, answer([arc('3')]), NOW)
  expect([ids(anew.open), anew.feed.length]).toEqual([['3'], 1])
})

test('what is beyond the open ones that are shown is known until it is read anew', () => {
  const many = Array.from({ length: OPEN_SHOWN + 2 }, (_, n) => arc(`${n}`))
  let board = tell(
    EMPTY,
    many.map((one) => told(`o${one.id}`, one, 'OPENED')),
    NOW,
  )
  expect([board.open.length, board.beyond]).toEqual([OPEN_SHOWN, true])
  board = tell(board, [{ ...told('gone', board.open[0] as Arc), subSession: null }], NOW)
  expect([board.open.length, board.beyond]).toEqual([OPEN_SHOWN - 1, true])
  expect(read(board, answer(many.slice(0, 3)), NOW).beyond).toBe(false)
})
