import './paths.css'
import { useMemo, useRef, useState } from 'preact/hooks'
import { fitted } from '../../../charts/ticks'
import { useWidth } from '../../../charts/width'
import { duration, number, plural } from '../../../format'
import { rangeOf } from './buckets'
import { BAR, type Band, flowOf, type Place } from './flows'
import type { Kind, Of, Shown, ViewProps } from './kind'
import type { Sheet } from './sheet'

type Edge = Of<'PathsResult'>['pathEdges'][number]

const point = ({ step, source, target }: Edge) => ({ paths: { step, source, target } })

/** Bands from step to step; one is reached with Tab and the arrow keys, and leads to its arcs. */
function View({ result, summary, onDrill }: ViewProps<'PathsResult'>) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const flow = useMemo(() => flowOf(result.pathEdges, width), [result, width])
  const [over, setOver] = useState<Band<Edge> | Place | null>(null)
  const [at, setAt] = useState(0)
  const current = Math.min(at, flow.bands.length - 1)
  const press = (event: KeyboardEvent, band: Band<Edge>) => {
    const next = movedTo(event.key, current, flow.bands)
    if (next !== null) {
      setAt(next)
      box.current?.querySelectorAll<SVGElement>('[role=button]')[next]?.focus()
    } else if (event.key === 'Enter' || event.key === ' ') onDrill(point(band.edge))
    else return
    event.preventDefault()
  }
  return (
    <div class="stack tight">
      <div class="scroll" ref={box}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a drawing has no other elements
          <svg
            class={`results-flow ${over ? 'chosen' : ''}`}
            width={flow.width}
            height={flow.height}
            role="group"
            aria-label={`${summary} Arrow keys go from band to band, Enter shows the arcs behind one.`}
          >
            {flow.bands.map((band, place) => (
              // biome-ignore lint/a11y/useSemanticElements: a drawing has no other elements
              <path
                key={place}
                role="button"
                tabIndex={place === current ? 0 : -1}
                class={isOn(over, band) ? 'on' : ''}
                d={band.path}
                aria-label={inWords(band.edge)}
                onFocus={() => {
                  setAt(place)
                  setOver(band)
                }}
                onBlur={() => setOver(null)}
                onPointerEnter={() => setOver(band)}
                onPointerLeave={() => setOver(null)}
                onClick={() => onDrill(point(band.edge))}
                onKeyDown={(event) => press(event, band)}
              />
            ))}
            {flow.places.map((place) => (
              <Stop key={`${place.column} ${place.name}`} place={place} each={flow.each} onOver={setOver} />
            ))}
          </svg>
        )}
      </div>
      <p class="small quiet results-said">
        {told(over) ?? 'Bands are as broad as many went that way. Choose one to see the arcs behind it.'}
      </p>
    </div>
  )
}

function Stop({
  place,
  each,
  onOver,
}: {
  place: Place
  each: number
  onOver: (place: Place | null) => void
}) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it only answers to the mouse; bands say the same
    <g
      class="results-stop"
      aria-hidden="true"
      onPointerEnter={() => onOver(place)}
      onPointerLeave={() => onOver(null)}
    >
      <title>{`${place.name}: ${number(place.count)}`}</title>
      <rect x={place.x} y={place.y} width={BAR} height={place.height} rx={1} />
      <text x={place.x} y={place.y - 21}>
        {fitted(place.name, each - 10)}
      </text>
      <text x={place.x} y={place.y - 6} class="results-count">
        {number(place.count)}
      </text>
    </g>
  )
}

const isBand = (over: Band<Edge> | Place): over is Band<Edge> => 'edge' in over

const isOn = (over: Band<Edge> | Place | null, band: Band<Edge>): boolean =>
  over !== null && (isBand(over) ? over === band : band.source === over || band.target === over)

const inWords = ({ step, source, target, count, averageConversionSeconds }: Edge): string =>
  `Step ${step}: ${number(count)} from ${source} to ${target}, ${duration(averageConversionSeconds)} on average`

function told(over: Band<Edge> | Place | null): string | null {
  if (!over) return null
  return isBand(over) ? `${inWords(over.edge)}.` : `${over.name}: ${number(over.count)} came by here.`
}

/** Up and down go through the bands in their order, left and right to where a band comes from or leads to. */
function movedTo(key: string, at: number, bands: readonly Band<Edge>[]): number | null {
  const here = bands[at]
  if (!here) return null
  if (key === 'ArrowDown') return Math.min(bands.length - 1, at + 1)
  if (key === 'ArrowUp') return Math.max(0, at - 1)
  if (key === 'Home') return 0
  if (key === 'End') return bands.length - 1
  const beside =
    key === 'ArrowRight'
      ? bands.findIndex(({ source }) => source === here.target)
      : key === 'ArrowLeft'
        ? bands.findIndex(({ target }) => target === here.source)
        : null
  return beside === null ? null : beside < 0 ? at : beside
}

function summary({ result }: Shown<'PathsResult'>): string | null {
  const most = result.pathEdges[0]
  if (!most) return null
  const at = result.pathEdges.map(({ step }) => step)
  const steps = Math.max(...at) - Math.min(...at) + 2
  return `${rangeOf(result.resolved)}: ${plural(result.pathEdges.length, 'way')} between up to ${number(steps)} steps; most often from ${most.source} to ${most.target} (${number(most.count)}).`
}

function sheet({ result }: Shown<'PathsResult'>): Sheet {
  const edges = [...result.pathEdges].sort((one, other) => one.step - other.step || other.count - one.count)
  const columns = [
    { name: 'Step' },
    { name: 'From' },
    { name: 'To' },
    { name: 'Paths', numeric: true },
    { name: 'Mean time', numeric: true },
  ]
  const rows = edges.map((edge) => [
    { value: edge.step },
    { value: edge.source },
    { value: edge.target },
    { value: edge.count, point: point(edge) },
    { value: edge.averageConversionSeconds, text: duration(edge.averageConversionSeconds) },
  ])
  return { columns, rows }
}

export default { summary, sheet, View } satisfies Kind<'PathsResult'>
