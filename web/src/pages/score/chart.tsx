import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { inkOf, useScheme } from '../../charts/canvas'
import { useWidth } from '../../charts/width'
import 'uplot/dist/uPlot.min.css'

const HEIGHT = 220

/** One line over periods, with gaps where there is nothing to say. A click on a point opens what is behind it. */
export function Chart({
  names,
  values,
  write,
  label,
  top,
  onPoint,
}: {
  names: readonly string[]
  values: readonly (number | null)[]
  write: (value: number) => string
  label: string
  top?: number
  onPoint: (at: number) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const near = useNear(box)
  const [over, setOver] = useState<number | null>(null)
  const latest = useRef(onPoint)
  latest.current = onPoint
  const scheme = useScheme()
  useEffect(() => {
    const element = box.current
    if (!element || !width || !near) return
    let chart: uPlot | null = null
    let left = false
    void import('uplot').then(({ default: Plot }) => {
      if (left) return
      const options = optionsOf(element, width, { names, write, ...(top ? { top } : {}) })
      options.hooks = { setCursor: [({ cursor }) => setOver(cursor.idx ?? null)] }
      chart = new Plot(options, [values.map((_, at) => at), [...values]], element)
      chart.over.addEventListener('click', () => {
        if (chart && chart.cursor.idx != null) latest.current(chart.cursor.idx)
      })
    })
    return () => {
      left = true
      chart?.destroy()
    }
  }, [names.join(), values.join(), write, width, near, top, scheme])
  const value = over === null ? null : values[over]
  return (
    <figure class="score-chart">
      <div ref={box} class="small" role="img" aria-label={label} style={{ minHeight: `${HEIGHT}px` }} />
      <figcaption class="small quiet" aria-hidden="true">
        {over === null
          ? 'Point at it for a value; click for the arcs behind it.'
          : `${names[over]}: ${value == null ? 'nothing to say' : write(value)}`}
      </figcaption>
    </figure>
  )
}

function optionsOf(
  element: HTMLElement,
  width: number,
  { names, write, top }: { names: readonly string[]; write: (value: number) => string; top?: number },
): uPlot.Options {
  const line = inkOf(element, 'var(--c1)')
  const ink = inkOf(element, 'var(--quiet)')
  const grid = { stroke: inkOf(element, 'var(--rule)'), width: 1 }
  const font = `${getComputedStyle(element).fontSize} ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: ink, font, grid, ticks: { show: false } }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.5, names.length - 0.5] },
      y: { range: (_, __, most) => [0, top ?? (Math.max(most, 0) || 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 100,
        incrs: [1, 2, 3, 4, 5, 7, 10, 14],
        values: (_, splits) => splits.map((at) => names[at] ?? ''),
      },
      { ...axis, size: 64, values: (_, splits) => splits.map(write) },
    ],
    series: [{}, { stroke: line, width: 2, points: { show: true, size: 7, fill: line } }],
  }
}

/** Whether it has come near to what is seen: what draws it is not fetched before. */
function useNear(box: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => {
    const element = box.current
    if (!element || near) return
    const watching = new IntersectionObserver(
      (seen) => seen.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { rootMargin: '25%' },
    )
    watching.observe(element)
    return () => watching.disconnect()
  }, [near])
  return near
}
