import type { ComponentChildren } from 'preact'
import type { Problem as Told } from '../api/problem'
import { href, type Page } from '../routes'
import { ago, useClock } from '../time'

export { Tip } from './tip'

/** A page's name and what can be done on it. */
export function Heading({
  title,
  children,
  about,
}: {
  title: string
  about?: ComponentChildren
  children?: ComponentChildren
}) {
  return (
    <header class="row spread">
      <div>
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {about && <p class="quiet">{about}</p>}
      </div>
      {children && <div class="row">{children}</div>}
    </header>
  )
}

export function Card({
  title,
  actions,
  children,
  class: name = '',
}: {
  title?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
  class?: string
}) {
  return (
    <section class={`card ${name}`}>
      {(title || actions) && (
        <header>
          {title && <h2>{title}</h2>}
          {actions && <div class="row">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  )
}

/** What a colour says: reached, failed, needs a look, goes on, chosen; none is neutral. */
export type Tone = 'good' | 'bad' | 'warn' | 'open' | 'act' | ''

export function Badge({
  tone = '',
  title,
  children,
}: {
  tone?: Tone
  title?: string
  children: ComponentChildren
}) {
  return (
    <span class={`badge ${tone}`} title={title}>
      {children}
    </span>
  )
}

/** Says what happened and what to do; `again` offers to try once more. */
export function Problem({ problem, again }: { problem: Told | null | undefined; again?: () => void }) {
  if (!problem) return null
  return (
    <div class="notice bad" role="alert">
      <strong>{problem.message}</strong>
      {problem.hint && <span>{problem.hint}</span>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

/** Nothing to show yet, and the next step. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** One thing that cannot be shown: it is not there, or what else went wrong. `page` has the others. */
export function Missing({
  what,
  page,
  problem,
  again,
}: {
  what: string
  page: Page
  problem: Told | null
  again: () => void
}) {
  if (problem && problem.code !== 'NOT_FOUND' && problem.code !== 'BAD_USER_INPUT') {
    return <Problem problem={problem} again={again} />
  }
  return (
    <Empty title={`There is no such ${what}`}>
      <p>It may be deleted, or out of reach of this key.</p>
      <a href={href(page)}>All {page}</a>
    </Empty>
  )
}

export function Waiting({ what = 'Loading' }: { what?: string }) {
  return (
    <div class="waiting" role="status">
      {what}…
    </div>
  )
}

/** An instant in the viewer's zone; with `since`, how long ago, and the instant on hover. */
export function Time({ at, since = false }: { at: string | null | undefined; since?: boolean }) {
  const clock = useClock()
  if (!at) return <span class="quiet">–</span>
  return (
    <time dateTime={at} title={clock.full(at)}>
      {since ? ago(at) : clock.minute(at)}
    </time>
  )
}

/** Pages of a list: more of it, as long as there is more. */
export function More({ show, loading, onMore }: { show: boolean; loading?: boolean; onMore: () => void }) {
  if (!show) return null
  return (
    <div class="row">
      <button type="button" disabled={loading} onClick={onMore}>
        {loading ? 'Loading…' : 'Show more'}
      </button>
    </div>
  )
}
