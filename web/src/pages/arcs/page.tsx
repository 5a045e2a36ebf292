import type { PageProps } from '../../app/loaded'
import { lazily } from '../../ui/lazily'
import './arcs.css'
import { List } from './list'

const One = lazily(() => import('./one').then((module) => module.One))

export default function Page({ route }: PageProps) {
  return route.id ? <One key={route.id} id={route.id} /> : <List query={route.query} />
}
