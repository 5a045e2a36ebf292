import { expect, it } from 'vitest'
import { csvOf } from './csv'

const one = (value: string | number | null) => csvOf({ columns: [{ name: 'a' }], rows: [[{ value }]] })

it.each<[string | number | null, string]>([
  ['plain', 'plain'],
  [null, ''],
  [-3.5, '-3.5'],
  [0, '0'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ['a,b', '"a,b"'],
  ['two\nlines', '"two\nlines"'],
  ['达成', '达成'],
])('writes %j as %j', (value, text) => {
  expect(one(value)).toBe(`a\r\n${text}\r\n`)
})

it('disarms names of columns, too', () => {
  expect(csvOf({ columns: [{ name: '=cmd' }, { name: 'n' }], rows: [] })).toBe("'=cmd,n\r\n")
})
