import { describe, expect, test } from 'vitest'
import type { InsightQueryInput } from '../../../schema'
import { converted, remembered } from './convert'
import type { QueryFragment } from './Query.gql'
import { asked, first, queryOf } from './query'
import { NotShown, shownQuery } from './shown'
import { insert, offsetOf, placeIn, pointedOut } from './sql_place'

const WHERE = { all: [{ compare: { property: { key: 'agent' }, values: ['codex'] } }] }

describe('what an address asks', () => {
  test('is read again as it was written', () => {
    const query = first('funnel')
    expect(queryOf(JSON.stringify(query))).toEqual(query)
  })
  test.each([
    '',
    'x',
    '[]',
    '{}',
    'null',
    '{"pie":{}}',
    '{"trends":{}}',
    '{"sql":{}}',
    '{"lifecycle":{}}',
    '{"funnel":{"steps":[null]}}',
  ])('is nothing for %j', (text) => expect(queryOf(text)).toBeNull())
})

describe('what can be asked already', () => {
  const series = [{ event: 'commit' }]
  test.each<[string, InsightQueryInput, InsightQueryInput]>([
    [
      'leaves out conditions without a value',
      {
        trends: {
          series,
          where: { all: [{ compare: { property: { key: 'agent' }, values: [] } }, ...WHERE.all] },
        },
      },
      { trends: { series, where: WHERE } },
    ],
    [
      'leaves out groups that are empty then',
      { trends: { series, where: { all: [{ any: [{ compare: { property: { key: '' } } }] }] } } },
      { trends: { series } },
    ],
    [
      'keeps conditions that need no value',
      {
        trends: {
          series,
          where: { any: [{ compare: { property: { key: 'tool' }, operator: 'SET', values: ['x'] } }] },
        },
      },
      { trends: { series, where: { any: [{ compare: { property: { key: 'tool' }, operator: 'SET' } }] } } },
    ],
    [
      'leaves out breakdowns, formulas and names that are not written yet',
      {
        trends: {
          series: [{ event: 'commit', name: '' }],
          formulas: [{ formula: ' ' }],
          breakdown: { properties: [{ key: '' }] },
        },
      },
      { trends: { series } },
    ],
  ])('%s', (_, written, ready) => expect(asked(written)).toEqual(ready))
})

describe('moving to another kind', () => {
  const asking = (): InsightQueryInput => ({
    trends: {
      series: [{ event: 'edit', math: 'DAU' }, { event: 'commit' }],
      range: { dateFrom: '-90d' },
      interval: 'WEEK',
      where: WHERE,
      breakdown: { properties: [{ key: 'agent' }] },
    },
  })
  const trends = asking()
  test('keeps what fits', () => {
    const funnel = converted(trends, 'funnel').funnel
    expect(funnel).toMatchObject({
      steps: [{ event: 'edit' }, { event: 'commit' }],
      range: { dateFrom: '-90d' },
      where: WHERE,
      breakdown: { properties: [{ key: 'agent' }] },
    })
    expect(JSON.stringify(funnel)).not.toContain('DAU')
  })
  test('remembers what a kind between had no place for', () => {
    let known = remembered(trends, {})
    let query = asking()
    for (const kind of ['paths', 'sql', 'retention', 'stickiness'] as const) {
      query = converted(query, kind, known)
      known = remembered(query, known)
    }
    expect(query.stickiness).toMatchObject({
      series: [{ event: 'edit' }, { event: 'commit' }],
      range: { dateFrom: '-90d' },
      where: WHERE,
      interval: 'WEEK',
    })
  })
  test('forgets what was taken away', () => {
    const known = remembered({ trends: { series: [{ event: 'edit' }] } }, remembered(trends, {}))
    expect(converted(trends, 'lifecycle', known).lifecycle?.where).toBeUndefined()
  })
})

describe('a saved query', () => {
  const stored = {
    __typename: 'StickinessQuery',
    range: { __typename: 'InsightRange', dateFrom: '-7d', dateTo: null, exact: false },
    where: {
      everyNeeded: false,
      conditions: [
        {
          __typename: 'InsightComparison',
          property: { key: 'agent', source: 'EVENT' },
          operator: 'EXACT',
          values: ['codex'],
        },
      ],
    },
    subject: 'DEVELOPER',
    series: [{ event: 'edit', name: null, where: null }],
    interval: 'DAY',
    cumulative: true,
  } as const
  test('is asked as it is shown', () => {
    expect(shownQuery(stored as unknown as QueryFragment)).toEqual({
      stickiness: {
        range: { dateFrom: '-7d', exact: false },
        subject: 'DEVELOPER',
        series: [{ event: 'edit' }],
        interval: 'DAY',
        cumulative: true,
        where: {
          any: [
            {
              compare: { property: { key: 'agent', source: 'EVENT' }, operator: 'EXACT', values: ['codex'] },
            },
          ],
        },
      },
    })
  })
  test('is not changed where some of it cannot be written', () => {
    const deep = { everyNeeded: true, conditions: [{ __typename: 'InsightConditionGroup' as const }] }
    expect(() => shownQuery({ ...stored, where: deep } as unknown as QueryFragment)).toThrow(NotShown)
    expect(() => shownQuery({ __typename: 'StoredQuery', storedKind: 'HogQuery' })).toThrow(NotShown)
  })
})

describe('the place of an error in a statement', () => {
  const statement = 'select a,\n\tb from c'
  test('is found, and pointed out', () => {
    const place = placeIn('there is no b (line 2, column 2)')
    expect(place).toEqual({ line: 2, column: 2 })
    expect(place && offsetOf(statement, place)).toBe(11)
    expect(place && pointedOut(statement, place)).toBe('\tb from c\n\t^')
    expect(placeIn('too much')).toBeNull()
  })
  test('is the end where the statement has grown shorter', () => {
    expect(offsetOf('a', { line: 9, column: 9 })).toBe(1)
  })
  test('takes a name that is inserted', () => expect(insert('a  b', 2, 2, 'x')).toEqual(['a x b', 3]))
})
