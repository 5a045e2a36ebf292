import './one.css'
import { useEffect, useState } from 'preact/hooks'
import { useRead } from '../../../api/hooks'
import { useMay } from '../../../app/viewer'
import { href, type Route, replace } from '../../../routes'
import { lazily } from '../../../ui/lazily'
import { Empty, Heading, Missing, Time, Waiting } from '../../../ui/parts'
import { shownOrNull } from '../build/shown'
import { Glyph } from '../glyph'
import { kindOfType, nameOf, TITLES } from '../kinds'
import { Star } from '../list/card'
import { addressOf, pointOf } from '../results/point'
import { About } from './about'
import { Actions } from './actions'
import { Current } from './current'
import { History } from './history'
import { Analysis, Suggestions } from './next'
import { OneDocument, type OneQuery } from './One.gql'
import { Sharing } from './sharing'

const Behind = lazily(() => import('../results/behind').then((module) => module.Behind))
const Alerts = lazily(() => import('./alerts').then((module) => module.Alerts))

export type Insight = NonNullable<OneQuery['insight']>

/** One saved insight: what it comes to, what it is about, and what to do next. */
export function One({ id, route }: { id: string; route: Route }) {
  const { data, problem, loading, again } = useRead(OneDocument, { id })
  if (loading) return <Waiting what="Opening the insight" />
  const insight = data?.insight
  if (!insight) return <Missing what="insight" page="insights" problem={problem} again={again} />
  return <Shown insight={insight} route={route} again={again} />
}

function Shown({ insight, route, again }: { insight: Insight; route: Route; again: () => void }) {
  const mayWrite = useMay('insight:write')
  const mayShare = useMay('sharing_configuration:read')
  const mayWatch = useMay('alert:read')
  const maySeeActivity = useMay('activity_log:read')
  const query = shownOrNull(insight.query)
  const kind = kindOfType(insight.type)
  useEffect(() => {
    document.title = `${nameOf(insight)} · Goalarc`
    return () => {
      document.title = 'Insights · Goalarc'
    }
  }, [nameOf(insight)])
  const [shared, setShared] = useState(0)
  const [computed, setComputed] = useState<string | null>(null)
  const point = pointOf(route.query.get('behind'))
  const at = (behind: string | null) => replace(href('insights', insight.shortId, { behind }))
  return (
    <div class="stack">
      <p class="small">
        <a href={href('insights')}>All insights</a>
      </p>
      <Heading title={nameOf(insight)}>
        <Star id={insight.id} name={nameOf(insight)} favorited={insight.favorited} off={!mayWrite} />
        <Actions insight={insight} query={query} />
      </Heading>
      <p class="row small quiet">
        <span class="row">
          <Glyph kind={kind} /> {kind ? TITLES[kind] : 'Stored'}
        </span>
        <span>
          changed <Time at={insight.lastModifiedAt} since />
          {insight.lastModifiedBy && ` by ${insight.lastModifiedBy.email}`}
        </span>
      </p>
      {insight.query ? (
        <Current
          insight={insight}
          query={query}
          onDrill={(drilled) => at(addressOf(drilled))}
          onComputed={setComputed}
        />
      ) : (
        <Empty title="It asks nothing yet">
          <p>
            {mayWrite && (
              <a href={href('insights', 'new', { edit: insight.shortId, kind: 'trends' })}>
                Say what it asks
              </a>
            )}
          </p>
        </Empty>
      )}
      <Analysis id={insight.id} computed={computed} />
      <div class="insights-beside">
        <div class="stack">
          <About insight={insight} mayWrite={mayWrite} again={again} />
          <Suggestions id={insight.id} />
        </div>
        <div class="stack">
          {mayShare && <Sharing id={insight.id} onChanged={() => setShared(shared + 1)} />}
          {mayWatch && query && <Alerts insight={insight} query={query} />}
          {maySeeActivity && <History id={insight.id} stamp={`${insight.lastModifiedAt} ${shared}`} />}
        </div>
      </div>
      {point && <Behind id={insight.id} point={point} onClose={() => at(null)} />}
    </div>
  )
}
