import { useState } from 'preact/hooks'
import { useChange } from '../../../api/hooks'
import { refused, type Problem as Told, problem as told } from '../../../api/problem'
import type {
  InsightAlertCondition,
  InsightAlertInterval,
  InsightQueryInput,
  InsightWatchInput,
} from '../../../schema'
import { Form } from '../../../ui/dialog'
import { Check, Choice, Field } from '../../../ui/forms'
import { say } from '../../../ui/said'
import { DropThresholdDocument, NewAlertDocument, NewThresholdDocument } from './Alerts.gql'
import type { Insight } from './one'
import { isPaths, watchables } from './watch'

const CONDITIONS: Record<InsightAlertCondition, string> = {
  ABSOLUTE_VALUE: 'the number itself',
  RELATIVE_INCREASE: 'by how many percent it rose',
  RELATIVE_DECREASE: 'by how many percent it fell',
}
const INTERVALS: Record<InsightAlertInterval, string> = {
  HOURLY: 'every hour',
  DAILY: 'every day',
  WEEKLY: 'every Monday',
  MONTHLY: 'on the first of a month',
}

interface Draft {
  name: string
  /** Which of the numbers that can be watched. */
  chosen: number
  /** Of paths: between which events. */
  source: string
  target: string
  condition: InsightAlertCondition
  lower: string
  upper: string
  interval: InsightAlertInterval
  weekendSkipped: boolean
  url: string
}
const NEW: Draft = {
  name: '',
  chosen: 0,
  source: '',
  target: '',
  condition: 'ABSOLUTE_VALUE',
  lower: '',
  upper: '',
  interval: 'DAILY',
  weekendSkipped: false,
  url: '',
}

interface Drafting {
  query: InsightQueryInput
  draft: Draft
  set: (change: Partial<Draft>) => void
}

/** Bounds and the alert at them, in one form. */
export function NewAlert({
  insight,
  query,
  again,
  onClose,
}: {
  insight: Insight
  query: InsightQueryInput
  again: () => void
  onClose: () => void
}) {
  const [draft, setDraft] = useState(NEW)
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const make = useMaking(insight.id)
  const send = async (): Promise<Told | null> => {
    const wrong = await make(draft, watchOf(query, draft))
    if (wrong) return wrong
    say('The alert is on.')
    again()
    return null
  }
  return (
    <Form title="New alert" send="Make it" onSend={send} onClose={onClose}>
      <Field label="Name">
        <input
          required
          maxLength={400}
          value={draft.name}
          placeholder="Too much rework"
          onInput={(event) => set({ name: event.currentTarget.value })}
        />
      </Field>
      <Watched query={query} draft={draft} set={set} />
      <Bounds draft={draft} set={set} />
      <Choice
        label="Checked"
        value={draft.interval}
        options={INTERVALS}
        onChange={(interval) => interval && set({ interval })}
      />
      <Check
        label="Not at weekends"
        on={draft.weekendSkipped}
        onChange={(weekendSkipped) => set({ weekendSkipped })}
      />
      <Field label="Webhook to tell, if any">
        <input
          type="url"
          value={draft.url}
          placeholder="https://example.org/hooks"
          onInput={(event) => set({ url: event.currentTarget.value })}
        />
      </Field>
    </Form>
  )
}

const watchOf = (
  query: InsightQueryInput,
  { chosen, source, target }: Draft,
): InsightWatchInput | undefined =>
  isPaths(query) ? { paths: { source, target } } : watchables(query)[chosen]?.watch

const bound = (text: string): number | null => (text === '' ? null : Number(text))

/** Makes bounds, then the alert at them; answers with what stands against it. */
function useMaking(insightId: string) {
  const [makeThreshold] = useChange(NewThresholdDocument)
  const [makeAlert] = useChange(NewAlertDocument)
  const [drop] = useChange(DropThresholdDocument)
  return async (draft: Draft, watch: InsightWatchInput | undefined): Promise<Told | null> => {
    if (!watch) return told('REFUSED', 'There is no number to watch.')
    const { name, condition, interval, weekendSkipped, url } = draft
    const type = condition === 'ABSOLUTE_VALUE' ? 'ABSOLUTE' : 'PERCENTAGE'
    const bounds = { lower: bound(draft.lower), upper: bound(draft.upper) }
    const made = await makeThreshold({ input: { insightId, name, type, bounds } })
    const against = made.problem ?? refused(made.data?.createInsightThreshold)
    const thresholdId = made.data?.createInsightThreshold?.threshold?.id
    if (against || !thresholdId) return against
    const input = { thresholdId, name, watch, condition, interval, weekendSkipped }
    const answer = await makeAlert({ input: { ...input, webhook: url ? { url } : null } })
    const refusal = answer.problem ?? refused(answer.data?.createInsightAlert)
    // Bounds without their alert would be left over.
    if (refusal) await drop({ input: { id: thresholdId } })
    return refusal
  }
}

/** Which number: of paths, how many go from one event to another. */
function Watched({ query, draft, set }: Drafting) {
  if (!isPaths(query)) {
    return (
      <Choice
        label="Number"
        value={`n${draft.chosen}`}
        options={Object.fromEntries(watchables(query).map(({ title }, at) => [`n${at}`, title]))}
        onChange={(at) => set({ chosen: Number(String(at).slice(1)) })}
      />
    )
  }
  return (
    <div class="insights-pair">
      <Field label="How many go from">
        <input
          required
          value={draft.source}
          placeholder="prompt"
          onInput={(event) => set({ source: event.currentTarget.value })}
        />
      </Field>
      <Field label="to">
        <input
          required
          value={draft.target}
          placeholder="edit"
          onInput={(event) => set({ target: event.currentTarget.value })}
        />
      </Field>
    </div>
  )
}

function Bounds({ draft, set }: Omit<Drafting, 'query'>) {
  const { condition, lower, upper } = draft
  return (
    <>
      <Choice
        label="Held against the bounds is"
        value={condition}
        options={CONDITIONS}
        onChange={(next) => next && set({ condition: next })}
      />
      <div class="insights-pair">
        <Field label="No less than">
          <input
            type="number"
            step="any"
            value={lower}
            onInput={(event) => set({ lower: event.currentTarget.value })}
          />
        </Field>
        <Field label="No more than">
          <input
            type="number"
            step="any"
            required={lower === ''}
            value={upper}
            onInput={(event) => set({ upper: event.currentTarget.value })}
          />
        </Field>
      </div>
    </>
  )
}
