import './glance.css'
import { Glyph } from '../glyph'
import type { Kind } from '../kinds'
import type { GlanceFragment } from './List.gql'
import { type Shape, shapeOf } from './shapes'

const WIDTH = 240
const HEIGHT = 64

/** A result at a glance; the numbers stand on the page of the insight. */
export function Glance({
  result,
  busy,
  kind,
}: {
  result: GlanceFragment | null | undefined
  busy: boolean
  kind: Kind | null
}) {
  const shape = result ? shapeOf(result) : null
  if (!shape) {
    return (
      <div class="insights-glance none">
        <Glyph kind={kind} large />
        <span class="small">{busy ? 'Computing…' : result ? 'Nothing happened yet' : ''}</span>
      </div>
    )
  }
  if (shape.kind === 'words') {
    return (
      <dl class="insights-glance words small">
        {shape.lines.map(([name, value], at) => (
          <div key={at}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
    )
  }
  return (
    <svg
      class="insights-glance"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <Drawn shape={shape} />
    </svg>
  )
}

function Drawn({ shape }: { shape: Exclude<Shape, { kind: 'words' }> }) {
  if (shape.kind === 'lines') {
    return (
      <>
        {shape.lines.map((line, at) => (
          <polyline
            key={at}
            class={`c${at + 1}`}
            points={line.map((value, x) => point(value, x, line.length)).join(' ')}
          />
        ))}
      </>
    )
  }
  if (shape.kind === 'bars') {
    const step = WIDTH / shape.bars.length
    return (
      <>
        {shape.bars.map((bar, at) => {
          const height = Math.max(1, bar * (HEIGHT - 4))
          const gap = Math.min(4, step / 5)
          return (
            <rect key={at} x={at * step + gap / 2} y={HEIGHT - height} width={step - gap} height={height} />
          )
        })}
      </>
    )
  }
  const high = HEIGHT / shape.rows.length
  const wide = WIDTH / Math.max(1, ...shape.rows.map(({ length }) => length))
  return (
    <>
      {shape.rows.flatMap((row, y) =>
        row.map((share, x) => (
          <rect
            key={`${x} ${y}`}
            x={x * wide + 1}
            y={y * high + 1}
            width={wide - 2}
            height={high - 2}
            opacity={0.1 + 0.9 * Math.min(1, share)}
          />
        )),
      )}
    </>
  )
}

const point = (value: number, at: number, count: number): string =>
  `${((at / Math.max(1, count - 1)) * (WIDTH - 4) + 2).toFixed(1)},${(HEIGHT - 3 - value * (HEIGHT - 6)).toFixed(1)}`
