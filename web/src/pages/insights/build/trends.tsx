import type { InsightMath, TrendsDisplay, TrendsQueryInput, TrendsSeriesInput } from '../../../schema'
import { ToldApart } from './breakdown'
import { Chosen, type EditorProps, IntervalChoice, SubjectChoice, Text } from './fields'
import { Lines } from './lines'
import { PropertyPick } from './names'
import { Part } from './part'
import { RangeEditor } from './range'
import { letter, SeriesList } from './series'
import { OnlyWhere } from './where'
import { useWrong } from './wrong'

const MATHS: Record<InsightMath, string> = {
  TOTAL: 'how often',
  DAU: 'how many distinct ones do it',
  WEEKLY_ACTIVE: 'distinct ones of 7 days',
  MONTHLY_ACTIVE: 'distinct ones of 30 days',
  UNIQUE_SESSION: 'in how many sessions',
  FIRST_TIME_FOR_USER: 'who does it for the first time',
  SUM: 'sum of',
  AVG: 'mean of',
  MEDIAN: 'median of',
  MIN: 'least',
  MAX: 'greatest',
  P75: '75th percentile of',
  P90: '90th percentile of',
  P95: '95th percentile of',
  P99: '99th percentile of',
}
const OF_PROPERTY = new Set<string>(['SUM', 'AVG', 'MEDIAN', 'MIN', 'MAX', 'P75', 'P90', 'P95', 'P99'])
const OF_SUBJECTS = new Set<string>(['DAU', 'WEEKLY_ACTIVE', 'MONTHLY_ACTIVE', 'FIRST_TIME_FOR_USER'])

const DISPLAYS: Record<TrendsDisplay, string> = {
  LINE: 'Lines',
  CUMULATIVE_LINE: 'Lines, all so far',
  AREA: 'Areas',
  BAR: 'Bars',
  STACKED_BAR: 'Bars above each other',
  UNSTACKED_BAR: 'Bars beside each other',
  NUMBER: 'One number',
  PIE: 'Shares of the whole',
  VALUE_BAR: 'A bar for the whole time',
  TABLE: 'Table',
}

const COMPARED = {
  before: 'the time right before',
  '-1d': 'a day earlier',
  '-1w': 'a week earlier',
  '-1m': 'a month earlier',
  '-1y': 'a year earlier',
}
const MOST_SERIES = 26
const MOST_FORMULAS = 10

export function TrendsEditor({ asked, set }: EditorProps<TrendsQueryInput>) {
  const events = asked.series.map(({ event }) => event)
  return (
    <>
      <Part title="What is counted">
        <SeriesList<TrendsSeriesInput>
          list={asked.series}
          most={MOST_SERIES}
          called="Series"
          mark={letter}
          fresh={{ event: 'commit' }}
          place="trends.series"
          onChange={(series) => set({ series })}
          inside={(one, place, put) => <MathOf one={one} place={place} onChange={put} />}
        />
        <Formulas asked={asked} set={set} />
        {asked.series.some(({ math = 'TOTAL' }) => OF_SUBJECTS.has(math)) && (
          <SubjectChoice
            place="trends.subject"
            label="Distinct ones are"
            value={asked.subject}
            onChange={(subject) => set({ subject })}
          />
        )}
      </Part>
      <Part title="When">
        <div class="insights-pair">
          <RangeEditor range={asked.range} place="trends.range" onChange={(range) => set({ range })} />
          <IntervalChoice
            place="trends.interval"
            value={asked.interval}
            onChange={(interval) => set({ interval })}
          />
          <Compare asked={asked} set={set} />
        </div>
      </Part>
      <OnlyWhere asked={asked} set={set} kind="trends" events={events} />
      <ToldApart asked={asked} set={set} kind="trends" events={events} />
      <Part title="Shown as">
        <Chosen
          place="trends.display"
          label="Drawn as"
          value={asked.display ?? 'LINE'}
          options={DISPLAYS}
          onChange={(display) => set({ display: display ?? 'LINE' })}
        />
      </Part>
    </>
  )
}

function MathOf({
  one,
  place,
  onChange,
}: {
  one: TrendsSeriesInput
  place: string
  onChange: (one: TrendsSeriesInput) => void
}) {
  const math = one.math ?? 'TOTAL'
  const needsOf = OF_PROPERTY.has(math)
  return (
    <div class="insights-pair">
      <Chosen
        place={`${place}.math`}
        label="Counted as"
        value={math}
        options={MATHS}
        onChange={(next) => {
          const { of, ...rest } = one
          const kept = next && OF_PROPERTY.has(next) && of ? { of } : {}
          onChange({ ...rest, math: next ?? 'TOTAL', ...kept })
        }}
      />
      {needsOf && (
        <PropertyPick
          label="Of which number"
          value={one.of}
          place={`${place}.of`}
          events={[one.event]}
          numbers
          onPick={(of) => onChange({ ...one, of })}
        />
      )}
    </div>
  )
}

function Formulas({ asked, set }: EditorProps<TrendsQueryInput>) {
  const wrong = useWrong('trends.formulas', false)
  return (
    <Lines
      list={asked.formulas ?? []}
      most={MOST_FORMULAS}
      fresh={{ formula: '' }}
      more="+ Formula"
      away={(_, at) => `Remove formula ${at + 1}`}
      wrong={wrong}
      onChange={(formulas) => set({ formulas })}
    >
      {(one, at, put) => (
        <>
          <Text
            place={`trends.formulas.${at}.formula`}
            label={`Formula ${at + 1}`}
            hideLabel
            mono
            placeholder="A / B * 100"
            value={one.formula}
            onChange={(formula) => put({ ...one, formula })}
          />
          <Text
            place={`trends.formulas.${at}.name`}
            label={`Name of formula ${at + 1}`}
            hideLabel
            placeholder="Name"
            value={one.name}
            onChange={(name) => put({ ...one, name })}
          />
        </>
      )}
    </Lines>
  )
}

function Compare({ asked, set }: EditorProps<TrendsQueryInput>) {
  const own = asked.comparedWith
  const options: Record<string, string> =
    own && !Object.hasOwn(COMPARED, own) ? { ...COMPARED, [own]: own } : COMPARED
  return (
    <Chosen
      place="trends.comparedWith"
      label="Compared with"
      value={own ?? (asked.compared ? 'before' : null)}
      options={options}
      all="nothing"
      onChange={(with_) => set({ compared: with_ !== null, comparedWith: with_ === 'before' ? null : with_ })}
    />
  )
}
