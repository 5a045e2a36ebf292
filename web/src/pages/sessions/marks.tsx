import { plural } from '../../format'
import { useClock } from '../../time'
import { groupsOf } from './scale'
import type { Outline } from './source'

export type Mark = Outline['marks'][number]

/** What marks are called, and their lanes; within a lane the first that is there gives a group its shape. */
export const NAMES: Record<Mark['kind'], [one: string, many: string]> = {
  API_ERROR: ['service error', 'service errors'],
  TEST_FAILURE: ['failed test run', 'failed test runs'],
  ERROR: ['failed call', 'failed calls'],
  REVERT: ['revert', 'reverts'],
  PULL_REQUEST: ['pull request', 'pull requests'],
  COMMIT: ['commit', 'commits'],
  INTERRUPTION: ['interruption', 'interruptions'],
  CONTEXT_CLEAR: ['cleared conversation', 'cleared conversations'],
  PROMPT: ['prompt', 'prompts'],
}
const KINDS = Object.keys(NAMES) as Mark['kind'][]

export const LANES: Record<string, readonly Mark['kind'][]> = {
  Prompts: ['PROMPT', 'INTERRUPTION', 'CONTEXT_CLEAR'],
  Errors: ['API_ERROR', 'TEST_FAILURE', 'ERROR'],
  Git: ['REVERT', 'PULL_REQUEST', 'COMMIT'],
}

/** Closer marks than so many pixels are one. */
const APART = 30

/** Marks of a lane, as buttons that lead to their events: one stop of the keyboard, arrows move within. */
export function Marks({
  name,
  marks,
  placeOf,
  width,
  onGo,
}: {
  name: string
  marks: readonly Mark[]
  placeOf: (ts: string) => number
  width: number
  onGo: (mark: Mark) => void
}) {
  const clock = useClock()
  const seen = marks.filter(({ ts }) => placeOf(ts) >= 0 && placeOf(ts) <= 1)
  const groups = groupsOf(seen, ({ ts }) => placeOf(ts) * width, APART)
  return (
    <div class="sessions-lane marks" role="toolbar" aria-label={name} onKeyDown={rove}>
      {groups.map((group, at) => {
        const first = group[0] as Mark
        const kind = KINDS.find((one) => group.some((mark) => mark.kind === one)) ?? first.kind
        const label = `${said(group)}, ${clock.time(first.ts)}`
        return (
          <button
            key={first.eventId}
            type="button"
            class={`sessions-mark ${kind.toLowerCase()}`}
            style={{ left: `${placeOf(first.ts) * 100}%` }}
            tabIndex={at ? -1 : 0}
            aria-label={label}
            title={label}
            onClick={() => onGo(first)}
          >
            <i />
            {group.length > 1 && <span class="small number">{group.length}</span>}
          </button>
        )
      })}
    </div>
  )
}

const said = (group: readonly Mark[]): string =>
  KINDS.map((kind) => [kind, group.filter((mark) => mark.kind === kind).length] as const)
    .filter(([, count]) => count)
    .map(([kind, count]) => plural(count, ...NAMES[kind]))
    .join(', ')

/** Arrows go from button to button, as in every toolbar. */
function rove(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const lane = event.currentTarget as HTMLElement
  const all = [...lane.querySelectorAll('button')]
  if (!step) return
  event.stopPropagation()
  event.preventDefault()
  all[all.indexOf(event.target as HTMLButtonElement) + step]?.focus()
}
