import type { PageProps } from '../../app/loaded'
import { useMay } from '../../app/viewer'
import { lazily } from '../../ui/lazily'
import { Empty, Heading } from '../../ui/parts'
import './insights.css'

const List = lazily(() => import('./list/list').then((module) => module.List))
const Builder = lazily(() => import('./build/builder').then((module) => module.Builder))
const One = lazily(() => import('./one/one').then((module) => module.One))

/** `#/insights` is the list, `#/insights/new` the builder, `#/insights/SHORTID` one insight. */
export default function Page({ route }: PageProps) {
  const mayRead = useMay('insight:read')
  if (!mayRead) {
    return (
      <>
        <Heading title="Insights" />
        <Empty title="This key does not read insights">
          <p>
            Sign in with a key that has the scope <code>insight:read</code>: keys of developers have it.
          </p>
        </Empty>
      </>
    )
  }
  if (route.id === 'new') return <Builder route={route} />
  if (route.id) return <One key={route.id} id={route.id} route={route} />
  return <List route={route} />
}
