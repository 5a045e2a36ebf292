import { useId, useState } from 'preact/hooks'

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
    <div class="field insights-tagging">
      <label for={id}>{label}</label>
      <span class="insights-chips">
        {tags.map((tag) => (
          <span key={tag} class="badge">
            {tag}
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              onClick={() => onChange(tags.filter((one) => one !== tag))}
            >
              ×
            </button>
          </span>
        ))}
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
        <datalist id={`${id}-known`}>
          {known
            .filter((one) => !tags.includes(one))
            .map((one) => (
              <option key={one} value={one} />
            ))}
        </datalist>
      </span>
    </div>
  )
}
