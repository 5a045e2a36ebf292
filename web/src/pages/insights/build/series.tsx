import './series.css'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { InsightEventsInput } from '../../../schema'
import { Wrong } from '../../../ui/forms'
import { Text } from './fields'
import { EventPick } from './names'
import { WhereEditor } from './where'
import { useWrong } from './wrong'

/** A, B, C: as formulas call series; steps of a funnel have numbers. */
export const letter = (place: number): string => String.fromCharCode(65 + place)

/** Events with a name of their own and filters; `children` stand beside the event. */
export function EventsEditor<Events extends InsightEventsInput>({
  label,
  events,
  place,
  none,
  aside,
  onChange,
  children,
}: {
  label: string
  events: Events
  place: string
  none?: string
  /** At the end of the line of what can be added. */
  aside?: ComponentChildren
  onChange: (events: Events) => void
  children?: ComponentChildren
}) {
  const [naming, setNaming] = useState(Boolean(events.name))
  const wrong = useWrong(place, false)
  return (
    <div class="stack tight">
      <EventPick
        label={label}
        hideLabel
        value={events.event}
        place={`${place}.event`}
        {...(none ? { none } : {})}
        onPick={(event) => onChange({ ...events, event })}
      />
      {children}
      <Wrong text={wrong} />
      {naming && (
        <Text
          place={`${place}.name`}
          label="Called"
          value={events.name}
          placeholder="A name of your own"
          onChange={(name) => onChange({ ...events, name })}
        />
      )}
      <div class="insights-more">
        <WhereEditor
          where={events.where}
          place={`${place}.where`}
          events={[events.event]}
          onChange={(where) => onChange({ ...events, where })}
        />
        {!naming && (
          <button type="button" class="plain" onClick={() => setNaming(true)}>
            + Name
          </button>
        )}
        {aside}
      </div>
    </div>
  )
}

/** A list of events that may be moved, doubled and taken away. */
export function SeriesList<One extends InsightEventsInput>({
  list,
  most,
  least = 1,
  called,
  mark,
  fresh,
  place,
  onChange,
  inside,
}: {
  list: readonly One[]
  most: number
  least?: number
  /** What one of them is, such as `Step`. */
  called: string
  mark: (place: number) => string
  fresh: One
  place: string
  onChange: (list: One[]) => void
  inside?: (one: One, place: string, set: (one: One) => void) => ComponentChildren
}) {
  const wrong = useWrong(place, false)
  const put = (at: number, ...instead: One[]) => onChange(list.toSpliced(at, 1, ...instead))
  const move = (at: number, by: number) => {
    const next = [...list]
    const [taken] = next.splice(at, 1)
    if (taken) next.splice(at + by, 0, taken)
    onChange(next)
  }
  return (
    <div class="stack tight">
      <ol class="insights-series">
        {list.map((one, at) => {
          const name = `${called.toLowerCase()} ${mark(at)}`
          const inner = `${place}.${at}`
          const change = (next: One) => put(at, next)
          const moves: Move[] = [
            [UP, `Move ${name} up`, at === 0, () => move(at, -1)],
            [DOWN, `Move ${name} down`, at === list.length - 1, () => move(at, 1)],
            [TWICE, `Double ${name}`, list.length >= most, () => put(at, one, structuredClone(one))],
            [AWAY, `Remove ${name}`, list.length <= least, () => put(at)],
          ]
          return (
            <li key={at}>
              <span class="insights-mark" aria-hidden="true">
                {mark(at)}
              </span>
              <EventsEditor
                label={`Event of ${name}`}
                events={one}
                place={inner}
                aside={<Moves moves={moves} />}
                onChange={change}
              >
                {inside?.(one, inner, change)}
              </EventsEditor>
            </li>
          )
        })}
      </ol>
      <Wrong text={wrong} />
      {list.length < most && (
        <div>
          <button type="button" onClick={() => onChange([...list, fresh])}>
            Add {called.toLowerCase()}
          </button>
        </div>
      )}
    </div>
  )
}

const UP = 'M8 13V3M4 7l4-4 4 4'
const DOWN = 'M8 3v10M4 9l4 4 4-4'
const TWICE = 'M6 6h7v7H6zM3 10V3h7'
const AWAY = 'M4 4l8 8M12 4l-8 8'

/** A sign, what it says, whether it cannot be done, and what it does. */
type Move = [sign: string, label: string, off: boolean, act: () => void]

function Moves({ moves }: { moves: readonly Move[] }) {
  return (
    <span class="insights-moves">
      {moves.map(([sign, label, off, act]) => (
        <button
          key={label}
          type="button"
          class="plain"
          aria-label={label}
          title={label}
          disabled={off}
          onClick={act}
        >
          <svg
            viewBox="0 0 16 16"
            width="16"
            height="16"
            aria-hidden="true"
            fill="none"
            stroke="currentColor"
          >
            <path d={sign} stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
          </svg>
        </button>
      ))}
    </span>
  )
}
