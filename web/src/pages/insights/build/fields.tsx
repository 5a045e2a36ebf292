import type { InsightInterval, InsightSubject } from '../../../schema'
import { Choice, Field, Wrong } from '../../../ui/forms'
import { useWrong } from './wrong'

/** What each editor of a kind gets: what is asked, and how to change some of it. */
export interface EditorProps<Asked> {
  asked: Asked
  set: (patch: Partial<Asked>) => void
}

/** A choice at a place of the query. */
export function Chosen<Name extends string>({
  place,
  label,
  value,
  options,
  all,
  onChange,
}: {
  place: string
  label: string
  value: Name | null | undefined
  options: Readonly<Record<Name, string>>
  all?: string
  onChange: (value: Name | null) => void
}) {
  const wrong = useWrong(place)
  const choice = { label, options, wrong, ...(all === undefined ? {} : { all }) }
  return <Choice<Name> {...choice} value={value ?? ''} onChange={(name) => onChange(name || null)} />
}

/** A whole number at a place of the query; empty is as it comes. */
export function Count({
  place,
  label,
  value,
  usual,
  min = 1,
  max,
  onChange,
}: {
  place: string
  label: string
  value: number | null | undefined
  usual?: string | number
  min?: number
  max?: number
  onChange: (value: number | null) => void
}) {
  const wrong = useWrong(place)
  return (
    <Field label={label} wrong={wrong}>
      <input
        type="number"
        step="1"
        min={min}
        max={max}
        value={value ?? ''}
        placeholder={usual === undefined ? '' : String(usual)}
        aria-invalid={wrong ? true : undefined}
        onInput={(event) => {
          const typed = event.currentTarget.valueAsNumber
          onChange(Number.isFinite(typed) ? Math.trunc(typed) : null)
        }}
      />
    </Field>
  )
}

/** A text at a place of the query. */
export function Text({
  place,
  label,
  value,
  placeholder = '',
  hideLabel = false,
  mono = false,
  onChange,
}: {
  place: string
  label: string
  value: string | null | undefined
  placeholder?: string
  hideLabel?: boolean
  mono?: boolean
  onChange: (value: string) => void
}) {
  const wrong = useWrong(place)
  const input = (
    <input
      type="text"
      class={mono ? 'mono' : ''}
      spellcheck={!mono}
      aria-label={hideLabel ? label : undefined}
      aria-invalid={wrong ? true : undefined}
      value={value ?? ''}
      placeholder={placeholder}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  )
  if (!hideLabel)
    return (
      <Field label={label} wrong={wrong}>
        {input}
      </Field>
    )
  return (
    <span class="field">
      {input}
      <Wrong text={wrong} />
    </span>
  )
}

const INTERVALS: Record<InsightInterval, string> = {
  MINUTE: 'minute',
  HOUR: 'hour',
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
}
const { MINUTE: _, ...LONGER } = INTERVALS

export function IntervalChoice({
  place,
  label = 'By the',
  value,
  minutes = true,
  onChange,
}: {
  place: string
  label?: string
  value: InsightInterval | undefined
  minutes?: boolean
  onChange: (interval: InsightInterval) => void
}) {
  const options = minutes ? INTERVALS : (LONGER as typeof INTERVALS)
  return (
    <Chosen
      {...{ place, label, options }}
      value={value ?? 'DAY'}
      onChange={(interval) => onChange(interval ?? 'DAY')}
    />
  )
}

const SUBJECTS: Record<InsightSubject, string> = {
  DEVELOPER: 'developers',
  SESSION: 'sessions',
  ARC: 'goal arcs',
}

export function SubjectChoice({
  place,
  label,
  value,
  onChange,
}: {
  place: string
  label: string
  value: InsightSubject | undefined
  onChange: (subject: InsightSubject) => void
}) {
  return (
    <Chosen
      {...{ place, label, options: SUBJECTS }}
      value={value ?? 'DEVELOPER'}
      onChange={(subject) => onChange(subject ?? 'DEVELOPER')}
    />
  )
}
