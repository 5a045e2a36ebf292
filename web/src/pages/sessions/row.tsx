import { plural } from '../../format'
import type { Clock } from '../../time'
import { Badge } from '../../ui/parts'
import { firstLines, type Told } from './telling'

interface RowProps {
  index: number
  count: number
  told: Told | undefined
  top: number
  /** The one that the keyboard is at. */
  active: boolean
  /** The one that the address names. */
  named: boolean
  /** Its whole text once it was opened, null while that is fetched; undefined: closed. */
  whole: string | null | undefined
  link: string
  clock: Clock
  onOpen: (told: Told) => void
}

/**
 * One event, placed where its row stands. Until it is read there is an empty row of the usual height. It is compared
 * each time: skipped elements would hold on to all rows that ever stood beside them.
 */
export function Row({ index, count, told, top, active, named, whole, link, clock, onOpen }: RowProps) {
  const time = told ? clock.time(told.ts) : ''
  return (
    <article
      class={`sessions-event ${told?.tone ?? ''} ${named ? 'named' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      data-index={index}
      tabIndex={active ? 0 : -1}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-busy={!told}
      aria-current={named ? 'true' : undefined}
      aria-label={told ? `${told.label} ${told.title}, ${time}${told.facts && `, ${told.facts}`}` : 'Loading'}
    >
      {told ? (
        <>
          <header>
            <a class="small number" href={link} title={`${clock.full(told.ts)}: a link to this event`}>
              <time dateTime={told.ts}>{time}</time>
            </a>
            <Badge tone={told.tone}>{told.label}</Badge>
            {told.title && (
              <span class={told.form === 'text' ? 'title' : 'title mono'} dir="auto">
                {told.title}
              </span>
            )}
            {told.facts && <span class="small quiet">{told.facts}</span>}
          </header>
          {told.body && <Body told={told} whole={whole} onOpen={onOpen} />}
        </>
      ) : (
        <span class="small quiet">…</span>
      )}
    </article>
  )
}

function Body({ told, whole, onOpen }: Pick<RowProps, 'whole' | 'onOpen'> & { told: Told }) {
  const first = firstLines(told.body)
  const shown = whole ?? first.text
  const long = told.cut || !first.whole
  const open = whole !== undefined
  return (
    <>
      {told.form === 'diff' ? (
        <Diff text={shown} />
      ) : (
        <pre class={told.form} dir="auto">
          {shown}
        </pre>
      )}
      {long && (
        <button type="button" class="plain small" aria-expanded={open} onClick={() => onOpen(told)}>
          {whole === null ? 'Loading…' : open ? 'Show less' : `Show all${more(told)}`}
        </button>
      )}
    </>
  )
}

const more = (told: Told): string => {
  const lines = told.body.split('\n').length
  return told.cut ? '' : lines > 6 ? ` ${plural(lines, 'line')}` : ''
}

const SIGNS: Record<string, string> = { '+': 'good', '-': 'bad', '@': 'quiet' }

function Diff({ text }: { text: string }) {
  return (
    <pre class="mono diff" dir="ltr">
      {text.split('\n').map((line, index) => (
        <span key={index} class={SIGNS[line.charAt(0)] ?? ''}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  )
}
