import { useState } from 'preact/hooks'
import { usePages } from '../../api/pages'
import { useMay } from '../../app/viewer'
import { DeveloperChoice } from '../../developers/choice'
import { compact, duration, plural, usd } from '../../format'
import { href, type Route, replace } from '../../routes'
import { useClock } from '../../time'
import { Choice, Field, Search, Suggestions } from '../../ui/forms'
import { Badge, Empty, Heading, More, Problem, Time, Waiting } from '../../ui/parts'
import { type Filters, filtersOf, HAS, inputOf, type Name, OUTCOMES, SORTS, sortOf } from './filters'
import { leastOf } from './least'
import { eventOf, nameOf } from './name'
import { SessionsDocument, type SessionsQuery } from './Sessions.gql'

type Line = SessionsQuery['sessions']['nodes'][number]

export function List({ route }: { route: Route }) {
  const { zone } = useClock()
  const filters = filtersOf(route.query)
  const set = (name: Name, value: string) => replace(href('sessions', null, { ...filters, [name]: value }))
  const filter = inputOf(filters, zone)
  const search = filter.search ?? ''
  const { data, items, problem, loading, more, again } = usePages(
    SessionsDocument,
    { filter, sort: sortOf(filters), search, searching: search !== '', after: null },
    (result: SessionsQuery) => result.sessions,
  )
  const narrowed = Object.keys(filter).length > 0
  const total = data?.sessions.totalCount
  return (
    <div class="stack">
      <Heading title="Sessions" about="Each run of a coding agent, with what happened in it." />
      <Narrow filters={filters} items={items} set={set} />
      <div class="row spread">
        <p role="status" class="quiet">
          {total !== undefined && `${plural(total, 'session')}${narrowed ? ' found' : ''}`}
        </p>
        {narrowed && (
          <a class="button" href={href('sessions')}>
            Clear filters
          </a>
        )}
      </div>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {total === 0 && (narrowed ? <NothingFound /> : <NothingYet />)}
      {items.length > 0 && <Lines lines={items} />}
      <More {...more} />
    </div>
  )
}

function NothingFound() {
  return (
    <Empty title="No session is like that">
      <p>Search for fewer words, or clear a filter.</p>
    </Empty>
  )
}

function NothingYet() {
  return (
    <Empty title="No sessions yet">
      <p>
        <a href={href('now')}>Now</a> says how to let an agent tell of its work, or how to import what it has
        recorded.
      </p>
    </Empty>
  )
}

interface Narrowing {
  filters: Filters
  items: readonly Line[]
  set: (name: Name, value: string) => void
}

function Narrow({ filters, items, set }: Narrowing) {
  const rest: Name[] = ['project', 'branch', 'developer', 'outcome', 'has', 'tokens', 'cost', 'failed']
  const [open, setOpen] = useState(() => rest.some((name) => filters[name]))
  const all = useMay('org:read')
  const texts = { filters, items, set }
  return (
    <search class="card stack sessions-narrow">
      <div class="sessions-filters">
        <div class="sessions-search">
          <Search
            label="Search titles, arcs and prompts"
            value={filters.q}
            onSearch={(text) => set('q', text)}
          />
        </div>
        <Known label="Agent" name="agent" of={(line) => line.sourceService} {...texts} />
        <Day label="From" name="from" {...texts} />
        <Day label="To" name="to" {...texts} />
        <Choice
          label="Sorted by"
          value={filters.sort as keyof typeof SORTS}
          options={SORTS as Record<string, string>}
          all={filters.q ? 'How well it fits' : 'Newest first'}
          onChange={(sort) => set('sort', sort)}
        />
        {filters.sort && (
          <Choice
            label="Order"
            value={filters.up as 'yes'}
            options={{ yes: 'Least first' }}
            all="Most first"
            onChange={(up) => set('up', up)}
          />
        )}
      </div>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>More filters</summary>
        <div class="sessions-filters">
          <Known label="Project" name="project" of={(line) => line.project} {...texts} />
          <Known label="Branch" name="branch" of={(line) => line.branch} {...texts} />
          {all && (
            <DeveloperChoice
              none="Everybody"
              value={filters.developer || null}
              onChange={(id) => set('developer', id ?? '')}
            />
          )}
          <Choice
            label="Outcome"
            value={filters.outcome as 'MISSED'}
            options={OUTCOMES}
            all="Any"
            onChange={(value) => set('outcome', value)}
          />
          <Choice
            label="Made"
            value={filters.has as keyof typeof HAS}
            options={HAS}
            all="Anything"
            onChange={(value) => set('has', value)}
          />
          <Least label="Tokens, at least" name="tokens" {...texts} />
          <Least label="Cost in $, at least" name="cost" {...texts} />
          <Least label="Failed calls, at least" name="failed" {...texts} />
        </div>
      </details>
    </search>
  )
}

/** A text that must be met exactly; what the list shows is offered. */
function Known({
  label,
  name,
  of,
  filters,
  items,
  set,
}: Narrowing & { label: string; name: Name; of: (line: Line) => string | null | undefined }) {
  const known = [...new Set(items.map(of))].filter((value): value is string => Boolean(value))
  const id = `sessions-${name}`
  return (
    <Field label={label}>
      <input list={id} value={filters[name]} onChange={(event) => set(name, event.currentTarget.value)} />
      <Suggestions id={id} values={known} />
    </Field>
  )
}

function Day({ label, name, filters, set }: Narrowing & { label: string; name: Name }) {
  return (
    <Field label={label}>
      <input type="date" value={filters[name]} onChange={(event) => set(name, event.currentTarget.value)} />
    </Field>
  )
}

function Least({ label, name, filters, set }: Narrowing & { label: string; name: Name }) {
  return (
    <Field label={label}>
      <input
        type="number"
        min="0"
        step="any"
        value={filters[name]}
        onChange={(event) => set(name, event.currentTarget.value)}
      />
    </Field>
  )
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <div class="scroll card sessions-list">
      <table aria-label="Sessions">
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Agent and developer</th>
            <th scope="col" class="number">
              Prompts
            </th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col" class="number">
              Commits
            </th>
            <th scope="col" class="number">
              Tokens
            </th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col">Began</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={line.id} line={line} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ line }: { line: Line }) {
  const seconds = (Date.parse(line.lastActivityAt ?? '') - Date.parse(line.startedAt ?? '')) / 1_000
  const least = leastOf(line)
  return (
    <tr>
      <td>
        <a class="sessions-name" href={href('sessions', line.id)} dir="auto">
          {nameOf(line)}
        </a>{' '}
        {!line.endedAt && line.startedAt && <Badge tone="open">Running</Badge>}
        <div class="small quiet sessions-wrap" dir="auto">
          {[line.project, line.branch].filter(Boolean).join(' · ')}
        </div>
        {line.highlights?.map((found) => (
          <Found key={`${found.source} ${found.nodeId}`} found={found} session={line.id} />
        ))}
      </td>
      <td>
        {line.sourceService ?? '–'}
        <div class="small quiet">{line.developer.email}</div>
      </td>
      <td class="number">{line.promptCount}</td>
      <td class="number">{line.toolErrorCount + line.apiErrorCount}</td>
      <td class="number">{line.commitCount}</td>
      <td class="number" title={`${least && 'at least '}${line.tokens.total} tokens`}>
        {least}
        {compact(line.tokens.total)}
      </td>
      <td class="number">
        {line.costUsd !== null && least}
        {usd(line.costUsd)}
      </td>
      <td>
        <Time at={line.startedAt} since />
        {!Number.isNaN(seconds) && <div class="small quiet">{duration(seconds)}</div>}
      </td>
    </tr>
  )
}

const WHERE = { TITLE: 'Title', ARC_TITLE: 'Arc', SUMMARY: 'Arc', PROMPT: 'Prompt' }

/** The words that were looked for, where they stand, with a link to that place. */
function Found({ found, session }: { found: NonNullable<Line['highlights']>[number]; session: string }) {
  const to =
    found.source === 'PROMPT'
      ? href('sessions', session, { at: eventOf(found.nodeId) })
      : found.source === 'TITLE'
        ? href('sessions', session)
        : href('arcs', found.nodeId)
  return (
    <p class="small sessions-found" dir="auto">
      <a href={to}>{WHERE[found.source]}</a>{' '}
      {found.fragments.map(({ text, matched }, index) => (matched ? <mark key={index}>{text}</mark> : text))}
    </p>
  )
}
