import { useState } from 'preact/hooks'
import { usePages } from '../../api/pages'
import { useMay } from '../../app/viewer'
import { plural, words } from '../../format'
import { Choice } from '../../ui/forms'
import { lazily } from '../../ui/lazily'
import { Badge, Empty, More, Problem, Time, Waiting } from '../../ui/parts'
import { look, oneOf } from './address'
import { Filters } from './filters'
import { KeysDocument, type TeamKeyFragment } from './Keys.gql'
import { RevokeForm } from './revoke'
import { KINDS, REACH } from './words'

const NewKey = lazily(() => import('./new_key').then((module) => module.NewKey))

const STATES = ['ACTIVE', 'EXPIRED', 'REVOKED'] as const
const KIND_NAMES = ['DEVELOPER', 'PERSONAL', 'SERVICE', 'REVIEWER', 'CANDIDATE'] as const
const ALL = 'ALL'

/** Keys of the organisation: never their secrets. */
export function Keys({ query }: { query: URLSearchParams }) {
  const everybody = useMay('org:read')
  const asked = query.get('state')
  const state = asked === ALL ? null : (oneOf(asked, STATES) ?? 'ACTIVE')
  const kind = oneOf(query.get('kind'), KIND_NAMES)
  const developer = query.get('developer')
  const { data, items, problem, loading, more, again } = usePages(
    KeysDocument,
    { filter: { state, kind, developer } },
    (answer) => answer.apiKeys,
  )
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<TeamKeyFragment | null>(null)
  return (
    <div class="stack">
      <div class="row spread">
        <Asked query={query} state={state} kind={kind} email={items[0]?.developer?.email} />
        {everybody ? (
          <button type="button" class="main" onClick={() => setMaking(true)}>
            New key
          </button>
        ) : (
          <span class="small quiet">Making keys takes the scope org:read as well.</span>
        )}
      </div>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && items.length === 0 && (
        <Empty title="No such key">Choose other filters, or make a new key.</Empty>
      )}
      {items.length > 0 && (
        <>
          <p class="small quiet" role="status">
            {plural(data?.apiKeys.totalCount ?? 0, 'key')}, the newest first
          </p>
          <List keys={items} onEnd={setEnding} />
        </>
      )}
      <More {...more} />
      {making && <NewKey onClose={() => setMaking(false)} onMade={again} />}
      {ending && <RevokeForm key={ending.id} ended={ending} onClose={() => setEnding(null)} />}
    </div>
  )
}

function Asked(props: {
  query: URLSearchParams
  state: TeamKeyFragment['state'] | null
  kind: TeamKeyFragment['kind'] | null
  email: string | undefined
}) {
  const { query, state, kind, email } = props
  return (
    <Filters query={query} email={email}>
      <Choice
        label="State"
        value={state ?? ''}
        options={STATES}
        all="All"
        onChange={(chosen) => look(query, { state: chosen || ALL })}
      />
      <Choice
        label="Kind"
        value={kind ?? ''}
        options={KIND_NAMES}
        all="All"
        onChange={(chosen) => look(query, { kind: chosen })}
      />
    </Filters>
  )
}

type End = (key: TeamKeyFragment) => void

function List({ keys, onEnd }: { keys: readonly TeamKeyFragment[]; onEnd: End }) {
  return (
    <div class="card scroll team-list">
      <table aria-label="Keys" class="team-table">
        <thead>
          <tr>
            <th scope="col">Whose</th>
            <th scope="col">Kind</th>
            <th scope="col">Sees and may</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Ends</th>
            <th scope="col">
              <span class="hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((one) => (
            <Row key={one.id} one={one} onEnd={onEnd} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ one, onEnd }: { one: TeamKeyFragment; onEnd: End }) {
  const email = one.developer?.email ?? 'Somebody who is being erased'
  return (
    <tr>
      <td>
        <span class="team-address">{email}</span>
        {one.current && (
          <div>
            <Badge tone="act">You use it now</Badge>
          </div>
        )}
      </td>
      <td>{KINDS[one.kind][0]}</td>
      <td class="team-sees">
        <May scopes={one.scopes} reach={one.reach} />
      </td>
      <td>
        <Time at={one.createdAt} since />
      </td>
      <td>{one.lastUsedAt ? <Time at={one.lastUsedAt} since /> : <span class="quiet">never</span>}</td>
      <td>
        <Ends one={one} />
      </td>
      <td>
        {one.state !== 'REVOKED' && (
          <button
            type="button"
            class="plain"
            onClick={() => onEnd(one)}
            aria-label={`Revoke the ${words(one.kind).toLowerCase()} key of ${email}`}
          >
            Revoke…
          </button>
        )}
      </td>
    </tr>
  )
}

function May({ scopes, reach }: Pick<TeamKeyFragment, 'scopes' | 'reach'>) {
  const administers = scopes.includes('admin') || scopes.includes('*')
  return (
    <>
      <details class="team-scopes">
        <summary>
          {REACH[reach]}{' '}
          <span class="quiet">· {scopes.includes('*') ? 'everything' : plural(scopes.length, 'scope')}</span>
        </summary>
        <ul class="mono small">
          {scopes.map((scope) => (
            <li key={scope}>{scope}</li>
          ))}
        </ul>
      </details>
      {administers && <Badge tone="warn">Administers</Badge>}
    </>
  )
}

function Ends({ one }: { one: TeamKeyFragment }) {
  if (one.state === 'REVOKED')
    return (
      <>
        <Badge tone="bad">Revoked</Badge>{' '}
        <span class="small quiet">
          <Time at={one.revokedAt} since />
        </span>
      </>
    )
  if (one.state === 'EXPIRED') return <Badge>Expired</Badge>
  return one.expiresAt ? <Time at={one.expiresAt} since /> : <span class="quiet">never</span>
}
