import type { PathCleaningInput, PathsQueryInput } from '../../../schema'
import { Count, type EditorProps, SubjectChoice, Text } from './fields'
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
      <Part title="Left out">
        <Excluded
          events={asked.excludedEvents ?? []}
          onChange={(excludedEvents) => set({ excludedEvents })}
        />
      </Part>
      <Part title="Names put together">
        <Cleaning rules={asked.cleaning ?? []} onChange={(cleaning) => set({ cleaning })} />
      </Part>
      <OnlyWhere where={asked.where} place="paths.where" events={[]} onChange={(where) => set({ where })} />
    </>
  )
}

function Excluded({ events, onChange }: { events: readonly string[]; onChange: (events: string[]) => void }) {
  return (
    <div class="stack tight">
      {events.length > 0 && (
        <div class="insights-chips">
          {events.map((event) => (
            <span key={event} class="badge">
              {event}
              <button
                type="button"
                aria-label={`Count ${event} again`}
                onClick={() => onChange(events.filter((one) => one !== event))}
              >
                ×
              </button>
            </span>
          ))}
        </div>
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
  const put = (at: number, ...instead: PathCleaningInput[]) =>
    onChange([...rules.slice(0, at), ...instead, ...rules.slice(at + 1)])
  return (
    <div class="stack tight">
      {rules.map((rule, at) => (
        <div class="insights-line" key={at}>
          <Text
            place={`paths.cleaning.${at}.regex`}
            label={`Names that match, ${at + 1}`}
            hideLabel
            mono
            placeholder="^test_(passed|failed)$"
            value={rule.regex}
            onChange={(regex) => put(at, { ...rule, regex })}
          />
          <Text
            place={`paths.cleaning.${at}.alias`}
            label={`are called, ${at + 1}`}
            hideLabel
            placeholder="tests"
            value={rule.alias}
            onChange={(alias) => put(at, { ...rule, alias })}
          />
          <button
            type="button"
            class="plain insights-remove"
            aria-label={`Remove rule ${at + 1}`}
            onClick={() => put(at)}
          >
            ×
          </button>
        </div>
      ))}
      {wrong && (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      )}
      <div>
        <button type="button" class="plain" onClick={() => onChange([...rules, { regex: '', alias: '' }])}>
          + Rule
        </button>
      </div>
    </div>
  )
}
