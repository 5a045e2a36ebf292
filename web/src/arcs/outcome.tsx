import { words } from '../format'
import { Badge, type Tone } from '../ui/parts'
import type { ArcLineFragment } from './ArcLine.gql'

type Judged = Pick<
  ArcLineFragment,
  'state' | 'judgeStatus' | 'goalComplete' | 'crushed' | 'exclusionReason' | 'rework'
>

/** How an arc came out: one word, its colour, and the sentence behind it. */
export function outcomeOf(arc: Judged): { word: string; tone: Tone; sentence: string } {
  if (arc.state === 'OPEN') return { word: 'Open', tone: 'open', sentence: 'Work goes on.' }
  if (arc.state === 'MERGED') return { word: 'Merged', tone: '', sentence: 'It was joined to another arc.' }
  if (arc.state === 'EXCLUDED') {
    return {
      word: 'Not scored',
      tone: '',
      sentence: `Left out of the score: ${words(arc.exclusionReason).toLowerCase()}.`,
    }
  }
  if (arc.crushed)
    return { word: 'Crushed', tone: 'good', sentence: 'The goal was reached, and no later arc undid it.' }
  if (arc.rework && arc.goalComplete) {
    return {
      word: 'Reworked',
      tone: 'warn',
      sentence: 'The goal was reached, but a later arc undid the work.',
    }
  }
  if (arc.goalComplete) return { word: 'Reached', tone: 'good', sentence: 'The goal was reached.' }
  if (arc.goalComplete === false)
    return { word: 'Missed', tone: 'bad', sentence: 'The goal was not reached.' }
  return { word: 'Waiting', tone: 'open', sentence: 'Work has ended; the verdict is not there yet.' }
}

export function Outcome({ arc }: { arc: Judged }) {
  const { word, tone, sentence } = outcomeOf(arc)
  return (
    <Badge tone={tone} title={sentence}>
      {word}
    </Badge>
  )
}

/** Of the prompts, A+ to F; a preview while the arc is open. */
export function Grade({ letter, preview = false }: { letter: string | null | undefined; preview?: boolean }) {
  if (!letter) return <span class="quiet">–</span>
  const tone =
    letter.startsWith('A') || letter.startsWith('B') ? 'good' : letter.startsWith('C') ? 'warn' : 'bad'
  return (
    <Badge tone={tone} title={preview ? 'A preview: work goes on' : 'How well it was asked for, A+ to F'}>
      {letter}
      {preview && <span class="hidden"> so far</span>}
    </Badge>
  )
}
