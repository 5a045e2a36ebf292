import { useEffect, useRef, useState } from 'preact/hooks'
import { useConnection } from '../../../api/hooks'
import { type Problem, problemOf, type UserError } from '../../../api/problem'
import { useMay } from '../../../app/viewer'
import type { InsightQueryInput, InsightRefresh } from '../../../schema'
import { CancelDocument, RunDocument, type RunMutation } from './Build.gql'

/** So long nothing is asked after a change, in ms: whoever types goes on typing. */
const REST_MS = 350

type Outcome = NonNullable<NonNullable<RunMutation['runInsight']>['outcome']>

export interface Running {
  outcome: Outcome | null
  /** What `outcome` is the answer to. */
  answered: InsightQueryInput | null
  /** What stands against the query, by its places. */
  errors: readonly UserError[]
  problem: Problem | null
  /** Since when something is being computed; null: nothing is. */
  since: number | null
  /** Whether what is shown is no answer to what is asked. */
  stale: boolean
  /** Whether the last run was taken back by hand. */
  stopped: boolean
  run: (refresh?: InsightRefresh) => void
  cancel: () => void
}

const NOTHING = { outcome: null, answered: null, errors: [], problem: null }

/**
 * Computes a query whenever it changes, unless `live` is false: then by `run` alone. The run before is taken back, so
 * that the server computes what is still wanted.
 */
export function useRun(query: InsightQueryInput, live: boolean): Running {
  const { client } = useConnection()
  const mayCancel = useMay('insight:write')
  const [told, setTold] = useState<Pick<Running, 'outcome' | 'answered' | 'errors' | 'problem'>>(NOTHING)
  const [since, setSince] = useState<number | null>(null)
  const [asked, setAsked] = useState('')
  const [stopped, setStopped] = useState(false)
  const stop = useRef<(() => void) | null>(null)
  const text = JSON.stringify(query)

  const takeBack = () => {
    stop.current?.()
    stop.current = null
    setSince(null)
  }
  const run = (refresh: InsightRefresh = 'BLOCKING') => {
    takeBack()
    setStopped(false)
    const clientQueryId = crypto.randomUUID?.() ?? `page-${Date.now()}-${Math.random()}`
    setSince(Date.now())
    setAsked(text)
    const { unsubscribe } = client
      .mutation<RunMutation>(RunDocument.toString(), { input: { query, clientQueryId, refresh } })
      .subscribe((answer) => {
        stop.current = null
        setSince(null)
        const payload = answer.data?.runInsight
        const errors = payload?.userErrors ?? []
        const problem = problemOf(answer.error)
        setTold((before) =>
          payload?.outcome
            ? { outcome: payload.outcome, answered: query, errors: [], problem: null }
            : { ...before, errors, problem },
        )
      })
    stop.current = () => {
      unsubscribe()
      if (mayCancel)
        client.mutation(CancelDocument.toString(), { input: { queryId: clientQueryId } }).toPromise()
    }
  }
  useEffect(() => {
    if (!live) return
    const timer = setTimeout(run, REST_MS)
    return () => clearTimeout(timer)
  }, [text, live])
  useEffect(() => () => stop.current?.(), [])
  const cancel = () => {
    takeBack()
    setStopped(true)
  }
  return { ...told, since, stale: asked !== text, stopped, run, cancel }
}
