import type { ComponentChildren } from 'preact'
import type { InsightBreakdownInput } from '../../../schema'
import { Check } from '../../../ui/forms'
import type { Kind } from '../kinds'
import { Count } from './fields'
import { Lines } from './lines'
import { PropertyPick } from './names'
import { Part } from './part'
import { useWrongs } from './wrong'

const MOST = 3

type Breakdown = InsightBreakdownInput | null

/** The part of the form that says what to tell apart: up to three properties. */
export function ToldApart({
  asked,
  set,
  kind,
  events,
  children,
}: {
  asked: { breakdown?: Breakdown }
  set: (patch: { breakdown: Breakdown }) => void
  kind: Kind
  events: readonly (string | null | undefined)[]
  children?: ComponentChildren
}) {
  const { breakdown } = asked
  const onChange = (next: Breakdown) => set({ breakdown: next })
  const place = `${kind}.breakdown`
  const properties = breakdown?.properties ?? []
  const against = useWrongs()
  const wrong = against(place, false) ?? against(`${place}.properties`, false)
  return (
    <Part title="Told apart by">
      <div class="stack tight">
        <Lines
          list={properties}
          most={MOST}
          fresh={{ key: '' }}
          more={properties.length ? '+ Another property' : '+ Breakdown'}
          away={({ key }) => `Tell apart no more by ${key || 'this'}`}
          wrong={wrong}
          onChange={(next) => onChange(next.length ? { ...breakdown, properties: next } : null)}
        >
          {(property, at, put) => (
            <PropertyPick
              label={`Told apart by, ${at + 1}`}
              hideLabel
              value={property}
              place={`${place}.properties.${at}`}
              events={events}
              onPick={(chosen) => put(chosen ?? { key: '' })}
            />
          )}
        </Lines>
        {breakdown && <MostFrequent breakdown={breakdown} place={place} onChange={onChange} />}
      </div>
      {children}
    </Part>
  )
}

/** Of each property, how many values are told apart, and what becomes of the others. */
function MostFrequent({
  breakdown,
  place,
  onChange,
}: {
  breakdown: InsightBreakdownInput
  place: string
  onChange: (breakdown: InsightBreakdownInput) => void
}) {
  return (
    <div class="row">
      <Count
        place={`${place}.valueCount`}
        label="Most frequent values"
        usual={25}
        max={200}
        value={breakdown.valueCount}
        onChange={(valueCount) => onChange({ ...breakdown, valueCount })}
      />
      <Check
        label="Leave out the rest"
        on={breakdown.withoutRest ?? false}
        onChange={(withoutRest) => onChange({ ...breakdown, withoutRest })}
      />
    </div>
  )
}
