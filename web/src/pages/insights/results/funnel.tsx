import './funnel.css'
import { duration, number, share } from '../../../format'
import { rangeOf } from './buckets'
import type { Drill, Kind, Of, Shown, ViewProps } from './kind'
import { Num } from './number'
import { COLOURS, colourOf } from './plot'
import type { Cell, Sheet } from './sheet'
import { told, valueInWords } from './values'

type Group = Of<'FunnelResult'>['groups'][number]
type Step = Group['steps'][number]

const ORDERS = { ORDERED: 'in this order', STRICT: 'with nothing between', UNORDERED: 'in any order' }

function View({ result, query, onDrill }: ViewProps<'FunnelResult'>) {
  const groups = result.groups.slice(0, COLOURS)
  const most = Math.max(...groups.map(({ steps }) => steps[0]?.count ?? 0))
  const order = query?.funnel?.order
  return (
    <div class="stack tight">
      {result.groups.length > 1 && <Groups groups={groups} />}
      <ol class="results-funnel">
        {(groups[0]?.steps ?? []).map((step, at) => (
          <li key={at}>
            <h3>
              <span class="results-step">{at + 1}</span> <span dir="auto">{step.name}</span>
            </h3>
            {groups.map((group, place) => (
              <Reached
                key={place}
                group={group}
                at={at}
                place={place}
                alone={groups.length === 1}
                onDrill={onDrill}
              />
            ))}
          </li>
        ))}
      </ol>
      <p class="small quiet">
        Percentages are of the first step{order ? `; steps ${ORDERS[order]}` : ''}.
        {result.groups.length > groups.length &&
          ` The ${number(groups.length)} largest of ${number(result.groups.length)} values are drawn; the table has all.`}
        {most === 0 && ' Nobody took the first step.'}
      </p>
    </div>
  )
}

function Groups({ groups }: { groups: readonly Group[] }) {
  return (
    <ul class="row small">
      {groups.map((group, place) => (
        <li key={place} class="results-key">
          <i class="results-swatch" style={{ background: colourOf(place), borderColor: colourOf(place) }} />
          <span>{valueInWords(group)}</span>
        </li>
      ))}
    </ul>
  )
}

/** How many of a group came to a step, and how many did not. */
function Reached({
  group,
  at,
  place,
  alone,
  onDrill,
}: {
  group: Group
  at: number
  place: number
  alone: boolean
  onDrill: Drill
}) {
  const step = group.steps[at] as Step
  const first = group.steps[0]?.count ?? 0
  const of = `${step.name}${alone ? '' : `, ${valueInWords(group)}`}`
  const part = first ? step.count / first : 0
  return (
    <div class="results-reached">
      <span class="results-track" title={alone ? undefined : valueInWords(group)}>
        <span style={{ width: `${part * 100}%`, background: colourOf(place) }} />
      </span>
      <span class="number">
        {!alone && <span class="hidden">{valueInWords(group)}: </span>}
        <Num
          value={step.count}
          of={`reached ${of}`}
          point={{ funnel: { step: step.step, ...told(group) } }}
          onDrill={onDrill}
        />{' '}
        <span class="quiet">{first ? share(part) : '–'}</span>
      </span>
      {at > 0 ? <Dropped group={group} at={at} of={of} onDrill={onDrill} /> : <span />}
    </div>
  )
}

function Dropped({ group, at, of, onDrill }: { group: Group; at: number; of: string; onDrill: Drill }) {
  const step = group.steps[at] as Step
  const before = group.steps[at - 1]?.count ?? 0
  const gone = before - step.count
  return (
    <span class="small quiet">
      <Num
        value={gone}
        text={gone ? `−${number(gone)}` : '0'}
        of={`dropped before ${of}`}
        point={{ funnel: { step: step.step, dropped: true, ...told(group) } }}
        onDrill={onDrill}
      />{' '}
      {before > 0 && `${share(gone / before)} dropped`}
      {step.medianConversionSeconds !== null && (
        <span title={`On average ${duration(step.averageConversionSeconds)}`}>
          {' · '}
          median {duration(step.medianConversionSeconds)}
        </span>
      )}
    </span>
  )
}

function summary({ result }: Shown<'FunnelResult'>): string | null {
  const some = result.groups.some(({ steps }) => steps.some(({ count }) => count > 0))
  if (!some) return null
  const each = result.groups.slice(0, 3).map((group) => {
    const first = group.steps[0]
    const last = group.steps.at(-1)
    const part = first?.count ? (last?.count ?? 0) / first.count : null
    const name = valueInWords(group)
    return `${name ? `${name}: ` : ''}${number(last?.count)} of ${number(first?.count)} (${share(part)})`
  })
  const steps = result.groups[0]?.steps
  const rest = result.groups.length - each.length
  return `${rangeOf(result.resolved)}: from ${steps?.[0]?.name} to ${steps?.at(-1)?.name} came ${each.join('; ')}${rest > 0 ? `; and ${number(rest)} more values` : ''}.`
}

function sheet({ result }: Shown<'FunnelResult'>): Sheet {
  const apart = result.groups.some(({ breakdown }) => breakdown.length > 0)
  const columns = [
    { name: 'Step' },
    ...(apart ? [{ name: 'Value' }] : []),
    ...['Reached', 'Of the first step', 'Of the step before', 'Dropped', 'Mean time', 'Median time'].map(
      (name) => ({ name, numeric: true }),
    ),
  ]
  const rows = result.groups.flatMap((group) => group.steps.map((_, at) => rowOf(group, at, apart)))
  return { columns, rows }
}

function rowOf(group: Group, at: number, apart: boolean): Cell[] {
  const step = group.steps[at] as Step
  const first = group.steps[0]?.count ?? 0
  const before = at ? (group.steps[at - 1]?.count ?? 0) : null
  const gone = before === null ? null : before - step.count
  const here = { step: step.step, ...told(group) }
  return [
    { value: `${at + 1} ${step.name}` },
    ...(apart ? [{ value: valueInWords(group) }] : []),
    { value: step.count, point: { funnel: here } },
    shareCell(step.count, first),
    shareCell(step.count, before),
    { value: gone, ...(gone === null ? { text: '' } : {}), point: { funnel: { ...here, dropped: true } } },
    timeCell(step.averageConversionSeconds),
    timeCell(step.medianConversionSeconds),
  ]
}

const shareCell = (count: number, of: number | null): Cell => {
  const value = of ? count / of : null
  return { value, text: of === null ? '' : share(value) }
}
const timeCell = (seconds: number | null): Cell => ({
  value: seconds,
  text: seconds === null ? '' : duration(seconds),
})

export default { summary, sheet, View } satisfies Kind<'FunnelResult'>
