import { useMemo } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { compact, number, plural, share } from '../../format'
import { go, replace } from '../../routes'
import { Clock, daysAgo } from '../../time'
import { Choice } from '../../ui/forms'
import { Card, Problem, Waiting } from '../../ui/parts'
import { useAgain } from './again'
import { type Ask, PERIODS, useLink } from './ask'
import { Chart } from './chart'
import './trends.css'
import { ScoreTrendsDocument, type ScoreTrendsQuery } from './Trends.gql'

const DAYS: Record<string, number> = { DAY: 1, WEEK: 7, MONTH: 31 }

type Trends = NonNullable<ScoreTrendsQuery['trends']>
interface Course {
  name: string
  unit: string
  write: (value: number) => string
  /** Which arcs a point rests on. */
  show: string
  top?: number
  of: (trends: Trends, at: number) => { value: number | null | undefined; rests: string }
}

const arcs = (count: number | undefined) => plural(count ?? 0, 'arc')
const GOALS: Record<string, Course> = {
  SCORE: {
    name: 'Score',
    unit: '',
    write: number,
    show: 'QUALIFYING',
    top: 100,
    of: ({ scores }, at) => ({
      value: scores[at]?.prismScore,
      rests: `${scores[at]?.crushedCount} of ${scores[at]?.totalCount}`,
    }),
  },
  TOKENS: {
    name: 'Median tokens per crush',
    unit: '',
    write: compact,
    show: 'CRUSHED',
    of: ({ tokens }, at) => ({
      value: tokens?.[at]?.medianTokensPerCrush,
      rests: arcs(tokens?.[at]?.crushedCount),
    }),
  },
  LEFT_OUT: {
    name: 'Share left out of the score',
    unit: '',
    write: share,
    show: 'TRIVIA',
    of: ({ trivia }, at) => ({
      value: trivia?.[at]?.exclusionRate,
      rests: arcs(trivia?.[at]?.totalCount),
    }),
  },
  FLAGS: {
    name: 'Integrity flags',
    unit: '',
    write: number,
    show: 'FLAGGED',
    of: ({ integrity }, at) => ({
      value: integrity?.[at]?.totalCount,
      rests: plural(integrity?.[at]?.totalCount ?? 0, 'flag'),
    }),
  },
}

type Composite = NonNullable<Trends['composite']>[number]
const ofPrompts = (name: string, write: Course['write'], pick: (point: Composite) => number | null) => ({
  name,
  unit: '',
  write,
  show: 'PAST_FLOOR',
  of: ({ composite }: Trends, at: number) => {
    const point = composite?.[at]
    // Without a prompt there was no work to tell of, whatever the formulas make of nothing.
    return {
      value: point?.promptCount ? pick(point) : null,
      rests: plural(point?.promptCount ?? 0, 'prompt'),
    }
  },
})
const WORKING: Record<string, Course> = {
  SKILL: { ...ofPrompts('Skill', number, (point) => point.skill), top: 100 },
  PRISM: { ...ofPrompts('Developer PRISM', number, (point) => point.prism), top: 10 },
  HOURS: ofPrompts('Speed, hours a week', number, (point) => point.speedHours),
  EFFICIENCY: ofPrompts('Tokens per active hour', compact, (point) => point.tokensPerHour),
}

/** How figures develop, with a point for each day, week or month of the zone in which they are cut. */
export function TrendsOver({
  ask,
  composite,
  stamp,
  zone,
}: {
  ask: Ask
  composite: boolean
  stamp: number
  zone: string
}) {
  const { period, many, count } = PERIODS[ask.window]
  const from = useMemo(() => daysAgo((count + 1) * (DAYS[period] ?? 1)), [period, count])
  const { data, problem, again } = useRead(ScoreTrendsDocument, {
    period,
    from,
    developer: ask.developer,
    composite,
  })
  useAgain(stamp, again)
  const link = useLink()
  const courses = composite ? WORKING : GOALS
  const name =
    ask.trend && Object.hasOwn(courses, ask.trend) ? ask.trend : (Object.keys(courses)[0] as string)
  const course = courses[name] as Course
  const names = Object.fromEntries(Object.entries(courses).map(([key, { name }]) => [key, name]))
  return (
    <Card
      title={`Last ${count} ${many}`}
      actions={
        <Choice
          label="Figure"
          value={name}
          options={names}
          onChange={(trend) => replace(link({ trend: trend || null }))}
        />
      }
    >
      <Problem problem={problem} again={again} />
      {!data?.trends && !problem && <Waiting />}
      {data?.trends && <Course trends={data.trends} course={course} count={count} zone={zone} />}
    </Card>
  )
}

function Course({
  trends,
  course,
  count,
  zone,
}: {
  trends: Trends
  course: Course
  count: number
  zone: string
}) {
  const clock = new Clock(zone)
  const link = useLink()
  const all = trends.scores.map((period, at) => {
    const { value, rests } = course.of(trends, at)
    return { ...period, name: clock.day(period.from), value: value ?? null, rests }
  })
  // More was asked for, since what comes first is cut by where that began.
  const points = all.slice(-count)
  const text = (value: number | null) => (value === null ? '–' : course.write(value))
  const said = points.map(({ name, value }) => `${name}: ${text(value)}`).join('; ')
  const show = (from: string, to: string) => link({ show: course.show, from, to })
  return (
    <div class="stack">
      {points.every(({ value }) => value === null) ? (
        <p class="quiet">There is nothing to draw: no point has a value.</p>
      ) : (
        <Chart
          names={points.map(({ name }) => name)}
          values={points.map(({ value }) => value)}
          write={course.write}
          label={`${course.name}, by beginning. ${said}`}
          {...(course.top ? { top: course.top } : {})}
          onPoint={(at) => {
            const point = points[at]
            if (point) go(show(point.from, point.to))
          }}
        />
      )}
      <Table course={course} points={points} text={text} show={show} />
    </div>
  )
}

interface Point {
  name: string
  value: number | null
  rests: string
  from: string
  to: string
}

function Table({
  course,
  points,
  text,
  show,
}: {
  course: Course
  points: readonly Point[]
  text: (value: number | null) => string
  show: (from: string, to: string) => string
}) {
  return (
    <details>
      <summary>As a table</summary>
      <div class="scroll">
        <table aria-label={course.name}>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" class="number">
                {course.name}
              </th>
              <th scope="col" class="number">
                Rests on
              </th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map(({ name, value, rests, from, to }) => (
              <tr key={from}>
                <th scope="row">{name}</th>
                <td class="number">{text(value)}</td>
                <td class="number">
                  <a href={show(from, to)}>{rests}</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
