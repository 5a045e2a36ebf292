import { useRef, useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { type Problem, refused } from '../../api/problem'
import { useViewer } from '../../app/viewer'
import { plural } from '../../format'
import { daysAgo } from '../../time'
import { Form } from '../../ui/dialog'
import { Check, Choice, Field, Suggestions } from '../../ui/forms'
import { CreateKeyDocument, type CreateKeyMutation, type RulesQuery } from './Rules.gql'
import { asked, grantable, usual } from './scopes'
import { KINDS, type Kind, REACH } from './words'

export type Made = NonNullable<CreateKeyMutation['createApiKey']>
type Rules = RulesQuery['accessRules']

const LASTS = { ever: 'Until it is revoked', d30: '30 days', d90: '90 days', d365: 'A year' } as const

interface Draft {
  email: string
  kind: Kind
  /** Null: what is usual for its kind. */
  chosen: readonly string[] | null
  admin: boolean
  lasts: keyof typeof LASTS
  zone: string
}
const NEW: Draft = { email: '', kind: 'DEVELOPER', chosen: null, admin: false, lasts: 'ever', zone: '' }

/** What a key shall be: whose, what for, what it may do, for how long. */
export function Wish(props: { rules: Rules; onMade: (made: Made) => void; onClose: () => void }) {
  const { rules, onMade, onClose } = props
  const { scopes: own } = useViewer()
  const [draft, setDraft] = useState(NEW)
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const [create] = useChange(CreateKeyDocument)
  const made = useRef(false)
  const ofKind = rules.kinds.find((one) => one.kind === draft.kind)?.scopes ?? []
  const { given, lacking } = usual(ofKind, own)
  const scopes = draft.chosen ?? given
  const send = async (): Promise<Problem | null> => {
    if (!scopes.length && !draft.admin) return NOTHING
    const { data, problem } = await create({ input: inputOf(draft, asked(scopes, ofKind)) })
    const wrong = problem ?? refused(data.createApiKey)
    if (wrong || !data?.createApiKey) return wrong
    made.current = true
    onMade(data.createApiKey)
    return null
  }
  return (
    <Form title="New key" send="Make the key" onSend={send} onClose={() => made.current || onClose()}>
      <Kinds rules={rules} kind={draft.kind} onChange={(kind) => set({ kind, chosen: null })} />
      <Field label="Whose: address of a developer, who is made when new">
        <input
          inputMode="email"
          required
          placeholder="name@example.org"
          value={draft.email}
          onInput={(event) => set({ email: event.currentTarget.value })}
        />
      </Field>
      <Scopes rules={rules} own={own} chosen={scopes} onChange={(chosen) => set({ chosen })} />
      {lacking.length > 0 && !draft.chosen && (
        <p class="notice warn small">
          Your own key lacks {lacking.join(', ')}, so this one goes without: nobody grants what they may not
          do.
        </p>
      )}
      <Check label="May administer, and see everybody" on={draft.admin} onChange={(admin) => set({ admin })}>
        Makes keys, changes settings and erases developers, as you do.
      </Check>
      <Circumstances draft={draft} set={set} />
    </Form>
  )
}

const NOTHING: Problem = { code: 'REFUSED', message: 'Choose at least one scope.', hint: '' }

const inputOf = ({ email, kind, admin, lasts, zone }: Draft, scopes: string[]) => ({
  email,
  kind,
  scopes,
  admin,
  timeZone: zone || null,
  expiresAt: lasts === 'ever' ? null : daysAgo(-Number(lasts.slice(1))),
})

function Kinds(props: { rules: Rules; kind: Kind; onChange: (kind: Kind) => void }) {
  const { rules, kind, onChange } = props
  return (
    <fieldset class="team-kinds">
      <legend>What is it for?</legend>
      {rules.kinds
        .filter((one) => one.kind !== 'CANDIDATE')
        .map((one) => (
          <label key={one.kind}>
            <input type="radio" name="kind" checked={one.kind === kind} onChange={() => onChange(one.kind)} />
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
  )
}

function Scopes(props: {
  rules: Rules
  own: readonly string[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  const { rules, own, chosen, onChange } = props
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((scope) => scope !== name))
  return (
    <details class="team-scopes">
      <summary>What it may do: {plural(chosen.length, 'scope')}</summary>
      <div class="stack tight">
        {rules.scopes
          .filter(({ name }) => name !== 'admin')
          .map(({ name, meaning }) => (
            <Check
              key={name}
              label={<code>{name}</code>}
              on={chosen.includes(name)}
              off={!grantable(name, own)}
              onChange={(on) => toggle(name, on)}
            >
              {meaning}
              {!grantable(name, own) && ' Your own key lacks it.'}
            </Check>
          ))}
      </div>
    </details>
  )
}

function Circumstances({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  return (
    <div class="grid">
      <Choice
        label="Good for"
        value={draft.lasts}
        options={LASTS}
        onChange={(lasts) => lasts && set({ lasts })}
      />
      <Field label="Time zone of a new developer">
        <input
          list="team-zones"
          placeholder="UTC"
          value={draft.zone}
          onInput={(event) => set({ zone: event.currentTarget.value })}
        />
      </Field>
      <Suggestions id="team-zones" values={Intl.supportedValuesOf('timeZone')} />
    </div>
  )
}
