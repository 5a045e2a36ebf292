import type { ComponentChildren } from 'preact'
import { Grade, Outcome, outcomeOf } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { compact, duration, NONE, plural, usd, words } from '../../format'
import { href } from '../../routes'
import { ago, useClock } from '../../time'
import type { Arc } from './board'

/** Someone is at it if something happened within so long. */
const BUSY_MS = 90_000

/** An instant as how long it is ago, at `now`, which ticks. */
export function Since({ at, now }: { at: string; now: number }) {
  const clock = useClock()
  return (
    <time dateTime={at} title={clock.full(at)}>
      {ago(at, Math.max(now, Date.parse(at)))}
    </time>
  )
}

/** What was wanted, where, by which agent, and by whom. */
function About({ arc, people }: { arc: Arc; people: boolean }) {
  const parts = [
    arc.intent && words(arc.intent),
    arc.project,
    arc.session?.sourceService,
    people && arc.developer.email,
  ]
  return (
    <p class="small quiet now-about">
      {parts.filter(Boolean).map((part) => (
        <bdi key={part}>{part}</bdi>
      ))}
    </p>
  )
}

function Figure({ name, title, children }: { name: string; title?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number" title={title}>
        {children}
      </dd>
    </div>
  )
}

function Spent({ arc }: { arc: Arc }) {
  const least = arc.tokensAreLowerBound ? '≥ ' : ''
  return (
    <>
      <Figure name="Tokens" title={`${plural(arc.tokens.total, 'token')}${least && ', at least'}`}>
        {least}
        {compact(arc.tokens.total)}
      </Figure>
      <Figure name="Cost" title={arc.costUsd === null ? 'No price is known for it' : 'By list prices'}>
        {arc.costUsd === null ? NONE : `${least}${usd(arc.costUsd)}`}
      </Figure>
    </>
  )
}

function Title({ arc }: { arc: Arc }) {
  return (
    <h3>
      <a href={href('arcs', arc.id)}>
        <bdi>{titleOf(arc)}</bdi>
      </a>
    </h3>
  )
}

export function OpenRow({ arc, people, now }: { arc: Arc; people: boolean; now: number }) {
  const { turnCount, linesAdded, linesRemoved } = arc.measures
  const busy = now - Date.parse(arc.lastActivityAt) < BUSY_MS
  return (
    <li class="now-row">
      <span class={`now-dot ${busy ? 'busy' : ''}`} title={busy ? 'At work' : 'At rest'} aria-hidden="true" />
      <div class="now-what">
        <Title arc={arc} />
        <About arc={arc} people={people} />
      </div>
      <p class="small quiet now-when">
        {busy ? 'Active' : 'At rest,'} <Since at={arc.lastActivityAt} now={now} />
      </p>
      <dl>
        <Figure name="Grade so far">
          <Grade letter={arc.letterGrade} preview />
        </Figure>
        <Figure name="Turns">{turnCount}</Figure>
        <Figure name="Lines" title={`${linesAdded} lines added, ${linesRemoved} removed`}>
          +{compact(linesAdded)} −{compact(linesRemoved)}
        </Figure>
        <Spent arc={arc} />
        <Figure name="Open for">{duration((now - Date.parse(arc.startedAt)) / 1000)}</Figure>
      </dl>
    </li>
  )
}

export function FinishedRow({ arc, people, now }: { arc: Arc; people: boolean; now: number }) {
  return (
    <li class="now-row">
      <span class={`now-dot ${outcomeOf(arc).tone}`} aria-hidden="true" />
      <div class="now-what">
        <Title arc={arc} />
        <About arc={arc} people={people} />
      </div>
      <p class="small quiet now-when">
        Ended <Since at={arc.endedAt ?? arc.lastActivityAt} now={now} />
      </p>
      <dl>
        <Figure name="Outcome">
          <Outcome arc={arc} />
        </Figure>
        <Figure name="Grade">
          <Grade letter={arc.letterGrade} />
        </Figure>
        <Spent arc={arc} />
      </dl>
    </li>
  )
}
