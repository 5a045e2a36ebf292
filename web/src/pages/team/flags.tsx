import { useMemo } from 'preact/hooks'
import { usePages } from '../../api/pages'
import { useMay } from '../../app/viewer'
import { FLAGS } from '../../arcs/flags'
import { titleOf } from '../../arcs/table'
import { plural, words } from '../../format'
import { href } from '../../routes'
import type { FlagKind } from '../../schema'
import { daysAgo } from '../../time'
import { Choice } from '../../ui/forms'
import { Badge, Empty, More, Problem, Time, Tip, Waiting } from '../../ui/parts'
import { look, oneOf } from './address'
import { FlagsDocument, type FlagsQuery } from './Flags.gql'
import { Filters } from './filters'

type Flag = FlagsQuery['integrityFlags']['nodes'][number]

const KINDS = Object.keys(FLAGS) as FlagKind[]
const DAYS = { d7: 'Last 7 days', d30: 'Last 30 days', d90: 'Last 90 days' } as const

/** What looks odd about goal arcs: for people to look at, and never counted against anybody by itself. */
export function Flags({ query }: { query: URLSearchParams }) {
  const everybody = useMay('org:read')
  const kind = oneOf(query.get('kind'), KINDS)
  const days = oneOf(query.get('days'), ['d7', 'd30', 'd90'])
  const developer = query.get('developer')
  const startedAt = useMemo(() => (days ? { from: daysAgo(Number(days.slice(1))) } : null), [days])
  const { data, items, problem, loading, more, again } = usePages(
    FlagsDocument,
    { filter: { kind, developer, startedAt } },
    (answer) => answer.integrityFlags,
  )
  return (
    <div class="stack">
      <p class="quiet">
        Integrity flags point at arcs that deserve a look by a person. They change no score.
      </p>
      <Asked query={query} kind={kind} days={days} email={items[0]?.subSession.developer.email} />
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && items.length === 0 && (
        <Empty title="No flags">
          Nothing looks odd {everybody ? 'here' : 'about your arcs'}
          {(kind || days || developer) && ' with these filters'}.
        </Empty>
      )}
      {items.length > 0 && (
        <>
          <p class="small quiet" role="status">
            {plural(data?.integrityFlags.totalCount ?? 0, 'flag')}, of the latest arcs first
          </p>
          <List flags={items} />
        </>
      )}
      <More {...more} />
    </div>
  )
}

function Asked(props: {
  query: URLSearchParams
  kind: FlagKind | null
  days: keyof typeof DAYS | null
  email: string | undefined
}) {
  const { query, kind, days, email } = props
  return (
    <Filters query={query} email={email}>
      <Choice
        label="Kind"
        value={kind ?? ''}
        options={KINDS}
        all="All"
        onChange={(chosen) => look(query, { kind: chosen })}
      />
      <Choice
        label="Arc began"
        value={days ?? ''}
        options={DAYS}
        all="At any time"
        onChange={(chosen) => look(query, { days: chosen })}
      />
    </Filters>
  )
}

function List({ flags }: { flags: readonly Flag[] }) {
  return (
    <div class="card scroll team-list">
      <table aria-label="Integrity flags" class="team-table">
        <thead>
          <tr>
            <th scope="col">Flag</th>
            <th scope="col">What was seen</th>
            <th scope="col">Arc</th>
            <th scope="col">Developer</th>
            <th scope="col">Arc began</th>
          </tr>
        </thead>
        <tbody>
          {flags.map((flag) => (
            <tr key={flag.id}>
              <td>
                <Tip text={FLAGS[flag.kind]}>{words(flag.kind)}</Tip>{' '}
                {flag.severity === 'WARN' && <Badge tone="warn">Worth a look</Badge>}
              </td>
              <td>{flag.detail}</td>
              <td class="team-title">
                <a href={href('arcs', flag.subSession.id)}>{titleOf(flag.subSession)}</a>
              </td>
              <td class="team-address team-whose">{flag.subSession.developer.email}</td>
              <td>
                <Time at={flag.createdAt} since />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
