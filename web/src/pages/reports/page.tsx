import './reports.css'
import type { PageProps } from '../../app/loaded'
import { href, replace } from '../../routes'
import { Tabs } from '../../ui/forms'
import { Heading } from '../../ui/parts'
import { List } from './list'
import { One } from './one'
import { Schedules } from './schedules'

const TABS = { history: 'History', schedule: 'Schedule' } as const

export default function Page({ route }: PageProps) {
  if (route.id) return <One id={route.id} />
  const tab = route.query.get('tab') === 'schedule' ? 'schedule' : 'history'
  return (
    <div class="stack">
      <Heading
        title="Reports"
        about="A day, a week or a month in words and figures, each with what it rests on."
      />
      <Tabs
        label="Reports"
        value={tab}
        tabs={TABS}
        onChange={(name) => replace(href('reports', null, { tab: name }))}
      >
        {tab === 'history' ? <List /> : <Schedules />}
      </Tabs>
    </div>
  )
}
