import type { InsightQueryInput, LifecycleStatus } from '../../../schema'
import { lazily } from '../../../ui/lazily'
import { TrendsEditor } from './trends'

// Each is fetched when one first chooses its kind.
const FunnelEditor = lazily(() => import('./funnel').then((module) => module.FunnelEditor))
const RetentionEditor = lazily(() => import('./retention').then((module) => module.RetentionEditor))
const PathsEditor = lazily(() => import('./paths').then((module) => module.PathsEditor))
const LifecycleEditor = lazily(() => import('./lifecycle').then((module) => module.LifecycleEditor))
const StickinessEditor = lazily(() => import('./stickiness').then((module) => module.StickinessEditor))
const SqlEditor = lazily(() => import('./sql').then((module) => module.SqlEditor))

/** The form of a query, by its kind. */
export function Editor({
  query,
  hidden,
  onHide,
  onRun,
  onChange,
}: {
  query: InsightQueryInput
  hidden: readonly LifecycleStatus[]
  onHide: (hidden: LifecycleStatus[]) => void
  onRun: () => void
  onChange: (query: InsightQueryInput) => void
}) {
  if (query.trends) {
    const asked = query.trends
    return <TrendsEditor asked={asked} set={(patch) => onChange({ trends: { ...asked, ...patch } })} />
  }
  if (query.funnel) {
    const asked = query.funnel
    return <FunnelEditor asked={asked} set={(patch) => onChange({ funnel: { ...asked, ...patch } })} />
  }
  if (query.retention) {
    const asked = query.retention
    return <RetentionEditor asked={asked} set={(patch) => onChange({ retention: { ...asked, ...patch } })} />
  }
  if (query.paths) {
    const asked = query.paths
    return <PathsEditor asked={asked} set={(patch) => onChange({ paths: { ...asked, ...patch } })} />
  }
  if (query.lifecycle) {
    const asked = query.lifecycle
    const set = (patch: Partial<typeof asked>) => onChange({ lifecycle: { ...asked, ...patch } })
    return <LifecycleEditor asked={asked} set={set} hidden={hidden} onHide={onHide} />
  }
  if (query.stickiness) {
    const asked = query.stickiness
    return (
      <StickinessEditor asked={asked} set={(patch) => onChange({ stickiness: { ...asked, ...patch } })} />
    )
  }
  const asked = query.sql
  return <SqlEditor asked={asked} set={(patch) => onChange({ sql: { ...asked, ...patch } })} onRun={onRun} />
}
