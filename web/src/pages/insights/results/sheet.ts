import type { InsightPointInput } from '../../../schema'

/** A result as a table: what screen readers read, and what is downloaded. */
export interface Sheet {
  columns: Column[]
  rows: Cell[][]
}

interface Column {
  name: string
  /** Whether its cells are numbers. */
  numeric?: boolean
}

export interface Cell {
  value: string | number | null
  /** How it is written for people, where that is not the value itself. */
  text?: string
  /** The number to ask behind. */
  point?: InsightPointInput | null
}

/** So many rows are shown at once. */
export const ROWS = 100
