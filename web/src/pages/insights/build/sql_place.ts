/** Where in a statement something is wrong: lines and columns are counted from 1. */
export interface Place {
  line: number
  column: number
}

/** The place that a message tells, such as `… (line 3, column 7)`. */
export function placeIn(message: string): Place | null {
  const found = /\(line (\d+), column (\d+)\)/.exec(message)
  return found ? { line: Number(found[1]), column: Number(found[2]) } : null
}

/** How many characters stand before a place; the end of the statement where it has no such place. */
export function offsetOf(statement: string, { line, column }: Place): number {
  const lines = statement.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return Math.min(statement.length, before + column - 1)
}

/** The line of a place, with a sign below the column. */
export function pointedOut(statement: string, { line, column }: Place): string {
  const shown = statement.split('\n')[line - 1] ?? ''
  return `${shown}\n${shown.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`
}

/** `text` in the place of what is selected, and where the caret stands then. */
export function insert(statement: string, from: number, to: number, text: string): [string, number] {
  return [statement.slice(0, from) + text + statement.slice(to), from + text.length]
}
