import './where.css'
import type { InsightComparisonInput, InsightConditionInput, InsightOperator } from '../../../schema'
import { Wrong } from '../../../ui/forms'
import type { Kind } from '../kinds'
import { operatorsFor, type PropertyDefinition, propertyOf, useDefinitions } from './definitions'
import { PropertyPick } from './names'
import { Part } from './part'
import { isComplete } from './query'
import { Remove } from './remove'
import { Values } from './values'
import { useWrong, useWrongs } from './wrong'

const DEEPEST = 3

type Where = InsightConditionInput | null | undefined

type Events = readonly (string | null | undefined)[]

/** The part of the form that says which events a whole question is about. */
export function OnlyWhere({
  asked,
  set,
  kind,
  events,
}: {
  asked: { where?: Where }
  set: (patch: { where: InsightConditionInput | null }) => void
  kind: Kind
  events: Events
}) {
  return (
    <Part title="Only events that pass">
      <WhereEditor
        where={asked.where}
        place={`${kind}.where`}
        events={events}
        onChange={(where) => set({ where })}
      />
    </Part>
  )
}

/** Conditions on events: all or any of them, and groups of them in turn. `events` are those they are about. */
export function WhereEditor({
  where,
  place,
  events,
  onChange,
}: {
  where: Where
  place: string
  events: Events
  onChange: (where: InsightConditionInput | null) => void
}) {
  const group = where?.compare ? { all: [where] } : where
  const parts = group?.all ?? group?.any ?? []
  if (parts.length === 0) {
    return (
      <button type="button" class="plain" onClick={() => onChange({ all: [NEW] })}>
        + Filter
      </button>
    )
  }
  return <Group {...{ group: group as InsightConditionInput, place, events, onChange }} depth={1} />
}

const NEW: InsightConditionInput = { compare: { property: { key: '' }, operator: 'EXACT', values: [] } }

type Mode = 'all' | 'any'

function Group({
  group,
  place,
  events,
  depth,
  onChange,
}: {
  group: InsightConditionInput
  place: string
  events: Events
  depth: number
  onChange: (group: InsightConditionInput | null) => void
}) {
  const mode = group.any ? 'any' : 'all'
  const parts = group.all ?? group.any ?? []
  const wrong = useWrong(place, false)
  const set = (next: InsightConditionInput[], as: Mode = mode) =>
    onChange(next.length === 0 ? null : as === 'any' ? { any: next } : { all: next })
  return (
    <fieldset class="insights-group">
      <legend class="hidden">Filters</legend>
      {parts.length > 1 && <HowMany mode={mode} onChange={(next) => set(parts, next)} />}
      {parts.map((part, at) => {
        const change = (next: InsightConditionInput | null) =>
          set(parts.toSpliced(at, 1, ...(next ? [next] : [])))
        const inside = { events, onChange: change, place: `${place}.${mode}.${at}` }
        if (!part.compare) return <Group key={at} {...inside} group={part} depth={depth + 1} />
        return <Comparison key={at} {...inside} place={`${inside.place}.compare`} compare={part.compare} />
      })}
      <Wrong text={wrong} />
      <div class="row">
        <button type="button" class="plain" onClick={() => set([...parts, NEW])}>
          + Filter
        </button>
        {depth < DEEPEST && (
          <button type="button" class="plain" onClick={() => set([...parts, { any: [NEW, NEW] }])}>
            + Group
          </button>
        )}
      </div>
    </fieldset>
  )
}

function HowMany({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  return (
    <label class="row small">
      <span class="quiet">Where</span>
      <select
        value={mode}
        aria-label="How many filters have to hold"
        onChange={(event) => onChange(event.currentTarget.value as Mode)}
      >
        <option value="all">all hold</option>
        <option value="any">at least one holds</option>
      </select>
    </label>
  )
}

function Comparison({
  compare,
  place,
  events,
  onChange,
}: {
  compare: InsightComparisonInput
  place: string
  events: Events
  onChange: (condition: InsightConditionInput | null) => void
}) {
  const definitions = useDefinitions()
  const property = propertyOf(definitions, compare.property)
  const against = useWrongs()
  const wrong = against(`${place}.values`) ?? against(`${place}.operator`) ?? against(place, false)
  const set = (patch: Partial<InsightComparisonInput>) => onChange({ compare: { ...compare, ...patch } })
  return (
    <div class="insights-comparison">
      <PropertyPick
        label="Property"
        hideLabel
        value={compare.property}
        place={`${place}.property`}
        events={events}
        onPick={(chosen) => {
          const type = chosen && propertyOf(definitions, chosen)?.type
          set({ property: chosen ?? { key: '' }, operator: fitting(type, compare.operator), values: [] })
        }}
      />
      <div class="insights-compare">
        <Operators compare={compare} property={property} onChange={(operator) => set({ operator })} />
        <Values compare={compare} property={property} onChange={(values) => set({ values })} />
        <Remove label="Remove this filter" onRemove={() => onChange(null)} />
      </div>
      <Wrong text={wrong} />
      {!wrong && !isComplete({ compare }) && <span class="small quiet">Counts once it is complete.</span>}
    </div>
  )
}

/** The operator there is, where it fits another type, too; else the first that does. */
function fitting(
  type: PropertyDefinition['type'] | null | undefined,
  now: InsightOperator | undefined,
): InsightOperator {
  const fits = type ? operatorsFor(type, undefined) : {}
  if (now && now in fits) return now
  return (Object.keys(fits)[0] ?? 'EXACT') as InsightOperator
}

function Operators({
  compare,
  property,
  onChange,
}: {
  compare: InsightComparisonInput
  property: PropertyDefinition | undefined
  onChange: (operator: InsightOperator) => void
}) {
  const operators = operatorsFor(property?.type, compare.property.key ? compare.operator : undefined)
  return (
    <select
      aria-label="How it is compared"
      value={compare.operator ?? 'EXACT'}
      onChange={(event) => onChange(event.currentTarget.value as InsightOperator)}
    >
      {Object.entries(operators).map(([operator, said]) => (
        <option key={operator} value={operator}>
          {said}
        </option>
      ))}
    </select>
  )
}
