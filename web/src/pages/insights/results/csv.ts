import type { Sheet } from './sheet'

/** What a spreadsheet would take for a formula; the server's own CSV goes by the same. */
const FORMULA = /^[=+\-@\t\r]/
const QUOTED = /[",\r\n]/

/** RFC 4180. A text that a spreadsheet would take for a formula has an apostrophe before it. */
export function csvOf({ columns, rows }: Sheet): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(({ value }) => value))]
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Hands a file to the browser; nothing is asked of the server. */
export function download(name: string, text: string): void {
  // The mark says UTF-8 to spreadsheets.
  const address = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
