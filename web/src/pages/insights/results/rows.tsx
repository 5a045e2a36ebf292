import './rows.css'
import type { ComponentChildren } from 'preact'

/** A table that may be long: it scrolls below its header, also by keys where nothing in it can be focused. */
export function Rows({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
    <section class="results-rows" aria-label={label} tabIndex={0}>
      <table class="results-table" aria-label={label}>
        {children}
      </table>
    </section>
  )
}
