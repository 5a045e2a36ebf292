import type { Tone } from '../../ui/parts'
import { Tip } from '../../ui/tip'
import { useLink } from './ask'

/** A number as the page shows it: in one sentence how it comes about, the arcs behind it, and why there is none. */
export interface Figure {
  name: string
  /** Null: there is no number, and `none` says why. */
  value: string | null
  tip: string
  none?: string
  note?: string | undefined
  tone?: Tone | undefined
  show: Record<string, string | null>
}

function FigureOf({ figure }: { figure: Figure }) {
  const link = useLink()
  const { name, value, tip, none, note, tone, show } = figure
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Tip text={tip} href={link(show)}>
          <span class="hidden">{name}: </span>
          <span class={`number score-value ${tone ?? ''}`}>{value ?? '–'}</span>
        </Tip>
        {value === null ? <p class="small quiet">{none}</p> : note && <p class="small quiet">{note}</p>}
      </dd>
    </div>
  )
}

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl class="score-figures">
      {figures.map((figure) => (
        <FigureOf key={figure.name} figure={figure} />
      ))}
    </dl>
  )
}

const WIDTH = 120
const HEIGHT = 36

/** Four windows, this one last; a gap where there is nothing to say. */
export function Sparkline({
  values,
  name,
  text,
  top,
}: {
  values: readonly (number | null)[]
  name: string
  text: (value: number) => string
  /** Of the scale; the largest value where it has no end. */
  top?: number
}) {
  const most = top ?? Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const x = (at: number) => 6 + (at * (WIDTH - 12)) / (values.length - 1)
  const y = (value: number) => HEIGHT - 6 - ((HEIGHT - 12) * value) / most
  const said = values.map((value) => (value === null ? 'none' : text(value))).join(', ')
  return (
    <figure class="score-spark">
      <Tip text={`${name}, oldest first, each worked out as that of now: ${said}.`}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}, oldest first: ${said}`}>
          {values.map((value, at) => {
            const before = values[at - 1]
            return value !== null && before !== null && before !== undefined ? (
              <line key={`l${at}`} x1={x(at - 1)} y1={y(before)} x2={x(at)} y2={y(value)} />
            ) : null
          })}
          {values.map((value, at) =>
            value === null ? (
              <line key={at} class="none" x1={x(at) - 4} x2={x(at) + 4} y1={HEIGHT - 6} y2={HEIGHT - 6} />
            ) : (
              <circle key={at} cx={x(at)} cy={y(value)} r={at === values.length - 1 ? 4 : 2.5} />
            ),
          )}
        </svg>
      </Tip>
      <figcaption class="small quiet">{name}</figcaption>
    </figure>
  )
}
