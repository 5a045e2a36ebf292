/**
 * Time as the picture draws it: stretches of work as long as they took, pauses folded to a narrow strip each. Instants
 * are milliseconds; what is drawn is in units, which are milliseconds of work.
 */
interface Piece {
  from: number
  to: number
  at: number
  size: number
  fold: boolean
}

export interface Scale {
  pieces: readonly Piece[]
  total: number
}

export interface View {
  from: number
  to: number
}

/** However many pauses there are, their strips take about a fifth of the picture at most. */
const FOLDS_SHARE = 0.2
const FOLD_SHARE = 0.02

export function scaleOf(stretches: readonly { from: number; to: number }[]): Scale {
  const lasting = stretches.map(({ from, to }) => ({ from, to: Math.max(to, from + 1_000) }))
  const work = lasting.reduce((sum, { from, to }) => sum + to - from, 0)
  const folded = work * Math.min(FOLD_SHARE, FOLDS_SHARE / Math.max(1, lasting.length - 1))
  const pieces: Piece[] = []
  let at = 0
  lasting.forEach(({ from, to }, index) => {
    const before = lasting[index - 1]
    if (before) {
      pieces.push({ from: before.to, to: from, at, size: folded, fold: true })
      at += folded
    }
    pieces.push({ from, to, at, size: to - from, fold: false })
    at += to - from
  })
  return { pieces, total: Math.max(at, 1) }
}

/** Where an instant is drawn. */
export function unitOf(scale: Scale, instant: number): number {
  const piece = scale.pieces.find(({ to }) => instant <= to)
  if (!piece) return scale.total
  const share = (instant - piece.from) / Math.max(1, piece.to - piece.from)
  return piece.at + Math.max(0, share) * piece.size
}

/** The instant that is drawn there. */
export function instantOf(scale: Scale, unit: number): number {
  const piece = scale.pieces.find(({ at, size }) => unit <= at + size) ?? scale.pieces.at(-1)
  if (!piece) return 0
  const share = Math.min(1, Math.max(0, (unit - piece.at) / Math.max(1, piece.size)))
  return piece.from + share * (piece.to - piece.from)
}

const CLOSEST = 500

/** The part of the picture that is seen, after zooming by `factor` around a place, a share of it from 0 to 1. */
export function zoomed(view: View, scale: Scale, factor: number, around = 0.5): View {
  const size = view.to - view.from
  const next = Math.min(scale.total, Math.max(size * factor, scale.total / CLOSEST))
  return panned({ from: view.from, to: view.from + next }, scale, ((size - next) * around) / next)
}

/** Moved by a share of what is seen, never beyond the ends. */
export function panned(view: View, scale: Scale, share: number): View {
  const size = view.to - view.from
  const from = Math.max(0, Math.min(scale.total - size, view.from + share * size))
  return { from, to: from + size }
}

const MINUTE = 60_000
const STEPS = [1 / 6, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map(
  (minutes) => minutes * MINUTE,
)

/** Instants to write below the picture, in order, no two closer than `apart` units. */
export function ticksOf(scale: Scale, view: View, apart: number): number[] {
  const step = STEPS.find((size) => size >= apart) ?? 1_440 * MINUTE
  const found: number[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const { from, to, at, size, fold } of scale.pieces) {
    if (fold || at > view.to || at + size < view.from) continue
    const first = Math.max(from, from + view.from - at)
    for (let tick = from; tick <= to; tick = (Math.floor(tick / step) + 1) * step) {
      const unit = at + tick - from
      if (tick < first || unit > view.to || unit - last < apart) continue
      found.push(tick)
      last = unit
    }
  }
  return found
}

/** Spans in as few rows as hold them without touching; the row of each. */
export function rowsOf(spans: readonly { from: number; to: number }[]): number[] {
  const ends: number[] = []
  return spans.map(({ from, to }) => {
    const free = ends.findIndex((end) => end < from)
    const row = free < 0 ? ends.length : free
    ends[row] = to
    return row
  })
}

/** Neighbours closer than `apart` together; the order stays. */
export function groupsOf<Item>(
  items: readonly Item[],
  placeOf: (item: Item) => number,
  apart: number,
): Item[][] {
  const groups: Item[][] = []
  let begun = Number.NEGATIVE_INFINITY
  for (const item of items) {
    const place = placeOf(item)
    if (place - begun < apart) groups.at(-1)?.push(item)
    else {
      groups.push([item])
      begun = place
    }
  }
  return groups
}
