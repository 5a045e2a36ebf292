import './sql.css'
import { useMemo, useState } from 'preact/hooks'
import { figure, number, plural } from '../../../format'
import { More } from '../../../ui/parts'
import type { Kind, Of, Shown, ViewProps } from './kind'
import { Rows } from './rows'
import { ROWS, type Sheet } from './sheet'
import { type Order, ordered } from './sorting'

type Result = Of<'SqlResult'>
type Cell = Result['rows'][number]['cells'][number]

/** The rows as they came, or by a column of one's choice; some at a time. */
function View({ result, summary }: ViewProps<'SqlResult'>) {
  const [order, setOrder] = useState<Order | null>(null)
  const [shown, setShown] = useState(ROWS)
  const rows = useMemo(() => ordered(result.rows, order), [result, order])
  const numeric = useMemo(() => numbersOf(result), [result])
  return (
    <div class="stack tight">
      <Rows label={summary}>
        <thead>
          <tr>
            {result.columns.map((column, at) => (
              <th
                key={at}
                scope="col"
                class={numeric[at] ? 'number' : ''}
                aria-sort={order?.column === at ? (order.falls ? 'descending' : 'ascending') : undefined}
              >
                <button
                  type="button"
                  class="bare results-sort"
                  onClick={() => setOrder(nextOrder(order, at))}
                >
                  {column.name}
                  <span aria-hidden="true">{order?.column === at ? (order.falls ? ' ↓' : ' ↑') : ''}</span>
                </button>
                <div class="quiet">{column.type}</div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, at) => (
            <tr key={at}>
              {row.cells.map((cell, place) => (
                <td key={place} class={numeric[place] ? 'number' : ''}>
                  <Value cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Rows>
      <p class="small quiet">
        {plural(result.rows.length, 'row')}
        {result.moreHidden && ', and more that were cut off: have the statement ask for less'}
        {rows.length > shown && `; ${number(shown)} shown`}
      </p>
      <More show={rows.length > shown} onMore={() => setShown(shown + 5 * ROWS)} />
    </div>
  )
}

/** Rising, falling, as it came. */
function nextOrder(order: Order | null, column: number): Order | null {
  if (order?.column !== column) return { column, falls: false }
  return order.falls ? null : { column, falls: true }
}

const LONG = 200

function Value({ cell }: { cell: Cell }) {
  if (cell.text === null) return <span class="quiet">null</span>
  if (cell.number !== null)
    return (
      <span>{Number.isSafeInteger(cell.number) || cell.number % 1 ? figure(cell.number) : cell.text}</span>
    )
  if (/^[[{]/.test(cell.text)) return <Json text={cell.text} />
  return cell.text.length > LONG ? <Long text={cell.text} /> : <span dir="auto">{cell.text}</span>
}

function Long({ text }: { text: string }) {
  return (
    <details class="results-long">
      <summary>{text.slice(0, LONG)}…</summary>
      {text.slice(LONG)}
    </details>
  )
}

/** What holds others, as text that is set so that it can be read. */
function Json({ text }: { text: string }) {
  let pretty = text
  try {
    pretty = JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    // It only looks like JSON.
  }
  if (pretty.length <= LONG) return <code>{text}</code>
  return (
    <details class="results-long">
      <summary>
        <code>{text.slice(0, 60)}…</code>
      </summary>
      <pre>{pretty}</pre>
    </details>
  )
}

const numbersOf = ({ columns, rows }: Result): boolean[] =>
  columns.map((_, at) => {
    const there = rows.flatMap(({ cells }) => (cells[at]?.text == null ? [] : [cells[at]]))
    return there.length > 0 && there.every((cell) => cell?.number != null)
  })

function summary({ result }: Shown<'SqlResult'>): string | null {
  if (!result.rows.length) return null
  const names = result.columns.map(({ name }) => name)
  const told = names.length > 6 ? `${names.slice(0, 6).join(', ')} and more` : names.join(', ')
  return `${plural(result.rows.length, 'row')} of ${told}.`
}

function sheet({ result }: Shown<'SqlResult'>): Sheet {
  const columns = result.columns.map(({ name }) => ({ name }))
  const rows = result.rows.map(({ cells }) => cells.map((cell) => ({ value: exact(cell) })))
  return { columns, rows }
}

/** A number unless it is larger than a browser knows to the last place. */
const exact = ({ text, number: value }: Cell): string | number | null =>
  value !== null && (Number.isSafeInteger(value) || value % 1 !== 0) ? value : text

export default { summary, sheet, View, isTable: true } satisfies Kind<'SqlResult'>
