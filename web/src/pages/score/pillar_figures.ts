import { HABITS, habitName } from '../../arcs/habits'
import { compact, duration, number, plural, share, signed, usd, words } from '../../format'
import type { Tone } from '../../ui/parts'
import type { Bar } from './bars'
import type { Figure } from './figures'
import type { Score } from './words'

/** A number, or null for "nothing to say", which is never 0. */
const or = (value: number | null | undefined, write: (value: number) => string): string | null =>
  value == null ? null : write(value)

const CRUSHED = { show: 'CRUSHED' }
const ALL = { show: 'QUALIFYING' }

export function speedFigures({ speed }: Score): Figure[] {
  return [
    {
      name: 'Crushed per working day',
      value: number(speed.cspw),
      tip: `Crushed arcs / Mondays to Fridays so far = ${speed.crushedCount} / ${speed.workingDayCount}. Weekends add arcs but no days.`,
      note: `${plural(speed.crushedCount, 'arc')} in ${plural(speed.workingDayCount, 'working day')}`,
      show: CRUSHED,
    },
    {
      name: 'Change',
      value: or(speed.deltaCspw, signed),
      tip: 'Crushed per working day, less that of the time it is compared with.',
      none: 'Nothing qualified in the time it is compared with.',
      tone: toneOf(speed.deltaCspw),
      show: CRUSHED,
    },
    {
      name: 'Time to crush',
      value: or(speed.ttcMedianSeconds, duration),
      tip: 'Median time from the first prompt of a crushed arc until its goal was reached, by the clock, pauses included.',
      none: 'No crushed arc has both times.',
      note: `median of ${plural(speed.timedCount, 'arc')}`,
      show: CRUSHED,
    },
  ]
}

export function tokenFigures({ tokens }: Score): Figure[] {
  const least = tokens.lowerBoundCount ? '≥ ' : ''
  const at = (write: (value: number) => string) => (value: number) => least + write(value)
  return [
    {
      name: 'Crush weight',
      value: or(tokens.crushWeight, share),
      tip: 'The share of tokens that went into crushed arcs: tokens of crushed / tokens of qualifying arcs, all four classes.',
      none: 'No tokens were told.',
      show: CRUSHED,
    },
    {
      name: 'Tokens per crush',
      value: or(tokens.medianTokensPerCrush, at(compact)),
      tip: 'Median tokens of a crushed arc, all four classes; most of them are reads from the cache, one with each step.',
      none: 'Nothing is crushed yet.',
      note: `median of ${plural(tokens.crushedCount, 'arc')}`,
      show: CRUSHED,
    },
    {
      name: 'Trend',
      value: or(tokens.tet, (value) => `× ${number(value)}`),
      tip: 'Median tokens per crush / that of the time it is compared with: below 1 is cheaper.',
      none: 'Either time has no crushed arc.',
      tone: tokens.tet == null || tokens.tet === 1 ? '' : tokens.tet < 1 ? 'good' : 'bad',
      show: CRUSHED,
    },
    {
      name: 'Tokens per arc',
      value: or(tokens.tpt, at(compact)),
      tip: 'Input and output tokens / qualifying arcs, crushed or not.',
      none: 'Nothing qualifies yet.',
      note: plural(tokens.totalCount, 'arc'),
      show: ALL,
    },
    {
      name: 'Tokens per turn',
      value: or(tokens.tokensPerTurn, at(compact)),
      tip: 'Input and output tokens / turns of qualifying arcs.',
      none: 'There are no turns.',
      note: plural(tokens.turnCount, 'turn'),
      show: ALL,
    },
    {
      name: 'Cost per crush',
      value: or(tokens.medianCostPerCrushUsd, at(usd)),
      tip: 'Median US dollars of a crushed arc by dated list prices: an estimate, not a bill. Arcs without a price are left out.',
      none: 'No crushed arc has a price.',
      note: `${tokens.pricedCount} of ${tokens.crushedCount} priced`,
      show: CRUSHED,
    },
  ]
}

export function tokenBars({ tokens }: Score): Bar[] {
  const { breakdown } = tokens
  const of = (name: string, count: number): Bar => ({
    name,
    counted: `Tokens of this class / all tokens of qualifying arcs = ${number(count)} / ${number(breakdown.total)}.`,
    share: breakdown.total ? count / breakdown.total : null,
    text: compact(count),
    show: ALL,
  })
  return [
    of('Input', breakdown.input),
    of('Output', breakdown.output),
    of('Cache reads', breakdown.cacheRead),
    of('Cache writes', breakdown.cacheWrite),
  ]
}

const GRADED = { show: 'GRADED' }

export function skillFigures({ skill, verdicts }: Score): Figure[] {
  const { worstPillar } = skill
  return [
    {
      name: 'Average prompt grade',
      value: or(skill.apg, number),
      tip: 'Mean points of all graded arcs / 100; an arc has points by the share of habits that its prompts show.',
      none: 'Nothing is graded yet.',
      note: `${verdicts.averageLetterGrade ?? ''} of ${plural(skill.gradedCount, 'graded arc')}`,
      show: GRADED,
    },
    {
      name: 'Change',
      value: or(skill.deltaApg, signed),
      tip: 'Average prompt grade, less that of the time it is compared with.',
      none: 'One of the two has no graded arc.',
      tone: toneOf(skill.deltaApg),
      show: GRADED,
    },
    {
      name: 'Weakest habit',
      value: worstPillar && HABITS[worstPillar][0],
      tip: 'The habit that showed in the least share of the arcs that it is asked of: the one to work on.',
      none: 'No habit was asked for.',
      show: { ...GRADED, habit: worstPillar ?? null, shown: 'no' },
    },
  ]
}

export const habitBars = ({ skill }: Score): Bar[] =>
  skill.habits.map(({ habit, share: part, shownCount, applicableCount }) => ({
    name: habitName(habit),
    tip: `Arcs whose prompts show it / graded arcs that it is asked of = ${shownCount} / ${applicableCount}: ${HABITS[habit]?.[1] ?? ''}.`,
    share: part,
    tone: part == null ? '' : part < 0.5 ? 'warn' : 'good',
    none: 'asked of none',
    text: `${shownCount} of ${applicableCount}`,
    show: { ...GRADED, habit },
  }))

const PILLARS: Record<string, string> = {
  CLARITY: 'Goal said and scope bounded',
  CONTEXT: 'Concrete references and context given',
  VERIFICATION: 'Check asked for',
  WORKFLOW: 'Root cause and plan first',
}

export const pillarFigures = ({ skill }: Score): Figure[] =>
  skill.pillars.map(({ pillar, share: part, shownCount, applicableCount }) => ({
    name: words(pillar),
    value: or(part, share),
    tip: `${PILLARS[pillar]}, counted together: times shown / times asked for = ${shownCount} / ${applicableCount}.`,
    none: 'Asked of no arc.',
    note: `${shownCount} of ${applicableCount}`,
    show: GRADED,
  }))

const toneOf = (change: number | null | undefined): Tone => (!change ? '' : change > 0 ? 'good' : 'bad')

type Said = { word: string; tone: Tone; tip: string }
const TONES: Record<string, Tone> = {
  CRUSHING: 'good',
  STEADY: 'good',
  STALLED: 'warn',
  TIGHT: 'good',
  HEALTHY: 'good',
  HEAVY: 'warn',
  BLOATED: 'bad',
  GOOD: 'good',
  FAIR: '',
  WEAK: 'warn',
  POOR: 'bad',
  CLEAN: 'good',
  LOW: 'good',
  ELEVATED: 'warn',
  HIGH: 'bad',
}
const BANDS = {
  speed:
    'By crushed arcs per working day: stalled below 0.5, light below 1.5, steady below 3, else crushing.',
  tokens:
    'By median tokens per crush: tight below 15,000, healthy below 35,000, heavy below 70,000, else bloated.',
  skill: 'By average prompt grade: poor below 0.4, weak below 0.55, fair below 0.7, else good.',
  integrity:
    'By flags: clean without any, fair up to 2, weak up to 5, else poor. No score is changed by them.',
  trivia: 'By the share left out: low below 0.15, normal below 0.35, elevated below 0.55, else high.',
}

/** A band is a word for a range that we set: it compares with nobody. */
export const bandOf = (pillar: keyof typeof BANDS, band: string | null | undefined): Said | null =>
  band ? { word: words(band), tone: TONES[band] ?? '', tip: BANDS[pillar] } : null
