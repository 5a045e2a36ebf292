import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watched } from './silence'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', globalThis)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a connection that does not answer is ended, one that does is left', () => {
  const end = vi.fn()
  const { on } = watched(end)
  on.ping(false)
  on.pong(true)
  on.ping(true) // that of the server asks nothing of it
  vi.advanceTimersByTime(60_000)
  expect(end).not.toHaveBeenCalled()
  on.ping(false)
  on.pong(false)
  vi.advanceTimersByTime(60_000)
  expect(end).toHaveBeenCalledTimes(1)
})

test('one that does not come about is ended, too, but not one that was closed', () => {
  const end = vi.fn()
  const { on, heard } = watched(end)
  for (const then of [on.connected, heard]) {
    on.connecting()
    then()
    vi.advanceTimersByTime(60_000)
  }
  expect(end).not.toHaveBeenCalled()
  on.connecting()
  vi.advanceTimersByTime(60_000)
  expect(end).toHaveBeenCalledTimes(1)
})
