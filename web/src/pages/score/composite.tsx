import { useRead } from '../../api/hooks'
import { compact, duration, number, plural, share, words } from '../../format'
import { Badge, Card, Problem, Waiting } from '../../ui/parts'
import { Tip } from '../../ui/tip'
import { useAgain } from './again'
import { type Ask, useLink } from './ask'
import { type Bar, Bars, Pillar } from './bars'
import { ScoreCompositeDocument, type ScoreCompositeQuery } from './Composite.gql'
import { type Figure, Figures } from './figures'
import { Span } from './span'
import { TrendsOver } from './trends'

type Composite = NonNullable<ScoreCompositeQuery['score']>['composite']

/** These figures rest on prompts and hours; what they were spent on are the closed arcs past the floor. */
const ARCS = { show: 'PAST_FLOOR' }
const or = (value: number | null | undefined, write: (value: number) => string): string | null =>
  value == null ? null : write(value)

const SKILL =
  'How you work, 0 to 100: 10 × (0.45 SSE + 0.20 PES + 0.15 IE + 0.10 CRR + 0.10 FC); what is missing leaves its weight to the others.'
const TIER =
  'Skill as a word: novice, from 30 practitioner, from 50 proficient, from 70 expert, from 90 elite.'

export function CompositeOf({ ask, stamp }: { ask: Ask; stamp: number }) {
  const { window, developer } = ask
  const { data, problem, again } = useRead(ScoreCompositeDocument, { window, developer })
  useAgain(stamp, again)
  const score = data?.score
  if (problem) return <Problem problem={problem} again={again} />
  if (!score) return <Waiting what="Working it out" />
  return (
    <>
      <Span score={score} />
      <Shown composite={score.composite} />
      <TrendsOver ask={ask} composite stamp={stamp} zone={score.timeZone} />
    </>
  )
}

function Shown({ composite }: { composite: Composite }) {
  const link = useLink()
  return (
    <>
      <Card class="score-head">
        <div class="score-main">
          <p class="score-figure">
            <Tip text={SKILL} href={link(ARCS)}>
              <span class="hidden">Skill: </span>
              <span class="number">{number(composite.skill)}</span>
            </Tip>
            {composite.skillTier && (
              <Tip text={TIER}>
                <Badge tone="act">{words(composite.skillTier)}</Badge>
              </Tip>
            )}
          </p>
          <p class="quiet">
            {composite.skill === null
              ? 'No Skill: there was no prompt in this window.'
              : 'Skill, 0 to 100: how you work with the assistant, whether goals were reached or not.'}
          </p>
        </div>
        <Figures figures={prismFigures(composite)} />
      </Card>
      <div class="grid">
        <Pillar title="What Skill is made of" band={null} figures={[]}>
          <Bars title="0 to 10 each" bars={parts(composite)} none="" />
          {composite.promptMarks && (
            <Bars title="Marks of prompts (PES)" bars={marks(composite.promptMarks)} none="" />
          )}
        </Pillar>
        <Pillar title="Efficiency and speed" band={null} figures={pace(composite)} />
        <Pillar title="What it rests on" band={null} figures={base(composite)} />
      </div>
    </>
  )
}

const prismFigures = (of: Composite): Figure[] => [
  {
    name: 'Developer PRISM',
    value: or(of.prism, number),
    tip: '0.50 × Skill / 10 + 0.30 × efficiency + 0.20 × speed, each of 0 to 10; as usual in all is a 7.',
    none: 'It needs a Skill.',
    note: `Grade ${of.letterGrade ?? '–'}, 0 to 10`,
    show: ARCS,
  },
  {
    name: 'Efficiency points',
    value: or(of.efficiencyPoints, number),
    tip: 'With x = ln(75,000 / tokens per hour), cut to −1 and 1: 7 + 3x, or 7 + 7x where x is below 0.',
    none: 'No active hours, or no tokens told.',
    show: ARCS,
  },
  {
    name: 'Speed points',
    value: number(of.speedPoints),
    tip: 'With x = ln(hours a week / 25), cut to −1 and 1: 7 + 3x, or 7 + 7x where x is below 0; 0 without hours.',
    show: ARCS,
  },
]

const points = (name: string, value: number | null, tip: string, none?: string): Bar => ({
  none,
  name,
  tip,
  share: value === null ? null : value / 10,
  text: value === null ? '–' : number(value),
  show: ARCS,
})

const parts = (of: Composite): Bar[] => [
  points(
    'Arcs (SSE)',
    of.sse,
    'What arcs took, against what is usual for you: mean of 7.5 + 5 raw, or 7.5 + 7.5 raw below 0, where raw weighs ln(usual / actual) of tokens, turns, human time and response time. None with fewer than three arcs in eight weeks.',
    of.arcCount ? 'fewer than three arcs before' : 'no arcs',
  ),
  points(
    'Prompts (PES)',
    of.pes,
    'How prompts are put: 0.35 density + 0.25 context + 0.25 clarity + 0.15 turn economy. None without a scored prompt.',
    'no scored prompt',
  ),
  points(
    'Iteration (IE)',
    of.ie,
    'Prompts for each active hour, against what is usual for you: 5 + 5 × ln(usual / actual), cut to −1 and 1; 5 where that is not known.',
  ),
  points(
    'Fresh context (CRR)',
    of.crr,
    'How often you begin with a fresh context: 10 × (1 − |resets / prompts − 0.15| / 0.10), not below 0. None without a prompt.',
    'no prompt',
  ),
  points(
    'Flow (FC)',
    of.fc,
    'How long you work without interruption: median minutes of a stretch / 9, 10 at most; 0 without a stretch.',
  ),
]

const marks = (of: NonNullable<Composite['promptMarks']>): Bar[] => [
  points(
    'Information density',
    of.informationDensity,
    '10 where 40 % of the words are new and carry something, and there are five such; else in proportion.',
  ),
  points(
    'Context',
    of.contextLeverage,
    '10 where a prompt names what it is about and brings along what is needed; else the share of these two.',
  ),
  points(
    'Clarity',
    of.ambiguityCost,
    '10 where goal, scope and check are said; else the share of these three that are asked for.',
  ),
  points(
    'Turn economy',
    of.turnEconomy,
    '10 / (1 + n), with n prompts right after it that object to the answer or repeat it.',
  ),
]

const pace = (of: Composite): Figure[] => [
  {
    name: 'Tokens per hour',
    value: or(of.tokensPerHour, compact),
    tip: 'Efficiency: input and output tokens / active hours; less is better, and caches are left out.',
    none: 'No active hours, or no tokens told.',
    show: ARCS,
  },
  {
    name: 'Hours a week',
    value: number(of.speedHours),
    tip: 'Speed: active hours a week × quality rate; of a day, those of the seven days that end with it.',
    show: ARCS,
  },
  {
    name: 'Quality rate',
    value: share(of.qr),
    tip: '1 − lines added by reworked arcs / lines added, over 14 days at least; 100 % without lines.',
    show: ARCS,
  },
  {
    name: 'First try',
    value: or(of.firstTryRate, share),
    tip: 'Scored prompts after which nothing had to be put right / scored prompts.',
    none: 'No prompt is scored.',
    show: ARCS,
  },
  {
    name: 'Retries',
    value: or(of.rlr, share),
    tip: 'Prompts that object to the answer or repeat the prompt before / prompts.',
    none: 'There was no prompt.',
    show: ARCS,
  },
  {
    name: 'Reworked',
    value: or(of.reworkRate, share),
    tip: 'Arcs that added lines and were taken back later / arcs that added lines, over 14 days at least.',
    none: 'No arc added lines.',
    show: ARCS,
  },
  {
    name: 'Response',
    value: or(of.responseSeconds, duration),
    tip: 'Median time that the assistant worked on a prompt, five minutes of a gap at most.',
    none: 'There was no answer.',
    show: ARCS,
  },
  {
    name: 'Pause',
    value: or(of.pauseSeconds, duration),
    tip: 'Median time from the end of an answer to the next prompt; more than an hour is an absence.',
    none: 'There was no next prompt.',
    show: ARCS,
  },
]

const base = (of: Composite): Figure[] => [
  {
    name: 'Active hours',
    value: number(of.activeHours),
    tip: 'Sum of the gaps between events, five minutes of each at most; what two sessions do at once counts once.',
    show: ARCS,
  },
  {
    name: 'Prompts',
    value: number(of.promptCount),
    tip: 'Prompts of people; commands are left out.',
    show: ARCS,
  },
  {
    name: 'Scored prompts',
    value: number(of.scoredPromptCount),
    tip: 'Prompts that are no question, no talk about the assistant, and no mere “go on”, thanks or commit.',
    show: ARCS,
  },
  {
    name: 'Arcs',
    value: number(of.arcCount),
    tip: 'Closed arcs past the floor that began in the window.',
    note: plural(of.stretchCount, 'stretch', 'stretches'),
    show: ARCS,
  },
  {
    name: 'Resets',
    value: number(of.resetCount),
    tip: 'Contexts that were cleared or compacted by hand.',
    show: ARCS,
  },
]
