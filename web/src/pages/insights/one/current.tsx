import { useEffect, useState } from 'preact/hooks'
import { useChange, useConnection, useLive } from '../../../api/hooks'
import { problemOf, refused, type Problem as Told, problem as told } from '../../../api/problem'
import { useMay } from '../../../app/viewer'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { Badge, Empty, Problem, Time, Waiting } from '../../../ui/parts'
import { CancelDocument } from '../build/Build.gql'
import { Elapsed } from '../build/outcome'
import { Result } from '../results/result'
import {
  NewerDocument,
  type OutcomeFragment,
  ProgressDocument,
  type ProgressQuery,
  RefreshDocument,
} from './One.gql'
import type { Insight } from './one'

const LOOK_MS = 700
const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED'])

/** What it comes to: the newest result as it comes, how fresh it is, and a newer one on demand. */
export function Current({
  insight,
  query,
  onDrill,
  onComputed,
}: {
  insight: Insight
  query: InsightQueryInput | null
  onDrill: (point: InsightPointInput) => void
  onComputed: (at: string | null) => void
}) {
  const [outcome, setOutcome] = useState<OutcomeFragment | null>(null)
  const take = (next: OutcomeFragment) => {
    if (!next.result) return
    setOutcome(next)
    onComputed(next.lastRefreshAt ?? null)
  }
  const live = useLive(
    NewerDocument,
    { id: insight.id, after: null as string | null },
    (event) => event.insightResult.cursor,
    (event) => take(event.insightResult),
  )
  const refresh = useRefresh(insight.id, take)
  const problem = refresh.problem ?? (outcome ? null : live.problem)
  return (
    <section class="card insights-outcome" aria-label="Result" aria-busy={refresh.since !== null}>
      <header>
        <span class="row small quiet" role="status">
          {refresh.since !== null ? (
            <Elapsed
              since={refresh.since}
              what={refresh.state === 'WAITING' ? 'Waiting for its turn' : 'Computing'}
            />
          ) : (
            outcome && <Freshness outcome={outcome} />
          )}
          {live.state === 'gone' && <Badge tone="warn">Connection lost: trying again</Badge>}
        </span>
        <span class="row">
          {refresh.since !== null ? (
            <button type="button" onClick={refresh.cancel}>
              Cancel
            </button>
          ) : (
            <button type="button" onClick={refresh.start}>
              Refresh
            </button>
          )}
        </span>
      </header>
      <Problem problem={problem} />
      {outcome?.result && <Result result={outcome.result} query={query} onDrill={onDrill} />}
      {!outcome && !problem && <Waiting what="Computing" />}
      {!outcome && problem && (
        <Empty title="There is no result">
          <p>What it asks may have to change: a shorter time range, a longer interval, or no breakdown.</p>
        </Empty>
      )}
    </section>
  )
}

/** When it was computed, and whether that is fresh. */
function Freshness({ outcome }: { outcome: OutcomeFragment }) {
  const stale = outcome.staleAt ? new Date(outcome.staleAt).getTime() < Date.now() : false
  return (
    <>
      <span>
        Computed <Time at={outcome.lastRefreshAt} since />
      </span>
      {stale ? (
        <Badge tone="warn" title="A newer result is being computed, or comes when you refresh it">
          stale
        </Badge>
      ) : (
        outcome.staleAt && (
          <span>
            · fresh until <Time at={outcome.staleAt} />
          </span>
        )
      )}
    </>
  )
}

/** Has a newer result computed in the background, and follows the run until it is over. */
function useRefresh(id: string, onOutcome: (outcome: OutcomeFragment) => void) {
  const { client } = useConnection()
  const mayFollow = useMay('query:read')
  const [send] = useChange(RefreshDocument)
  const [cancel] = useChange(CancelDocument)
  const [run, setRun] = useState<{ queryId: string; state: string; since: number } | null>(null)
  const [problem, setProblem] = useState<Told | null>(null)
  const start = async () => {
    setProblem(null)
    const queryId = `page-${Date.now()}-${Math.random().toString(36).slice(2)}`
    setRun({ queryId, state: 'WAITING', since: Date.now() })
    const { data, problem: wrong } = await send({
      input: { id, refresh: mayFollow ? 'FORCE_ASYNC' : 'FORCE_BLOCKING', clientQueryId: queryId },
    })
    const against = wrong ?? refused(data?.runInsight)
    if (against || !mayFollow) setRun(null)
    setProblem(against)
  }
  useEffect(() => {
    if (!run || !mayFollow) return
    const timer = setTimeout(async () => {
      const answer = await client
        .query<ProgressQuery>(
          ProgressDocument.toString(),
          { queryId: run.queryId },
          { requestPolicy: 'network-only' },
        )
        .toPromise()
      const report = answer.data?.insightRun
      if (!report) {
        setRun(null)
        return setProblem(problemOf(answer.error))
      }
      const { state, failure } = report.run
      if (!OVER.has(state)) return setRun({ ...run, state })
      setRun(null)
      if (state === 'COMPLETED') onOutcome(report.outcome)
      if (failure) setProblem(told('REFUSED', failure.message))
    }, LOOK_MS)
    return () => clearTimeout(timer)
  }, [run])
  return {
    since: run?.since ?? null,
    state: run?.state,
    problem,
    start: () => void start(),
    cancel: () => {
      if (run) void cancel({ input: { queryId: run.queryId } })
      setRun(null)
    },
  }
}
