/**
 * Stands in for the JavaScript parser and printer of prettier, half a megabyte: the editor has them format variables and
 * headers only, which are JSON with comments.
 */
import { applyEdits, format } from 'jsonc-parser'

interface Text {
  text: string
}

export const parsers = {
  jsonc: {
    astFormat: 'text',
    parse: (text: string): Text => ({ text }),
    locStart: () => 0,
    locEnd: ({ text }: Text) => text.length,
  },
}

export const printers = { text: { print: (path: { node: Text }) => formatted(path.node.text) } }

function formatted(text: string): string {
  return applyEdits(text, format(text, undefined, { tabSize: 2, insertSpaces: true, eol: '\n' }))
}
