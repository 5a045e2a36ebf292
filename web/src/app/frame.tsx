import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { words } from '../format'
import { href, PAGES } from '../routes'
import { browserZone } from '../time'
import { Said } from '../ui/said'
import { useViewer } from './viewer'

/** Every page stands in it. `where` is the page that is shown, `zone` the one times are written in. */
export function Frame({
  where,
  zone,
  onZone,
  onLeave,
  children,
}: {
  where: string
  zone: string
  onZone: (zone: string) => void
  onLeave: () => void
  children: ComponentChildren
}) {
  const viewer = useViewer()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(where)
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    document.title = `${words(where.toUpperCase())} · Goalarc`
    // The reader of the screen goes on at the new page, not at the link that led there.
    if (shown.current !== where) main.current?.focus()
    shown.current = where
    // On a narrow screen the list of pages is longer than what can be seen of it.
    const here = list.current?.querySelector<HTMLElement>('[aria-current]')
    if (here && list.current) list.current.scrollLeft = here.offsetLeft - list.current.clientWidth / 3
  }, [where])
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <nav aria-label="Pages" ref={list}>
        <span class="brand">
          <img src={new URL('../icon.svg', import.meta.url).href} alt="" width="24" height="24" /> Goalarc
        </span>
        {PAGES.map((page) => (
          <a key={page} href={href(page)} aria-current={page === where ? 'page' : undefined}>
            {words(page.toUpperCase())}
          </a>
        ))}
        <div class="end small">
          <Zones zone={zone} own={viewer.timeZone} onZone={onZone} />
          <a href="./graphql">GraphiQL</a>
          <span class="quiet" title={`${viewer.email} at ${viewer.organisation.slug}`}>
            {viewer.email}
          </span>
          <button type="button" onClick={onLeave}>
            Sign out
          </button>
        </div>
      </nav>
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
      <Said />
    </div>
  )
}

/** Times are those of the key, since days and weeks are cut in them; where the browser is elsewhere, one may choose. */
function Zones({ zone, own, onZone }: { zone: string; own: string; onZone: (zone: string) => void }) {
  const here = browserZone()
  if (here === own) return <span class="quiet">Times: {own}</span>
  return (
    <label class="field">
      <span>Times in</span>
      <select value={zone} title={zone} onChange={(event) => onZone(event.currentTarget.value)}>
        <option value={own}>{own} (key)</option>
        <option value={here}>{here} (here)</option>
      </select>
    </label>
  )
}
