import { useEffect } from 'preact/hooks'
import { useMay, useViewer } from '../../app/viewer'
import { lazily } from '../../ui/lazily'
import type { Action } from './forms'
import { neighboursOf } from './neighbours'
import type { Arc } from './one'

const load = () => import('./forms').then((module) => module.ArcForm)
export const ArcForm = lazily(load)

/** What its developer can do with an arc; everybody else is told why there is nothing to do. */
export function Actions({ arc, onAct }: { arc: Arc; onAct: (action: Action) => void }) {
  const why = useReason(arc)
  useEffect(() => {
    // Fetched ahead: a click shall not wait for it. What fails is told then.
    if (!why) load().catch(() => {})
  }, [why])
  if (arc.mergedInto) return null
  if (why) return <p class="small quiet arcs-why">{why}</p>
  return (
    <>
      {actionsOf(arc).map(([action, name]) => (
        <button key={action} type="button" onClick={() => onAct(action)}>
          {name}
        </button>
      ))}
    </>
  )
}

function useReason(arc: Arc): string | null {
  const own = useViewer().developer.id === arc.developer.id
  const may = useMay('labels:write')
  if (!own) return `Only ${arc.developer.email} can change this arc, with a key of their own.`
  return may ? null : 'This key can only read. Use one with labels:write to rename, appeal, split or merge.'
}

function actionsOf(arc: Arc): [Action, string][] {
  const { previous, next } = neighboursOf(arc)
  const found: [Action, string][] = [['rename', 'Rename']]
  if (arc.verdict.appeal) found.push(['appeal', 'Change appeal'], ['withdraw', 'Withdraw appeal'])
  else if (arc.verdict.judgedGoalComplete !== null) found.push(['appeal', 'Appeal verdict'])
  found.push(['split', 'Split'])
  if (previous || next) found.push(['merge', 'Merge'])
  if (arc.splitByHand) found.push(['unsplit', 'Undo split'])
  if (arc.mergedByHand) found.push(['unmerge', 'Undo merge'])
  return found
}
