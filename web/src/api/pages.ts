import { useEffect, useRef, useState } from 'preact/hooks'
import type { Document } from './document'
import { useConnection, useRead } from './hooks'
import { type Problem, problemOf } from './problem'

/** One page of a connection, as far as a list needs it. */
interface PageOf<Item> {
  nodes: readonly Item[]
  pageInfo: { hasNextPage: boolean; endCursor?: string | null }
}

export interface Pages<Result, Item> {
  /** The first page's whole answer, for what stands beside the list. */
  data: Result | undefined
  items: readonly Item[]
  problem: Problem | null
  /** Whether nothing was answered yet. */
  loading: boolean
  /** How many pages are shown. */
  count: number
  /** For `More`: whether there is more of it, whether that is under way, and asking for it. */
  more: { show: boolean; loading: boolean; onMore: () => void }
  again: () => void
}

/**
 * A list that grows by pages. When a change touched what was read, all pages that are shown are read again, one after
 * the other, so that nothing is missed or seen twice between them. Other variables begin it anew.
 */
export function usePages<Result, Variables extends { after?: string | null | undefined }, Item>(
  document: Document<Result, Variables>,
  variables: Variables,
  pick: (result: Result) => PageOf<Item>,
  pause = false,
  /** So many pages are read at once, for who comes back. */
  begin = 1,
): Pages<Result, Item> {
  const { client } = useConnection()
  const first = useRead(document, variables, pause)
  const asked = JSON.stringify(variables)
  const [wanted, setWanted] = useState({ asked, count: begin })
  const count = wanted.asked === asked ? wanted.count : 1
  const [following, setFollowing] = useState<{ asked: string; pages: PageOf<Item>[] }>()
  const [wrong, setWrong] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const fresh = useRef(false)
  const latest = useRef(pick)
  latest.current = pick
  useEffect(() => {
    const begin = first.data
    if (!begin || count === 1) return
    let left = false
    const follow = async () => {
      setBusy(true)
      setWrong(null)
      const pages: PageOf<Item>[] = []
      let last = latest.current(begin)
      while (!left && pages.length < count - 1 && last.pageInfo.hasNextPage) {
        const next = { ...variables, after: last.pageInfo.endCursor }
        const answer = await client
          .query(document.toString(), next, { requestPolicy: fresh.current ? 'network-only' : 'cache-first' })
          .toPromise()
        if (left) return
        if (!answer.data) {
          setWrong(problemOf(answer.error))
          break
        }
        last = latest.current(answer.data as Result)
        pages.push(last)
      }
      if (left) return
      fresh.current = false
      setFollowing({ asked, pages })
      setBusy(false)
    }
    void follow()
    return () => {
      left = true
    }
  }, [client, first.data, asked, count])
  const rest = count > 1 && following?.asked === asked ? following.pages : []
  const pages = first.data ? [pick(first.data), ...rest] : []
  return {
    data: first.data,
    items: pages.flatMap((page) => page.nodes),
    problem: first.problem ?? wrong,
    loading: first.loading,
    count: pages.length,
    more: {
      show: pages.at(-1)?.pageInfo.hasNextPage ?? false,
      loading: busy,
      onMore: () => setWanted({ asked, count: Math.max(pages.length, 1) + 1 }),
    },
    again: () => {
      setWrong(null)
      fresh.current = true
      first.again()
    },
  }
}
