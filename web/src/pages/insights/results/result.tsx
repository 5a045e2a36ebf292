import './results.css'
import { useEffect, useState } from 'preact/hooks'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { useFetched } from '../../../ui/fetched'
import { Empty, Problem, Waiting } from '../../../ui/parts'
import { csvOf, download } from './csv'
import type { Kind, KindName } from './kind'
import { shown as onPage } from './point'
import type { ResultFragment } from './Result.gql'
import { SheetTable } from './sheet_table'

/** Each kind is fetched once one is shown, so that a page brings only what it draws. */
const KINDS: { [Name in KindName]: () => Promise<{ default: Kind<Name> }> } = {
  TrendsResult: () => import('./trends'),
  FunnelResult: () => import('./funnel'),
  FunnelTimesResult: () => import('./funnel_times'),
  FunnelTrendsResult: () => import('./funnel_trends'),
  RetentionResult: () => import('./retention'),
  PathsResult: () => import('./paths'),
  LifecycleResult: () => import('./lifecycle'),
  StickinessResult: () => import('./stickiness'),
  SqlResult: () => import('./sql'),
}

/** A kind whose results are those that it is given: which ones they are is told by `__typename` alone. */
type AnyKind = Kind<KindName>
const loaded = new Map<string, AnyKind>()

function useKind(name: KindName) {
  const load = KINDS[name] as (() => Promise<{ default: unknown }>) | undefined
  return useFetched(name, loaded, load && (() => load().then((module) => module.default as AnyKind)))
}

/** A result drawn as fits its kind. `query` says how it wants to be drawn; null: it is not known. */
export function Result({
  result,
  query,
  onDrill,
}: {
  result: ResultFragment
  query: InsightQueryInput | null
  onDrill: (point: InsightPointInput) => void
}) {
  const { value: kind, problem, again } = useKind(result.__typename)
  const [asTable, setAsTable] = useState(false)
  useEffect(() => {
    onPage.set(result)
    return () => onPage.set(null)
  }, [result])
  if (!(result.__typename in KINDS)) return <pre>{JSON.stringify(result, null, 2)}</pre>
  if (!kind) return problem ? <Problem problem={problem} again={again} /> : <Waiting />
  const shown = { result, query }
  const summary = kind.summary(shown)
  if (summary === null) return <Nothing />
  return (
    <figure class="results">
      <figcaption class="row spread">
        <span class="results-summary" dir="auto">
          {summary}
        </span>
        <span class="row">
          {!kind.isTable && (
            <button
              type="button"
              class={asTable ? 'results-chosen' : ''}
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
            >
              As a table
            </button>
          )}
          <button type="button" onClick={() => download(fileOf(result.__typename), csvOf(kind.sheet(shown)))}>
            Download CSV
          </button>
        </span>
      </figcaption>
      {asTable ? (
        <SheetTable sheet={kind.sheet(shown)} label={summary} onDrill={onDrill} />
      ) : (
        <kind.View {...shown} summary={summary} onDrill={onDrill} />
      )}
    </figure>
  )
}

/** Such as `trends-2026-11-22.csv`. */
const fileOf = (name: KindName): string =>
  `${name.replace('Result', '').toLowerCase()}-${new Date().toISOString().slice(0, 10)}.csv`

function Nothing() {
  return (
    <Empty title="Nothing to show">
      <p>
        No event fits in this time. Take a longer time range, or fewer filters; an event that nobody knows
        counts nothing.
      </p>
    </Empty>
  )
}
