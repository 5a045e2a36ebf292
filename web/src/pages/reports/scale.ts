import type { ReportChartFragment } from './Report.gql'

type Chart = Pick<ReportChartFragment, 'kind' | 'series' | 'maximum' | 'labels'>

/** The top of the axis: what was told, else the largest that is drawn; never 0. */
export function topOf(chart: Chart): number {
  if (chart.maximum) return chart.maximum
  const drawn = chart.kind === 'STACK' ? stacked(chart) : chart.series.flatMap((series) => series.values)
  return Math.max(0, ...drawn.map((value) => value ?? 0)) || 1
}

const stacked = (chart: Chart): number[] =>
  chart.labels.map((_, place) => chart.series.reduce((sum, series) => sum + (series.values[place] ?? 0), 0))

/** The parts of a line: it breaks where there is no figure. */
export function runsOf(values: readonly (number | null)[]): [number, number][][] {
  const runs: [number, number][][] = [[]]
  values.forEach((value, place) => {
    if (value === null) runs.push([])
    else runs[runs.length - 1]?.push([place, value])
  })
  return runs.filter((run) => run.length)
}
