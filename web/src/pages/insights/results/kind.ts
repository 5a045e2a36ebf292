import type { ComponentType } from 'preact'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import type { ResultFragment } from './Result.gql'
import type { Sheet } from './sheet'

export type Drill = (point: InsightPointInput) => void
export type KindName = ResultFragment['__typename']
export type Of<Name extends KindName> = Extract<ResultFragment, { __typename: Name }>

/** What there is to say of a result, apart from which kind it is. */
export interface Shown<Name extends KindName> {
  result: Of<Name>
  /** How it was asked for; null: that is not known. */
  query: InsightQueryInput | null
}

export interface ViewProps<Name extends KindName> extends Shown<Name> {
  /** What the drawing shows, for who does not see it. */
  summary: string
  onDrill: Drill
}

/** How results of one kind are told in a sentence, set as a table and drawn. */
export interface Kind<Name extends KindName> {
  /** One sentence; null where there is nothing to show. */
  summary: (shown: Shown<Name>) => string | null
  sheet: (shown: Shown<Name>) => Sheet
  View: ComponentType<ViewProps<Name>>
  /** Whether the drawing is a table itself, so that it needs none beside it. */
  isTable?: boolean
}
