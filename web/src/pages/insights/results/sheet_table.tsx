import { useState } from 'preact/hooks'
import { figure } from '../../../format'
import { More } from '../../../ui/parts'
import type { Drill } from './kind'
import { Num } from './number'
import { Rows } from './rows'
import { type Cell, ROWS, type Sheet } from './sheet'

/** A result as a table, some rows at a time. The first cell of a row is its name. */
export function SheetTable({ sheet, label, onDrill }: { sheet: Sheet; label: string; onDrill: Drill }) {
  const [shown, setShown] = useState(ROWS)
  const { columns, rows } = sheet
  return (
    <div class="stack tight">
      <Rows label={label}>
        <thead>
          <tr>
            {columns.map(({ name, numeric }, at) => (
              <th key={at} scope="col" class={numeric ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => {
                const column = columns[place]
                if (place === 0) {
                  return (
                    <th key={place} scope="row" dir="auto">
                      {textOf(cell)}
                    </th>
                  )
                }
                return (
                  <td key={place} class={column?.numeric ? 'number' : ''}>
                    <Shown cell={cell} of={`${column?.name}, ${textOf(row[0])}`} onDrill={onDrill} />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </Rows>
      <More show={rows.length > shown} onMore={() => setShown(shown + 5 * ROWS)} />
    </div>
  )
}

function Shown({ cell, of, onDrill }: { cell: Cell; of: string; onDrill: Drill }) {
  if (typeof cell.value !== 'number') return <>{textOf(cell)}</>
  return <Num value={cell.value} text={cell.text} of={of} point={cell.point} onDrill={onDrill} />
}

function textOf(cell: Cell | undefined): string {
  if (!cell) return ''
  if (cell.text !== undefined) return cell.text
  return typeof cell.value === 'number' ? figure(cell.value) : (cell.value ?? '–')
}
