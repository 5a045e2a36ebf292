import { describe, expect, it } from 'vitest'
import { BAR, flowOf } from './flows'

const edge = (step: number, source: string, target: string, count: number) => ({
  step,
  source,
  target,
  count,
})
const EDGES = [
  edge(1, 'prompt', 'edit', 6),
  edge(1, 'prompt', 'plan', 4),
  edge(2, 'edit', 'commit', 5),
  edge(2, 'plan', 'edit', 3),
  edge(2, 'plan', 'commit', 1),
]

describe('ways', () => {
  const flow = flowOf(EDGES, 900)
  const place = (column: number, name: string) =>
    flow.places.find((one) => one.column === column && one.name === name)

  it('have a place for each event of each step', () => {
    expect(flow.places.map(({ column, name, count }) => [column, name, count])).toEqual([
      [0, 'prompt', 10],
      [1, 'edit', 6],
      [1, 'plan', 4],
      [2, 'commit', 6],
      [2, 'edit', 3],
    ])
  })

  it('have places as high as many came by, none over another', () => {
    const [edit, plan] = [place(1, 'edit'), place(1, 'plan')]
    expect((edit?.height ?? 0) / (plan?.height ?? 1)).toBeCloseTo(1.5)
    expect(plan?.y).toBeGreaterThan((edit?.y ?? 0) + (edit?.height ?? 0))
  })

  it('have bands from the right of one place to the left of the next', () => {
    for (const { source, target, path } of flow.bands) {
      expect(target.column).toBe(source.column + 1)
      expect(path.startsWith(`M${Math.round((source.x + BAR) * 10) / 10} `)).toBe(true)
    }
  })

  it('leave a place in the order of where they lead, side by side', () => {
    const starts = flow.bands
      .filter(({ source }) => source.name === 'prompt')
      .map(({ path }) => Number(path.split(/[ C]/)[1]))
    expect(starts).toEqual([...starts].sort((one, other) => one - other))
    expect(new Set(starts).size).toBe(2)
  })
})

it('begins with whatever step is the first', () => {
  expect(flowOf([edge(3, 'a', 'b', 1)], 500).places.map(({ column }) => column)).toEqual([0, 1])
})

it('is broader than there is room rather than unreadable', () => {
  const many = Array.from({ length: 20 }, (_, at) => edge(at + 1, `e${at}`, `e${at + 1}`, 1))
  expect(flowOf(many, 360).width).toBeGreaterThan(2000)
  expect(flowOf([], 360).bands).toEqual([])
})
