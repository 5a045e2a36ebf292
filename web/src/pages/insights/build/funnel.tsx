import './funnel.css'
import type {
  FunnelAttribution,
  FunnelExclusionInput,
  FunnelOrder,
  FunnelQueryInput,
  FunnelView,
  FunnelWindowUnit,
  InsightEventsInput,
} from '../../../schema'
import { ToldApart } from './breakdown'
import { Chosen, Count, type EditorProps, IntervalChoice, SubjectChoice } from './fields'
import { Part } from './part'
import { RangeEditor } from './range'
import { Remove } from './remove'
import { EventsEditor, SeriesList } from './series'
import { OnlyWhere } from './where'

const VIEWS: Record<FunnelView, string> = {
  STEPS: 'how many reach each step',
  TIME_TO_CONVERT: 'how long they take',
  OVER_TIME: 'the share by when they began',
}
const ORDERS: Record<FunnelOrder, string> = {
  ORDERED: 'one after the other',
  STRICT: 'one after the other, nothing between',
  UNORDERED: 'in any order',
}
const UNITS: Record<FunnelWindowUnit, string> = {
  SECOND: 'seconds',
  MINUTE: 'minutes',
  HOUR: 'hours',
  DAY: 'days',
  WEEK: 'weeks',
  MONTH: 'months',
}
const ATTRIBUTIONS: Record<FunnelAttribution, string> = {
  FIRST_TOUCH: 'the first event that has the property',
  LAST_TOUCH: 'the last event that has it',
  ALL_EVENTS: 'all events, which have to agree',
  STEP: 'the event of one step',
}
const MOST_STEPS = 20
const MOST_EXCLUSIONS = 10
const WINDOW = { count: 14, unit: 'DAY' } as const

export function FunnelEditor({ asked, set }: EditorProps<FunnelQueryInput>) {
  const events = asked.steps.map(({ event }) => event)
  return (
    <>
      <Part title="Steps">
        <SeriesList<InsightEventsInput>
          list={asked.steps}
          most={MOST_STEPS}
          least={2}
          called="Step"
          mark={(at) => String(at + 1)}
          fresh={{ event: 'commit' }}
          place="funnel.steps"
          onChange={(steps) => set({ steps })}
        />
        <Exclusions asked={asked} set={set} />
      </Part>
      <How asked={asked} set={set} />
      <When asked={asked} set={set} />
      <OnlyWhere asked={asked} set={set} kind="funnel" events={events} />
      <ToldApart asked={asked} set={set} kind="funnel" events={events}>
        {asked.breakdown && <Attributed asked={asked} set={set} />}
      </ToldApart>
    </>
  )
}

function How({ asked, set }: EditorProps<FunnelQueryInput>) {
  const view = asked.view ?? 'STEPS'
  return (
    <Part title="How">
      <div class="insights-pair">
        <SubjectChoice
          place="funnel.subject"
          label="Who goes through"
          value={asked.subject}
          onChange={(subject) => set({ subject })}
        />
        <Chosen
          place="funnel.order"
          label="Steps come"
          value={asked.order ?? 'ORDERED'}
          options={ORDERS}
          onChange={(order) => set({ order: order ?? 'ORDERED' })}
        />
        <Window asked={asked} set={set} />
        <Chosen
          place="funnel.view"
          label="Shows"
          value={view}
          options={VIEWS}
          onChange={(next) => set({ view: next ?? 'STEPS' })}
        />
        {view !== 'STEPS' && <Stretch asked={asked} set={set} />}
        {view === 'TIME_TO_CONVERT' && (
          <Count
            place="funnel.binCount"
            label="Bins"
            usual="as many as suit"
            max={90}
            value={asked.binCount}
            onChange={(binCount) => set({ binCount })}
          />
        )}
      </div>
    </Part>
  )
}

function When({ asked, set }: EditorProps<FunnelQueryInput>) {
  return (
    <Part title="When">
      <div class="insights-pair">
        <RangeEditor range={asked.range} place="funnel.range" onChange={(range) => set({ range })} />
        {asked.view === 'OVER_TIME' && (
          <IntervalChoice
            place="funnel.interval"
            value={asked.interval}
            onChange={(interval) => set({ interval })}
          />
        )}
      </div>
    </Part>
  )
}

function Window({ asked, set }: EditorProps<FunnelQueryInput>) {
  const { count, unit = 'DAY' } = asked.window ?? WINDOW
  return (
    <div class="row insights-window">
      <Count
        place="funnel.window.count"
        label="Within"
        value={count}
        onChange={(next) => set({ window: next === null ? null : { count: next, unit } })}
      />
      <Chosen
        place="funnel.window.unit"
        label="Unit"
        value={unit}
        options={UNITS}
        onChange={(next) => set({ window: { count, unit: next ?? 'DAY' } })}
      />
    </div>
  )
}

const stepsOf = (asked: FunnelQueryInput, from: number, to = asked.steps.length): Record<string, string> =>
  Object.fromEntries(
    asked.steps.slice(from, to).map(({ event, name }, at) => [
      // With a letter, so that objects keep the order.
      `s${at + from}`,
      `${at + from + 1} ${name || event || 'any event'}`,
    ]),
  )
const numberOf = (name: string | null): number | null => (name ? Number(name.slice(1)) : null)

/** From which step to which times and shares are taken. */
function Stretch({ asked, set }: EditorProps<FunnelQueryInput>) {
  const last = asked.lastStep ?? asked.steps.length - 1
  const first = asked.firstStep ?? 0
  return (
    <>
      <Chosen
        place="funnel.firstStep"
        label="From step"
        value={`s${first}`}
        options={stepsOf(asked, 0, last)}
        onChange={(name) => set({ firstStep: numberOf(name) })}
      />
      <Chosen
        place="funnel.lastStep"
        label="To step"
        value={`s${last}`}
        options={stepsOf(asked, first + 1)}
        onChange={(name) => set({ lastStep: numberOf(name) })}
      />
    </>
  )
}

function Attributed({ asked, set }: EditorProps<FunnelQueryInput>) {
  const attribution = asked.attribution ?? 'FIRST_TOUCH'
  return (
    <div class="insights-pair">
      <Chosen
        place="funnel.attribution"
        label="The value is told by"
        value={attribution}
        options={ATTRIBUTIONS}
        onChange={(next) =>
          set({ attribution: next ?? 'FIRST_TOUCH', attributionStep: next === 'STEP' ? 0 : null })
        }
      />
      {attribution === 'STEP' && (
        <Chosen
          place="funnel.attributionStep"
          label="Which step"
          value={`s${asked.attributionStep ?? 0}`}
          options={stepsOf(asked, 0)}
          onChange={(name) => set({ attributionStep: numberOf(name) })}
        />
      )}
    </div>
  )
}

function Exclusions({ asked, set }: EditorProps<FunnelQueryInput>) {
  const list = asked.exclusions ?? []
  const last = asked.steps.length - 1
  const put = (at: number, ...instead: FunnelExclusionInput[]) =>
    set({ exclusions: list.toSpliced(at, 1, ...instead) })
  const fresh = { events: { event: 'revert' }, afterStep: 0, beforeStep: last }
  return (
    <div class="stack tight">
      {list.map((one, at) => (
        <div class="insights-excluded" key={at}>
          <EventsEditor
            label={`Event that must not happen, ${at + 1}`}
            events={one.events}
            place={`funnel.exclusions.${at}.events`}
            onChange={(events) => put(at, { ...one, events })}
          />
          <Between asked={asked} one={one} at={at} onChange={(next) => put(at, next)} />
          <Remove label={`Remove exclusion ${at + 1}`} onRemove={() => put(at)} />
        </div>
      ))}
      {list.length < MOST_EXCLUSIONS && last > 0 && (
        <div>
          <button type="button" class="plain" onClick={() => put(list.length, fresh)}>
            + Exclusion
          </button>
        </div>
      )}
    </div>
  )
}

/** The steps between which an excluded event must not happen. */
function Between({
  asked,
  one,
  at,
  onChange,
}: {
  asked: FunnelQueryInput
  one: FunnelExclusionInput
  at: number
  onChange: (one: FunnelExclusionInput) => void
}) {
  const place = `funnel.exclusions.${at}`
  return (
    <div class="insights-pair">
      <Chosen
        place={`${place}.afterStep`}
        label="Must not happen after"
        value={`s${one.afterStep}`}
        options={stepsOf(asked, 0, asked.steps.length - 1)}
        onChange={(name) => onChange({ ...one, afterStep: numberOf(name) ?? 0 })}
      />
      <Chosen
        place={`${place}.beforeStep`}
        label="and before"
        value={`s${one.beforeStep}`}
        options={stepsOf(asked, one.afterStep + 1)}
        onChange={(name) => onChange({ ...one, beforeStep: numberOf(name) ?? one.afterStep + 1 })}
      />
    </div>
  )
}
