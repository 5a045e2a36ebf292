import { format } from 'prettier/standalone'
import { expect, test } from 'vitest'
import { parsers, printers } from './json_format'

const prettified = (text: string) =>
  format(text, { parser: 'jsonc', plugins: [{ parsers }, { printers }] as never, printWidth: 0 })

test('variables are formatted as the editor asks for it, and keep their comments', async () => {
  expect((await prettified('{"after":null, // from now on\n"n":[1,2]}')).trim()).toBe(
    '{\n  "after": null, // from now on\n  "n": [\n    1,\n    2\n  ]\n}',
  )
})
