import type { Changed } from '../../api/hooks'
import type { Problem } from '../../api/problem'
import type { EventsQuery, OutlineQuery } from './Timeline.gql'
import { type Told, tell } from './telling'

export type Outline = NonNullable<OutlineQuery['session']>['outline']

export const PAGE = 100
/** So many rows are read before they come into sight. */
const AROUND = 80
/** So many pages are kept, those nearest to what is seen: memory stays the same however long the session is. */
const MOST_PAGES = 12

interface Kept {
  rows: Told[]
  /** Of the outline that it was read under: another one makes it stale. */
  mark: string
}

type Asking = (after: string | null) => Promise<Changed<EventsQuery>>

/** The events of a timeline by their place, in pages that are read around what is seen. */
export class Source {
  private readonly pages = new Map<number, Kept>()
  private readonly asked = new Map<number, string>()
  problem: Problem | null = null

  constructor(
    private readonly asking: Asking,
    /** The newest: pages whose ends moved since they were read are read anew when they are seen. */
    public outline: Outline,
    private readonly changed: () => void,
  ) {}

  get count(): number {
    return this.outline.eventCount
  }

  get = (index: number): Told | undefined => this.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE]

  indexOf(id: string): number {
    for (const [page, { rows }] of this.pages) {
      const index = rows.findIndex((row) => row.id === id)
      if (index >= 0) return page * PAGE + index
    }
    return -1
  }

  /** Reads what of these rows and of those around them is missing or stale, and lets go of what is far, but for `held`. */
  need(first: number, last: number, held = first): void {
    const from = Math.max(0, Math.floor((first - AROUND) / PAGE))
    const to = Math.floor((last + AROUND) / PAGE)
    for (let page = from; page <= to && page < this.outline.places.length; page++) void this.load(page)
    const kept = Math.floor(held / PAGE)
    const far = [...this.pages.keys()]
      .filter((page) => page !== kept)
      .sort((one, other) => Math.abs(other - from) - Math.abs(one - from))
    for (const page of far.slice(0, Math.max(0, far.length - MOST_PAGES))) this.pages.delete(page)
  }

  async load(page: number): Promise<void> {
    const place = this.outline.places[page]
    const mark = this.markOf(page)
    if (!place || this.pages.get(page)?.mark === mark || this.asked.get(page) === mark) return
    this.asked.set(page, mark)
    const { data, problem } = await this.asking(place.cursor ?? null)
    // A newer one may have been asked for meanwhile.
    if (this.asked.get(page) !== mark) return
    this.asked.delete(page)
    this.problem = problem
    const nodes = data?.session?.timeline.nodes
    if (nodes) this.pages.set(page, { rows: nodes.map((event) => tell(event)), mark })
    this.changed()
  }

  private markOf(page: number): string {
    const next = this.outline.places[page + 1]
    return `${this.outline.places[page]?.cursor} ${next ? next.cursor : this.outline.eventCount}`
  }
}
