import type { ComponentType } from 'preact'
import type { Page, Route } from '../routes'
import { useFetched } from '../ui/fetched'
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

const loaderOf = (page: string): Loader | undefined =>
  Object.hasOwn(LOADERS, page) ? LOADERS[page as Page] : undefined

/** Fetches a page ahead of time; what fails is told once somebody goes there. */
export function preload(page: string): void {
  loaderOf(page)?.().then(
    (module) => void loaded.set(page, module.default),
    () => {},
  )
}

export function Loaded({ route }: { route: Route }) {
  const load = loaderOf(route.page)
  const fetchPage = load && (() => load().then((module) => module.default))
  const { value: Shown, problem, again } = useFetched(route.page, loaded, fetchPage, 'This page')
  if (!load) return <Empty title="There is no such page">Choose one from the list of pages.</Empty>
  if (Shown) return <Shown route={route} />
  return problem ? <Problem problem={problem} again={again} /> : <Waiting />
}
