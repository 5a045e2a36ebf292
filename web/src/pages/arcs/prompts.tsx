import { useState } from 'preact/hooks'
import { placeOf } from '../../arcs/events'
import { HABITS } from '../../arcs/habits'
import { number, plural } from '../../format'
import { Badge, Card, Time } from '../../ui/parts'
import type { Arc } from './one'

const LONG = 600
const FEW = 20

export function Prompts({ arc }: { arc: Arc }) {
  const [all, setAll] = useState(false)
  const shown = all ? arc.prompts : arc.prompts.slice(0, FEW)
  return (
    <Card title={`Prompts (${number(arc.prompts.length)})`}>
      {arc.prompts.length === 0 && <p class="quiet">Nothing was asked in it.</p>}
      <ol class="arcs-prompts">
        {shown.map((prompt) => (
          <Prompt key={prompt.id} prompt={prompt} />
        ))}
      </ol>
      {shown.length < arc.prompts.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {number(arc.prompts.length)} prompts
        </button>
      )}
    </Card>
  )
}

type Said = Arc['prompts'][number]

function Prompt({ prompt }: { prompt: Said }) {
  const place = placeOf(prompt.event)
  const time = <Time at={prompt.ts} />
  const habits = prompt.habits.filter(({ shown }) => shown)
  return (
    <li>
      <div class="row small">
        <strong>{prompt.turnIndex === null ? 'Command' : `Turn ${prompt.turnIndex + 1}`}</strong>
        {place ? <a href={place}>{time}</a> : <span class="quiet">{time}</span>}
        {prompt.tokenCount !== null && <span class="quiet">{plural(prompt.tokenCount, 'token')}</span>}
        {habits.map(({ habit }) => (
          <Badge key={habit}>{HABITS[habit][0]}</Badge>
        ))}
      </div>
      <Text of={prompt.text} />
    </li>
  )
}

function Text({ of }: { of: string | null }) {
  const [whole, setWhole] = useState(false)
  if (of === null) return <p class="quiet">The source kept the text to itself.</p>
  const cut = of.length > LONG && !whole
  return (
    <>
      <p class="arcs-text" dir="auto">
        {cut ? `${of.slice(0, LONG)}…` : of}
      </p>
      {of.length > LONG && (
        <button type="button" class="plain" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : 'Show all of it'}
        </button>
      )}
    </>
  )
}
