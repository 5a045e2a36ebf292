import { compact, words } from '../../../format'
import {
  type EventDefinition,
  type Property,
  type PropertyDefinition,
  propertiesOf,
  useDefinitions,
} from './definitions'
import { type Option, Pick } from './pick'
import { useWrong } from './wrong'

const eventOption = (event: EventDefinition): Option => ({
  value: event.name,
  title: event.name.replaceAll('_', ' '),
  about: event.description,
  aside: event.recentCount ? `${compact(event.recentCount)} in 30 days` : 'not seen lately',
})

/** Those that were seen lately first: a newcomer looks for what there is. */
const bySeen = (one: EventDefinition, other: EventDefinition): number =>
  Number(other.recentCount > 0) - Number(one.recentCount > 0) || one.name.localeCompare(other.name)

/** An event by its name; `none` offers any. */
export function EventPick({
  label,
  value,
  place,
  none = 'Any event',
  hideLabel = false,
  free = false,
  onPick,
}: {
  label: string
  value: string | null | undefined
  place: string
  none?: string
  hideLabel?: boolean
  free?: boolean
  onPick: (event: string | null) => void
}) {
  const { events } = useDefinitions()
  const wrong = useWrong(place)
  const options = [...events].sort(bySeen).map(eventOption)
  return <Pick {...{ label, value, none, hideLabel, free, wrong, onPick, options }} />
}

const SAID: Record<string, string> = { EVENT: '', PERSON: 'of the developer', SESSION: 'of the session' }

const idOf = ({ key, source = 'EVENT' }: Property): string => `${source}:${key}`

const propertyOption = ({ name, source, description, type }: PropertyDefinition): Option => ({
  value: idOf({ key: name, source }),
  title: [name.replaceAll('_', ' '), SAID[source]].filter(Boolean).join(' '),
  about: description,
  aside: words(type),
})

/** A property that one of `events` may have; with `numbers` only numbers. */
export function PropertyPick({
  label,
  value,
  place,
  events = [],
  numbers = false,
  hideLabel = false,
  onPick,
}: {
  label: string
  value: Property | null | undefined
  place: string
  events?: readonly (string | null | undefined)[]
  numbers?: boolean
  hideLabel?: boolean
  onPick: (property: { key: string; source: NonNullable<Property['source']> } | null) => void
}) {
  const definitions = useDefinitions()
  const wrong = useWrong(place)
  const options = propertiesOf(definitions, events)
    .filter(({ type }) => !numbers || type === 'NUMBER')
    .map(propertyOption)
  const id = value?.key ? idOf(value) : null
  const pick = (chosen: string | null) => {
    if (!chosen) return onPick(null)
    const [source = 'EVENT', ...key] = chosen.split(':')
    onPick({ key: key.join(':'), source: source as NonNullable<Property['source']> })
  }
  const shown =
    options.some((one) => one.value === id) || !value?.key ? options : [unknown(value), ...options]
  return <Pick {...{ label, value: id, hideLabel, wrong }} options={shown} onPick={pick} />
}

const unknown = (property: Property): Option => ({ value: idOf(property), title: property.key })
