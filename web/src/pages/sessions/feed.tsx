import { useMemo, useRef, useState } from 'preact/hooks'
import { plural } from '../../format'
import { useClock } from '../../time'
import { useOpened } from './opened'
import { Row } from './row'
import { type Range, useSeen } from './seen'
import type { Source } from './source'
import type { Told } from './telling'
import { type Going, useWalk } from './walk'

/** A list of which only the rows around what is seen exist. */
export function Feed({
  source,
  count,
  named,
  going,
  link,
  whole,
  onSeen,
}: {
  source: Source
  count: number
  named: string | null
  going: Going | null
  link: (told: Told) => string
  /** Fetches all of an event's text. */
  whole: (told: Told) => Promise<string>
  onSeen: (told: Told | undefined) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const now = useClock()
  const clock = useMemo(() => now, [now.zone])
  const [active, setActive] = useState(0)
  const [inside, setInside] = useState(false)
  const { heights, range, look, show } = useSeen({ box, source, count, active, onSeen })
  const { step, underWay } = useWalk({ box, count, active, going, onActive: setActive, show })
  const { opened, open } = useOpened(whole)
  const press = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName !== 'ARTICLE') return
    const told = source.get(active)
    if (step(event.key)) event.preventDefault()
    else if (event.key === 'Enter' && told) void open(told)
  }
  const focused = (event: FocusEvent) => {
    const index = Number((event.target as HTMLElement).closest<HTMLElement>('article')?.dataset.index)
    if (index >= 0) setActive(index)
    setInside(true)
  }
  // Where the keyboard is stays, however far one scrolls; else it comes in at what is seen.
  const stop = inside || underWay ? active : Math.max(range.first, Math.min(range.last, active))
  return (
    <div
      class="sessions-feed"
      role="feed"
      aria-label={`Events: ${plural(count, 'event')}. Arrows move, Enter opens long texts.`}
      ref={box}
      onScroll={look}
      onKeyDown={press}
      onFocusIn={focused}
      onFocusOut={() => setInside(false)}
    >
      <div style={{ height: `${heights.total}px` }}>
        {drawn(range, stop, count).map((index) => {
          const told = source.get(index)
          return (
            <Row
              key={index}
              index={index}
              count={count}
              told={told}
              top={heights.top(index)}
              active={index === stop}
              named={told !== undefined && told.id === named}
              whole={told && opened.get(told.id)}
              link={told ? link(told) : ''}
              clock={clock}
              onOpen={open}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Which rows there are: those of a range, and the one that the keyboard comes to. */
function drawn({ first, last }: Range, stop: number, count: number): number[] {
  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at)
  if (stop < first) rows.unshift(stop)
  if (stop > last && stop < count) rows.push(stop)
  return rows
}
