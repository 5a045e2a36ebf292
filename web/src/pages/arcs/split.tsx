import { useState } from 'preact/hooks'
import { usePages } from '../../api/pages'
import { words } from '../../format'
import { useClock } from '../../time'
import { Form } from '../../ui/dialog'
import { Tabs } from '../../ui/forms'
import { More, Problem, Waiting } from '../../ui/parts'
import { ArcEventsDocument, type ArcEventsQuery } from './Arc.gql'
import { SplitArcDocument } from './Changes.gql'
import type { FormProps } from './forms'
import { offer } from './offer'
import type { Arc } from './one'
import { useSteps } from './steps'
import { unsplitOf } from './undo'

const SENTENCE =
  'Cuts this arc in two before the moment you choose. What came before keeps this page; the rest becomes an arc of its own. Both are judged anew. No rule joins them again; you can undo it.'

const NOTHING_CHOSEN = { code: 'REFUSED', message: 'Choose what the second part begins with.', hint: '' }

export function SplitForm({ arc, onClose }: FormProps) {
  const run = useSteps()
  const [tab, setTab] = useState<'prompts' | 'events'>('prompts')
  const [event, setEvent] = useState<string | null>(null)
  const send = async () => {
    if (!event) return NOTHING_CHOSEN
    const done = await run({ document: SplitArcDocument, input: { id: arc.id, eventId: event }, said: '' })
    const second = done.arcs.find((id) => id !== arc.id)
    if (done.problem || !second) return done.problem
    offer({
      said: 'Cut in two: the second part stands after it now.',
      arcs: [...done.arcs],
      undo: unsplitOf(second),
    })
    return null
  }
  const prompts = arc.prompts.slice(1).map((prompt) => ({
    id: prompt.event.id,
    ts: prompt.ts,
    kind: prompt.turnIndex === null ? 'Command' : `Turn ${prompt.turnIndex + 1}`,
    text: prompt.text ?? '',
  }))
  return (
    <Form title="Split this arc" send="Split" onSend={send} onClose={onClose}>
      <p class="quiet">{SENTENCE}</p>
      <Tabs
        label="What the second part may begin with"
        value={tab}
        tabs={{ prompts: 'Prompts', events: 'All events' }}
        onChange={setTab}
      >
        {tab === 'events' ? (
          <AllEvents arc={arc} value={event} onChange={setEvent} />
        ) : (
          <>
            {prompts.length === 0 && <p class="quiet">It has no second prompt; choose among all events.</p>}
            <Moments of={prompts} value={event} onChange={setEvent} />
          </>
        )}
      </Tabs>
    </Form>
  )
}

interface Moment {
  id: string
  ts: string
  kind: string
  text: string
}
interface Chosen {
  value: string | null
  onChange: (id: string) => void
}

type Timeline = NonNullable<ArcEventsQuery['subSession']>['timeline']
const NO_EVENTS: Timeline = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

function AllEvents({ arc, ...chosen }: Chosen & { arc: Arc }) {
  const found = usePages(ArcEventsDocument, { id: arc.id }, (data) => data.subSession?.timeline ?? NO_EVENTS)
  const said = new Map(arc.prompts.map(({ event, text }) => [event.id, text]))
  const moments = found.items.slice(1).map((event) => ({
    id: event.id,
    ts: event.ts,
    kind: words(event.kind),
    text: said.get(event.id) ?? [event.tool, event.path].filter(Boolean).join(' · '),
  }))
  return (
    <div class="stack tight">
      <Problem problem={found.problem} again={found.again} />
      {found.loading && <Waiting what="Reading the timeline" />}
      <Moments of={moments} {...chosen} />
      <More {...found.more} />
    </div>
  )
}

function Moments({ of, value, onChange }: Chosen & { of: readonly Moment[] }) {
  const clock = useClock()
  if (of.length === 0) return null
  return (
    <fieldset class="arcs-choices arcs-moments">
      <legend>Cut before</legend>
      {of.map((moment) => (
        <label key={moment.id}>
          <input
            type="radio"
            name="event"
            checked={value === moment.id}
            onChange={() => onChange(moment.id)}
          />
          <span>
            <span class="small quiet" title={clock.full(moment.ts)}>
              {clock.time(moment.ts)} · {moment.kind}
            </span>{' '}
            <span dir="auto">{moment.text.slice(0, 160)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
