import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { InsightOperator, PropertySource } from '../../../schema'
import type { DefinitionsQuery } from './Build.gql'

export type EventDefinition = DefinitionsQuery['eventDefinitions'][number]
export type PropertyDefinition = DefinitionsQuery['propertyDefinitions'][number]
export interface Property {
  key: string
  source?: PropertySource
}

interface Definitions {
  events: readonly EventDefinition[]
  properties: readonly PropertyDefinition[]
}

/** What a query may name; empty while that is read. */
export const DefinitionsContext = createContext<Definitions>({ events: [], properties: [] })

export const useDefinitions = (): Definitions => useContext(DefinitionsContext)

export function propertyOf({ properties }: Definitions, { key, source = 'EVENT' }: Property) {
  return properties.find((one) => one.name === key && one.source === source)
}

/** Properties that one of the events may have; without events all. */
export function propertiesOf(
  { properties }: Definitions,
  events: readonly (string | null | undefined)[],
): readonly PropertyDefinition[] {
  const named = events.filter((event) => event != null)
  if (named.length === 0 || named.length < events.length) return properties
  return properties.filter(({ eventNames }) => named.some((event) => eventNames.includes(event)))
}

const ANY: Partial<Record<InsightOperator, string>> = { SET: 'is there', NOT_SET: 'is missing' }
const EQUAL = { EXACT: 'is', IS_NOT: 'is not' }

/** Operators that make sense of values of a type, in words. */
const OPERATORS: Record<PropertyDefinition['type'], Partial<Record<InsightOperator, string>>> = {
  TEXT: {
    ...EQUAL,
    CONTAINS: 'contains',
    NOT_CONTAINS: 'does not contain',
    REGEX: 'matches the expression',
    NOT_REGEX: 'does not match the expression',
    ...ANY,
  },
  NUMBER: {
    ...EQUAL,
    GREATER: 'is over',
    GREATER_OR_EQUAL: 'is at least',
    LESS: 'is under',
    LESS_OR_EQUAL: 'is at most',
    BETWEEN: 'is between',
    NOT_BETWEEN: 'is not between',
    ...ANY,
  },
  BOOLEAN: { ...EQUAL, ...ANY },
  TIME: { ON_DATE: 'is on', BEFORE_DATE: 'is before', AFTER_DATE: 'is after', ...ANY },
}

/** Of a property that nobody knows as of a text; `own` stands among them even where it makes no sense. */
export function operatorsFor(
  type: PropertyDefinition['type'] | undefined,
  own: InsightOperator | undefined,
): Partial<Record<InsightOperator, string>> {
  const fit = OPERATORS[type ?? 'TEXT']
  if (!own || fit[own]) return fit
  const others = Object.assign({}, ...Object.values(OPERATORS)) as Partial<Record<InsightOperator, string>>
  return { ...fit, [own]: others[own] ?? own }
}
