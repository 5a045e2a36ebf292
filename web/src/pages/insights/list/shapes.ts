import type { GlanceFragment } from './List.gql'

/** A result made small: lines over time, or bars beside or above each other. Numbers lie between 0 and 1. */
export type Shape =
  | { kind: 'lines'; lines: number[][] }
  | { kind: 'bars'; bars: number[] }
  | { kind: 'grid'; rows: number[][] }
  | { kind: 'words'; lines: [string, string][] }

const MOST_LINES = 4
const MOST_ROWS = 5
const MOST_COLUMNS = 10

/** Null where there is nothing to show. */
export function shapeOf(result: GlanceFragment): Shape | null {
  switch (result.__typename) {
    case 'TrendsResult':
      return trends(result.trends)
    case 'FunnelResult':
      return bars(result.groups[0]?.steps.map(({ count }) => count) ?? [])
    case 'FunnelTimesResult':
      return bars(result.bins.map(({ count }) => count))
    case 'FunnelTrendsResult':
      return lines(result.shares.map(({ rates }) => rates))
    case 'RetentionResult':
      return grid(result.cohorts)
    case 'PathsResult':
      return words([...result.pathEdges].sort((one, other) => other.count - one.count).map(edge))
    case 'LifecycleResult':
      return bars(
        sums(result.standing.filter(({ status }) => status !== 'DORMANT').map(({ counts }) => counts)),
      )
    case 'StickinessResult':
      return bars(result.sticky[0]?.counts ?? [])
    case 'SqlResult':
      return words(result.rows.map(({ cells }) => [cells[0]?.text ?? '–', cells.at(-1)?.text ?? '–']))
  }
}

const edge = ({
  source,
  target,
  count,
}: {
  source: string
  target: string
  count: number
}): [string, string] => [`${source} → ${target}`.replaceAll('_', ' '), String(count)]

type Trends = Extract<GlanceFragment, { __typename?: 'TrendsResult' }>['trends']

/** Lines over time; numbers of the whole time as bars. */
function trends(found: Trends): Shape | null {
  const totals = found.flatMap(({ aggregatedValue }) => aggregatedValue ?? [])
  return totals.length ? bars(totals) : lines(found.map(({ values }) => values))
}

function lines(found: readonly (readonly (number | null)[])[]): Shape | null {
  const shown = found.slice(0, MOST_LINES).map((line) => line.map((value) => value ?? 0))
  const top = Math.max(...shown.flat(), 0)
  const longest = Math.max(...shown.map(({ length }) => length), 0)
  if (longest < 2) return bars(shown.map((line) => line[0] ?? 0))
  return {
    kind: 'lines',
    lines: shown.map((line) => line.map((value) => (top > 0 ? Math.max(0, value) / top : 0))),
  }
}

function bars(found: readonly number[]): Shape | null {
  const shown = found.slice(-30)
  const top = Math.max(...shown, 0)
  return shown.length
    ? { kind: 'bars', bars: shown.map((value) => (top > 0 ? Math.max(0, value) / top : 0)) }
    : null
}

function grid(
  cohorts: readonly { count: number; returnedCounts: readonly (number | null)[] }[],
): Shape | null {
  const rows = cohorts
    .slice(0, MOST_ROWS)
    .map(({ count, returnedCounts }) =>
      returnedCounts.slice(0, MOST_COLUMNS).map((back) => (count > 0 ? (back ?? 0) / count : 0)),
    )
  return rows.length ? { kind: 'grid', rows } : null
}

const words = (found: [string, string][]): Shape | null =>
  found.length ? { kind: 'words', lines: found.slice(0, 3) } : null

function sums(lists: readonly (readonly number[])[]): number[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => lists.reduce((sum, one) => sum + (one[at] ?? 0), 0))
}
