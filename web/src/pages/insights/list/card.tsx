import './card.css'
import { useState } from 'preact/hooks'
import { useChange } from '../../../api/hooks'
import { refused } from '../../../api/problem'
import { href } from '../../../routes'
import { Badge, Time } from '../../../ui/parts'
import { say } from '../../../ui/said'
import { Glyph } from '../glyph'
import { kindOfType, nameOf, TITLES } from '../kinds'
import { Glance } from './glance'
import { FavourDocument, type InsightLineFragment } from './List.gql'

/** Whether a result is being computed. */
export const isBusy = (outcome: InsightLineFragment['outcome']): boolean =>
  outcome?.run?.state === 'WAITING' || outcome?.run?.state === 'RUNNING'

/** A saved insight: its last result at a glance, what it is about, and where it stands. */
export function InsightCard({ insight, mayWrite }: { insight: InsightLineFragment; mayWrite: boolean }) {
  const kind = kindOfType(insight.type)
  const { outcome } = insight
  const busy = isBusy(outcome)
  return (
    <li class="card insights-card">
      <div class="insights-card-head">
        <span class="small quiet row">
          <Glyph kind={kind} /> {kind ? TITLES[kind] : 'Stored'}
        </span>
        <Star id={insight.id} name={nameOf(insight)} favorited={insight.favorited} off={!mayWrite} />
      </div>
      <h2>
        <a href={href('insights', insight.shortId)} dir="auto">
          {nameOf(insight)}
        </a>
      </h2>
      <Glance result={outcome?.result} busy={busy} kind={kind} />
      {insight.description && (
        <p class="small quiet insights-about" dir="auto">
          {insight.description}
        </p>
      )}
      {(insight.tags.length > 0 || insight.folder) && (
        <div class="row insights-tags">
          {insight.folder && <Badge tone="act">{insight.folder}</Badge>}
          {insight.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
      )}
      <p class="small quiet insights-foot">
        {outcome?.lastRefreshAt ? (
          <>
            Computed <Time at={outcome.lastRefreshAt} since />
          </>
        ) : (
          (busy && 'Computing…') || 'Not computed yet'
        )}
        {insight.createdBy && <span> · {insight.createdBy.email}</span>}
      </p>
    </li>
  )
}

/** Whether it is a favourite of the organisation. */
export function Star({
  id,
  name,
  favorited,
  off,
}: {
  id: string
  name: string
  favorited: boolean
  off: boolean
}) {
  const [favour, busy] = useChange(FavourDocument)
  const [shown, setShown] = useState(favorited)
  const change = async () => {
    setShown(!shown)
    const { data, problem } = await favour({ input: { id, favorited: !shown } })
    const wrong = problem ?? refused(data?.updateInsight)
    if (wrong) setShown(shown)
    say(wrong ? wrong.message : shown ? 'No favourite any more.' : 'A favourite now.')
  }
  return (
    <button
      type="button"
      class={`plain insights-star ${shown ? 'on' : ''}`}
      aria-pressed={shown}
      aria-label={`Favourite: ${name}`}
      title={shown ? 'A favourite of the organisation' : 'Make it a favourite of the organisation'}
      disabled={off || busy}
      onClick={change}
    >
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <path d="M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6-5.3-2.9L6.7 20l1.1-6L3.4 9.8l6-.8z" />
      </svg>
    </button>
  )
}
