/** Ways from column to column: a bar for each place, bands between them as broad as many went there. */
export interface Edge {
  step: number
  source: string
  target: string
  count: number
}

export interface Place {
  column: number
  name: string
  count: number
  x: number
  y: number
  height: number
}

export interface Band<One extends Edge> {
  edge: One
  source: Place
  target: Place
  /** Its outline. */
  path: string
}

export interface Flow<One extends Edge> {
  places: Place[]
  bands: Band<One>[]
  width: number
  height: number
  /** How far columns stand from each other. */
  each: number
}

export const BAR = 8
/** Above each bar, for its name and number. */
const NAME = 40
const GAP = 10
const LEAST = 2
const COLUMN = 128
/** How high the fullest column is, without its names; less where only few came by. */
const FULL = 260

/** `width` is what there is; where columns need more, it is more. */
export function flowOf<One extends Edge>(edges: readonly One[], width: number): Flow<One> {
  const columns = columnsOf(edges)
  const wide = Math.max(width, columns.length * COLUMN)
  const each = columns.length ? (wide - Math.min(COLUMN, wide / 2)) / Math.max(1, columns.length - 1) : wide
  const height = stand(columns, each)
  return { places: columns.flat(), bands: bandsOf(edges, columns), width: wide, height, each }
}

/** The places of each column, those most went to first. */
function columnsOf(edges: readonly Edge[]): Place[][] {
  const first = Math.min(...edges.map(({ step }) => step))
  const came = new Map<string, number>()
  const left = new Map<string, number>()
  const places = new Map<string, Place>()
  const meet = (counts: Map<string, number>, column: number, name: string, count: number) => {
    const key = keyOf(column, name)
    counts.set(key, (counts.get(key) ?? 0) + count)
    if (!places.has(key)) places.set(key, { column, name, count: 0, x: 0, y: 0, height: 0 })
  }
  for (const { step, source, target, count } of edges) {
    meet(left, step - first, source, count)
    meet(came, step - first + 1, target, count)
  }
  const columns: Place[][] = []
  for (const [key, place] of places) {
    place.count = Math.max(left.get(key) ?? 0, came.get(key) ?? 0)
    columns[place.column] ??= []
    columns[place.column]?.push(place)
  }
  return Array.from(columns, (column = []) =>
    column.sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1)),
  )
}

const keyOf = (column: number, name: string): string => `${column} ${name}`

/** Puts places where they stand; says how high all is. */
function stand(columns: Place[][], each: number): number {
  const totals = columns.map((column) => column.reduce((sum, { count }) => sum + count, 0))
  const most = Math.max(1, ...totals)
  const scale = Math.min(FULL, 40 + 16 * most) / most
  let height = 0
  columns.forEach((column, at) => {
    let y = 0
    for (const place of column) {
      place.x = at * each
      place.height = Math.max(LEAST, place.count * scale)
      place.y = y + NAME
      y = place.y + place.height + GAP
    }
    height = Math.max(height, y)
  })
  return height
}

/** Bands leave and come in the order of the places they lead between, so that few of them cross. */
function bandsOf<One extends Edge>(edges: readonly One[], columns: Place[][]): Band<One>[] {
  const first = Math.min(...edges.map(({ step }) => step))
  const places = new Map(columns.flat().map((place) => [keyOf(place.column, place.name), place]))
  const ends = edges.flatMap((edge) => {
    const source = places.get(keyOf(edge.step - first, edge.source))
    const target = places.get(keyOf(edge.step - first + 1, edge.target))
    return source && target ? [{ edge, source, target }] : []
  })
  ends.sort(
    (one, other) =>
      one.edge.step - other.edge.step || one.source.y - other.source.y || one.target.y - other.target.y,
  )
  const out = new Map<Place, number>()
  const into = new Map<Place, number>()
  return ends.map((end) => {
    const from = taken(out, end.source, end.edge.count)
    const to = taken(into, end.target, end.edge.count)
    return { ...end, path: bandPath(end.source.x + BAR, end.target.x, from, to) }
  })
}

function taken(used: Map<Place, number>, place: Place, count: number): [number, number] {
  const from = used.get(place) ?? place.y
  const to = from + Math.max(1, (place.height * count) / Math.max(1, place.count))
  used.set(place, to)
  return [from, to]
}

function bandPath(start: number, end: number, from: [number, number], to: [number, number]): string {
  const [x1, x2, middle] = [start, end, (start + end) / 2].map(short)
  const [a, b, c, d] = [...from, ...to].map(short)
  return `M${x1} ${a}C${middle} ${a} ${middle} ${c} ${x2} ${c}V${d}C${middle} ${d} ${middle} ${b} ${x1} ${b}Z`
}

const short = (value: number): number => Math.round(value * 10) / 10
