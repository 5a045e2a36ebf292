import { useState } from 'preact/hooks'
import { titleOf } from '../../arcs/table'
import { go, href } from '../../routes'
import { Form } from '../../ui/dialog'
import { Time } from '../../ui/parts'
import { MergeArcsDocument } from './Changes.gql'
import type { FormProps } from './forms'
import { neighboursOf } from './neighbours'
import { offer } from './offer'
import { useSteps } from './steps'
import { unmergeOf } from './undo'

export function MergeForm({ arc, onClose }: FormProps) {
  const run = useSteps()
  const { previous, next } = neighboursOf(arc)
  const [chosen, setChosen] = useState<readonly string[]>([(previous ?? next)?.id ?? ''])
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  const send = async () => {
    const done = await run({ document: MergeArcsDocument, input: { ids: [arc.id, ...chosen] }, said: '' })
    const [merged] = done.arcs
    if (done.problem || !merged) return done.problem
    offer({ said: `${chosen.length + 1} arcs are one now.`, arcs: [merged], undo: unmergeOf(merged) })
    if (merged !== arc.id) go(href('arcs', merged))
    return null
  }
  const beside = [
    ['The arc before it', previous],
    ['The arc after it', next],
  ] as const
  return (
    <Form title="Merge with its neighbours" send="Merge" onSend={send} onClose={onClose}>
      <p class="quiet">
        Makes one arc of them, judged as one, which keeps the page of the earliest. No rule takes them apart
        again; you can undo it.
      </p>
      <fieldset class="arcs-choices">
        <legend>Merge with</legend>
        {beside.map(
          ([name, neighbour]) =>
            neighbour && (
              <label key={neighbour.id}>
                <input
                  type="checkbox"
                  checked={chosen.includes(neighbour.id)}
                  onChange={() => toggle(neighbour.id)}
                />
                <span>
                  {name}: <span dir="auto">{titleOf(neighbour)}</span>{' '}
                  <span class="small quiet">
                    <Time at={neighbour.startedAt} />
                  </span>
                </span>
              </label>
            ),
        )}
      </fieldset>
    </Form>
  )
}
