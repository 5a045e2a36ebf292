import type { ComponentChildren } from 'preact'

/** A part of the form, under its name. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="insights-part">
      <h2>{title}</h2>
      {children}
    </section>
  )
}
