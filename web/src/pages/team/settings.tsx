import { useState } from 'preact/hooks'
import { useChange, useRead } from '../../api/hooks'
import { refused, type Problem as Told } from '../../api/problem'
import { useMay } from '../../app/viewer'
import { plural } from '../../format'
import { LANGUAGES } from '../../languages'
import { Form } from '../../ui/dialog'
import { Check, Choice, Field } from '../../ui/forms'
import { Card, Problem, Waiting } from '../../ui/parts'
import { say } from '../../ui/said'
import { placeOf } from './address'
import { changes, consequences, type Draft, draftOf, MOST_DAYS } from './draft'
import { type KeptFragment, SettingsDocument, UpdateSettingsDocument } from './Settings.gql'

const SCORES = { V3: 'Goals reached (3.0)', V2: 'Way of working (2.1)' } as const

/** How the organisation has things done: everybody reads it, administrators change it. */
export function Settings() {
  const admin = useMay('admin')
  const { data, problem, again } = useRead(SettingsDocument, {})
  if (!data) return problem ? <Problem problem={problem} again={again} /> : <Waiting />
  const { settings } = data.viewer.organisation
  return (
    <div class="stack">
      {!admin && (
        <p class="quiet">
          These hold for everybody here. A key that may administer (scope <code>admin</code>) changes them.
        </p>
      )}
      {/* Made anew once the server has other settings, whoever changed them. */}
      <Change key={JSON.stringify(settings)} kept={settings} admin={admin} />
    </div>
  )
}

function Change({ kept, admin }: { kept: KeptFragment; admin: boolean }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(kept))
  const [asking, setAsking] = useState(false)
  const [wrong, setWrong] = useState<Told | null>(null)
  const [update, busy] = useChange(UpdateSettingsDocument)
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const changed = changes(kept, draft)
  const warned = consequences(kept, changed)
  const send = async (): Promise<Told | null> => {
    const { data, problem } = await update({ input: changed })
    const refusal = problem ?? refused(data.updateOrganisationSettings)
    setWrong(refusal)
    if (!refusal) say('The settings are saved')
    return refusal
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (warned.length) setAsking(true)
    else void send()
  }
  return (
    <>
      <form class="stack" onSubmit={submit}>
        <fieldset class="team-settings" disabled={!admin}>
          <legend class="hidden">Settings</legend>
          <Retention draft={draft} set={set} admin={admin} />
          <Privacy draft={draft} set={set} />
          <Judging draft={draft} set={set} />
        </fieldset>
        <Problem problem={wrong} />
        {admin && (
          <div class="row">
            <button type="submit" class="main" disabled={busy || !Object.keys(changed).length}>
              Save
            </button>
            {Object.keys(changed).length > 0 && (
              <button type="button" onClick={() => setDraft(draftOf(kept))}>
                Undo changes
              </button>
            )}
          </div>
        )}
      </form>
      {asking && (
        <Form title="Change settings" send="Go on" danger onSend={send} onClose={() => setAsking(false)}>
          {warned.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </Form>
      )}
    </>
  )
}

interface PartProps {
  draft: Draft
  set: (change: Partial<Draft>) => void
}

function Retention({ draft, set, admin }: PartProps & { admin: boolean }) {
  return (
    <Card title="Retention">
      <Choice
        label="Sessions are kept"
        value={draft.bounded ? 'days' : 'good'}
        options={{ good: 'For good', days: 'For a number of days' }}
        onChange={(kept) => set({ bounded: kept === 'days' })}
      />
      {draft.bounded && (
        <Field label={`Days since a session was last active, 1-${MOST_DAYS.toLocaleString('en')}`}>
          <input
            type="number"
            min={1}
            max={MOST_DAYS}
            step={1}
            required
            value={draft.days}
            onInput={(event) => set({ days: event.currentTarget.value })}
          />
        </Field>
      )}
      <p class="small quiet">
        {draft.bounded && Number(draft.days) > 0
          ? `What was last active more than ${plural(Number(draft.days), 'day')} ago is erased for good, once a day.`
          : 'Nothing is erased by age.'}
      </p>
      {admin && (
        <p class="small">
          <a href={placeOf('developers')}>What was erased, and how far it is</a>
        </p>
      )}
    </Card>
  )
}

function Privacy({ draft, set }: PartProps) {
  return (
    <Card title="Privacy">
      <Check
        label="Take secrets out before storing"
        on={draft.redaction}
        onChange={(redaction) => set({ redaction })}
      >
        Keys, tokens and passwords in what agents send are replaced by a mark. It is a net, not a wall.
      </Check>
      <Check
        label="Language models may write"
        on={draft.aiProcessing}
        onChange={(aiProcessing) => set({ aiProcessing })}
      >
        Where the server has one. Off: no model is ever asked about your sessions.
      </Check>
    </Card>
  )
}

function Judging({ draft, set }: PartProps) {
  return (
    <Card title="Judging and words">
      <Check
        label="A commit ends a goal arc"
        on={draft.splitOnCommit}
        onChange={(splitOnCommit) => set({ splitOnCommit })}
      >
        Changed, all sessions are judged again in the background.
      </Check>
      <Choice
        label="Score shown first"
        value={draft.scoreDefault}
        options={SCORES}
        onChange={(score) => score && set({ scoreDefault: score })}
      />
      <Choice
        label="Language of what is written"
        value={draft.language}
        options={LANGUAGES}
        onChange={(language) => language && set({ language })}
      />
    </Card>
  )
}
