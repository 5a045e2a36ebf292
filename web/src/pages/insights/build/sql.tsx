import './sql.css'
import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useRead } from '../../../api/hooks'
import type { SqlQueryInput, SqlValueInput } from '../../../schema'
import { Check, Wrong } from '../../../ui/forms'
import { ViewsDocument } from './Build.gql'
import type { EditorProps } from './fields'
import { Part } from './part'
import { RangeEditor } from './range'
import { Remove } from './remove'
import { EXAMPLES } from './sql_examples'
import { insert, offsetOf, placeIn, pointedOut } from './sql_place'
import { said, useWrong } from './wrong'

/** Where views stand beside the statement; else they would push what it comes to out of sight. */
const WIDE = matchMedia('(min-width: 75rem)')

type Area = RefObject<HTMLTextAreaElement | null>

/** One SELECT: plain text, with the views beside it. Tab indents, until Escape gives it back. */
export function SqlEditor({ asked, set, onRun }: EditorProps<SqlQueryInput> & { onRun: () => void }) {
  const box = useRef<HTMLTextAreaElement>(null)
  const write = (text: string) => {
    const area = box.current
    if (!area) return
    const [statement, at] = insert(asked.statement, area.selectionStart, area.selectionEnd, text)
    set({ statement })
    requestAnimationFrame(() => {
      area.focus()
      area.setSelectionRange(at, at)
    })
  }
  return (
    <>
      <Part title="Statement">
        <Statement {...{ asked, set, onRun, write, box }} />
        <Places asked={asked} set={set} />
        <Examples onChoose={(statement) => set({ statement })} />
      </Part>
      <Part title="Views and their columns">
        <Views onName={write} />
      </Part>
    </>
  )
}

function Examples({ onChoose }: { onChoose: (statement: string) => void }) {
  return (
    <label class="field">
      <span>Begin with an example</span>
      <select
        value=""
        onChange={(event) => {
          const example = EXAMPLES[Number(event.currentTarget.value)]
          if (example) onChoose(example.statement)
          event.currentTarget.value = ''
        }}
      >
        <option value="">Choose…</option>
        {EXAMPLES.map(({ title }, at) => (
          <option key={title} value={at}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}

function Statement({
  asked,
  set,
  onRun,
  write,
  box,
}: EditorProps<SqlQueryInput> & {
  onRun: () => void
  write: (text: string) => void
  box: Area
}) {
  const free = useRef(false)
  const wrong = useWrong('sql.statement')
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') free.current = true
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      onRun()
    } else if (event.key === 'Tab' && !event.shiftKey && !free.current) {
      event.preventDefault()
      write('  ')
    } else if (event.key !== 'Tab' && event.key !== 'Shift') free.current = false
  }
  return (
    <div class="stack tight">
      <label class="field">
        <span class="hidden">Statement</span>
        <textarea
          ref={box}
          class="mono insights-sql"
          rows={12}
          wrap="off"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          aria-describedby="insights-sql-keys"
          aria-invalid={wrong ? true : undefined}
          value={asked.statement}
          onInput={(event) => set({ statement: event.currentTarget.value })}
          onKeyDown={onKeyDown}
          onBlur={() => {
            free.current = false
          }}
        />
      </label>
      <div class="row">
        <button type="button" class="main" onClick={onRun}>
          Run
        </button>
        <p id="insights-sql-keys" class="small quiet">
          Ctrl + Enter runs it, too. Tab indents; Escape, then Tab leaves the field.
        </p>
      </div>
      {wrong && <Misread statement={asked.statement} wrong={wrong} box={box} />}
    </div>
  )
}

/** What a statement is refused for, and where. */
function Misread({ statement, wrong, box }: { statement: string; wrong: string; box: Area }) {
  const place = placeIn(wrong)
  const goThere = () => {
    const area = box.current
    if (!area || !place) return
    const at = offsetOf(statement, place)
    area.focus()
    area.setSelectionRange(at, Math.min(at + 1, statement.length))
  }
  return (
    <div class="notice bad" role="alert">
      <strong>{said(wrong)}</strong>
      {place && (
        <>
          <pre class="insights-pointed">{pointedOut(statement, place)}</pre>
          <button type="button" onClick={goThere}>
            Go to line {place.line}, column {place.column}
          </button>
        </>
      )}
    </div>
  )
}

/** What stands for `{names}` and `{filters}` of the statement. */
function Places({ asked, set }: EditorProps<SqlQueryInput>) {
  const [filters, setFilters] = useState(Boolean(asked.range))
  const wrong = useWrong('sql.values')
  const values = asked.values ?? []
  const put = (at: number, ...instead: SqlValueInput[]) =>
    set({ values: values.toSpliced(at, 1, ...instead) })
  return (
    <div class="stack tight">
      {values.map((value, at) => (
        <div class="insights-line" key={at}>
          <input
            class="mono"
            aria-label={`Name of value ${at + 1}`}
            placeholder="name"
            value={value.name}
            onInput={(event) => put(at, { ...value, name: event.currentTarget.value })}
          />
          <input
            aria-label={`Value ${at + 1}`}
            placeholder="value"
            value={value.text ?? value.number ?? ''}
            onInput={(event) => put(at, { ...valued(event.currentTarget.value), name: value.name })}
          />
          <Remove label={`Remove value ${at + 1}`} onRemove={() => put(at)} />
        </div>
      ))}
      <Wrong text={wrong} />
      <div class="row">
        <button
          type="button"
          class="plain"
          title="{name} in the statement stands for it"
          onClick={() => put(values.length, { name: '', text: '' })}
        >
          + Value for {'{name}'}
        </button>
        <Check
          label="Time for {filters}"
          on={filters}
          onChange={(checked) => {
            setFilters(checked)
            set({ range: checked ? { dateFrom: '-30d' } : null })
          }}
        />
      </div>
      {filters && (
        <div class="insights-pair">
          <RangeEditor range={asked.range} place="sql.range" onChange={(range) => set({ range })} />
        </div>
      )}
    </div>
  )
}

/** What looks like a number is one. */
const valued = (text: string): Pick<SqlValueInput, 'text' | 'number'> =>
  /^-?\d+(\.\d+)?$/.test(text) ? { number: Number(text), text: null } : { text, number: null }

function Views({ onName }: { onName: (name: string) => void }) {
  const { data } = useRead(ViewsDocument, {})
  return (
    <div class="insights-views">
      {data?.sqlViews.map((view, at) => (
        <details key={view.name} open={at === 0 && WIDE.matches}>
          <summary>
            <code>{view.name}</code> <span class="small quiet">{view.description}</span>
          </summary>
          <ul>
            {view.columns.map((column) => (
              <li key={column.name}>
                <button
                  type="button"
                  class="plain mono"
                  title={`Write ${column.name}`}
                  onClick={() => onName(column.name)}
                >
                  {column.name}
                </button>
                <span class="small quiet">
                  {column.type} · {column.description}
                </span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  )
}
