import { useRef, useState } from 'preact/hooks'
import { useChange, useRead } from '../../api/hooks'
import { refused, type Problem as Told } from '../../api/problem'
import { useViewer } from '../../app/viewer'
import { plural } from '../../format'
import { Dialog, Form } from '../../ui/dialog'
import { Choice, Field } from '../../ui/forms'
import { Problem, Waiting } from '../../ui/parts'
import { CreateKeyDocument, type CreateKeyMutation, RulesDocument, type RulesQuery } from './Rules.gql'
import { asked, grantable, usual } from './scopes'
import { Secret } from './secret'
import { KINDS, type Kind, REACH } from './words'

type Made = NonNullable<CreateKeyMutation['createApiKey']>
type Rules = RulesQuery['accessRules']

const LASTS = { ever: 'Until it is revoked', d30: '30 days', d90: '90 days', d365: 'A year' } as const
const DAY_MS = 86_400_000

/** Asks whose key it shall be and what it may do, then shows the secret, once. */
export default function NewKey({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const { data, problem, again } = useRead(RulesDocument, {})
  const [made, setMade] = useState<Made | null>(null)
  if (made?.secret && made.apiKey) {
    const title = `A ${KINDS[made.apiKey.kind][0].toLowerCase()} key for ${made.apiKey.developer?.email}`
    return <Secret key="secret" title={title} secret={made.secret} onClose={onClose} />
  }
  if (data) {
    const take = (payload: Made) => {
      setMade(payload)
      onMade()
    }
    return <Wish rules={data.accessRules} onMade={take} onClose={onClose} />
  }
  return (
    <Dialog title="New key" onClose={onClose}>
      {problem ? <Problem problem={problem} again={again} /> : <Waiting />}
    </Dialog>
  )
}

function Wish({
  rules,
  onMade,
  onClose,
}: {
  rules: Rules
  onMade: (made: Made) => void
  onClose: () => void
}) {
  const { scopes: own } = useViewer()
  const [email, setEmail] = useState('')
  const [kind, setKind] = useState<Kind>('DEVELOPER')
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const [admin, setAdmin] = useState(false)
  const [lasts, setLasts] = useState<keyof typeof LASTS>('ever')
  const [zone, setZone] = useState('')
  const [create] = useChange(CreateKeyDocument)
  const made = useRef(false)
  const ofKind = rules.kinds.find((one) => one.kind === kind)?.scopes ?? []
  const { given, lacking } = usual(ofKind, own)
  const scopes = chosen ?? given
  const send = async (): Promise<Told | null> => {
    if (!scopes.length && !admin) return { code: 'REFUSED', message: 'Choose at least one scope.', hint: '' }
    const expiresAt =
      lasts === 'ever' ? null : new Date(Date.now() + Number(lasts.slice(1)) * DAY_MS).toISOString()
    const input = { email, kind, scopes: asked(scopes, ofKind), admin, timeZone: zone || null, expiresAt }
    const { data, problem } = await create({ input })
    const wrong = problem ?? refused(data.createApiKey)
    if (wrong || !data?.createApiKey) return wrong
    made.current = true
    onMade(data.createApiKey)
    return null
  }
  return (
    <Form title="New key" send="Make the key" onSend={send} onClose={() => made.current || onClose()}>
      <fieldset class="team-kinds">
        <legend>What is it for?</legend>
        {rules.kinds
          .filter((one) => one.kind !== 'CANDIDATE')
          .map((one) => (
            <label key={one.kind}>
              <input
                type="radio"
                name="kind"
                checked={one.kind === kind}
                onChange={() => {
                  setKind(one.kind)
                  setChosen(null)
                }}
              />
              <span>
                <strong>{KINDS[one.kind][0]}</strong>
                <br />
                {REACH[one.reach]}
                <br />
                <span class="small quiet">{KINDS[one.kind][1]}</span>
              </span>
            </label>
          ))}
      </fieldset>
      <Field label="Whose: address of a developer, who is made when new">
        <input
          inputMode="email"
          required
          placeholder="name@example.org"
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </Field>
      <Scopes rules={rules} own={own} chosen={scopes} onChange={setChosen} />
      {lacking.length > 0 && !chosen && (
        <p class="notice warn small">
          Your own key lacks {lacking.join(', ')}, so this one goes without: nobody grants what they may not
          do.
        </p>
      )}
      <label class="team-check">
        <input type="checkbox" checked={admin} onChange={(event) => setAdmin(event.currentTarget.checked)} />
        <span>
          May administer, and see everybody
          <br />
          <span class="small quiet">Makes keys, changes settings and erases developers, as you do.</span>
        </span>
      </label>
      <div class="grid">
        <Choice
          label="Good for"
          value={lasts}
          options={LASTS}
          onChange={(chosen) => setLasts(chosen || 'ever')}
        />
        <Field label="Time zone of a new developer">
          <input
            list="team-zones"
            placeholder="UTC"
            value={zone}
            onInput={(event) => setZone(event.currentTarget.value)}
          />
        </Field>
        <datalist id="team-zones">
          {Intl.supportedValuesOf('timeZone').map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
    </Form>
  )
}

function Scopes(props: {
  rules: Rules
  own: readonly string[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  const { rules, own, chosen, onChange } = props
  const listed = rules.scopes.filter(({ name }) => name !== 'admin')
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((scope) => scope !== name))
  return (
    <details class="team-scopes">
      <summary>What it may do: {plural(chosen.length, 'scope')}</summary>
      <div class="stack tight">
        {listed.map(({ name, meaning }) => (
          <label key={name} class="team-check">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              disabled={!grantable(name, own)}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
            />
            <span>
              <code>{name}</code> <span class="small quiet">{meaning}</span>
              {!grantable(name, own) && <span class="small quiet"> Your own key lacks it.</span>}
            </span>
          </label>
        ))}
      </div>
    </details>
  )
}
