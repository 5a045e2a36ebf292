import { compact, number, share, usd } from '../../format'
import { Card, Tip } from '../../ui/parts'
import type { Arc } from './one'

const CLASSES = [
  ['input', 'Input', 'Tokens sent and not cached.'],
  ['output', 'Output', 'Tokens the model wrote.'],
  ['cacheRead', 'Cache read', 'Tokens taken from the provider’s cache.'],
  ['cacheWrite', 'Cache write', 'Tokens put into the provider’s cache.'],
] as const

export function Spent({ arc }: { arc: Arc }) {
  return (
    <Card title="Tokens and cost" actions={<Cost arc={arc} />}>
      <div class="stack tight">
        <div class="arcs-tokens" aria-hidden="true">
          {CLASSES.map(([name], at) => (
            <span key={name} style={{ flexGrow: arc.tokens[name], background: `var(--c${at + 1})` }} />
          ))}
        </div>
        <Tokens arc={arc} />
        {arc.tokensAreLowerBound && (
          <p class="small quiet">
            A lower bound: its agent is known to tell too few output tokens, so there are at least these, and
            they cost at least this.
          </p>
        )}
      </div>
    </Card>
  )
}

function Cost({ arc: { costUsd, tokensAreLowerBound } }: { arc: Arc }) {
  if (costUsd === null)
    return (
      <Tip text="A response has no known price, so the cost is not known.">
        <strong class="number">No price</strong>
      </Tip>
    )
  const [bound, least] = tokensAreLowerBound ? ['at least ', '; at least this much'] : ['', '']
  return (
    <Tip text={`US dollars, as the source said or by list price${least}.`}>
      <strong class="number">{`${bound}${usd(costUsd)}`}</strong>
    </Tip>
  )
}

function Tokens({ arc: { tokens, tokensAreLowerBound } }: { arc: Arc }) {
  return (
    <table aria-label="Tokens by class">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="number">
            Tokens
          </th>
          <th scope="col" class="number">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {CLASSES.map(([name, title, meaning], at) => (
          <tr key={name}>
            <td class="arcs-class">
              <span class="arcs-swatch" style={{ background: `var(--c${at + 1})` }} aria-hidden="true" />
              <Tip text={meaning}>{title}</Tip>
            </td>
            <td class="number">{number(tokens[name])}</td>
            <td class="number">{share(tokens.total ? tokens[name] / tokens.total : null)}</td>
          </tr>
        ))}
        <tr>
          <td>
            <strong>All</strong>
          </td>
          <td class="number">
            <strong title={`${tokensAreLowerBound ? 'at least ' : ''}${tokens.total} tokens`}>
              {tokensAreLowerBound && '≥ '}
              {compact(tokens.total)}
            </strong>
          </td>
          <td />
        </tr>
      </tbody>
    </table>
  )
}
