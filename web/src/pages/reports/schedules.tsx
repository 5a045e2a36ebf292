import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { usePages } from '../../api/pages'
import { refused } from '../../api/problem'
import { useMay, useViewer } from '../../app/viewer'
import { words } from '../../format'
import { LANGUAGES } from '../../languages'
import { href } from '../../routes'
import { Form } from '../../ui/dialog'
import { Choice, Field } from '../../ui/forms'
import { Card, Empty, More, Problem, Time, Waiting } from '../../ui/parts'
import { say } from '../../ui/said'
import { ABOUT } from './naming'
import type { Language } from './Reports.gql'
import {
  CancelScheduleDocument,
  CreateScheduleDocument,
  type ScheduleFragment,
  SchedulesDocument,
} from './Schedules.gql'
import { WrittenIn } from './written_in'

/** What is written regularly, and what shall be. */
export function Schedules() {
  const [asking, setAsking] = useState(false)
  const { data, items, problem, loading, more, again } = usePages(
    SchedulesDocument,
    { after: null },
    ({ reportSchedules }) => reportSchedules,
  )
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class="main" onClick={() => setAsking(true)}>
          Schedule a report
        </button>
      </div>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && items.length === 0 && <NothingYet />}
      {items.length > 0 && (
        <div class="grid">
          {items.map((schedule) => (
            <One key={schedule.id} schedule={schedule} again={again} />
          ))}
        </div>
      )}
      <More {...more} />
      {asking && <Create onDone={again} onClose={() => setAsking(false)} />}
    </div>
  )
}

function NothingYet() {
  return (
    <Empty title="Nothing is written regularly yet">
      <p>
        Have a report written whenever a day, a week or a month is over, beginning with the one that goes on.
      </p>
    </Empty>
  )
}

const hourOf = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

function One({ schedule, again }: { schedule: ScheduleFragment; again: () => void }) {
  const [cancel, busy] = useChange(CancelScheduleDocument)
  const stop = async () => {
    const { data, problem } = await cancel({ id: schedule.id })
    say(
      (problem ?? refused(data?.cancelReportSchedule))?.message ??
        'It is written no more; those that were stay.',
    )
    again()
  }
  const whose = schedule.developer?.email ?? 'the organisation'
  return (
    <Card
      title={`${words(schedule.period)}, of ${whose}`}
      actions={
        <button
          type="button"
          disabled={busy}
          onClick={stop}
          aria-label={`Stop the ${words(schedule.period)} report of ${whose}`}
        >
          Stop
        </button>
      }
    >
      <Facts schedule={schedule} />
    </Card>
  )
}

function Facts({ schedule }: { schedule: ScheduleFragment }) {
  return (
    <dl class="reports-facts">
      <dt>Next</dt>
      <dd>
        <Time at={schedule.nextAt} />
      </dd>
      <dt>At</dt>
      <dd>
        {hourOf(schedule.hour)}, {schedule.timeZone}
        {schedule.followingDeveloper && ' (follows the developer)'}
      </dd>
      <dt>In</dt>
      <dd>{LANGUAGES[schedule.language]}</dd>
      <dt>Latest</dt>
      <dd>
        {schedule.lastReport ? (
          <a href={href('reports', schedule.lastReport.id)}>{words(schedule.lastReport.status)}</a>
        ) : (
          'None yet'
        )}
      </dd>
      {schedule.webhookUrl && (
        <>
          <dt>Tells</dt>
          <dd class="mono">{schedule.webhookUrl}</dd>
        </>
      )}
    </dl>
  )
}

const PERIODS = { DAILY: 'Day', WEEKLY: 'Week', MONTHLY: 'Month' } as const

function Create({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { timeZone } = useViewer()
  const whole = useMay('org:read')
  const [kind, setKind] = useState<'V3' | 'V21'>('V3')
  const [period, setPeriod] = useState<keyof typeof PERIODS>('WEEKLY')
  const [hour, setHour] = useState(6)
  const [language, setLanguage] = useState<Language | ''>('')
  const [url, setUrl] = useState('')
  const [create] = useChange(CreateScheduleDocument)
  const send = async () => {
    const webhook = url ? { url } : null
    const { data, problem } = await create({
      input: { kind, period, hour, language: language || null, scope: 'scheduled', webhook },
    })
    const wrong = problem ?? refused(data?.createReportSchedule)
    if (!wrong) {
      say('It will be written.')
      onDone()
    }
    return wrong
  }
  return (
    <Form title="Schedule a report" send="Schedule" onSend={send} onClose={onClose}>
      {whole && (
        <Choice label="About" value={kind} options={ABOUT} onChange={(name) => setKind(name || 'V3')} />
      )}
      <Choice
        label="After each"
        value={period}
        options={PERIODS}
        onChange={(name) => setPeriod(name || 'WEEKLY')}
      />
      <Field label={`At which hour of the day after (${timeZone})`}>
        <input
          type="number"
          min={0}
          max={23}
          required
          value={hour}
          onInput={(event) => setHour(event.currentTarget.valueAsNumber)}
        />
      </Field>
      <WrittenIn value={language} onChange={setLanguage} />
      <Field label="Tell this address when it is there (optional)">
        <input
          type="url"
          value={url}
          placeholder="https://"
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
      </Field>
    </Form>
  )
}
