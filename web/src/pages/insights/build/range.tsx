import { useState } from 'preact/hooks'
import type { InsightRangeInput } from '../../../schema'
import { Check, Choice, Field } from '../../../ui/forms'
import { useWrong } from './wrong'

const PRESETS: Record<string, string> = {
  dStart: 'Today',
  '-24h': 'Last 24 hours',
  '-7d': 'Last 7 days',
  '-14d': 'Last 14 days',
  '-30d': 'Last 30 days',
  '-90d': 'Last 90 days',
  '-11w': 'Last 12 weeks',
  '-12m': 'Last 12 months',
  wStart: 'This week',
  mStart: 'This month',
  yStart: 'This year',
  all: 'All time',
}
const OWN = 'own'
const UNSAID = '-7d'
const DAY = /^\d{4}-\d{2}-\d{2}/

/** Of when: a preset, days of one's own, or whatever else a query says (`-1mStart`). */
export function RangeEditor({
  range,
  place,
  untilOnly = false,
  onChange,
}: {
  range: InsightRangeInput | null | undefined
  place: string
  untilOnly?: boolean
  onChange: (range: InsightRangeInput | null) => void
}) {
  const wrong = useWrong(place)
  const { dateFrom, dateTo, exact = false } = range ?? {}
  const from = dateFrom ?? UNSAID
  const [writing, setWriting] = useState(false)
  const preset = !writing && !dateTo && Object.hasOwn(PRESETS, from) ? from : OWN
  const set = (patch: Partial<InsightRangeInput>) => onChange({ ...range, ...patch })
  if (untilOnly)
    return (
      <Day
        label="Until"
        value={dateTo}
        wrong={wrong}
        onChange={(to) => onChange(to ? { dateTo: to } : null)}
      />
    )
  return (
    <>
      <Choice
        label="Of when"
        value={preset}
        options={{ ...PRESETS, [OWN]: 'Own dates…' }}
        wrong={preset === OWN ? null : wrong}
        onChange={(name) => {
          setWriting(name === OWN)
          if (name !== OWN) onChange({ dateFrom: name, ...(exact ? { exact } : {}) })
        }}
      />
      {preset === OWN && (
        <div class="row insights-dates">
          <Day label="From" value={dateFrom} wrong={wrong} onChange={(day) => set({ dateFrom: day })} />
          <Day label="To" value={dateTo} onChange={(day) => set({ dateTo: day })} />
          {from.startsWith('-') && (
            <Check label="From this very moment" on={exact} onChange={(checked) => set({ exact: checked })} />
          )}
        </div>
      )}
    </>
  )
}

/** A day by the calendar; what is told from now (`-3w`) is shown as a text. */
function Day({
  label,
  value,
  wrong = null,
  onChange,
}: {
  label: string
  value: string | null | undefined
  wrong?: string | null
  onChange: (day: string | null) => void
}) {
  const asText = Boolean(value) && !DAY.test(value ?? '')
  const written = {
    'aria-invalid': wrong ? true : undefined,
    onInput: (event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value || null),
  }
  return (
    <Field label={label} wrong={wrong}>
      {asText ? (
        <input {...written} type="text" value={value ?? ''} />
      ) : (
        <input {...written} type="date" value={value?.slice(0, 10) ?? ''} />
      )}
    </Field>
  )
}
