import { useRead } from '../../api/hooks'
import { useMay, useViewer } from '../../app/viewer'
import { plural } from '../../format'
import { Badge, Card, Problem, Waiting } from '../../ui/parts'
import { RulesDocument, type RulesQuery } from './Rules.gql'
import { MANAGERS_CANNOT, MANAGERS_SEE, NOBODY_SEES, OPERATORS } from './sentences'
import { KINDS, REACH } from './words'

const YOURS = {
  ORGANISATION: 'everybody’s work',
  OWN_WORK: 'your own work',
  ONE_SESSION: 'one session',
} as const

/** Who sees what: what a manager may see, what nobody sees, and what each kind of key is for. */
export function Sight() {
  const { data, problem, again } = useRead(RulesDocument, {})
  return (
    <div class="stack">
      <div class="grid">
        <Card title="What a manager may see">
          <p class="small quiet">
            A manager is whoever has a key that reads the whole organisation (scope <code>org:read</code>).
          </p>
          <Sentences of={MANAGERS_SEE} />
        </Card>
        <Card title="What a manager cannot do">
          <Sentences of={MANAGERS_CANNOT} />
        </Card>
        <Card title="What nobody sees">
          <Sentences of={NOBODY_SEES} />
          <p class="small quiet">{OPERATORS}</p>
        </Card>
      </div>
      <Problem problem={problem} again={again} />
      {data ? <Rules rules={data.accessRules} reach={data.viewer.reach} /> : !problem && <Waiting />}
    </div>
  )
}

function Sentences({ of }: { of: readonly string[] }) {
  return (
    <ul class="team-sentences">
      {of.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}

function Rules({ rules, reach }: { rules: RulesQuery['accessRules']; reach: keyof typeof REACH }) {
  const { keyKind, scopes } = useViewer()
  const admin = useMay('admin')
  const all = scopes.includes('*')
  return (
    <>
      <Card title="Your key">
        <p>
          {KINDS[keyKind][0]} key. It sees {YOURS[reach]}. {admin && <Badge>Administers</Badge>}
        </p>
        <ul class="team-sentences team-columns">
          {rules.scopes
            .filter(({ name }) => all || scopes.includes(name))
            .map(({ name, meaning }) => (
              <li key={name}>
                {meaning} <code class="quiet">{name}</code>
              </li>
            ))}
        </ul>
      </Card>
      <Card title="Kinds of keys">
        <div class="scroll">
          <table aria-label="Kinds of keys" class="team-table">
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Sees</th>
                <th scope="col">What it is for</th>
                <th scope="col">May, unless made otherwise</th>
              </tr>
            </thead>
            <tbody>
              {rules.kinds.map(({ kind, reach: far, scopes: usual }) => (
                <tr key={kind}>
                  <th scope="row">{KINDS[kind][0]}</th>
                  <td>{REACH[far]}</td>
                  <td class="team-sees">{KINDS[kind][1]}</td>
                  <td>
                    <details class="team-scopes">
                      <summary>{plural(usual.length, 'scope')}</summary>
                      <ul class="mono small">
                        {usual.map((scope) => (
                          <li key={scope}>{scope}</li>
                        ))}
                      </ul>
                    </details>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </>
  )
}
