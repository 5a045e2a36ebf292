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
  const numbers = watchables(query)
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState(0)
  const [source, setSource] = useState('')
  const [target, setTarget] = useState('')
  const [condition, setCondition] = useState<InsightAlertCondition>('ABSOLUTE_VALUE')
  const [lower, setLower] = useState('')
  const [upper, setUpper] = useState('')
  const [interval, setInterval] = useState<InsightAlertInterval>('DAILY')
  const [weekendSkipped, setWeekendSkipped] = useState(false)
  const [url, setUrl] = useState('')
  const [makeThreshold] = useChange(NewThresholdDocument)
  const [makeAlert] = useChange(NewAlertDocument)
  const [drop] = useChange(DropThresholdDocument)
  const bound = (text: string) => (text === '' ? null : Number(text))
  const send = async (): Promise<Told | null> => {
    const watch: InsightWatchInput | undefined = isPaths(query)
      ? { paths: { source, target } }
      : numbers[chosen]?.watch
    if (!watch) return told('REFUSED', 'There is no number to watch.')
    const type = condition === 'ABSOLUTE_VALUE' ? 'ABSOLUTE' : 'PERCENTAGE'
    const bounds = { lower: bound(lower), upper: bound(upper) }
    const made = await makeThreshold({ input: { insightId: insight.id, name, type, bounds } })
    const against = made.problem ?? refused(made.data?.createInsightThreshold)
    const thresholdId = made.data?.createInsightThreshold?.threshold?.id
    if (against || !thresholdId) return against
    const input = { thresholdId, name, watch, condition, interval, weekendSkipped }
    const answer = await makeAlert({ input: { ...input, webhook: url ? { url } : null } })
    const refusal = answer.problem ?? refused(answer.data?.createInsightAlert)
    if (refusal) {
      // Bounds without their alert would be left over.
      await drop({ input: { id: thresholdId } })
      return refusal
    }
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
          value={name}
          placeholder="Too much rework"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      {isPaths(query) ? (
        <div class="insights-pair">
          <Field label="How many go from">
            <input
              required
              value={source}
              placeholder="prompt"
              onInput={(e) => setSource(e.currentTarget.value)}
            />
          </Field>
          <Field label="to">
            <input
              required
              value={target}
              placeholder="edit"
              onInput={(e) => setTarget(e.currentTarget.value)}
            />
          </Field>
        </div>
      ) : (
        <Choice
          label="Number"
          value={`n${chosen}`}
          options={Object.fromEntries(numbers.map(({ title }, at) => [`n${at}`, title]))}
          onChange={(at) => setChosen(Number(String(at).slice(1)))}
        />
      )}
      <Choice
        label="Held against the bounds is"
        value={condition}
        options={CONDITIONS}
        onChange={(next) => next && setCondition(next)}
      />
      <div class="insights-pair">
        <Field label="No less than">
          <input
            type="number"
            step="any"
            value={lower}
            onInput={(event) => setLower(event.currentTarget.value)}
          />
        </Field>
        <Field label="No more than">
          <input
            type="number"
            step="any"
            required={lower === ''}
            value={upper}
            onInput={(event) => setUpper(event.currentTarget.value)}
          />
        </Field>
      </div>
      <Choice
        label="Checked"
        value={interval}
        options={INTERVALS}
        onChange={(next) => next && setInterval(next)}
      />
      <Check label="Not at weekends" on={weekendSkipped} onChange={setWeekendSkipped} />
      <Field label="Webhook to tell, if any">
        <input
          type="url"
          value={url}
          placeholder="https://example.org/hooks"
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
      </Field>
    </Form>
  )
}
