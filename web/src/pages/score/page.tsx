import { useState } from 'preact/hooks'
import { useLive, useRead } from '../../api/hooks'
import type { PageProps } from '../../app/loaded'
import { compact, number, share } from '../../format'
import { replace } from '../../routes'
import { useClock } from '../../time'
import { LiveState } from '../../ui/live'
import { Heading, Problem, Waiting } from '../../ui/parts'
import { useAgain } from './again'
import { type Ask, askOf, LinkContext, linkOf, PERIODS } from './ask'
import { Behind } from './behind'
import { Choices, Versions } from './choices'
import { CompositeOf } from './composite'
import { Integrity, LeftOut, Verdicts } from './counts'
import { Bars, Figures, Pillar, Sparkline } from './figures'
import { Headline } from './headline'
import './score.css'
import { ScoreChoicesDocument, ScoreDocument, ScoreNewsDocument } from './Score.gql'
import { TrendsOver } from './trends'
import {
  bandOf,
  habitBars,
  pillarFigures,
  type Score,
  skillFigures,
  speedFigures,
  tokenBars,
  tokenFigures,
} from './words'

export default function Page({ route }: PageProps) {
  const ask = askOf(route.query)
  const link = (changes: Record<string, string | boolean | null>) => linkOf(route.query, changes)
  const choices = useRead(ScoreChoicesDocument, {})
  const { window, developer, behind } = ask
  const [stamp, setStamp] = useState(0)
  const live = useLive(
    ScoreNewsDocument,
    { window, developer, after: null as string | null },
    ({ scoreChanged }) => scoreChanged.cursor,
    () => setStamp((before) => before + 1),
  )
  const viewer = choices.data?.viewer
  const version = ask.version ?? viewer?.scoreVersion.effective
  return (
    <LinkContext.Provider value={link}>
      <div class="stack score">
        <Heading title="Score" about="What the work of one developer came to">
          {viewer && version && <Versions viewer={viewer} version={version} />}
          <LiveState state={live.state} />
        </Heading>
        <Problem problem={choices.problem} again={choices.again} />
        {viewer && <Choices ask={ask} viewer={viewer} />}
        {version === 'V3' && <Goals ask={ask} stamp={stamp} />}
        {version === 'V2' && <CompositeOf ask={ask} stamp={stamp} />}
        {version && <TrendsOver ask={ask} composite={version === 'V2'} stamp={stamp} />}
        {behind && (
          <Behind key={JSON.stringify(behind)} ask={ask} behind={behind} onClose={() => replace(link({}))} />
        )}
      </div>
    </LinkContext.Provider>
  )
}

function Goals({ ask, stamp }: { ask: Ask; stamp: number }) {
  const { window, developer, aligned } = ask
  const { data, problem, again } = useRead(ScoreDocument, { window, developer, aligned })
  useAgain(stamp, again)
  const score = data?.score
  if (problem) return <Problem problem={problem} again={again} />
  if (!score) return <Waiting what="Adding up" />
  return <Shown score={score} />
}

function Shown({ score }: { score: Score }) {
  const { many } = PERIODS[score.window]
  const last = `last four ${many}`
  return (
    <>
      <Span score={score} />
      <Headline score={score} />
      <div class="grid score-pillars">
        <Pillar title="Speed" band={bandOf('speed', score.speed.band)} figures={speedFigures(score)}>
          <Sparkline values={score.speed.sparkline} name={`Crushed per working day, ${last}`} text={number} />
        </Pillar>
        <Pillar title="Tokens" band={bandOf('tokens', score.tokens.band)} figures={tokenFigures(score)}>
          <Bars
            title={`${compact(score.tokens.breakdown.total)} tokens of qualifying arcs`}
            bars={tokenBars(score)}
            none=""
          />
          {score.tokens.lowerBoundCount > 0 && (
            <p class="small quiet">
              Of {number(score.tokens.lowerBoundCount)} arcs the source told too few output tokens: tokens and
              costs are at least these.
            </p>
          )}
          <Sparkline values={score.tokens.sparkline} name={`Crush weight, ${last}`} text={share} top={1} />
        </Pillar>
        <Pillar title="Skill" band={bandOf('skill', score.skill.band)} figures={skillFigures(score)}>
          <Bars title="Habits of prompts" bars={habitBars(score)} none="" />
          <h3>In groups</h3>
          <Figures figures={pillarFigures(score)} />
        </Pillar>
      </div>
      <div class="grid">
        <Verdicts score={score} />
        <Integrity score={score} />
        <LeftOut score={score} />
      </div>
    </>
  )
}

/** Of when the numbers are, and what changes compare with. */
function Span({ score }: { score: Score }) {
  const clock = useClock()
  const before = score.comparedWith
  const end = new Date(Date.parse(score.to) - 1).toISOString()
  return (
    <p class="small quiet">
      <bdi>{score.developer.email}</bdi> · {clock.day(score.from)}
      {score.window !== 'DAILY' && ` to ${clock.day(end)}`}, {score.timeZone} · as of {clock.time(score.asOf)}{' '}
      · changes compare with {clock.minute(before.from)} to {clock.minute(before.to)} · rules{' '}
      {score.rulesetVersion}
    </p>
  )
}
