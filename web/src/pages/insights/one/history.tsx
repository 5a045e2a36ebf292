import { useEffect } from 'preact/hooks'
import { usePages } from '../../../api/pages'
import type { InsightActivityKind } from '../../../schema'
import { Card, More, Problem, Time } from '../../../ui/parts'
import { ActivityDocument, type ActivityQuery } from './One.gql'

type Happened = ActivityQuery['insightActivity']['nodes'][number]

const DONE: Record<InsightActivityKind, string> = {
  CREATED: 'made it',
  UPDATED: 'changed',
  DELETED: 'deleted it',
  RESTORED: 'brought it back',
  SHARING_ENABLED: 'opened its link',
  SHARING_DISABLED: 'closed its link',
  TOKEN_REFRESHED: 'gave it another link',
}

/** Who did what to it, newest first. `stamp` changes with it. */
export function History({ id, stamp }: { id: string; stamp: string }) {
  const pages = usePages(
    ActivityDocument,
    { id, after: null as string | null },
    (answer) => answer.insightActivity,
  )
  useEffect(pages.again, [stamp])
  return (
    <Card title="What happened to it">
      <Problem problem={pages.problem} />
      <ul class="insights-history small">
        {pages.items.map((one) => (
          <li key={one.rawId}>
            <span>
              {one.developer?.email ?? 'Somebody'} {DONE[one.kind]}
              {one.kind === 'UPDATED' && ` ${fields(one)}`}
            </span>
            <span class="quiet">
              <Time at={one.at} since />
            </span>
          </li>
        ))}
      </ul>
      <More {...pages.more} />
    </Card>
  )
}

const NAMES: Record<string, string> = { query: 'what it asks', favorited: 'whether it is a favourite' }

const fields = ({ changes }: Happened): string =>
  changes.map(({ field }) => NAMES[field] ?? field.replaceAll('_', ' ')).join(', ') || 'it'
