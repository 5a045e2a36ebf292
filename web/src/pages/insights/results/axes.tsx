import { fitted, named, type Scale, tickTextOf, widthOf } from '../../../charts/ticks'
import { type Area, xOf, yOf } from './plot'

const TOP = 10
const BOTTOM = 26
const RIGHT = 8

/** Where the plot lies in a drawing of this size: the numbers of its scale have their room beside it. */
export function areaOf(width: number, height: number, scale: Scale, unit: string): Area {
  const left = Math.ceil(Math.max(...scale.ticks.map((tick) => widthOf(tickTextOf(tick, unit))))) + 10
  return { left, top: TOP, width: Math.max(1, width - left - RIGHT), height: height - TOP - BOTTOM }
}

/** The lines of a scale with their numbers, and the names of buckets below. */
export function Axes({
  area,
  scale,
  ticks,
  unit,
}: {
  area: Area
  scale: Scale
  ticks: readonly string[]
  unit: string
}) {
  const wide = Math.min(Math.max(...ticks.map(widthOf), 20) + 16, 130)
  const right = area.left + area.width
  return (
    <g class="results-axes">
      {scale.ticks.map((tick) => {
        const y = Math.round(yOf(area, scale, tick)) + 0.5
        return (
          <g key={tick}>
            <line x1={area.left} x2={right} y1={y} y2={y} class={tick === 0 ? 'results-zero' : ''} />
            <text x={area.left - 8} y={y + 4} text-anchor="end">
              {tickTextOf(tick, unit)}
            </text>
          </g>
        )
      })}
      {named(ticks.length, area.width, wide).map((at) => {
        const text = fitted(ticks[at] ?? '', 130)
        const half = widthOf(text) / 2
        // The first and the last name stay within the drawing.
        const x = Math.min(Math.max(xOf(area, ticks.length, at), half), right + RIGHT - half)
        return (
          <text key={at} x={x} y={area.top + area.height + 19} text-anchor="middle">
            {text}
          </text>
        )
      })}
    </g>
  )
}
