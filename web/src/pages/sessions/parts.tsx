import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Grade, Outcome } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { compact, duration, NONE, number, usd } from '../../format'
import { href } from '../../routes'
import { Tabs } from '../../ui/forms'
import { Badge, Card, Time } from '../../ui/parts'
import { leastOf } from './least'
import type { SessionQuery } from './Session.gql'

type Session = NonNullable<SessionQuery['session']>

/** What the session is made up of, a tab for each kind of which there is any. */
export function Parts({ session }: { session: Session }) {
  const [chosen, choose] = useState('')
  const { subSessions: arcs = [], tools, models, files, subAgents } = session
  const all: [string, number, () => ComponentChildren][] = [
    ['Goal arcs', arcs.length, () => <Arcs arcs={arcs} />],
    ['Tools', tools.length, () => <Tools tools={tools} />],
    ['Models', models.length, () => <Models models={models} />],
    ['Files', files.length, () => <Files files={files} />],
    ['Sub-agents', subAgents.length, () => <Agents agents={subAgents} />],
  ]
  const there = all.filter(([, count]) => count)
  const [shown, , draw] = there.find(([name]) => name === chosen) ?? there[0] ?? []
  if (!shown || !draw) return null
  const tabs = Object.fromEntries(
    there.map(([name, count]) => [name, `${name} ${count}${count === 100 ? '+' : ''}`]),
  )
  return (
    <Card class="sessions-parts">
      <Tabs label="What it is made up of" value={shown} tabs={tabs} onChange={choose}>
        {draw()}
      </Tabs>
    </Card>
  )
}

type Cell = ComponentChildren

/** The first column names the row; those of numbers begin with `#`. */
function Table({
  label,
  head,
  rows,
}: {
  label: string
  head: string[]
  rows: [key: string, ...cells: Cell[]][]
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys
    <section class="scroll" aria-label={label} tabIndex={0}>
      <table aria-label={label}>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col" class={name.startsWith('#') ? 'number' : ''}>
                {name.replace('#', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([key, ...cells]) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={head[index]} class={head[index]?.startsWith('#') ? 'number' : ''}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const Mono = ({ text }: { text: string }) => (
  <span class="mono sessions-wrap" dir="auto">
    {text}
  </span>
)

const Arcs = ({ arcs }: { arcs: NonNullable<Session['subSessions']> }) => (
  <Table
    label="Goal arcs"
    head={['Arc', 'Outcome', 'Grade', '#Tokens', '#Cost', 'Began']}
    rows={arcs.map((arc) => [
      arc.id,
      <a key="title" href={href('arcs', arc.id)} class="sessions-wrap" dir="auto">
        {titleOf(arc)}
      </a>,
      <Outcome key="outcome" arc={arc} />,
      <Grade key="grade" letter={arc.letterGrade} preview={arc.state === 'OPEN'} />,
      leastOf(arc) + compact(arc.tokens.total),
      arc.costUsd === null ? NONE : leastOf(arc) + usd(arc.costUsd),
      <Time key="began" at={arc.startedAt} />,
    ])}
  />
)

const Tools = ({ tools }: Pick<Session, 'tools'>) => (
  <Table
    label="Tools"
    head={['Tool', '#Calls', '#Failed', '#Time']}
    rows={tools.map((tool) => [
      tool.name,
      <Mono key="name" text={tool.name} />,
      number(tool.callCount),
      number(tool.errorCount),
      duration(tool.durationMs === null || tool.durationMs === undefined ? null : tool.durationMs / 1_000),
    ])}
  />
)

const Models = ({ models }: Pick<Session, 'models'>) => (
  <Table
    label="Models"
    head={['Model', '#Responses', '#Tokens', '#Cost']}
    rows={models.map((model) => [
      String(model.name),
      <Mono key="name" text={model.name ?? 'not told'} />,
      number(model.responseCount),
      leastOf(model) + compact(model.tokens.total),
      model.costUsd === null ? NONE : leastOf(model) + usd(model.costUsd),
    ])}
  />
)

const Files = ({ files }: Pick<Session, 'files'>) => (
  <Table
    label="Files"
    head={['File', '#Added', '#Removed']}
    rows={files.map((file) => [
      file.path,
      <>
        <Mono text={file.path} /> {file.created && <Badge tone="good">new</Badge>}
        {file.deleted && <Badge tone="warn">removed</Badge>}
      </>,
      number(file.linesAdded),
      number(file.linesRemoved),
    ])}
  />
)

const Agents = ({ agents }: { agents: Session['subAgents'] }) => (
  <Table
    label="Sub-agents"
    head={['Sub-agent', '#Calls', '#Failed', '#Tokens', '#Time', 'Began']}
    rows={agents.map((agent) => [
      agent.agentId,
      <>
        {agent.description ?? agent.type ?? agent.agentId}
        {agent.description && agent.type && <div class="small quiet">{agent.type}</div>}
      </>,
      number(agent.callCount),
      number(agent.errorCount),
      compact(agent.tokens?.total),
      duration(agent.durationMs / 1_000),
      <Time key="began" at={agent.startedAt} />,
    ])}
  />
)
