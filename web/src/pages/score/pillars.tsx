import { compact, number, plural, share } from '../../format'
import { PERIODS } from './ask'
import { Bars, Pillar } from './bars'
import { Figures, Sparkline } from './figures'
import {
  bandOf,
  habitBars,
  pillarFigures,
  skillFigures,
  speedFigures,
  tokenBars,
  tokenFigures,
} from './pillar_figures'
import type { Score } from './words'

const lastFour = (score: Score): string => `last four ${PERIODS[score.window].many}`

export function Speed({ score }: { score: Score }) {
  const { band, sparkline } = score.speed
  return (
    <Pillar title="Speed" band={bandOf('speed', band)} figures={speedFigures(score)}>
      <Sparkline values={sparkline} name={`Crushed per working day, ${lastFour(score)}`} text={number} />
    </Pillar>
  )
}

export function TokensSpent({ score }: { score: Score }) {
  const { band, sparkline, breakdown, lowerBoundCount } = score.tokens
  return (
    <Pillar title="Tokens" band={bandOf('tokens', band)} figures={tokenFigures(score)}>
      <Bars
        title={`${compact(breakdown.total)} tokens of qualifying arcs`}
        bars={tokenBars(score)}
        none="No tokens were told."
      />
      {lowerBoundCount > 0 && (
        <p class="small quiet">
          Of {plural(lowerBoundCount, 'arc')} the source told too few output tokens: tokens and costs are at
          least these.
        </p>
      )}
      <Sparkline values={sparkline} name={`Crush weight, ${lastFour(score)}`} text={share} top={1} />
    </Pillar>
  )
}

export function Skill({ score }: { score: Score }) {
  return (
    <Pillar title="Skill" band={bandOf('skill', score.skill.band)} figures={skillFigures(score)}>
      <Bars title="Habits of prompts" bars={habitBars(score)} none="" />
      <h3>In groups</h3>
      <Figures figures={pillarFigures(score)} />
    </Pillar>
  )
}
