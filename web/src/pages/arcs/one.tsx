import type { ComponentChild } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLive, useRead } from '../../api/hooks'
import { useMay } from '../../app/viewer'
import { Grade, Outcome, outcomeOf } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { words } from '../../format'
import { href } from '../../routes'
import { LiveState } from '../../ui/live'
import { Badge, Heading, Missing, Problem, Time, Waiting } from '../../ui/parts'
import { ArcChangesDocument, ArcDocument, type ArcQuery } from './Arc.gql'
import { Actions, ArcForm } from './actions'
import { Around } from './around'
import type { Action } from './forms'
import { Habits } from './habits'
import { Flags, Made, Numbers } from './made'
import { Offered } from './offer'
import { Prompts } from './prompts'
import { Spent } from './spent'
import { Verdict } from './verdict'

export type Arc = NonNullable<ArcQuery['subSession']>

export function One({ id }: { id: string }) {
  const sessions = useMay('sessions:read')
  const { data, problem, loading, again } = useRead(ArcDocument, { id, sessions })
  const arc = data?.subSession
  const state = useChanges(arc, again)
  return (
    <div class="stack arcs">
      {arc && (
        <p class="small">
          <a href={href('arcs')}>All arcs</a>
        </p>
      )}
      {loading && <Waiting what="Reading the arc" />}
      {arc && <Problem problem={problem} again={again} />}
      {!arc && !loading && <Missing what="arc" page="arcs" problem={problem} again={again} />}
      {arc && <Whole arc={arc} live={<LiveState state={state} />} />}
    </div>
  )
}

const GATHER_MS = 150

/** Reads an arc anew when something happens to it, or to another one of its session. */
function useChanges(arc: Arc | null | undefined, again: () => void) {
  const timer = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  const soon = () => {
    clearTimeout(timer.current)
    timer.current = window.setTimeout(again, GATHER_MS)
  }
  const live = useLive(
    ArcChangesDocument,
    { after: null as string | null },
    ({ subSessionEvents }) => subSessionEvents.cursor,
    ({ subSessionEvents: told }) => {
      const near = arc && (told.subSessionId === arc.id || told.sessionId === arc.session?.id)
      if (told.resync || near) soon()
    },
  )
  return live.state
}

function Whole({ arc, live }: { arc: Arc; live: ComponentChild }) {
  const [action, setAction] = useState<Action | null>(null)
  return (
    <>
      <Heading title={titleOf(arc)} about={arc.summary && <span dir="auto">{arc.summary}</span>}>
        <Actions arc={arc} onAct={setAction} />
      </Heading>
      <div class="row">
        <Outcome arc={arc} />
        {arc.letterGrade && (
          <span class="small quiet">
            Grade <Grade letter={arc.letterGrade} preview={arc.state === 'OPEN'} />
          </span>
        )}
        {arc.intent && <Badge>{words(arc.intent)}</Badge>}
        {live}
        <span class="quiet small">
          {arc.developer.email} · began <Time at={arc.startedAt} />
          {arc.session?.sourceService && ` · ${arc.session.sourceService}`}
        </span>
      </div>
      <Offered id={arc.id} />
      {arc.mergedInto && (
        <p class="notice">
          <span>
            This is a fragment: it was joined to{' '}
            <a href={href('arcs', arc.mergedInto.id)}>{titleOf(arc.mergedInto)}</a>, and counts there.
          </span>
        </p>
      )}
      {!arc.mergedInto && <p class="hidden">{outcomeOf(arc).sentence}</p>}
      <div class="arcs-one">
        <div class="stack">
          {!arc.mergedInto && (
            <>
              <Verdict arc={arc} />
              <Prompts arc={arc} />
            </>
          )}
          <Habits arc={arc} />
          <Made arc={arc} />
        </div>
        <div class="stack">
          <Numbers arc={arc} />
          <Spent arc={arc} />
          <Flags arc={arc} />
          <Around arc={arc} />
        </div>
      </div>
      {action && <ArcForm key={action} action={action} arc={arc} onClose={() => setAction(null)} />}
    </>
  )
}
