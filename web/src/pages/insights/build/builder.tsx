import './builder.css'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useChange, useRead } from '../../../api/hooks'
import type { PageProps } from '../../../app/loaded'
import { useMay } from '../../../app/viewer'
import { go, href, type Route, replace } from '../../../routes'
import type { InsightPointInput, InsightQueryInput, LifecycleStatus } from '../../../schema'
import { useDone } from '../../../ui/done'
import { Tabs } from '../../../ui/forms'
import { lazily } from '../../../ui/lazily'
import { Empty, Heading, Missing, Problem, Waiting } from '../../../ui/parts'
import { isKind, type Kind, kindOf, nameOf, QUESTIONS, TITLES } from '../kinds'
import { ChangeDocument, DefinitionsDocument, EditedDocument, type EditedQuery } from './Build.gql'
import { converted, remembered, type Shared } from './convert'
import { DefinitionsContext } from './definitions'
import { Editor } from './editor'
import { Outcome } from './outcome'
import { asked, first, pruned, queryOf } from './query'
import { useRun } from './run'
import { NotShown, shownQuery } from './shown'
import { WrongContext } from './wrong'

const Save = lazily(() => import('./save').then((module) => module.Save))
const Behind = lazily(() => import('../results/behind').then((module) => module.Behind))

const NO_DEFINITIONS = { events: [], properties: [] }
/** Browsers bound how often an address may change. */
const ADDRESS_MS = 300

/** Builds a query: `?kind=funnel` begins one, `?q=…` has it whole, `?edit=SHORTID` changes a saved one. */
export function Builder({ route }: PageProps) {
  const edit = route.query.get('edit')
  const mayRun = useMay('query:read')
  if (!mayRun) {
    return (
      <>
        <Heading title="New insight" />
        <Empty title="This key does not ask questions of its own">
          <p>
            Building an insight needs the scope <code>query:read</code>.{' '}
            <a href={href('insights')}>Saved insights</a> can be read with this key.
          </p>
        </Empty>
      </>
    )
  }
  return edit ? <Editing key={edit} id={edit} route={route} /> : <Built route={route} saved={null} />
}

function Editing({ id, route }: { id: string; route: Route }) {
  const { data, problem, loading, again } = useRead(EditedDocument, { id })
  if (loading) return <Waiting />
  if (problem || !data?.insight)
    return <Missing what="insight" page="insights" problem={problem} again={again} />
  try {
    const query = shownQuery(data.insight.query)
    return <Built route={route} saved={{ ...data.insight, query }} />
  } catch (error) {
    if (!(error instanceof NotShown)) throw error
    return (
      <Empty title="This insight cannot be changed here">
        <p>{error.message}</p>
      </Empty>
    )
  }
}

type Saved = Omit<NonNullable<EditedQuery['insight']>, 'query'> & { query: InsightQueryInput }

/** What an address asks. */
function written(route: Route, saved: Saved | null): InsightQueryInput {
  const kind = route.query.get('kind')
  return queryOf(route.query.get('q')) ?? saved?.query ?? first(isKind(kind) ? kind : 'trends')
}

const hiddenOf = (route: Route): LifecycleStatus[] =>
  (route.query.get('hide')?.split(',') ?? []).filter(Boolean) as LifecycleStatus[]

function Built({ route, saved }: { route: Route; saved: Saved | null }) {
  const [query, setQuery] = useState(() => written(route, saved))
  const [hidden, setHidden] = useState(() => hiddenOf(route))
  const [saving, setSaving] = useState(false)
  const [point, setPoint] = useState<InsightPointInput | null>(null)
  const maySave = useMay('insight:write')
  const { data: named, problem, again } = useRead(DefinitionsDocument, {})
  const known = useRef<Shared>({})
  useAddress(route, saved, query, hidden, setQuery)
  const kind = kindOf(query)
  const ready = useMemo(() => asked(query), [query])
  const running = useRun(ready, kind !== 'sql')
  const definitions = useMemo(
    () =>
      named ? { events: named.eventDefinitions, properties: named.propertyDefinitions } : NO_DEFINITIONS,
    [named],
  )
  return (
    <DefinitionsContext.Provider value={definitions}>
      <WrongContext.Provider value={running.errors}>
        <div class="stack">
          <Heading title={saved ? `Change “${nameOf(saved)}”` : 'New insight'} about={QUESTIONS[kind]}>
            <a class="button" href={href('insights', saved?.shortId ?? null)}>
              {saved ? 'Back' : 'All insights'}
            </a>
            {maySave && saved && <Change saved={saved} query={ready} />}
            {maySave && (
              <button type="button" class={saved ? '' : 'main'} onClick={() => setSaving(true)}>
                {saved ? 'Save as new' : 'Save'}
              </button>
            )}
          </Heading>
          <Problem problem={problem} again={again} />
          <Tabs<Kind>
            label="Kind of insight"
            value={kind}
            tabs={TITLES}
            onChange={(next) => {
              known.current = remembered(query, known.current)
              setQuery(converted(query, next, known.current))
            }}
          >
            <div class={`insights-sides ${kind === 'sql' ? 'insights-wide' : ''}`}>
              <form class="card insights-form" onSubmit={(event) => event.preventDefault()}>
                <Editor
                  key={kind}
                  query={query}
                  hidden={hidden}
                  onHide={setHidden}
                  onRun={() => running.run()}
                  onChange={setQuery}
                />
              </form>
              <Outcome running={running} kind={kind} hidden={hidden} onDrill={setPoint} />
            </div>
          </Tabs>
        </div>
        {saving && <Save query={ready} onClose={() => setSaving(false)} />}
        {point && running.answered && (
          <Behind query={running.answered} point={point} onClose={() => setPoint(null)} />
        )}
      </WrongContext.Provider>
    </DefinitionsContext.Provider>
  )
}

/** Has the address say what is built, so that it can be shared, and follows it when one goes back or pastes another. */
function useAddress(
  route: Route,
  saved: Saved | null,
  query: InsightQueryInput,
  hidden: readonly LifecycleStatus[],
  onQuery: (query: InsightQueryInput) => void,
) {
  const place = (kind: string | null, q: string | null) => JSON.stringify([kind, q])
  const there = place(route.query.get('kind'), route.query.get('q'))
  const told = useRef(there)
  const text = JSON.stringify(pruned(query))
  const begun = useRef(text)
  useEffect(() => {
    // What one begins with needs no address of its own.
    if (text === begun.current && !route.query.has('q') && hidden.length === 0) return
    const timer = setTimeout(() => {
      told.current = place(kindOf(query), text)
      const hide = hidden.join(',')
      replace(href('insights', 'new', { edit: saved?.shortId, kind: kindOf(query), q: text, hide }))
    }, ADDRESS_MS)
    return () => clearTimeout(timer)
  }, [text, hidden])
  useEffect(() => {
    if (there === told.current) return
    told.current = there
    const next = written(route, saved)
    begun.current = JSON.stringify(pruned(next))
    onQuery(next)
  }, [there])
}

/** Puts the query in the place of the saved one. */
function Change({ saved, query }: { saved: Saved; query: InsightQueryInput }) {
  const [change, busy] = useChange(ChangeDocument)
  const { wrong, done } = useDone()
  const save = async () => {
    const { data, problem } = await change({ input: { id: saved.id, query } })
    if (done(problem, data?.updateInsight, 'Changed.')) go(href('insights', saved.shortId))
  }
  return (
    <>
      <button type="button" class="main" disabled={busy} onClick={save}>
        Save changes
      </button>
      <Problem problem={wrong} />
    </>
  )
}
