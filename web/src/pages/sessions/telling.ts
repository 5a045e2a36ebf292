import { compact, duration, words } from '../../format'
import type { Tone } from '../../ui/parts'
import type { EventLineFragment } from './Timeline.gql'

/** An event as a row tells it: whatever it holds is text. `cut`: there is more, which is fetched when one asks. */
export interface Told {
  id: string
  ts: string
  label: string
  tone: Tone
  title: string
  body: string
  form: 'text' | 'mono' | 'diff'
  facts: string
  cut: boolean
}

/** So many characters of an event are kept while it is one of many. */
const KEPT = 6_000

type Data = Record<string, unknown>
type Telling = Partial<Pick<Told, 'label' | 'tone' | 'title' | 'body' | 'form'>>

const text = (data: Data, ...names: string[]): string =>
  names
    .map((name) => data[name])
    .filter((value) => typeof value === 'string' && value.trim())
    .join('\n')

const inFull = (data: Data): string =>
  Object.entries(data)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 1)}`)
    .join('\n')

const change = (label: string) => (data: Data, event: EventLineFragment) => ({
  label,
  title: event.path ?? text(data, 'path'),
  body: text(data, 'diff'),
  form: 'diff' as const,
})

/** What of a tool call says most. */
const TITLES = ['command', 'file_path', 'path', 'pattern', 'query', 'url']

const GIT: Record<string, Telling> = {
  commit: { label: 'Commit', tone: 'good' },
  revert: { label: 'Revert', tone: 'warn' },
  pull_request: { label: 'Pull request', tone: 'good' },
}

const KINDS: Partial<Record<EventLineFragment['kind'], (data: Data, event: EventLineFragment) => Telling>> = {
  PROMPT: (data) => ({ tone: 'act', body: text(data, 'text', 'prompt'), form: 'text' }),
  AI_RESPONSE: (data) => ({ label: 'Answer', body: text(data, 'text'), form: 'text' }),
  COMMAND: (data) => ({ title: text(data, 'command'), body: text(data, 'stdout', 'stderr') }),
  TOOL_USE: (data, { tool }) => {
    const input = (data.input ?? {}) as Data
    const name = TITLES.find((one) => typeof input[one] === 'string')
    const title = name ? String(input[name]) : ''
    const { [name ?? '']: _, ...rest } = input
    const short = title.length < 200 && !title.includes('\n')
    return { label: tool ?? 'Tool call', title: short ? title : '', body: inFull(short ? rest : input) }
  },
  TOOL_RESULT: (data, { tool }) => ({
    label: `${tool ?? 'Tool'}: result`,
    body: text(data, 'text', 'userFeedback'),
  }),
  FILE_DIFF: change('Change'),
  FILE_CREATE: change('New file'),
  FILE_DELETE: change('Removed file'),
  GIT_ACTION: (data) => {
    const action = text(data, 'action')
    return {
      label: words(`Git_${action}`),
      ...GIT[action],
      title: text(data, 'message', 'url').split('\n')[0] ?? '',
      body: [text(data, 'message'), text(data, 'commit', 'ref', 'url', 'mode')].filter(Boolean).join('\n'),
    }
  },
  TEST_RUN: (data) => ({
    label: 'Tests',
    title: text(data, 'command', 'framework'),
    tone: Number(data.failed) > 0 ? 'bad' : '',
  }),
  API_REQUEST: (_, { model }) => ({ label: 'Model call', title: model ?? '' }),
  API_ERROR: (data) => ({ label: 'Service error', tone: 'bad', body: text(data, 'message', 'error') }),
  PLANNING: (data) => ({ label: 'Plan', title: text(data, 'phase'), body: text(data, 'plan'), form: 'text' }),
  DECISION_EVENT: (data) => ({
    label: 'Decision',
    title: text(data, 'title'),
    body: text(data, 'chosenOption', 'rationale', 'context', 'tradeoffs'),
    form: 'text',
  }),
  MCP_CALL: (data) => ({ label: 'MCP call', title: text(data, 'server', 'toolName').replace('\n', ' · ') }),
  SLASH_COMMAND: (data) => ({ tone: 'act', title: `/${text(data, 'name')} ${text(data, 'args')}`.trim() }),
  SESSION_TITLE: (data) => ({ title: text(data, 'title'), form: 'text' }),
  INTERRUPTION: () => ({ tone: 'warn', title: 'The user stopped the assistant.' }),
  CONTEXT_CLEAR: () => ({ tone: 'warn', title: 'The conversation was cleared.' }),
  CONTEXT_COMPACT: () => ({ title: 'The conversation was summarised.' }),
}

export function tell(event: EventLineFragment, kept = KEPT): Told {
  const data = (event.data ?? {}) as Data
  const said = KINDS[event.kind]?.(data, event) ?? { body: inFull(data) }
  const failed = event.succeeded === false || (event.exitCode ?? 0) !== 0
  const body = said.body ?? ''
  return {
    id: event.id,
    ts: event.ts,
    label: said.label ?? words(event.kind),
    tone: failed ? 'bad' : (said.tone ?? ''),
    title: said.title ?? '',
    body: body.slice(0, kept),
    form: said.form ?? 'mono',
    facts: facts(event, data, failed),
    cut: body.length > kept,
  }
}

function facts(event: EventLineFragment, data: Data, failed: boolean): string {
  const lines = event.linesAdded != null || event.linesRemoved != null
  return [
    failed && (event.exitCode ? `failed with ${event.exitCode}` : 'failed'),
    event.kind === 'TEST_RUN' && `${data.passed ?? 0} passed, ${data.failed ?? 0} failed`,
    lines && `+${event.linesAdded ?? 0} −${event.linesRemoved ?? 0} lines`,
    event.tokens && `${compact(event.tokens.total)} tokens`,
    event.durationMs != null && event.durationMs >= 1_000 && duration(event.durationMs / 1_000),
    event.agentId && `sub-agent ${event.agentId}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The first lines of a text, and whether that is all of it. */
export function firstLines(body: string, lines = 6, characters = 600): { text: string; whole: boolean } {
  const some = body.split('\n', lines).join('\n').slice(0, characters)
  return { text: some, whole: some.length === body.length }
}
