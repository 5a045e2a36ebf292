import { number, words } from '../../format'
import type { Habit } from '../../schema'
import { Badge, Card, Tip } from '../../ui/parts'
import type { Arc } from './one'
import { Events } from './verdict'

export const MEANINGS: Record<Habit, string> = {
  GOAL_EXPLICIT: 'The outcome is stated in observable terms.',
  SCOPE_BOUNDED: 'Files, features or surface are limited.',
  REFERENCES_CONCRETE: 'Files, lines or names are cited that can be opened.',
  CONTEXT_SUFFICIENT: 'Errors, examples or artifacts are supplied.',
  VERIFICATION_REQUESTED: 'Tests, expected output or success criteria are asked for.',
  ROOT_CAUSE_ORIENTED: 'The cause is aimed at, not the symptom.',
  PLAN_FIRST: 'Non-trivial work opens with exploring or planning.',
}

/** The seven habits of the prompts, which the grade is made of, each with where it showed. */
export function Habits({ arc }: { arc: Arc }) {
  const { habits, evidence, gradePoints } = arc.verdict
  const proofs = evidence.filter(({ part }) => part === 'RUBRIC')
  if (!habits.some(({ applicable }) => applicable)) return null
  return (
    <Card
      title="Prompt habits"
      actions={
        gradePoints !== null && (
          <Tip text="The share of habits shown among those that the intent asks for, as points from 0 to 100.">
            {number(gradePoints)} points
          </Tip>
        )
      }
    >
      <div class="scroll">
        <table class="arcs-habits" aria-label="Prompt habits">
          <thead>
            <tr>
              <th scope="col">Habit</th>
              <th scope="col">Shown</th>
              <th scope="col">Where</th>
            </tr>
          </thead>
          <tbody>
            {habits.map(({ habit, applicable, shown }) => {
              const proof = proofs.find(({ criterion }) => criterion.toUpperCase() === habit)
              return (
                <tr key={habit}>
                  <td>
                    <Tip text={MEANINGS[habit]}>{words(habit)}</Tip>
                  </td>
                  <td>
                    {applicable ? (
                      <Shown shown={shown} />
                    ) : (
                      <span class="quiet arcs-lines">not asked for</span>
                    )}
                  </td>
                  <td class="arcs-quote">
                    {applicable && proof?.quote && <q dir="auto">{proof.quote}</q>}
                    {applicable && proof && <Events of={proof.events} />}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function Shown({ shown }: { shown: boolean | null }) {
  return <Badge tone={shown ? 'good' : 'warn'}>{shown ? 'Yes' : 'No'}</Badge>
}
