import type { ComponentChildren } from 'preact'
import { Wrong } from '../../../ui/forms'
import { Remove } from './remove'

/** A list whose parts stand in a line each: every one can be taken away, and another be added. */
export function Lines<One>({
  list,
  most = Number.POSITIVE_INFINITY,
  fresh,
  more,
  away,
  wrong,
  onChange,
  children,
}: {
  list: readonly One[]
  most?: number
  /** What is added, and what the button for it says. */
  fresh: One
  more: string
  /** What the button says that takes one away. */
  away: (one: One, at: number) => string
  wrong: string | null | undefined
  onChange: (list: One[]) => void
  children: (one: One, at: number, set: (one: One) => void) => ComponentChildren
}) {
  return (
    <div class="stack tight">
      {list.map((one, at) => (
        <div class="insights-line" key={at}>
          {children(one, at, (next) => onChange(list.with(at, next)))}
          <Remove label={away(one, at)} onRemove={() => onChange(list.toSpliced(at, 1))} />
        </div>
      ))}
      <Wrong text={wrong} />
      {list.length < most && (
        <div>
          <button type="button" class="plain" onClick={() => onChange([...list, fresh])}>
            {more}
          </button>
        </div>
      )}
    </div>
  )
}
