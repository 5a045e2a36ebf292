import type { ComponentChildren } from 'preact'
import { titleOf } from '../../arcs/table'
import { number, words } from '../../format'
import { href } from '../../routes'
import { Card, Time } from '../../ui/parts'
import { neighboursOf } from './neighbours'
import type { Arc } from './one'

/** What it hangs together with: its session, the arcs beside it, what undid it, what it undid, its fragments. */
export function Around({ arc }: { arc: Arc }) {
  const { previous, next } = neighboursOf(arc)
  const { session, rework, reworked, fragments } = arc
  const arcs = session?.subSessions.length ?? 0
  return (
    <Card title="Around it">
      <dl class="arcs-around">
        {session && (
          <Link name="Session" to={href('sessions', session.id)} title={session.title ?? 'The whole session'}>
            {arcs > 0 && (
              <>
                {' · '}
                <a class="small" href={href('arcs', null, { session: session.id })}>
                  {arcs === 1 ? 'its only arc' : `all ${number(arcs)} arcs`}
                </a>
              </>
            )}
          </Link>
        )}
        {previous && (
          <Link
            name="Before it"
            to={href('arcs', previous.id)}
            title={titleOf(previous)}
            at={previous.startedAt}
          />
        )}
        {next && (
          <Link name="After it" to={href('arcs', next.id)} title={titleOf(next)} at={next.startedAt} />
        )}
        {rework && (
          <Link
            name={`Undone (${words(rework.kind).toLowerCase()}) by`}
            to={rework.by && href('arcs', rework.by.id)}
            title={rework.by ? titleOf(rework.by) : 'an arc out of reach of this key'}
            at={rework.at}
          />
        )}
        {reworked.map((earlier) => (
          <Link
            key={earlier.id}
            name={`It undid (${words(earlier.rework?.kind).toLowerCase()})`}
            to={href('arcs', earlier.id)}
            title={titleOf(earlier)}
            at={earlier.startedAt}
          />
        ))}
        {fragments.length > 1 &&
          fragments.map((part, at) => (
            <Link
              key={part.id}
              name={`Fragment ${at + 1} of ${fragments.length}`}
              to={part.id === arc.id ? null : href('arcs', part.id)}
              title={part.id === arc.id ? 'where it begins' : titleOf(part)}
              at={part.startedAt}
            />
          ))}
        {arc.project && <Link name="Project" to={null} title={arc.project} />}
      </dl>
      {!session && (
        <p class="small quiet">Its session and the arcs beside it need a key with sessions:read.</p>
      )}
    </Card>
  )
}

function Link({
  name,
  to,
  title,
  at,
  children,
}: {
  name: string
  to: string | null | undefined
  title: string
  at?: string
  children?: ComponentChildren
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {to ? (
          <a href={to} dir="auto">
            {title}
          </a>
        ) : (
          <span dir="auto">{title}</span>
        )}{' '}
        {at && (
          <span class="small quiet">
            <Time at={at} />
          </span>
        )}
        {children}
      </dd>
    </div>
  )
}
