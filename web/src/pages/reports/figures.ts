import { type Scale, scaleOf } from '../../charts/ticks'
import type { ReportChartFragment } from './Report.gql'

type Chart = Pick<ReportChartFragment, 'kind' | 'maximum' | 'labels'> & {
  series: readonly Pick<ReportChartFragment['series'][number], 'values'>[]
}

/** The axis of what is drawn: bars upon each other reach as high as their sum. */
export function drawnScale(chart: Chart): Scale {
  const drawn = chart.kind === 'STACK' ? stacked(chart) : chart.series.flatMap((series) => series.values)
  return scaleOf(chart.maximum ? [...drawn, chart.maximum] : drawn, 4)
}

const stacked = (chart: Chart): number[] =>
  chart.labels.map((_, at) => chart.series.reduce((sum, series) => sum + (series.values[at] ?? 0), 0))

/** The parts of a line: it breaks where there is no figure. */
export function runsOf(values: readonly (number | null)[]): [number, number][][] {
  const runs: [number, number][][] = [[]]
  values.forEach((value, at) => {
    if (value === null) runs.push([])
    else runs[runs.length - 1]?.push([at, value])
  })
  return runs.filter((run) => run.length)
}
