import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Page, Route } from '../routes'
import { Empty, Problem, Waiting } from '../ui/parts'

export interface PageProps {
  route: Route
}

type Loader = () => Promise<{ default: ComponentType<PageProps> }>

/** Each page is a file of its own, fetched when one first goes there. */
const LOADERS: Record<Page, Loader> = {
  now: () => import('../pages/now/page'),
  score: () => import('../pages/score/page'),
  arcs: () => import('../pages/arcs/page'),
  sessions: () => import('../pages/sessions/page'),
  insights: () => import('../pages/insights/page'),
  reports: () => import('../pages/reports/page'),
  team: () => import('../pages/team/page'),
}

const loaded = new Map<string, ComponentType<PageProps>>()

const loaderOf = (page: string) => (LOADERS as Partial<Record<string, Loader>>)[page]

/** Fetches a page ahead of time; what fails is told once somebody goes there. */
export function preload(page: string): void {
  loaderOf(page)?.().then(
    (module) => void loaded.set(page, module.default),
    () => {},
  )
}

export function Loaded({ route }: { route: Route }) {
  const [, redraw] = useState(0)
  const [failed, setFailed] = useState<string | null>(null)
  const load = loaderOf(route.page)
  const Shown = loaded.get(route.page)
  const fetchPage = () => {
    setFailed(null)
    load?.().then(
      (module) => {
        loaded.set(route.page, module.default)
        redraw((count) => count + 1)
      },
      () => setFailed(route.page),
    )
  }
  useEffect(() => {
    if (load && !Shown) fetchPage()
  }, [route.page])
  if (!load) return <Empty title="There is no such page">Choose one from the list of pages.</Empty>
  if (Shown) return <Shown route={route} />
  if (failed === route.page) {
    const problem = {
      code: 'NETWORK',
      message: 'This page could not be fetched.',
      hint: 'The server may have been updated or be down. Reload, or try again in a moment.',
    }
    return <Problem problem={problem} again={fetchPage} />
  }
  return <Waiting />
}
