import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export interface Option {
  value: string
  title: string
  about?: string
  /** Said at its end, such as how often it happened. */
  aside?: string
}

const MOST_SHOWN = 80

/**
 * One of many by searching names and explanations. `none` is what stands for no choice; with `free` what is typed counts
 * even if it is not among the options.
 */
export function Pick({
  label,
  value,
  options,
  none,
  free = false,
  wrong,
  hideLabel = false,
  onPick,
}: {
  label: string
  value: string | null | undefined
  options: readonly Option[]
  none?: string
  free?: boolean
  wrong?: string | null
  hideLabel?: boolean
  onPick: (value: string | null) => void
}) {
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const chosen = options.find((one) => one.value === value)
  const shown = chosen?.title ?? value ?? none ?? ''
  const open = text !== null
  const found = open ? matching(options, text, none) : []
  const close = () => setText(null)
  const take = (option: Option | undefined) => {
    close()
    if (option) onPick(option.value || null)
    else if (free && text?.trim()) onPick(text.trim())
  }
  const begin = () => {
    setText('')
    setAt(0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      if (!open) begin()
      else setAt(Math.max(0, Math.min(found.length - 1, at + step)))
    } else if (open && event.key === 'Enter') {
      event.preventDefault()
      take(found[at])
    } else if (open && event.key === 'Escape') {
      event.stopPropagation()
      event.preventDefault()
      close()
    }
  }
  return (
    <div class="field insights-pick">
      <label for={id} class={hideLabel ? 'hidden' : ''}>
        {label}
      </label>
      <input
        id={id}
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && found[at] ? `${id}-${at}` : undefined}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={open ? text : shown}
        placeholder={open ? shown || 'Search…' : (none ?? 'Choose…')}
        title={chosen?.about}
        onClick={() => !open && begin()}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (free && text?.trim()) take(undefined)
          else close()
        }}
      />
      {open && (
        <Options id={id} label={label} options={found} at={at} onTake={take}>
          {free ? `Enter takes “${text}”` : 'Nothing is called so'}
        </Options>
      )}
      {wrong && (
        <span id={`${id}-wrong`} class="wrong" role="alert">
          {wrong}
        </span>
      )}
    </div>
  )
}

/** What is found, of which one is aimed at; `children` stand there where nothing is. */
function Options({
  id,
  label,
  options,
  at,
  onTake,
  children,
}: {
  id: string
  label: string
  options: readonly Option[]
  at: number
  onTake: (option: Option) => void
  children: ComponentChildren
}) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at])
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label={label}
      ref={list}
      class="insights-options"
      tabIndex={-1}
    >
      {options.map((option, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, which stays in focus
        <div
          key={option.value}
          id={`${id}-${place}`}
          role="option"
          tabIndex={-1}
          class="insights-option"
          aria-selected={place === at}
          // The focus stays where one types.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(option)}
        >
          <span class="row spread">
            <strong>{option.title}</strong>
            {option.aside && <span class="small quiet">{option.aside}</span>}
          </span>
          {option.about && <span class="small quiet">{option.about}</span>}
        </div>
      ))}
      {options.length === 0 && (
        <div
          class="quiet insights-option"
          role="option"
          tabIndex={-1}
          aria-selected="false"
          aria-disabled="true"
        >
          {children}
        </div>
      )}
    </div>
  )
}

/** Those that say all words of a text, names that begin so first. */
function matching(options: readonly Option[], text: string, none: string | undefined): Option[] {
  const parts = text
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean)
  const fits = ({ title, value, about = '' }: Option) => {
    const said = `${title} ${value} ${about}`.toLowerCase()
    return parts.every((part) => said.includes(part))
  }
  const found = options.filter(fits)
  const rank = ({ title }: Option) => (title.toLowerCase().startsWith(parts.join(' ')) ? 0 : 1)
  if (parts.length) found.sort((one, other) => rank(one) - rank(other))
  const nobody = none && parts.length === 0 ? [{ value: '', title: none }] : []
  return [...nobody, ...found].slice(0, MOST_SHOWN)
}
