import type { Track } from './plot'

/** From where to where each number reaches: above each other from 0 up, those below zero from 0 down. */
export function stacked(tracks: readonly Pick<Track, 'values'>[]): [number, number][][] {
  const up: number[] = []
  const down: number[] = []
  return tracks.map(({ values }) =>
    values.map((value, bucket): [number, number] => {
      const ends = (value ?? 0) < 0 ? down : up
      const from = ends[bucket] ?? 0
      ends[bucket] = from + (value ?? 0)
      return [from, from + (value ?? 0)]
    }),
  )
}

/** From 0 to each number. */
export const standing = (tracks: readonly Pick<Track, 'values'>[]): [number, number][][] =>
  tracks.map(({ values }) => values.map((value) => [0, value ?? 0]))

interface Slot {
  x: number
  width: number
}

/** Where the bar of one of `count` tracks stands in a bucket of this width. */
export function slotOf(width: number, count: number, at: number): Slot {
  const gap = Math.min(width * 0.2, 24)
  const room = Math.max(1, width - gap)
  const each = Math.min(room / count, 64)
  return { x: (width - each * count) / 2 + each * at, width: Math.max(0.75, each - (each > 4 ? 1 : 0)) }
}
