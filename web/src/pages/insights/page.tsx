import './insights.css'
import { useEffect, useRef } from 'preact/hooks'
import type { PageProps } from '../../app/loaded'
import { useMay } from '../../app/viewer'
import { lazily } from '../../ui/lazily'
import { Empty, Heading } from '../../ui/parts'

const List = lazily(() => import('./list/list').then((module) => module.List))
const Builder = lazily(() => import('./build/builder').then((module) => module.Builder))
const One = lazily(() => import('./one/one').then((module) => module.One))

/** `#/insights` is the list, `#/insights/new` the builder, `#/insights/SHORTID` one insight. */
export default function Page({ route }: PageProps) {
  const there = useRef(route.id)
  useEffect(() => {
    // What one chose is gone with the list: the reader of the screen goes on at what took its place.
    if (there.current !== route.id) document.querySelector('main')?.focus()
    there.current = route.id
  }, [route.id])
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
