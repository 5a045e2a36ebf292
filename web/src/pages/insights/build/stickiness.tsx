import type { InsightEventsInput, StickinessQueryInput } from '../../../schema'
import { Check } from '../../../ui/forms'
import { type EditorProps, IntervalChoice, SubjectChoice } from './fields'
import { Part } from './part'
import { RangeEditor } from './range'
import { letter, SeriesList } from './series'
import { OnlyWhere } from './where'

const MOST_SERIES = 26

export function StickinessEditor({ asked, set }: EditorProps<StickinessQueryInput>) {
  return (
    <>
      <Part title="What is done">
        <SeriesList<InsightEventsInput>
          list={asked.series}
          most={MOST_SERIES}
          called="Series"
          mark={letter}
          fresh={{ event: 'commit' }}
          place="stickiness.series"
          onChange={(series) => set({ series })}
        />
      </Part>
      <Part title="When">
        <div class="insights-pair">
          <RangeEditor range={asked.range} place="stickiness.range" onChange={(range) => set({ range })} />
          <IntervalChoice
            place="stickiness.interval"
            label="Counted by the"
            value={asked.interval}
            onChange={(interval) => set({ interval })}
          />
          <SubjectChoice
            place="stickiness.subject"
            label="Who does it"
            value={asked.subject}
            onChange={(subject) => set({ subject })}
          />
        </div>
        <Check
          label="In so many or more"
          on={asked.cumulative ?? false}
          onChange={(cumulative) => set({ cumulative })}
        />
      </Part>
      <OnlyWhere asked={asked} set={set} kind="stickiness" events={asked.series.map(({ event }) => event)} />
    </>
  )
}
