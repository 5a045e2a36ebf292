import type { ComponentChildren } from 'preact'

/** A box to tick, its name, and a sentence on what it does. */
export function Check(props: {
  label: ComponentChildren
  on: boolean
  disabled?: boolean
  onChange: (on: boolean) => void
  children: ComponentChildren
}) {
  const { label, on, disabled = false, onChange, children } = props
  return (
    <label class="team-check">
      <input
        type="checkbox"
        checked={on}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        <br />
        <span class="small quiet">{children}</span>
      </span>
    </label>
  )
}
