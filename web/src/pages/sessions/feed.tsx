import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { plural } from '../../format'
import { useClock } from '../../time'
import { Heights } from './heights'
import { Row } from './row'
import type { Source } from './source'
import type { Told } from './telling'

const GUESS = 64
/** Rows beyond what is seen, on either side. */
const BEYOND = 6
const LEAP = 10

/** A row to go to; another object for the same row goes there again. */
export interface Going {
  index: number
}

/**
 * A list of which only the rows around what is seen exist. Heights are guessed until a row is there, then measured;
 * what is seen stays where it is when rows above turn out otherwise.
 */
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
  const heights = useRef(new Heights(count, GUESS))
  /** The row that the keyboard goes to once it is there. */
  const focusing = useRef(-1)
  const atEnd = useRef(false)
  const [range, setRange] = useState({ first: 0, last: 20 })
  const [active, setActive] = useState(0)
  const [inside, setInside] = useState(false)
  const [, redraw] = useState(0)
  const [opened, setOpened] = useState<ReadonlyMap<string, string | null>>(new Map())
  if (heights.current.count !== count) heights.current = heights.current.resized(count)

  const look = () => {
    const shown = box.current
    if (!shown) return
    const top = heights.current.at(shown.scrollTop)
    const first = Math.max(0, top - BEYOND)
    const last = Math.min(count - 1, heights.current.at(shown.scrollTop + shown.clientHeight) + BEYOND)
    atEnd.current = shown.scrollTop + shown.clientHeight > heights.current.total - GUESS
    setRange((now) => (now.first === first && now.last === last ? now : { first, last }))
    source.need(first, last, active)
    onSeen(source.get(top))
  }
  const looking = useRef(look)
  looking.current = look
  /** Brings a row into sight, at the top if it is far away. */
  const show = (index: number) => {
    const shown = box.current
    if (!shown) return
    const top = heights.current.top(index)
    const up = top - shown.scrollTop
    const down = up + heights.current.of(index) - shown.clientHeight
    if (up < 0 || down > shown.clientHeight) shown.scrollTop = top
    else if (down > 0) shown.scrollTop += Math.min(down, up)
    look()
  }
  const move = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    focusing.current = next
    setActive(next)
    show(next)
  }

  useLayoutEffect(() => {
    const shown = box.current
    const follow = atEnd.current && shown
    if (follow && shown.scrollTop > 0) shown.scrollTop = heights.current.total
    look()
  }, [source, count])
  useEffect(() => {
    const observer = new ResizeObserver(() => looking.current())
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (!going) return
    box.current?.scrollIntoView({ block: 'nearest' })
    setActive(going.index)
    focusing.current = going.index
    show(going.index)
  }, [going])
  useLayoutEffect(() => {
    if (focusing.current < 0) return
    const row = box.current?.querySelector<HTMLElement>(`[data-index="${focusing.current}"]`)
    if (!row) return
    focusing.current = -1
    row.focus({ preventScroll: true })
  })
  useMeasured(box, heights, atEnd, () => redraw((times) => times + 1))

  const press = (event: KeyboardEvent) => {
    const row = event.target as HTMLElement
    if (row.tagName !== 'ARTICLE') return
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + LEAP,
      PageUp: active - LEAP,
      Home: 0,
      End: count - 1,
    }
    const next = steps[event.key]
    const told = source.get(active)
    if (next !== undefined) {
      event.preventDefault()
      move(next)
    } else if (event.key === 'Enter' && told) void open(told)
  }
  const open = async (told: Told) => {
    if (opened.has(told.id)) return setOpened((now) => without(now, told.id))
    if (!told.cut) return setOpened((now) => new Map(now).set(told.id, told.body))
    setOpened((now) => new Map(now).set(told.id, null))
    const text = await whole(told)
    setOpened((now) => (now.has(told.id) ? new Map(now).set(told.id, text) : now))
  }
  const indexes = Array.from(
    { length: Math.max(0, range.last - range.first + 1) },
    (_, at) => range.first + at,
  )
  // Where the keyboard is stays, however far one scrolls; else it comes in at what is seen.
  const stop = inside || focusing.current >= 0 ? active : Math.max(range.first, Math.min(range.last, active))
  if (stop < range.first) indexes.unshift(stop)
  if (stop > range.last && stop < count) indexes.push(stop)
  return (
    <div
      class="sessions-feed"
      role="feed"
      aria-label={`Events: ${plural(count, 'event')}. Arrows move, Enter opens long texts.`}
      ref={box}
      onScroll={look}
      onKeyDown={press}
      onFocusIn={(event) => {
        const index = Number((event.target as HTMLElement).closest<HTMLElement>('article')?.dataset.index)
        if (index >= 0) setActive(index)
        setInside(true)
      }}
      onFocusOut={() => setInside(false)}
    >
      <div style={{ height: `${heights.current.total}px` }}>
        {indexes.map((index) => {
          const told = source.get(index)
          return (
            <Row
              key={index}
              index={index}
              count={count}
              told={told}
              top={heights.current.top(index)}
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

function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}

/** Measures each row that is there, and again when it changes; `grown` is told once for all that did. */
function useMeasured(
  box: { current: HTMLDivElement | null },
  heights: { current: Heights },
  atEnd: { current: boolean },
  grown: () => void,
): void {
  const seen = useRef(new Set<Element>())
  const observer = useRef<ResizeObserver | null>(null)
  useEffect(() => () => observer.current?.disconnect(), [])
  useLayoutEffect(() => {
    const shown = box.current
    if (!shown) return
    observer.current ??= new ResizeObserver((entries) => {
      let above = 0
      let changed = false
      for (const { target, borderBoxSize } of entries) {
        const index = Number((target as HTMLElement).dataset.index)
        const height = borderBoxSize[0]?.blockSize ?? 0
        if (!height || !target.isConnected || Math.abs(height - heights.current.of(index)) < 0.5) continue
        const bottom = heights.current.top(index + 1)
        const more = heights.current.set(index, height)
        if (bottom <= shown.scrollTop + 1) above += more
        changed = true
      }
      if (!changed) return
      const inner = shown.firstElementChild as HTMLElement
      // Before what is scrolled to may lie beyond the old end.
      inner.style.height = `${heights.current.total}px`
      if (atEnd.current) shown.scrollTop = heights.current.total
      else if (above) shown.scrollTop += above
      grown()
    })
    const rows = new Set<Element>(shown.querySelectorAll('article'))
    for (const row of seen.current) if (!rows.has(row)) observer.current.unobserve(row)
    for (const row of rows) if (!seen.current.has(row)) observer.current.observe(row)
    seen.current = rows
  })
}
