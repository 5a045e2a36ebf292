import './chips.css'
import type { ComponentChildren } from 'preact'

/** What was chosen of many, each with a button to take it away; an input for more may stand behind them. */
export function Chips({
  values,
  away = (value) => `Remove ${value}`,
  onChange,
  children,
}: {
  values: readonly string[]
  /** What the button of a value says. */
  away?: (value: string) => string
  onChange: (values: string[]) => void
  children?: ComponentChildren
}) {
  return (
    <span class="insights-chips">
      {values.map((value) => (
        <span key={value} class="badge">
          {value}
          <button
            type="button"
            class="bare"
            aria-label={away(value)}
            onClick={() => onChange(values.filter((one) => one !== value))}
          >
            ×
          </button>
        </span>
      ))}
      {children}
    </span>
  )
}
