import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { refused } from '../../api/problem'
import { useViewer } from '../../app/viewer'
import { beginOf, dayOf, plusDays } from '../../days'
import { go, href } from '../../routes'
import type { GenerateReportInput } from '../../schema'
import { Form } from '../../ui/dialog'
import { Choice, Field } from '../../ui/forms'
import { ABOUT } from './naming'
import { GenerateReportDocument, type Language, type ReportPeriod } from './Reports.gql'
import { WrittenIn } from './written_in'

const PERIODS = { DAILY: 'Day', WEEKLY: 'Week', MONTHLY: 'Month', CUSTOM: 'Own dates' } as const

interface Wish {
  kind: 'V3' | 'V21'
  period: ReportPeriod
  /** The only day, or the first one. */
  day: string
  until: string
  language: Language | ''
  scope: string
}

/** Asks what a report shall be of, and goes to it once it is under way. */
export function Generate({ onClose }: { onClose: () => void }) {
  const { timeZone } = useViewer()
  const today = dayOf(Date.now(), timeZone)
  const [wish, setWish] = useState<Wish>({ ...USUAL, day: today, until: today })
  const set = (patch: Partial<Wish>) => setWish((now) => ({ ...now, ...patch }))
  const [generate] = useChange(GenerateReportDocument)
  const send = async () => {
    const { data, problem } = await generate({ input: inputOf(wish, today, timeZone) })
    const wrong = problem ?? refused(data?.generateReport)
    if (!wrong && data?.generateReport?.report) go(href('reports', data.generateReport.report.id))
    return wrong
  }
  return (
    <Form title="Write a report" send="Write it" onSend={send} onClose={onClose}>
      <Choice
        label="About"
        value={wish.kind}
        options={ABOUT}
        onChange={(kind) => set({ kind: kind || 'V3' })}
      />
      <Choice
        label="Of a"
        value={wish.period}
        options={PERIODS}
        onChange={(period) => set({ period: period || 'WEEKLY' })}
      />
      <Days wish={wish} today={today} set={set} />
      <WrittenIn value={wish.language} onChange={(language) => set({ language })} />
      <Field label="Kept as">
        <input
          required
          maxLength={64}
          value={wish.scope}
          onInput={(event) => set({ scope: event.currentTarget.value })}
        />
      </Field>
      <p class="small quiet">Days are those of {timeZone}.</p>
    </Form>
  )
}

const USUAL = { kind: 'V3', period: 'WEEKLY', language: '', scope: 'personal' } as const

function inputOf(wish: Wish, today: string, zone: string): GenerateReportInput {
  const { kind, period, day, until, language, scope } = wish
  const custom = period === 'CUSTOM'
  // The calendar unit that holds a day is that of the moment before its end.
  const within = custom
    ? { from: beginOf(day, zone), to: beginOf(plusDays(until, 1), zone) }
    : { to: beginOf(plusDays(day, 1), zone) }
  return {
    kind,
    period,
    scope,
    within: day === today && !custom ? null : within,
    language: language || null,
  }
}

function Days({
  wish: { period, day, until },
  today,
  set,
}: {
  wish: Wish
  today: string
  set: (patch: Partial<Wish>) => void
}) {
  const custom = period === 'CUSTOM'
  return (
    <div class="row">
      <Day
        label={custom ? 'First day' : 'That holds'}
        value={day}
        max={today}
        onChange={(value) => set({ day: value })}
      />
      {custom && (
        <Day
          label="Last day"
          value={until}
          min={day}
          max={today}
          onChange={(value) => set({ until: value })}
        />
      )}
    </div>
  )
}

function Day({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string
  value: string
  min?: string
  max: string
  onChange: (day: string) => void
}) {
  return (
    <Field label={label}>
      <input
        type="date"
        required
        value={value}
        min={min}
        max={max}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  )
}
