import './alerts.css'
import { useState } from 'preact/hooks'
import { useChange, useRead } from '../../../api/hooks'
import { useMay } from '../../../app/viewer'
import { number, words } from '../../../format'
import type { InsightAlertState, InsightQueryInput } from '../../../schema'
import { daysAgo } from '../../../time'
import { useDone } from '../../../ui/done'
import { lazily } from '../../../ui/lazily'
import { Badge, Card, Problem, Time, type Tone } from '../../../ui/parts'
import {
  type AlertFragment,
  ChangeAlertDocument,
  DropAlertDocument,
  DropThresholdDocument,
  SnoozeDocument,
  WatchedDocument,
  type WatchedQuery,
} from './Alerts.gql'
import type { Insight } from './one'

const NewAlert = lazily(() => import('./new_alert').then((module) => module.NewAlert))

type Threshold = NonNullable<WatchedQuery['insight']>['thresholds'][number]

const TONES: Record<InsightAlertState, Tone> = {
  FIRING: 'bad',
  NOT_FIRING: 'good',
  ERRORED: 'warn',
  SNOOZED: '',
}

/** Bounds of its numbers, and the alerts at them. */
export function Alerts({ insight, query }: { insight: Insight; query: InsightQueryInput }) {
  const mayChange = useMay('alert:write')
  const { data, problem, again } = useRead(WatchedDocument, { id: insight.id })
  const [making, setMaking] = useState(false)
  const thresholds = data?.insight?.thresholds
  if (!thresholds) return problem ? <Problem problem={problem} again={again} /> : null
  return (
    <Card
      title="Alerts"
      actions={
        mayChange && (
          <button type="button" onClick={() => setMaking(true)}>
            New alert
          </button>
        )
      }
    >
      {thresholds.length === 0 && (
        <p class="quiet">
          None. An alert watches one number of this insight and tells when it leaves its bounds.
        </p>
      )}
      <ul class="stack tight">
        {thresholds.map((one) => (
          <Bounds key={one.id} threshold={one} mayChange={mayChange} again={again} />
        ))}
      </ul>
      {making && <NewAlert insight={insight} query={query} again={again} onClose={() => setMaking(false)} />}
    </Card>
  )
}

const bounds = ({ bounds: { lower, upper }, type }: Threshold): string => {
  const unit = type === 'PERCENTAGE' ? ' %' : ''
  if (lower == null) return `at most ${number(upper)}${unit}`
  if (upper == null) return `at least ${number(lower)}${unit}`
  return `${number(lower)} to ${number(upper)}${unit}`
}

function Bounds({
  threshold,
  mayChange,
  again,
}: {
  threshold: Threshold
  mayChange: boolean
  again: () => void
}) {
  const [drop] = useChange(DropThresholdDocument)
  const { wrong, done } = useDone()
  const remove = async () => {
    const { data, problem } = await drop({ input: { id: threshold.id } })
    if (done(problem, data?.deleteInsightThreshold, 'Its bounds and alerts are gone.')) again()
  }
  return (
    <li class="insights-bounds">
      <div class="row spread">
        <span>
          <strong>{threshold.name}</strong> <span class="small quiet">{bounds(threshold)}</span>
        </span>
        {mayChange && (
          <button type="button" class="plain" aria-label={`Delete ${threshold.name}`} onClick={remove}>
            Delete
          </button>
        )}
      </div>
      <Problem problem={wrong} />
      {threshold.alerts.map((alert) => (
        <Watch key={alert.id} alert={alert} mayChange={mayChange} again={again} />
      ))}
    </li>
  )
}

function Watch({ alert, mayChange, again }: { alert: AlertFragment; mayChange: boolean; again: () => void }) {
  const [change] = useChange(ChangeAlertDocument)
  const [drop] = useChange(DropAlertDocument)
  const [snooze] = useChange(SnoozeDocument)
  const { wrong, done } = useDone()
  const { id, enabled, state } = alert
  const turn = async () => {
    const { data, problem } = await change({ input: { id, enabled: !enabled } })
    if (done(problem, data?.updateInsightAlert, enabled ? 'It is off.' : 'It is on.')) again()
  }
  const sleep = async () => {
    const untilAt = state === 'SNOOZED' ? null : daysAgo(-1)
    const { data, problem } = await snooze({ input: { id, untilAt } })
    if (done(problem, data?.snoozeInsightAlert, untilAt ? 'It sleeps for a day.' : 'It is awake.')) again()
  }
  const remove = async () => {
    const { data, problem } = await drop({ input: { id } })
    if (done(problem, data?.deleteInsightAlert, 'The alert is gone.')) again()
  }
  return (
    <div class="insights-watch small">
      <span class="row">
        <Badge tone={enabled ? TONES[state] : ''}>{enabled ? words(state) : 'Off'}</Badge>
        {alert.value != null && <span class="number">{number(alert.value)}</span>}
        <span class="quiet">
          {words(alert.interval).toLowerCase()}
          {alert.checkedAt && (
            <>
              {' '}
              · checked <Time at={alert.checkedAt} since />
            </>
          )}
        </span>
      </span>
      {alert.reason && <p>{alert.reason}</p>}
      {alert.webhookUrl && <p class="quiet insights-link">Tells {alert.webhookUrl}</p>}
      <Problem problem={wrong} />
      {mayChange && (
        <span class="row">
          <button type="button" class="plain" onClick={turn}>
            Switch {enabled ? 'off' : 'on'}
          </button>
          {enabled && (
            <button type="button" class="plain" onClick={sleep}>
              {state === 'SNOOZED' ? 'Wake' : 'Snooze for a day'}
            </button>
          )}
          <button type="button" class="plain" onClick={remove}>
            Delete alert
          </button>
        </span>
      )}
    </div>
  )
}
