import type { PathCleaningInput, PathsQueryInput } from '../../../schema'
import { Chips } from '../chips'
import { Count, type EditorProps, SubjectChoice, Text } from './fields'
import { Lines } from './lines'
import { EventPick } from './names'
import { Part } from './part'
import { RangeEditor } from './range'
import { OnlyWhere } from './where'
import { useWrong } from './wrong'

export function PathsEditor({ asked, set }: EditorProps<PathsQueryInput>) {
  return (
    <>
      <Part title="From where to where">
        <div class="insights-pair">
          <EventPick
            label="Begins with"
            value={asked.startEvent}
            place="paths.startEvent"
            none="anything"
            free
            onPick={(startEvent) => set({ startEvent })}
          />
          <EventPick
            label="Ends with"
            value={asked.endEvent}
            place="paths.endEvent"
            none="anything"
            free
            onPick={(endEvent) => set({ endEvent })}
          />
          <SubjectChoice
            place="paths.subject"
            label="Whose paths"
            value={asked.subject}
            onChange={(subject) => set({ subject })}
          />
          <RangeEditor range={asked.range} place="paths.range" onChange={(range) => set({ range })} />
        </div>
      </Part>
      <HowMuch asked={asked} set={set} />
      <Part title="Left out">
        <Excluded
          events={asked.excludedEvents ?? []}
          onChange={(excludedEvents) => set({ excludedEvents })}
        />
      </Part>
      <Part title="Names put together">
        <Cleaning rules={asked.cleaning ?? []} onChange={(cleaning) => set({ cleaning })} />
      </Part>
      <OnlyWhere asked={asked} set={set} kind="paths" events={[]} />
    </>
  )
}

function Excluded({ events, onChange }: { events: readonly string[]; onChange: (events: string[]) => void }) {
  return (
    <div class="stack tight">
      {events.length > 0 && (
        <Chips values={events} away={(event) => `Count ${event} again`} onChange={onChange} />
      )}
      <EventPick
        label="Leave out an event"
        hideLabel
        value={null}
        place="paths.excludedEvents"
        none="Leave out an event…"
        onPick={(event) => event && !events.includes(event) && onChange([...events, event])}
      />
    </div>
  )
}

function Cleaning({
  rules,
  onChange,
}: {
  rules: readonly PathCleaningInput[]
  onChange: (rules: PathCleaningInput[]) => void
}) {
  const wrong = useWrong('paths.cleaning', false)
  return (
    <Lines
      list={rules}
      fresh={{ regex: '', alias: '' }}
      more="+ Rule"
      away={(_, at) => `Remove rule ${at + 1}`}
      wrong={wrong}
      onChange={onChange}
    >
      {(rule, at, put) => (
        <>
          <Text
            place={`paths.cleaning.${at}.regex`}
            label={`Names that match, ${at + 1}`}
            hideLabel
            mono
            placeholder="^test_(passed|failed)$"
            value={rule.regex}
            onChange={(regex) => put({ ...rule, regex })}
          />
          <Text
            place={`paths.cleaning.${at}.alias`}
            label={`are called, ${at + 1}`}
            hideLabel
            placeholder="tests"
            value={rule.alias}
            onChange={(alias) => put({ ...rule, alias })}
          />
        </>
      )}
    </Lines>
  )
}

function HowMuch({ asked, set }: EditorProps<PathsQueryInput>) {
  return (
    <Part title="How much of it">
      <div class="insights-pair">
        <Count
          place="paths.stepCount"
          label="Steps"
          usual={5}
          max={20}
          value={asked.stepCount}
          onChange={(stepCount) => set({ stepCount })}
        />
        <Count
          place="paths.edgeCount"
          label="Most frequent ways"
          usual={50}
          value={asked.edgeCount}
          onChange={(edgeCount) => set({ edgeCount })}
        />
        <Count
          place="paths.minEdgeCount"
          label="Taken at least so often"
          usual="any"
          value={asked.minEdgeCount}
          onChange={(minEdgeCount) => set({ minEdgeCount })}
        />
        <Count
          place="paths.maxEdgeCount"
          label="At most so often"
          usual="any"
          value={asked.maxEdgeCount}
          onChange={(maxEdgeCount) => set({ maxEdgeCount })}
        />
      </div>
    </Part>
  )
}
