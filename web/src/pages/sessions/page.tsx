import { problem } from '../../api/problem'
import type { PageProps } from '../../app/loaded'
import { useMay } from '../../app/viewer'
import { lazily } from '../../ui/lazily'
import { Heading, Problem } from '../../ui/parts'
import { List } from './list'
import './sessions.css'

const One = lazily(() => import('./one').then((module) => module.One))

const MISSING = problem('FORBIDDEN', 'This key may not read sessions: it lacks the scope sessions:read.')

export default function Page({ route }: PageProps) {
  if (!useMay('sessions:read')) {
    return (
      <div class="stack">
        <Heading title="Sessions" />
        <Problem problem={MISSING} />
      </div>
    )
  }
  return route.id ? <One key={route.id} id={route.id} route={route} /> : <List route={route} />
}
