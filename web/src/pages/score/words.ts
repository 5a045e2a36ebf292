import type { ScoreQuery } from './Score.gql'

export type Score = NonNullable<ScoreQuery['score']>

const QUALIFYING =
  'Qualifying arcs are closed, past the floor (three turns, ten net lines or one change), with a known intent and a judged outcome.'
export const TIPS = {
  score: ({ crushedCount, totalCount }: Score) =>
    `Of the arcs that count, how many reached their goal for good: 100 × crushed / qualifying = 100 × ${crushedCount} / ${totalCount}.`,
  grade:
    'The score as a letter: A+ from 95, A 86, A- 78, B+ 70, B 60, B- 52, C+ 45, C 35, D 20, below it F. It is no grade of prompts.',
  tier: 'The score as a word: starting, from 30 building, from 50 scaling, from 70 leading, from 90 elite.',
  interval:
    "Rates that would fit what was seen, by Wilson's formula at 95 % (z = 1.96): (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). The fewer arcs, the wider.",
  crushed: 'Qualifying arcs whose goal was reached and whose work no later arc undid within 14 days.',
  missed: 'Qualifying arcs less crushed ones: the goal was not reached, or a later arc undid the work.',
  total: QUALIFYING,
  pending: 'Closed arcs past the floor without a verdict yet: they are in neither count.',
}
