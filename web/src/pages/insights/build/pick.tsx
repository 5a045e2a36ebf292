import './pick.css'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Wrong } from '../../../ui/forms'

export interface Option {
  value: string
  title: string
  about?: string
  /** Said at its end, such as how often it happened. */
  aside?: string
}

const MOST_SHOWN = 80

/** What `Pick` is about. */
interface Picked {
  value: string | null | undefined
  options: readonly Option[]
  /** What stands for no choice. */
  none?: string
  /** Whether what is typed counts even if it is not among the options. */
  free?: boolean
  onPick: (value: string | null) => void
}

/** One of many by searching names and explanations. */
export function Pick({
  label,
  wrong,
  hideLabel = false,
  ...picked
}: Picked & { label: string; wrong?: string | null; hideLabel?: boolean }) {
  const id = useId()
  const { options, value, none, free } = picked
  const search = useSearch(picked)
  const { text, at, found, open } = search
  const chosen = options.find((one) => one.value === value)
  const shown = chosen?.title ?? value ?? none ?? ''
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
        value={text ?? shown}
        placeholder={open ? shown || 'Search…' : (none ?? 'Choose…')}
        title={chosen?.about}
        {...search.typing}
      />
      {open && (
        <Options id={id} label={label} options={found} at={at} onTake={search.take}>
          {free ? `Enter takes “${text}”` : 'Nothing is called so'}
        </Options>
      )}
      <Wrong id={`${id}-wrong`} text={wrong} />
    </div>
  )
}

/** What is typed, null while nothing is looked for; what that finds, and which of it is aimed at. */
function useSearch({ options, none, free, onPick }: Picked) {
  const [text, setText] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const open = text !== null
  const found = open ? matching(options, text, none) : []
  const look = (typed: string) => {
    setText(typed)
    setAt(0)
  }
  const close = () => setText(null)
  const take = (option: Option | undefined) => {
    close()
    if (option) onPick(option.value || null)
    else if (free && text?.trim()) onPick(text.trim())
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && !open) look('')
    else if (step) setAt(Math.max(0, Math.min(found.length - 1, at + step)))
    else if (open && event.key === 'Enter') take(found[at])
    else if (open && event.key === 'Escape') {
      // What this stands in stays open.
      event.stopPropagation()
      close()
    } else return
    event.preventDefault()
  }
  const typing = {
    onClick: () => !open && look(''),
    onInput: (event: { currentTarget: HTMLInputElement }) => look(event.currentTarget.value),
    onKeyDown: press,
    onBlur: () => (free && text?.trim() ? take(undefined) : close()),
  }
  return { text, at, found, open, take, typing }
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
        <Offer
          key={option.value}
          id={`${id}-${place}`}
          option={option}
          aimed={place === at}
          onTake={() => onTake(option)}
        />
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

function Offer({
  id,
  option: { title, about, aside },
  aimed,
  onTake,
}: {
  id: string
  option: Option
  aimed: boolean
  onTake: () => void
}) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, which stays in focus
    <div
      id={id}
      role="option"
      tabIndex={-1}
      class="insights-option"
      aria-selected={aimed}
      // The focus stays where one types.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onTake}
    >
      <span class="row spread">
        <strong>{title}</strong>
        {aside && <span class="small quiet">{aside}</span>}
      </span>
      {about && <span class="small quiet">{about}</span>}
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
