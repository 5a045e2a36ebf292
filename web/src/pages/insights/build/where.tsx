import type { InsightComparisonInput, InsightConditionInput, InsightOperator } from '../../../schema'
import { operatorsFor, propertyOf, useDefinitions } from './definitions'
import { PropertyPick } from './names'
import { Part } from './part'
import { isComplete } from './query'
import { Values } from './values'
import { useWrong, useWrongs } from './wrong'

const DEEPEST = 3

type Where = InsightConditionInput | null | undefined

interface Asked {
  where: Where
  place: string
  events: readonly (string | null | undefined)[]
  onChange: (where: InsightConditionInput | null) => void
}

/** The part of the form that says which events a whole question is about. */
export function OnlyWhere(asked: Asked) {
  return (
    <Part title="Only events that pass">
      <WhereEditor {...asked} />
    </Part>
  )
}

/** Conditions on events: all or any of them, and groups of them in turn. `events` are those they are about. */
export function WhereEditor({ where, place, events, onChange }: Asked) {
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

function Group({
  group,
  place,
  events,
  depth,
  onChange,
}: {
  group: InsightConditionInput
  place: string
  events: readonly (string | null | undefined)[]
  depth: number
  onChange: (group: InsightConditionInput | null) => void
}) {
  const mode = group.any ? 'any' : 'all'
  const parts = group.all ?? group.any ?? []
  const wrong = useWrong(place, false)
  const set = (next: InsightConditionInput[], as: 'all' | 'any' = mode) =>
    onChange(next.length === 0 ? null : as === 'any' ? { any: next } : { all: next })
  return (
    <fieldset class="insights-group">
      <legend class="hidden">Filters</legend>
      {parts.length > 1 && (
        <label class="row small">
          <span class="quiet">Where</span>
          <select
            value={mode}
            aria-label="How many filters have to hold"
            onChange={(event) => set(parts, event.currentTarget.value as 'all' | 'any')}
          >
            <option value="all">all hold</option>
            <option value="any">at least one holds</option>
          </select>
        </label>
      )}
      {parts.map((part, index) => {
        const change = (next: InsightConditionInput | null) =>
          set(parts.flatMap((one, at) => (at === index ? (next ?? []) : one)))
        const inside = `${place}.${mode}.${index}`
        return part.compare ? (
          <Comparison
            key={index}
            {...{ compare: part.compare, events }}
            place={`${inside}.compare`}
            onChange={change}
          />
        ) : (
          <Group
            key={index}
            {...{ group: part, events }}
            place={inside}
            depth={depth + 1}
            onChange={change}
          />
        )
      })}
      {wrong && (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      )}
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

function Comparison({
  compare,
  place,
  events,
  onChange,
}: {
  compare: InsightComparisonInput
  place: string
  events: readonly (string | null | undefined)[]
  onChange: (condition: InsightConditionInput | null) => void
}) {
  const definitions = useDefinitions()
  const property = propertyOf(definitions, compare.property)
  const against = useWrongs()
  const wrong = against(`${place}.values`) ?? against(`${place}.operator`) ?? against(place, false)
  const set = (patch: Partial<InsightComparisonInput>) => onChange({ compare: { ...compare, ...patch } })
  const operators = operatorsFor(property?.type, compare.property.key ? compare.operator : undefined)
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
          const fits = type && operatorsFor(type, undefined)
          const kept = compare.operator && fits?.[compare.operator] ? compare.operator : undefined
          const operator = kept ?? ((Object.keys(fits ?? { EXACT: '' })[0] ?? 'EXACT') as InsightOperator)
          set({ property: chosen ?? { key: '' }, operator, values: [] })
        }}
      />
      <div class="insights-compare">
        <select
          aria-label="How it is compared"
          value={compare.operator ?? 'EXACT'}
          onChange={(event) => set({ operator: event.currentTarget.value as InsightOperator })}
        >
          {Object.entries(operators).map(([operator, said]) => (
            <option key={operator} value={operator}>
              {said}
            </option>
          ))}
        </select>
        <Values compare={compare} property={property} onChange={(values) => set({ values })} />
        <button
          type="button"
          class="plain insights-remove"
          aria-label="Remove this filter"
          onClick={() => onChange(null)}
        >
          ×
        </button>
      </div>
      {wrong ? (
        <span class="wrong" role="alert">
          {wrong}
        </span>
      ) : (
        !isComplete({ compare }) && <span class="small quiet">Counts once it is complete.</span>
      )}
    </div>
  )
}
