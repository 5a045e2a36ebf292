import { useId, useState } from 'preact/hooks'
import type { InsightComparisonInput } from '../../../schema'
import { Suggestions } from '../../../ui/forms'
import { Chips } from '../chips'
import type { PropertyDefinition } from './definitions'
import { NEEDS_NONE, NEEDS_TWO } from './query'

/** What a property is compared with, entered as fits its type. */
export function Values({
  compare,
  property,
  onChange,
}: {
  compare: InsightComparisonInput
  property: PropertyDefinition | undefined
  onChange: (values: string[]) => void
}) {
  const operator = compare.operator ?? 'EXACT'
  const values = compare.values ?? []
  if (NEEDS_NONE.has(operator)) return null
  const type = property?.type
  if (NEEDS_TWO.has(operator)) {
    return (
      <>
        <One
          label="From"
          type="number"
          value={values[0]}
          onChange={(one) => onChange([one, values[1] ?? ''])}
        />
        <One
          label="To"
          type="number"
          value={values[1]}
          onChange={(two) => onChange([values[0] ?? '', two])}
        />
      </>
    )
  }
  const only = (value: string) => onChange(value ? [value] : [])
  if (type === 'BOOLEAN') return <Truth value={values[0]} onChange={only} />
  if (type === 'TIME') return <One label="Day" type="date" value={values[0]?.slice(0, 10)} onChange={only} />
  if (type === 'NUMBER' && operator !== 'EXACT' && operator !== 'IS_NOT')
    return <One label="Number" type="number" value={values[0]} onChange={only} />
  return (
    <Several
      values={values}
      samples={property?.sampleValues ?? []}
      numbers={type === 'NUMBER'}
      onChange={onChange}
    />
  )
}

function One({
  label,
  type,
  value = '',
  onChange,
}: {
  label: string
  type: 'number' | 'date'
  value?: string | undefined
  onChange: (value: string) => void
}) {
  return (
    <input
      class="insights-value"
      aria-label={label}
      type={type}
      step="any"
      value={value}
      placeholder={label}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function Truth({ value = '', onChange }: { value?: string | undefined; onChange: (value: string) => void }) {
  return (
    <select aria-label="Value" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">choose…</option>
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  )
}

interface SeveralProps {
  values: readonly string[]
  samples: readonly string[]
  numbers: boolean
  onChange: (values: string[]) => void
}

/** Any number of values: each is added by Enter or by leaving the field, and taken away by its button. */
function Several(props: SeveralProps) {
  return (
    <Chips values={props.values} onChange={props.onChange}>
      <Another {...props} />
    </Chips>
  )
}

function Another({ values, samples, numbers, onChange }: SeveralProps) {
  const id = useId()
  const [text, setText] = useState('')
  const add = (value: string) => {
    setText('')
    const given = value.trim()
    if (given && !values.includes(given)) onChange([...values, given])
  }
  const typed = (event: InputEvent, given: string) => {
    // A suggestion that is chosen comes whole.
    if (samples.includes(given) && !event.data) add(given)
    else setText(given)
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      add(text)
    } else if (event.key === 'Backspace' && !text && values.length) onChange(values.slice(0, -1))
  }
  return (
    <>
      <input
        aria-label="Value"
        list={id}
        type={numbers ? 'number' : 'text'}
        step="any"
        value={text}
        placeholder={values.length ? 'or…' : 'Value'}
        onInput={(event) => typed(event as InputEvent, event.currentTarget.value)}
        onKeyDown={pressed}
        onBlur={() => text && add(text)}
      />
      <Suggestions id={id} values={samples.filter((one) => !values.includes(one))} />
    </>
  )
}
