import type { PageProps } from '../../app/loaded'
import './arcs.css'
import { List } from './list'
import { One } from './one'

export default function Page({ route }: PageProps) {
  return route.id ? <One key={route.id} id={route.id} /> : <List query={route.query} />
}
