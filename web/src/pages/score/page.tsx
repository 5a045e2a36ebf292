import { useState } from 'preact/hooks'
import { useLive, useRead } from '../../api/hooks'
import type { PageProps } from '../../app/loaded'
import { replace } from '../../routes'
import { lazily } from '../../ui/lazily'
import { LiveState } from '../../ui/live'
import { Heading, Problem, Waiting } from '../../ui/parts'
import { useAgain } from './again'
import { type Ask, askOf, LinkContext, linkOf } from './ask'
import { Choices, Versions } from './choices'
import { Headline, Nowhere } from './headline'
import './score.css'
import { ScoreChoicesDocument, ScoreDocument, ScoreNewsDocument } from './Score.gql'
import { Span } from './span'
import type { Score } from './words'

// Asked for at once, but not waited for: the headline is drawn meanwhile.
const columns = import('./columns')
const Columns = lazily(() => columns.then((module) => module.Columns))
const Behind = lazily(() => import('./behind').then((module) => module.Behind))
const CompositeOf = lazily(() => import('./composite').then((module) => module.CompositeOf))
const TrendsOver = lazily(() => import('./trends').then((module) => module.TrendsOver))

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
        <Heading title="Score" about="What the work of one developer came to.">
          {viewer && version && <Versions viewer={viewer} version={version} />}
          <LiveState state={live.state} problem={live.problem} />
        </Heading>
        <Problem problem={choices.problem} again={choices.again} />
        {viewer && <Choices ask={ask} viewer={viewer} aligns={version === 'V3'} />}
        {version === 'V3' && <Goals ask={ask} stamp={stamp} />}
        {version === 'V2' && <CompositeOf ask={ask} stamp={stamp} />}
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
  return (
    <>
      <Shown score={score} />
      <TrendsOver ask={ask} composite={false} stamp={stamp} zone={score.timeZone} />
    </>
  )
}

function Shown({ score }: { score: Score }) {
  if (!score.verdicts.totalCount && !score.trivia.totalCount) {
    return (
      <>
        <Span score={score} before={score.comparedWith} />
        <Nowhere score={score} />
      </>
    )
  }
  return (
    <>
      <Span score={score} before={score.comparedWith} />
      <Headline score={score} />
      <Columns score={score} />
    </>
  )
}
