import type { InsightBreakdownInput, InsightPropertyInput } from '../../../schema'
import { Check } from '../../../ui/forms'
import { Count } from './fields'
import { PropertyPick } from './names'
import { useWrongs } from './wrong'

const MOST = 3

/** What to tell apart: up to three properties. */
export function BreakdownEditor({
  breakdown,
  place,
  events,
  onChange,
}: {
  breakdown: InsightBreakdownInput | null | undefined
  place: string
  events: readonly (string | null | undefined)[]
  onChange: (breakdown: InsightBreakdownInput | null) => void
}) {
  const properties = breakdown?.properties ?? []
  const against = useWrongs()
  const wrong = against(place, false) ?? against(`${place}.properties`, false)
  const set = (next: InsightPropertyInput[]) =>
    onChange(next.length ? { ...breakdown, properties: next } : null)
  return (
    <div class="stack tight">
      {properties.map((property, index) => (
        <div class="insights-line" key={index}>
          <PropertyPick
            label={`Told apart by, ${index + 1}`}
            hideLabel
            value={property}
            place={`${place}.properties.${index}`}
            events={events}
            onPick={(chosen) =>
              set(properties.map((one, at) => (at === index ? (chosen ?? { key: '' }) : one)))
            }
          />
          <button
            type="button"
            class="plain insights-remove"
            aria-label={`Tell apart no more by ${property.key || 'this'}`}
            onClick={() => set(properties.filter((_, at) => at !== index))}
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
      {properties.length < MOST && (
        <div>
          <button type="button" class="plain" onClick={() => set([...properties, { key: '' }])}>
            {properties.length ? '+ Another property' : '+ Breakdown'}
          </button>
        </div>
      )}
      {breakdown && (
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
      )}
    </div>
  )
}
