import type { ComponentChild } from 'preact'
import { useState } from 'preact/hooks'
import { compact, duration, number, share, signed, usd, words } from '../../format'
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

const CLASSES = [
  ['input', 'Input', 'Tokens sent and not cached.'],
  ['output', 'Output', 'Tokens the model wrote.'],
  ['cacheRead', 'Cache read', 'Tokens taken from the provider’s cache.'],
  ['cacheWrite', 'Cache write', 'Tokens put into the provider’s cache.'],
] as const

export function Spent({ arc }: { arc: Arc }) {
  const { tokens, tokensAreLowerBound } = arc
  const bound = tokensAreLowerBound ? 'at least ' : ''
  return (
    <Card
      title="Tokens and cost"
      actions={
        <Tip
          text={
            arc.costUsd === null
              ? 'A response has no known price, so the cost is not known.'
              : `US dollars, as the source said or by list price${tokensAreLowerBound ? '; at least this much' : ''}.`
          }
        >
          <strong class="number">{arc.costUsd === null ? 'No price' : `${bound}${usd(arc.costUsd)}`}</strong>
        </Tip>
      }
    >
      <div class="stack tight">
        <div class="arcs-tokens" aria-hidden="true">
          {CLASSES.map(([name], at) => (
            <span key={name} style={{ flexGrow: tokens[name], background: `var(--c${at + 1})` }} />
          ))}
        </div>
        <table aria-label="Tokens by class">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col" class="number">
                Tokens
              </th>
              <th scope="col" class="number">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {CLASSES.map(([name, title, meaning], at) => (
              <tr key={name}>
                <td class="arcs-class">
                  <span class="arcs-swatch" style={{ background: `var(--c${at + 1})` }} aria-hidden="true" />
                  <Tip text={meaning}>{title}</Tip>
                </td>
                <td class="number">{number(tokens[name])}</td>
                <td class="number">{share(tokens.total ? tokens[name] / tokens.total : null)}</td>
              </tr>
            ))}
            <tr>
              <td>
                <strong>All</strong>
              </td>
              <td class="number">
                <strong title={`${bound}${tokens.total} tokens`}>
                  {tokensAreLowerBound && '≥ '}
                  {compact(tokens.total)}
                </strong>
              </td>
              <td />
            </tr>
          </tbody>
        </table>
        {tokensAreLowerBound && (
          <p class="small quiet">
            A lower bound: its agent is known to tell too few output tokens, so there are at least these, and
            they cost at least this.
          </p>
        )}
      </div>
    </Card>
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
