import { figure } from '../../../format'
import type { InsightPointInput } from '../../../schema'

/** Numbers over buckets, as lines and bars draw them. */
export interface Plot {
  shape: 'lines' | 'areas' | 'bars' | 'stacks'
  /** Buckets in full, and where there is little room. */
  names: readonly string[]
  ticks: readonly string[]
  tracks: readonly Track[]
  unit: '' | '%'
  /** The first bucket that is not over; those after it are yet to come. Null: all are over. */
  open: number | null
}

export interface Track {
  name: string
  values: readonly (number | null)[]
  /** Which of the colours of series, from 0. */
  place: number
  /** Of the time that is compared. */
  previous?: boolean
  pointAt: (bucket: number) => InsightPointInput | null
  /** Of the whole time, where that is a number that says something. */
  total?: number | null
  totalPoint?: InsightPointInput | null
  /** Of its own buckets, where they are not those of the others. */
  names?: readonly string[]
}

export const COLOURS = 6
export const colourOf = (place: number): string => `var(--c${(place % COLOURS) + 1})`

/** Where a drawing has its plot. */
export interface Area {
  left: number
  top: number
  width: number
  height: number
}

export const xOf = (area: Area, count: number, bucket: number): number =>
  area.left + ((bucket + 0.5) / Math.max(1, count)) * area.width

export function bucketAt(area: Area, count: number, x: number): number {
  const at = Math.floor(((x - area.left) / Math.max(1, area.width)) * count)
  return Math.max(0, Math.min(count - 1, at))
}

export const yOf = (area: Area, scale: { least: number; most: number }, value: number): number =>
  area.top + area.height * (1 - (value - scale.least) / (scale.most - scale.least))

export const isBars = ({ shape }: Plot): boolean => shape === 'bars' || shape === 'stacks'
export const isAbove = ({ shape }: Plot): boolean => shape === 'areas' || shape === 'stacks'

export const textOf = (value: number | null | undefined, unit: string): string =>
  value == null ? '–' : figure(value) + unit
