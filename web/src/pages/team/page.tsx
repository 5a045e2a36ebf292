import type { PageProps } from '../../app/loaded'
import { useMay, useViewer } from '../../app/viewer'
import { go } from '../../routes'
import { Tabs } from '../../ui/forms'
import { Badge, Empty, Heading } from '../../ui/parts'
import { type AskedTab, placeOf, tabOf } from './address'
import { Developers } from './developers'
import './team.css'
import { lazily } from '../../ui/lazily'

const Keys = lazily(() => import('./keys').then((module) => module.Keys))
const Flags = lazily(() => import('./flags').then((module) => module.Flags))
const Settings = lazily(() => import('./settings').then((module) => module.Settings))
const Sight = lazily(() => import('./sight').then((module) => module.Sight))

const TABS: Readonly<Record<AskedTab, string>> = {
  developers: 'Developers',
  keys: 'Keys',
  integrity: 'Integrity',
  settings: 'Settings',
  sight: 'Who sees what',
}

/** Who works here, with which keys, and what is kept of it; what a key may not see is said in a sentence. */
export default function Page({ route }: PageProps) {
  const { organisation } = useViewer()
  const tab = tabOf(route.query)
  return (
    <div class="stack">
      <Heading title="Team" about={<About slug={organisation.slug} />} />
      <Tabs label="Parts of this page" value={tab} tabs={TABS} onChange={(name) => go(placeOf(name))}>
        <Part route={route} />
      </Tabs>
    </div>
  )
}

/** What a manager may see is never further away than one step. */
function About({ slug }: { slug: string }) {
  const admin = useMay('admin')
  const everybody = useMay('org:read')
  return (
    <>
      {slug}{' '}
      <Badge>{admin ? 'You administer' : everybody ? 'You see everybody' : 'You see your own work'}</Badge>{' '}
      <a href={placeOf('sight')}>What a manager may see</a>
    </>
  )
}

function Part({ route }: PageProps) {
  const reads = useMay('sessions:read')
  const judges = useMay('scores:read')
  const admin = useMay('admin')
  switch (tabOf(route.query)) {
    case 'developers':
      return reads ? (
        <Developers query={route.query} />
      ) : (
        <Missing what="Developers" scope="sessions:read" to="read sessions" />
      )
    case 'keys':
      return admin ? <Keys query={route.query} /> : <Missing what="Keys" scope="admin" to="administer" />
    case 'integrity':
      return judges ? (
        <Flags query={route.query} />
      ) : (
        <Missing what="Integrity flags" scope="scores:read" to="read scores" />
      )
    case 'settings':
      return <Settings />
    case 'sight':
      return <Sight />
  }
}

function Missing({ what, scope, to }: { what: string; scope: string; to: string }) {
  return (
    <Empty title={`${what} are not for this key`}>
      <p>
        They are shown to keys that may {to} (scope <code>{scope}</code>). Ask whoever administers your
        organisation for one, and sign in with it.
      </p>
      {scope === 'admin' && (
        <p class="small">
          Whoever runs the server makes the first one: <code>goalarc keys create … --admin</code>.
        </p>
      )}
    </Empty>
  )
}
