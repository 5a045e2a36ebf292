import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { InsightEventsInput } from '../../../schema'
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
    <div class="stack tight insights-events">
      <EventPick
        label={label}
        hideLabel
        value={events.event}
        place={`${place}.event`}
        {...(none ? { none } : {})}
        onPick={(event) => onChange({ ...events, event })}
      />
      {children}
      {wrong && (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      )}
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
  const put = (at: number, ...instead: One[]) =>
    onChange([...list.slice(0, at), ...instead, ...list.slice(at + 1)])
  const move = (at: number, by: number) => {
    const next = [...list]
    const [taken] = next.splice(at, 1)
    if (taken) next.splice(at + by, 0, taken)
    onChange(next)
  }
  return (
    <div class="stack tight">
      <ol class="insights-series">
        {list.map((one, at) => (
          <li key={at}>
            <span class="insights-mark" aria-hidden="true">
              {mark(at)}
            </span>
            <EventsEditor
              label={`Event of ${called.toLowerCase()} ${mark(at)}`}
              events={one}
              place={`${place}.${at}`}
              aside={
                <Moves
                  name={`${called.toLowerCase()} ${mark(at)}`}
                  first={at === 0}
                  last={at === list.length - 1}
                  full={list.length >= most}
                  needed={list.length <= least}
                  onMove={(by) => move(at, by)}
                  onDouble={() => put(at, one, structuredClone(one))}
                  onRemove={() => put(at)}
                />
              }
              onChange={(next) => put(at, next)}
            >
              {inside?.(one, `${place}.${at}`, (next) => put(at, next))}
            </EventsEditor>
          </li>
        ))}
      </ol>
      {wrong && (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      )}
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

function Moves({
  name,
  first,
  last,
  full,
  needed,
  onMove,
  onDouble,
  onRemove,
}: {
  name: string
  first: boolean
  last: boolean
  full: boolean
  needed: boolean
  onMove: (by: number) => void
  onDouble: () => void
  onRemove: () => void
}) {
  const buttons: [string, string, boolean, () => void][] = [
    [UP, `Move ${name} up`, first, () => onMove(-1)],
    [DOWN, `Move ${name} down`, last, () => onMove(1)],
    [TWICE, `Double ${name}`, full, onDouble],
    [AWAY, `Remove ${name}`, needed, onRemove],
  ]
  return (
    <span class="insights-moves">
      {buttons.map(([sign, label, off, act]) => (
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
