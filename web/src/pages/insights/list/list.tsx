import './list.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useChange, useRead } from '../../../api/hooks'
import { usePages } from '../../../api/pages'
import type { PageProps } from '../../../app/loaded'
import { useMay, useViewer } from '../../../app/viewer'
import { plural } from '../../../format'
import { href, type Route, replace } from '../../../routes'
import type { InsightFilterInput, InsightSortInput } from '../../../schema'
import { keptPlace, useKeptPlace } from '../../../scroll'
import { useDone } from '../../../ui/done'
import { Check, Choice, Search } from '../../../ui/forms'
import { Empty, Heading, More, Problem, Waiting } from '../../../ui/parts'
import { isKind, KINDS, TITLES, typeOf } from '../kinds'
import { Undo } from '../undo'
import { InsightCard, isBusy } from './card'
import { type InsightLineFragment, InsightsDocument, ReadyMadeDocument, ShelvesDocument } from './List.gql'
import { Starters } from './starters'

const PAGE = 24
/** So long it waits before it looks again for results that are being computed, in ms, and so often. */
const AGAIN_MS = 1_200
const MOST_LOOKS = 20

const SORTS: Record<string, { title: string; sort: InsightSortInput }> = {
  modified: { title: 'Changed last', sort: { by: 'LAST_MODIFIED_AT', direction: 'DESC' } },
  viewed: { title: 'Looked at last', sort: { by: 'LAST_VIEWED_AT', direction: 'DESC' } },
  created: { title: 'Made last', sort: { by: 'CREATED_AT', direction: 'DESC' } },
  name: { title: 'Name', sort: { by: 'NAME', direction: 'ASC' } },
}

/** Which insights an address asks for. */
function filterOf(query: URLSearchParams, me: string): InsightFilterInput {
  const kind = query.get('kind')
  const [search, tag, folder] = [query.get('search'), query.get('tag'), query.get('folder')]
  return {
    ...(search ? { search } : {}),
    ...(isKind(kind) ? { type: typeOf(kind) } : {}),
    ...(tag ? { tags: [tag] } : {}),
    ...(folder ? { folder } : {}),
    ...(query.get('favourites') ? { favorited: true } : {}),
    ...(query.get('mine') ? { createdByIds: [me] } : {}),
  }
}

export function List({ route }: PageProps) {
  const viewer = useViewer()
  const mayWrite = useMay('insight:write')
  const filter = filterOf(route.query, viewer.developer.id)
  const sort = SORTS[route.query.get('sort') ?? '']?.sort ?? SORTS.modified?.sort
  const [begin] = useState(() => keptPlace()?.pages ?? 1)
  const pages = usePages(
    InsightsDocument,
    { filter, sort: sort ?? null, first: PAGE, after: null as string | null },
    (answer) => answer.insights,
    false,
    begin,
  )
  useKeptPlace(pages.count >= begin || (pages.count > 0 && !pages.more.show), pages.count)
  const { data: shelves, again: shelvesAgain } = useRead(ShelvesDocument, {})
  const onMade = () => {
    pages.again()
    shelvesAgain()
  }
  const filtered = Object.keys(filter).length > 0
  const { items: lines, problem, loading } = pages
  const total = pages.data?.insights.totalCount ?? null
  useLooking(lines, pages.again)
  const empty = total === 0 && !filtered
  return (
    <div class="stack">
      <Heading
        title="Insights"
        about="Questions about what happens while people code with agents, and their answers as they stand now."
      >
        {mayWrite && !empty && (
          <a class="button main" href={href('insights', 'new')}>
            New insight
          </a>
        )}
      </Heading>
      <Undo />
      {!empty && (
        <Filters route={route} tags={shelves?.insightTags ?? []} folders={shelves?.insightFolders ?? []} />
      )}
      <Problem problem={problem} again={pages.again} />
      {loading && !problem && <Waiting what="Looking for insights" />}
      {total !== null && lines.length === 0 && filtered && (
        <Empty title="No insight fits">
          <p>
            <a href={href('insights')}>Show all</a>, or <a href={href('insights', 'new')}>build one</a>.
          </p>
        </Empty>
      )}
      {empty && <First mayWrite={mayWrite} onMade={onMade} />}
      {lines.length > 0 && (
        <>
          <p class="small quiet" role="status">
            {plural(total ?? lines.length, 'insight')}
          </p>
          <ul class="insights-cards">
            {lines.map((line) => (
              <InsightCard key={line.id} insight={line} mayWrite={mayWrite} />
            ))}
          </ul>
        </>
      )}
      <More {...pages.more} />
      {!empty && total !== null && <Starters title="Ask something new" />}
    </div>
  )
}

/** Reads the list again while some of it is being computed. */
function useLooking(nodes: readonly InsightLineFragment[], again: () => void) {
  const looks = useRef(0)
  const waiting = nodes.some(({ outcome }) => isBusy(outcome))
  useEffect(() => {
    if (!waiting) looks.current = 0
    if (!waiting || looks.current >= MOST_LOOKS) return
    const timer = setTimeout(() => {
      looks.current += 1
      again()
    }, AGAIN_MS)
    return () => clearTimeout(timer)
  }, [nodes, waiting])
}

function Filters({
  route,
  tags,
  folders,
}: {
  route: Route
  tags: readonly string[]
  folders: readonly string[]
}) {
  const now = Object.fromEntries(route.query)
  const set = (name: string, value: string | boolean | null) =>
    replace(href('insights', null, { ...now, [name]: value }))
  const titled = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]))
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, TITLES[kind]]))
  const sorts = Object.fromEntries(Object.entries(SORTS).map(([name, { title }]) => [name, title]))
  return (
    <search class="insights-filters">
      <Search label="Search" value={now.search ?? ''} onSearch={(text) => set('search', text)} />
      <Choice
        label="Kind"
        all="Any"
        value={now.kind ?? ''}
        options={kinds}
        onChange={(kind) => set('kind', kind)}
      />
      {tags.length > 0 && (
        <Choice
          label="Tag"
          all="Any"
          value={now.tag ?? ''}
          options={titled(tags)}
          onChange={(tag) => set('tag', tag)}
        />
      )}
      {folders.length > 0 && (
        <Choice
          label="Folder"
          all="Any"
          value={now.folder ?? ''}
          options={titled(folders)}
          onChange={(folder) => set('folder', folder)}
        />
      )}
      <Choice
        label="Sorted by"
        value={now.sort ?? 'modified'}
        options={sorts}
        onChange={(sort) => set('sort', sort === 'modified' ? null : sort)}
      />
      <Check label="Favourites" on={Boolean(now.favourites)} onChange={(on) => set('favourites', on)} />
      <Check label="Made by me" on={Boolean(now.mine)} onChange={(on) => set('mine', on)} />
    </search>
  )
}

/** Nobody has asked anything yet. */
function First({ mayWrite, onMade }: { mayWrite: boolean; onMade: () => void }) {
  const [make, busy] = useChange(ReadyMadeDocument)
  const { wrong, done } = useDone()
  const begin = async () => {
    const { data, problem } = await make({})
    const made = data?.createReadyMadeInsights
    if (done(problem, made, `${plural(made?.insights.length ?? 0, 'insight')} added.`)) onMade()
  }
  return (
    <>
      <Empty title="Nothing was asked yet">
        {mayWrite ? (
          <>
            <p>
              Begin with six questions that most teams have: how many goals are crushed, where work gets
              stuck, who comes back, and what goes before a rework.
            </p>
            <button type="button" class="main" disabled={busy} onClick={begin}>
              {busy ? 'Adding them…' : 'Add the ready-made insights'}
            </button>
            <Problem problem={wrong} />
            <p>Or ask something of your own:</p>
          </>
        ) : (
          <p>Keys with the scope insight:write can save insights; they show up here for everybody.</p>
        )}
      </Empty>
      {mayWrite && <Starters />}
    </>
  )
}
