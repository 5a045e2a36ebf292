import type { LifecycleQueryInput, LifecycleStatus } from '../../../schema'
import { Check } from '../../../ui/forms'
import { type EditorProps, IntervalChoice, SubjectChoice } from './fields'
import { Part } from './part'
import { RangeEditor } from './range'
import { EventsEditor } from './series'
import { OnlyWhere } from './where'

const STATUSES: Record<LifecycleStatus, string> = {
  NEW: 'New: for the first time ever',
  RETURNING: 'Returning: in the one before, too',
  RESURRECTING: 'Resurrecting: back after a rest',
  DORMANT: 'Dormant: there before, and not now',
}

export function LifecycleEditor({
  asked,
  set,
  hidden,
  onHide,
}: EditorProps<LifecycleQueryInput> & {
  hidden: readonly LifecycleStatus[]
  onHide: (hidden: LifecycleStatus[]) => void
}) {
  return (
    <>
      <Part title="What shows that somebody is there">
        <EventsEditor
          label="Event"
          events={asked.events}
          place="lifecycle.events"
          onChange={(events) => set({ events })}
        />
      </Part>
      <Part title="When">
        <div class="insights-pair">
          <RangeEditor range={asked.range} place="lifecycle.range" onChange={(range) => set({ range })} />
          <IntervalChoice
            place="lifecycle.interval"
            value={asked.interval}
            onChange={(interval) => set({ interval })}
          />
          <SubjectChoice
            place="lifecycle.subject"
            label="Who that is"
            value={asked.subject}
            onChange={(subject) => set({ subject })}
          />
        </div>
      </Part>
      <Part title="Shown">
        {(Object.keys(STATUSES) as LifecycleStatus[]).map((status) => (
          <Check
            key={status}
            label={STATUSES[status]}
            on={!hidden.includes(status)}
            onChange={(checked) =>
              onHide(checked ? hidden.filter((one) => one !== status) : [...hidden, status])
            }
          />
        ))}
      </Part>
      <OnlyWhere asked={asked} set={set} kind="lifecycle" events={[asked.events.event]} />
    </>
  )
}
