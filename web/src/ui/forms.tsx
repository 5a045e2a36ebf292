import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { words } from '../format'

/** What to change in what was entered, if anything. */
export function Wrong({ text, id }: { text: string | null | undefined; id?: string }) {
  if (!text) return null
  return (
    <span id={id} class="wrong" role="alert">
      {text}
    </span>
  )
}

/** A labelled input; `wrong` says what to change. */
export function Field({
  label,
  wrong,
  children,
}: {
  label: string
  wrong?: string | null
  children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="field">
      <span>{label}</span>
      {children}
      <Wrong text={wrong} />
    </label>
  )
}

/** One of several; a name without a title is shown in words. `all` is the choice of none. */
export function Choice<Name extends string>({
  label,
  value,
  options,
  all,
  wrong,
  onChange,
}: {
  label: string
  value: Name | ''
  options: readonly Name[] | Readonly<Record<Name, string>>
  all?: string
  wrong?: string | null
  onChange: (value: Name | '') => void
}) {
  const pairs = Array.isArray(options)
    ? (options as readonly Name[]).map((name) => [name, words(name)] as const)
    : (Object.entries(options) as [Name, string][])
  return (
    <Field label={label} wrong={wrong ?? null}>
      <select
        value={value}
        aria-invalid={wrong ? true : undefined}
        onChange={(event) => onChange(event.currentTarget.value as Name | '')}
      >
        {all !== undefined && <option value="">{all}</option>}
        {pairs.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </Field>
  )
}

/** What an input offers while one types, whose `list` is this id. */
export function Suggestions({ id, values }: { id: string; values: readonly string[] }) {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  )
}

/** A box to tick; a sentence on what it does may stand below its name. */
export function Check({
  label,
  on,
  off = false,
  onChange,
  children,
}: {
  label: ComponentChildren
  on: boolean
  /** Whether it cannot be changed. */
  off?: boolean
  onChange: (on: boolean) => void
  children?: ComponentChildren
}) {
  return (
    <label class={`check ${children ? 'told' : ''}`}>
      <input
        type="checkbox"
        checked={on}
        disabled={off}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {children && (
          <>
            <br />
            <span class="small quiet">{children}</span>
          </>
        )}
      </span>
    </label>
  )
}

/** A text that is told once one stops typing, so that not each letter asks the server. */
export function Search({
  label,
  value,
  onSearch,
}: {
  label: string
  value: string
  onSearch: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  // Other filters may change while one types.
  const latest = useRef(onSearch)
  latest.current = onSearch
  useEffect(() => {
    if (value !== told.current) setText(value)
    told.current = value
  }, [value])
  useEffect(() => {
    if (text === told.current) return
    const timer = setTimeout(() => {
      told.current = text
      latest.current(text)
    }, 250)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <Field label={label}>
      <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </Field>
  )
}

/** Tabs as the pattern has them: arrows move, the panel is named by its tab. */
export function Tabs<Name extends string>({
  label,
  value,
  tabs,
  onChange,
  children,
}: {
  label: string
  value: Name
  tabs: Readonly<Record<Name, string>>
  onChange: (name: Name) => void
  children: ComponentChildren
}) {
  const id = useId()
  const names = Object.keys(tabs) as Name[]
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const next = names[(names.indexOf(value) + step + names.length) % names.length] as Name
    onChange(next)
    document.getElementById(`${id}-${next}`)?.focus()
  }
  return (
    <div class="stack">
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {names.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={name === value}
            aria-controls={`${id}-panel`}
            tabIndex={name === value ? 0 : -1}
            onClick={() => onChange(name)}
          >
            {tabs[name]}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  )
}
