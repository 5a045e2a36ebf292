import { useContext, useState } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { usePages } from '../../api/pages'
import { useMay } from '../../app/viewer'
import { ArcTable } from '../../arcs/table'
import { plural } from '../../format'
import { href, replace } from '../../routes'
import { keptPlace, useKeptPlace } from '../../scroll'
import { ZoneContext } from '../../time'
import { Empty, Heading, More, Problem, Waiting } from '../../ui/parts'
import { ArcCountDocument, ArcsDocument } from './Arcs.gql'
import { Bar } from './bar'
import { type Filters, filtersOf, inputOf } from './filters'

export function List({ query }: { query: URLSearchParams }) {
  const filters = filtersOf(query)
  const filter = inputOf(filters, useContext(ZoneContext))
  const sessions = useMay('sessions:read')
  const [begin] = useState(() => keptPlace()?.pages ?? 1)
  const found = usePages(ArcsDocument, { filter, sessions }, (data) => data.subSessions, false, begin)
  const counted = useRead(ArcCountDocument, { filter })
  const total = counted.data?.subSessions.totalCount
  const again = () => {
    found.again()
    if (counted.problem) counted.again()
  }
  useKeptPlace(found.count >= begin || (found.count > 0 && !found.more.show), found.count)
  const change = (next: Filters) => replace(href('arcs', null, next))
  return (
    <div class="stack arcs">
      <Heading
        title="Arcs"
        about="A goal arc is a stretch of work that pursues one goal: the unit that is scored."
      />
      <Bar filters={filters} onChange={change} />
      <div class="row arcs-count">
        <p class="quiet" role="status">
          {total !== undefined ? plural(total, 'arc') : counted.problem ? '' : 'Counting…'}
        </p>
        {Object.keys(filters).length > 0 && (
          <button type="button" class="plain" onClick={() => change({})}>
            Clear filters
          </button>
        )}
      </div>
      <Problem problem={found.problem ?? counted.problem} again={again} />
      {found.loading && <Waiting what="Looking for arcs" />}
      {found.data && found.items.length === 0 && <None filtered={Object.keys(filters).length > 0} />}
      {found.items.length > 0 && (
        <div class="card arcs-list">
          <ArcTable arcs={found.items} label="Goal arcs" />
        </div>
      )}
      <More {...found.more} />
    </div>
  )
}

function None({ filtered }: { filtered: boolean }) {
  if (!filtered) {
    return (
      <Empty title="No arcs yet">
        <p>
          An arc opens with the first prompt of a session. <a href={href('now')}>Now</a> says how to let an
          agent tell of its work, or how to import what it has recorded.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="Nothing meets these filters">
      <p>
        All words of a search must be there; ask for fewer, or for the beginning of one with a star: round*
      </p>
      <p>
        <a href={href('arcs')}>Show all arcs</a>
      </p>
    </Empty>
  )
}
