import { useMemo, useState } from 'preact/hooks'
import { usePages } from '../../api/pages'
import { useMay, useViewer } from '../../app/viewer'
import { number, plural } from '../../format'
import { href } from '../../routes'
import { daysAgo } from '../../time'
import { Choice, Search } from '../../ui/forms'
import { lazily } from '../../ui/lazily'
import { Empty, More, Problem, Time, Tip, Waiting } from '../../ui/parts'
import { look, oneOf, placeOf } from './address'
import { DevelopersDocument, type MemberFragment } from './Developers.gql'
import { Erasures } from './erasures'
import { Filters } from './filters'

const EraseForm = lazily(() => import('./erase').then((module) => module.EraseForm))

const DAYS = { d7: 'Last 7 days', d30: 'Last 30 days', d90: 'Last 90 days', d365: 'Last year' } as const
const WHO = { developers: 'Developers', candidates: 'Candidates', all: 'Everybody' } as const
type Who = keyof typeof WHO
const NOUNS = {
  developers: ['developer', 'developers'],
  candidates: ['candidate', 'candidates'],
  all: ['person', 'people'],
} as const

/** Everybody whose sessions are recorded, or for a key of one developer that one. */
export function Developers({ query }: { query: URLSearchParams }) {
  const admin = useMay('admin')
  const everybody = useMay('org:read')
  const days = oneOf(query.get('days'), ['d7', 'd30', 'd90', 'd365']) ?? 'd30'
  const who = oneOf(query.get('who'), ['developers', 'candidates', 'all']) ?? 'developers'
  const search = query.get('q') ?? ''
  const within = useMemo(() => ({ from: daysAgo(Number(days.slice(1))) }), [days])
  const candidates = !everybody || who === 'all' ? null : who === 'candidates'
  const { data, items, problem, loading, more, again } = usePages(
    DevelopersDocument,
    { filter: { search: search || null, candidates }, within },
    (answer) => answer.developers,
  )
  const [leaving, setLeaving] = useState<MemberFragment | null>(null)
  const [begun, setBegun] = useState<string | null>(null)
  return (
    <div class="stack">
      <Asked query={query} days={days} who={who} />
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && items.length === 0 && <Nobody searched={search !== ''} who={who} />}
      {items.length > 0 && (
        <>
          <p class="small quiet" role="status">
            {everybody
              ? plural(data?.developers.totalCount ?? 0, NOUNS[who][0], NOUNS[who][1])
              : 'Your key sees your own work; one with the scope org:read sees everybody.'}
          </p>
          <Members members={items} onErase={admin ? setLeaving : null} />
        </>
      )}
      <More {...more} />
      {admin && <Erasures key={begun} begun={begun} onOver={again} />}
      {leaving && <EraseForm member={leaving} onBegun={setBegun} onClose={() => setLeaving(null)} />}
    </div>
  )
}

function Asked({ query, days, who }: { query: URLSearchParams; days: keyof typeof DAYS; who: Who }) {
  const everybody = useMay('org:read')
  return (
    <Filters query={query}>
      {everybody && (
        <>
          <Search label="Address" value={query.get('q') ?? ''} onSearch={(q) => look(query, { q })} />
          <Choice label="Who" value={who} options={WHO} onChange={(chosen) => look(query, { who: chosen })} />
        </>
      )}
      <Choice
        label="Counted"
        value={days}
        options={DAYS}
        onChange={(chosen) => look(query, { days: chosen })}
      />
    </Filters>
  )
}

function Nobody({ searched, who }: { searched: boolean; who: Who }) {
  if (searched) return <Empty title="No address like this">Look for a shorter part of it.</Empty>
  if (who === 'candidates')
    return <Empty title="No candidates yet">They appear once somebody is invited to an assessment.</Empty>
  return (
    <Empty title="Nobody yet">
      <p>
        Make a key under <a href={placeOf('keys')}>Keys</a> and hand it to a developer: they appear here at
        once.
      </p>
    </Empty>
  )
}

type Erase = ((member: MemberFragment) => void) | null

function Members({ members, onErase }: { members: readonly MemberFragment[]; onErase: Erase }) {
  return (
    <div class="card scroll team-list">
      <table aria-label="Developers" class="team-table">
        <thead>
          <tr>
            <th scope="col">Developer</th>
            <th scope="col">Last active</th>
            <th scope="col" class="number">
              <Tip text="Sessions that began in the chosen time.">Sessions</Tip>
            </th>
            <th scope="col" class="number">
              <Tip text="Goal arcs that began in the chosen time, without those merged into others.">
                Arcs
              </Tip>
            </th>
            <th scope="col" class="number">
              <Tip text="Integrity flags on goal arcs that began in the chosen time.">Flags</Tip>
            </th>
            {onErase && (
              <th scope="col">
                <span class="hidden">What can be done</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <Row key={member.id} member={member} onErase={onErase} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ member, onErase }: { member: MemberFragment; onErase: Erase }) {
  const own = useViewer().developer.id === member.id
  const { activity } = member
  const theirs = { developer: member.id }
  return (
    <tr>
      <td>
        {activity ? (
          <a class="team-address" href={href('arcs', null, theirs)}>
            {member.email}
          </a>
        ) : (
          <span class="team-address">{member.email}</span>
        )}
        {own && <span class="quiet"> (you)</span>}
        <div class="small quiet">{member.timeZone}</div>
      </td>
      <td>
        {activity ? <Time at={activity.lastActiveAt} since /> : <span class="quiet">not for this key</span>}
      </td>
      <td class="number">
        <Leading
          count={activity?.sessionCount}
          to={href('sessions', null, theirs)}
          what="sessions"
          of={member}
        />
      </td>
      <td class="number">
        <Leading count={activity?.subSessionCount} to={href('arcs', null, theirs)} what="arcs" of={member} />
      </td>
      <td class="number">
        <Leading count={activity?.flagCount} to={placeOf('integrity', theirs)} what="flags" of={member} />
      </td>
      {onErase && (
        <td>
          <span class="row team-actions">
            <a href={placeOf('keys', theirs)} aria-label={`Keys of ${member.email}`}>
              Keys
            </a>
            {!own && (
              <button
                type="button"
                class="plain"
                onClick={() => onErase(member)}
                aria-label={`Erase ${member.email}`}
              >
                Erase…
              </button>
            )}
          </span>
        </td>
      )}
    </tr>
  )
}

/** A number that leads to what it counts. */
function Leading(props: { count: number | undefined; to: string; what: string; of: MemberFragment }) {
  const { count, to, what, of } = props
  if (!count) return <span class="quiet">{number(count)}</span>
  return (
    <a href={to} aria-label={`${number(count)}: all ${what} of ${of.email}`}>
      {number(count)}
    </a>
  )
}
