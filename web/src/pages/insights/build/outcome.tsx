import { useEffect, useState } from 'preact/hooks'
import { duration } from '../../../format'
import type { InsightPointInput, LifecycleStatus } from '../../../schema'
import { Empty, Problem, Time, Waiting } from '../../../ui/parts'
import { type Kind, kindOf } from '../kinds'
import type { ResultFragment } from '../results/Result.gql'
import { Result } from '../results/result'
import type { Running } from './run'
import { placeOf, said } from './wrong'

/** Beside the form: what the query comes to, how old that is, and what stands against it. */
export function Outcome({
  running,
  kind,
  hidden,
  onDrill,
}: {
  running: Running
  kind: Kind
  hidden: readonly LifecycleStatus[]
  onDrill: (point: InsightPointInput) => void
}) {
  const { answered, problem, since, stale, stopped } = running
  const manual = kind === 'sql'
  // What is left of another kind says nothing here.
  const outcome = answered && kindOf(answered) === kind ? running.outcome : null
  const errors = running.errors.filter((error) => placeOf(error).split('.')[0] === kind || !error.field)
  const wrong = errors.length > 0 || problem !== null
  const old = wrong || stopped || (manual && stale)
  return (
    <section class="card insights-outcome" aria-label="Result" aria-busy={since !== null}>
      <header>
        <span class="small quiet" role="status">
          <State running={running} outcome={outcome} wrong={wrong} />
        </span>
        <Again running={running} some={Boolean(outcome || problem || stopped)} />
      </header>
      {problem && <Problem problem={problem} again={() => running.run()} />}
      {errors.length > 0 && !manual && <Against errors={errors} />}
      <div class={old ? 'insights-old' : ''}>
        {outcome?.result && (
          <Result result={shownPart(outcome.result, hidden)} query={answered} onDrill={onDrill} />
        )}
      </div>
      {!outcome && !wrong && since !== null && <Waiting what="Computing" />}
      {!outcome && since === null && manual && <NotRun wrong={wrong} />}
    </section>
  )
}

/** How far it is, or how old what is shown. */
function State({
  running,
  outcome,
  wrong,
}: {
  running: Running
  outcome: Running['outcome']
  wrong: boolean
}) {
  if (running.since !== null) return <Elapsed since={running.since} />
  if (running.stopped) return <>{outcome ? 'Stopped. What is shown is the answer before.' : 'Stopped.'}</>
  if (!outcome || wrong) return null
  return (
    <>
      Computed <Time at={outcome.lastRefreshAt} since />
    </>
  )
}

/** Ends what goes on, or begins it anew where there is something, `some`, to see already. */
function Again({ running, some }: { running: Running; some: boolean }) {
  const { since, stale, stopped, cancel, run } = running
  return (
    <span class="row">
      {since !== null && (
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      )}
      {since === null && !stale && some && (
        <button type="button" onClick={() => run(stopped ? 'BLOCKING' : 'FORCE_BLOCKING')}>
          {stopped ? 'Run' : 'Refresh'}
        </button>
      )}
    </span>
  )
}

function Against({ errors }: { errors: Running['errors'] }) {
  return (
    <div class="notice warn">
      <strong>This cannot be computed as it stands.</strong>
      <ul>
        {errors.map((error) => (
          <li key={`${placeOf(error)} ${error.message}`}>{said(error.message)}</li>
        ))}
      </ul>
    </div>
  )
}

function NotRun({ wrong }: { wrong: boolean }) {
  return (
    <Empty title={wrong ? 'It cannot be run as it stands' : 'Nothing was run yet'}>
      <p>
        {wrong
          ? 'What is wrong stands below the statement.'
          : 'Write a statement, or choose an example, and run it.'}
      </p>
    </Empty>
  )
}

/** Of a lifecycle, those statuses that are not switched off. */
function shownPart(result: ResultFragment, hidden: readonly LifecycleStatus[]): ResultFragment {
  if (result.__typename !== 'LifecycleResult' || hidden.length === 0) return result
  return { ...result, lines: result.lines.filter(({ status }) => !hidden.includes(status)) }
}

/** How long something goes on already. */
export function Elapsed({ since, what = 'Computing' }: { since: number; what?: string }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.floor((now - since) / 1_000)
  return (
    <>
      {what}… {seconds > 0 && <span aria-hidden="true">{duration(seconds)}</span>}
    </>
  )
}
