import { href, replace } from '../../routes'

const TABS = ['developers', 'keys', 'integrity', 'settings', 'sight'] as const
export type AskedTab = (typeof TABS)[number]

export const tabOf = (query: URLSearchParams): AskedTab =>
  TABS.find((tab) => tab === query.get('tab')) ?? 'developers'

type Query = Parameters<typeof href>[2]

/** Where a part of the page stands, with what is looked for there. */
export const placeOf = (tab: AskedTab, query: Query = {}): string =>
  href('team', null, { tab: tab === 'developers' ? null : tab, ...query })

/** Looks for something else in the same part; what is not given stays as it was. */
export function look(query: URLSearchParams, change: Query): void {
  const { tab: _, ...kept } = Object.fromEntries(query)
  replace(placeOf(tabOf(query), { ...kept, ...change }))
}

/** One of the choices; the address may hold anything. */
export const oneOf = <Name extends string>(text: string | null, names: readonly Name[]): Name | null =>
  names.find((name) => name === text) ?? null
