import type { RetentionKind, RetentionQueryInput } from '../../../schema'
import { Check } from '../../../ui/forms'
import { ToldApart } from './breakdown'
import { Chosen, Count, type EditorProps, IntervalChoice, SubjectChoice } from './fields'
import { Part } from './part'
import { RangeEditor } from './range'
import { EventsEditor } from './series'
import { OnlyWhere } from './where'

const ROWS: Record<RetentionKind, string> = {
  RECURRING: 'each period in which they did it',
  FIRST_TIME: 'the period of their first such event',
  FIRST_EVER: 'the same, whatever filters say',
}

export function RetentionEditor({ asked, set }: EditorProps<RetentionQueryInput>) {
  const events = [asked.target?.event, asked.returning?.event]
  return (
    <>
      <Part title="Who did this">
        <EventsEditor
          label="Event that puts somebody into a row"
          events={asked.target ?? {}}
          place="retention.target"
          onChange={(target) => set({ target })}
        />
      </Part>
      <Part title="And came back to do this">
        <EventsEditor
          label="Event that counts as coming back"
          events={asked.returning ?? {}}
          place="retention.returning"
          onChange={(returning) => set({ returning })}
        />
      </Part>
      <How asked={asked} set={set} />
      <OnlyWhere asked={asked} set={set} kind="retention" events={events} />
      <ToldApart asked={asked} set={set} kind="retention" events={events} />
    </>
  )
}

function How({ asked, set }: EditorProps<RetentionQueryInput>) {
  return (
    <Part title="How">
      <div class="insights-pair">
        <SubjectChoice
          place="retention.subject"
          label="Who comes back"
          value={asked.subject}
          onChange={(subject) => set({ subject })}
        />
        <IntervalChoice
          place="retention.interval"
          label="A period is a"
          minutes={false}
          value={asked.interval}
          onChange={(interval) => set({ interval })}
        />
        <Count
          place="retention.periodCount"
          label="Periods"
          usual={11}
          max={100}
          value={asked.periodCount}
          onChange={(periodCount) => set({ periodCount })}
        />
        <Chosen
          place="retention.kind"
          label="Rows they stand in"
          value={asked.kind ?? 'RECURRING'}
          options={ROWS}
          onChange={(kind) => set({ kind: kind ?? 'RECURRING' })}
        />
        <RangeEditor
          range={asked.range}
          place="retention.range"
          untilOnly
          onChange={(range) => set({ range })}
        />
      </div>
      <Check
        label="Who comes back later counts for the periods before, too"
        on={asked.cumulative ?? false}
        onChange={(cumulative) => set({ cumulative })}
      />
    </Part>
  )
}
