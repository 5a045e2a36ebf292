import { FLAGS } from '../../arcs/flags'
import { number, plural, share, words } from '../../format'
import { type Bar, Bars, Pillar } from './bars'
import { bandOf } from './pillar_figures'
import type { Score } from './words'

const NO_INTENT = 'No intent established'
const REASONS: Record<string, string> = {
  NO_REAL_WORK: 'No turn, no line, no call that changed something.',
  TOO_FEW_TURNS: 'One or two turns, and nothing changed: a greeting is no failure.',
  TOO_FEW_LINES: 'One to nine net lines.',
  NO_MUTATING_TOOL_CALLS: 'It only read.',
  OTHER: 'Anything else, such as an arc in which nobody asked for anything.',
}
const JUDGED: Record<string, string> = {
  OK: 'The judge came to a verdict.',
  PENDING: 'The judge was not asked yet.',
  PARSE_ERROR: "The judge's answer could not be read.",
  ERROR: 'The judge failed or took too long.',
  SKIPPED: 'The judge was not asked: there is too little to judge.',
}

const barsOf = <Count extends { count: number }>(
  counts: readonly Count[],
  total: number,
  tell: (count: Count) => Omit<Bar, 'share' | 'text'>,
): Bar[] =>
  counts.map((one) => ({
    ...tell(one),
    share: total ? one.count / total : null,
    text: number(one.count),
  }))

export function Verdicts({ score }: { score: Score }) {
  const { totalCount, gradedCount, byIntent, byGrade, byJudgeStatus } = score.verdicts
  const past = { show: 'PAST_FLOOR' }
  const figures = [
    {
      name: 'Past the floor',
      value: number(totalCount),
      tip: 'Closed arcs with three turns, ten net lines or one call that changed something, graded or not.',
      show: past,
    },
    {
      name: 'Graded',
      value: number(gradedCount),
      tip: 'Those of them whose prompts have a grade, whether the goal was reached or not.',
      show: { show: 'GRADED' },
    },
  ]
  return (
    <Pillar title="Verdicts" band={null} figures={figures}>
      <Bars
        title="By intent"
        none="No arc is past the floor yet."
        bars={barsOf(byIntent, totalCount, ({ intent, count }) => ({
          name: intent ? words(intent) : NO_INTENT,
          counted: intent
            ? `Closed arcs past the floor in which this was wanted: ${count} of ${totalCount}.`
            : `Closed arcs past the floor in which no intent was seen with a confidence of 0.5: ${count} of ${totalCount}.`,
          show: { ...past, intent: intent ?? null },
        }))}
      />
      <Bars
        title="By grade of prompts"
        none="Nothing is graded yet."
        bars={barsOf(byGrade, gradedCount, ({ letterGrade, count }) => ({
          name: letterGrade,
          counted: `Graded arcs whose prompts have this grade: ${count} of ${gradedCount}.`,
          show: { show: 'GRADED', letterGrade },
        }))}
      />
      <Bars
        title="By what the judge did"
        none="The judge had nothing to do."
        bars={barsOf(byJudgeStatus, totalCount, ({ judgeStatus }) => ({
          name: judgeStatus === 'OK' ? 'Judged' : words(judgeStatus),
          tip: JUDGED[judgeStatus] ?? '',
          show: { ...past, judgeStatus },
        }))}
      />
    </Pillar>
  )
}

export function Integrity({ score }: { score: Score }) {
  const { totalCount, band, byKind } = score.integrity
  const flagged = { show: 'FLAGGED' }
  const figures = [
    {
      name: 'Flags',
      value: number(totalCount),
      tip: 'Integrity flags on closed arcs, at most one of a kind on each. They are there to be looked at and change no score.',
      show: flagged,
    },
  ]
  return (
    <Pillar title="Integrity" band={bandOf('integrity', band)} figures={figures}>
      <Bars
        title="By kind"
        none="Nothing odd was seen."
        bars={barsOf(byKind, totalCount, ({ kind }) => ({
          name: words(kind),
          tip: FLAGS[kind],
          tone: 'warn',
          show: { ...flagged, flag: kind },
        }))}
      />
    </Pillar>
  )
}

export function LeftOut({ score }: { score: Score }) {
  const { totalCount, exclusionRate, band, byReason } = score.trivia
  const trivia = { show: 'TRIVIA' }
  const figures = [
    {
      name: 'Left out',
      value: number(totalCount),
      tip: 'Closed arcs below the floor or without an intent: they count neither for nor against.',
      show: trivia,
    },
    {
      name: 'Share',
      value: exclusionRate == null ? null : share(exclusionRate),
      tip: `Left out / (left out + qualifying) = ${totalCount} / (${totalCount} + ${score.totalCount}).`,
      none: 'There are neither.',
      note: `beside ${plural(score.totalCount, 'qualifying arc')}`,
      show: trivia,
    },
  ]
  return (
    <Pillar title="Left out of the score" band={bandOf('trivia', band)} figures={figures}>
      <Bars
        title="Why"
        none="Nothing was left out."
        bars={barsOf(byReason, totalCount, ({ reason }) => ({
          name: words(reason),
          tip: REASONS[reason] ?? '',
          show: { ...trivia, exclusionReason: reason },
        }))}
      />
    </Pillar>
  )
}
