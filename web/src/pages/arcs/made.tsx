import type { ComponentChild } from 'preact'
import { useState } from 'preact/hooks'
import { duration, number, signed, words } from '../../format'
import { Badge, Card, Time, Tip } from '../../ui/parts'
import type { Arc } from './one'
import { Events } from './verdict'

const FEW = 15

export function Made({ arc }: { arc: Arc }) {
  return (
    <>
      <Files arc={arc} />
      <Tools arc={arc} />
    </>
  )
}

function Files({ arc }: { arc: Arc }) {
  const [all, setAll] = useState(false)
  const { files, measures } = arc
  if (files.length === 0) return null
  const shown = all ? files : files.slice(0, FEW)
  return (
    <Card
      title={`Files changed (${number(files.length)})`}
      actions={<Lines added={measures.linesAdded} removed={measures.linesRemoved} />}
    >
      <div class="scroll">
        <table aria-label="Files changed">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">What</th>
              <th scope="col" class="number">
                Lines
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((file) => (
              <tr key={file.path}>
                <td class="mono arcs-path" title={file.path}>
                  {withoutFolder(file.path, arc.project)}
                </td>
                <td>
                  {file.created && <Badge tone="good">New</Badge>}{' '}
                  {file.deleted && <Badge tone="bad">Deleted</Badge>}{' '}
                  {file.restored && <Badge tone="warn">Taken back</Badge>}
                </td>
                <td class="number">
                  <Lines added={file.linesAdded} removed={file.linesRemoved} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < files.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {number(files.length)} files
        </button>
      )}
    </Card>
  )
}

/** A path as it is within the project, where it lies there. */
function withoutFolder(path: string, project: string | null): string {
  return project && path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path
}

function Lines({ added, removed }: { added: number; removed: number }) {
  return (
    <span class="number arcs-lines">
      <span class="arcs-added">{signed(added)}</span> <span class="arcs-removed">−{number(removed)}</span>
      <span class="hidden"> lines added and removed</span>
    </span>
  )
}

function Tools({ arc }: { arc: Arc }) {
  const most = arc.tools[0]?.callCount ?? 0
  if (most === 0) return null
  return (
    <Card title="Tools used">
      <div class="scroll">
        <table aria-label="Tools used">
          <thead>
            <tr>
              <th scope="col">Tool</th>
              <th scope="col" class="number">
                Calls
              </th>
              <th scope="col" class="arcs-wide">
                <span class="hidden">Share of the calls of the first</span>
              </th>
              <th scope="col" class="number">
                Failed
              </th>
            </tr>
          </thead>
          <tbody>
            {arc.tools.map((tool) => (
              <tr key={tool.name}>
                <td class="mono arcs-path">{tool.name}</td>
                <td class="number">{number(tool.callCount)}</td>
                <td class="arcs-wide">
                  <div class="bar" aria-hidden="true">
                    <span style={{ width: `${(tool.callCount / most) * 100}%` }} />
                  </div>
                </td>
                <td class="number">
                  {tool.errorCount ? number(tool.errorCount) : <span class="quiet">0</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

export function Numbers({ arc }: { arc: Arc }) {
  const { measures } = arc
  return (
    <Card title="In numbers">
      <dl class="arcs-facts">
        <Fact
          name={
            <Tip text="From its first prompt until its goal was reached, by the clock.">Time to crush</Tip>
          }
          value={duration(arc.timeToCrushSeconds)}
        />
        <Fact name="Began" value={<Time at={arc.startedAt} />} />
        <Fact name="Ended" value={arc.endedAt ? <Time at={arc.endedAt} /> : 'Open'} />
        {arc.closeReason && <Fact name="Closed by" value={words(arc.closeReason)} />}
        <Fact name="Turns" value={number(measures.turnCount)} />
        <Fact
          name={<Tip text="Lines added and removed in all files: |added − removed|.">Net lines</Tip>}
          value={number(measures.netLineCount)}
        />
        <Fact
          name={
            <Tip text="Tool calls of the assistant that change something, and those that only look.">
              Tool calls
            </Tip>
          }
          value={`${number(measures.mutatingToolCallCount)} change, ${number(measures.readOnlyToolCallCount)} look`}
        />
        <Fact name="Failed calls" value={number(measures.toolErrorCount)} />
        <Refs name="Commits" of={arc.commitRefs} />
        <Refs name="Reverts" of={arc.revertRefs} />
      </dl>
    </Card>
  )
}

function Fact({ name, value }: { name: ComponentChild; value: ComponentChild }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{value}</dd>
    </div>
  )
}

function Refs({ name, of }: { name: string; of: readonly string[] }) {
  if (of.length === 0) return null
  return (
    <Fact
      name={name}
      value={of.map((ref) => (
        <code key={ref} class="arcs-ref" title={ref}>
          {ref.slice(0, 12)}
        </code>
      ))}
    />
  )
}

export function Flags({ arc }: { arc: Arc }) {
  if (arc.flags.length === 0) return null
  return (
    <Card title="Integrity flags" class="arcs-flags">
      <ul class="stack">
        {arc.flags.map((flag) => (
          <li key={flag.id} class="stack tight">
            <div class="row">
              <Badge tone={flag.severity === 'WARN' ? 'warn' : ''}>{words(flag.kind)}</Badge>
            </div>
            <p>{flag.detail}</p>
            <Events of={flag.events} />
          </li>
        ))}
      </ul>
      <p class="small quiet">A flag informs; it never changes a score.</p>
    </Card>
  )
}
