import { HABITS } from '../../arcs/habits'
import { number } from '../../format'
import { Badge, Card, Tip } from '../../ui/parts'
import type { Arc } from './one'
import { Events } from './verdict'

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
                    <Tip text={`Shown where ${HABITS[habit][1]}.`}>{HABITS[habit][0]}</Tip>
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
