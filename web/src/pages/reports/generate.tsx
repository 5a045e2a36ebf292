import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { refused } from '../../api/problem'
import { useViewer } from '../../app/viewer'
import { beginOf, dayOf, plusDays } from '../../days'
import { LANGUAGES } from '../../languages'
import { go, href } from '../../routes'
import type { GenerateReportInput } from '../../schema'
import { Form } from '../../ui/dialog'
import { Choice, Field } from '../../ui/forms'
import { ABOUT } from './naming'
import { GenerateReportDocument, type Language, type ReportPeriod } from './Reports.gql'

const PERIODS = { DAILY: 'Day', WEEKLY: 'Week', MONTHLY: 'Month', CUSTOM: 'Own dates' } as const

/** Asks what a report shall be of, and goes to it once it is under way. */
export function Generate({ onClose }: { onClose: () => void }) {
  const { timeZone } = useViewer()
  const today = dayOf(Date.now(), timeZone)
  const [kind, setKind] = useState<'V3' | 'V21'>('V3')
  const [period, setPeriod] = useState<ReportPeriod>('WEEKLY')
  const [day, setDay] = useState(today)
  const [until, setUntil] = useState(today)
  const [language, setLanguage] = useState<Language | ''>('')
  const [scope, setScope] = useState('personal')
  const [generate] = useChange(GenerateReportDocument)
  const custom = period === 'CUSTOM'
  const send = async () => {
    // The calendar unit that holds a day is that of the moment before its end.
    const within = custom
      ? { from: beginOf(day, timeZone), to: beginOf(plusDays(until, 1), timeZone) }
      : { to: beginOf(plusDays(day, 1), timeZone) }
    const input: GenerateReportInput = {
      kind,
      period,
      scope,
      within: day === today && !custom ? null : within,
      language: language || null,
    }
    const { data, problem } = await generate({ input })
    const wrong = problem ?? refused(data?.generateReport)
    if (!wrong && data?.generateReport?.report) go(href('reports', data.generateReport.report.id))
    return wrong
  }
  return (
    <Form title="Write a report" send="Write it" onSend={send} onClose={onClose}>
      <Choice label="About" value={kind} options={ABOUT} onChange={(name) => setKind(name || 'V3')} />
      <Choice
        label="Of a"
        value={period}
        options={PERIODS}
        onChange={(name) => setPeriod(name || 'WEEKLY')}
      />
      <div class="row">
        <Field label={custom ? 'First day' : 'That holds'}>
          <input
            type="date"
            required
            value={day}
            max={today}
            onInput={(event) => setDay(event.currentTarget.value)}
          />
        </Field>
        {custom && (
          <Field label="Last day">
            <input
              type="date"
              required
              value={until}
              min={day}
              max={today}
              onInput={(event) => setUntil(event.currentTarget.value)}
            />
          </Field>
        )}
      </div>
      <Choice
        label="Written in"
        value={language}
        options={LANGUAGES}
        all="The organisation's language"
        onChange={setLanguage}
      />
      <Field label="Kept as">
        <input
          required
          maxLength={64}
          value={scope}
          onInput={(event) => setScope(event.currentTarget.value)}
        />
      </Field>
      <p class="small quiet">Days are those of {timeZone}.</p>
    </Form>
  )
}
