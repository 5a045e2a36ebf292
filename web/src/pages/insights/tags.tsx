import { useId, useState } from 'preact/hooks'
import { Suggestions } from '../../ui/forms'
import { Chips } from './chips'

/** Tags to add by Enter, comma or leaving the field, and to take away. */
export function Tags({
  label,
  tags,
  known,
  onChange,
}: {
  label: string
  tags: readonly string[]
  known: readonly string[]
  onChange: (tags: string[]) => void
}) {
  const id = useId()
  const [text, setText] = useState('')
  const add = () => {
    const given = text.split(',').map((one) => one.trim().toLowerCase())
    setText('')
    const fresh = given.filter((one) => one && !tags.includes(one))
    if (fresh.length) onChange([...tags, ...new Set(fresh)])
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Chips values={tags} away={(tag) => `Remove the tag ${tag}`} onChange={onChange}>
        <input
          id={id}
          list={`${id}-known`}
          value={text}
          placeholder={tags.length ? '' : 'none'}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ',') return
            event.preventDefault()
            add()
          }}
          onBlur={add}
        />
        <Suggestions id={`${id}-known`} values={known.filter((one) => !tags.includes(one))} />
      </Chips>
    </div>
  )
}
