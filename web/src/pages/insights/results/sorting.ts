export interface Order {
  column: number
  falls: boolean
}

interface Sorted {
  cells: readonly { text: string | null; number: number | null }[]
}

/** Numbers by their size, texts as people sort them, nothing last; what is alike stays as it came. */
export function ordered<Row extends Sorted>(rows: readonly Row[], order: Order | null): readonly Row[] {
  if (!order) return rows
  const turn = order.falls ? -1 : 1
  return [...rows].sort((one, other) => {
    const [a, b] = [one.cells[order.column], other.cells[order.column]]
    if (a?.text == null || b?.text == null) return Number(a?.text == null) - Number(b?.text == null)
    if (a.number !== null && b.number !== null) return (a.number - b.number) * turn
    return collator.compare(a.text, b.text) * turn
  })
}

const collator = new Intl.Collator('en', { numeric: true })
