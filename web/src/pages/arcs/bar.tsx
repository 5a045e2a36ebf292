import { useId } from 'preact/hooks'
import { useMay } from '../../app/viewer'
import { FLAGS } from '../../arcs/flags'
import { HABITS } from '../../arcs/habits'
import { DeveloperChoice } from '../../developers/choice'
import { words } from '../../format'
import { Choice, Field, Search, Suggestions } from '../../ui/forms'
import { type Filters, GRADES, INTENTS, type Name, OUTCOMES, STATES } from './filters'

const SEEN: readonly Name[] = ['search', 'state', 'outcome', 'intent', 'grade']
const FLAG_NAMES: Record<string, string> = {
  any: 'Any flag',
  ...Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, words(flag)])),
}
const HABIT_NAMES: Record<string, string> = Object.fromEntries(
  Object.entries(HABITS).map(([habit, [name]]) => [habit, name]),
)
const GRADE_NAMES: Record<string, string> = Object.fromEntries(GRADES.map((grade) => [grade, grade]))
const AGENTS = ['claude-code', 'codex', 'copilot-cli', 'cursor', 'gemini-cli', 'opencode']

type Change = (next: Filters) => void

/** What to look for. The rarer questions are folded away unless one is asked. */
export function Bar({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const set = (name: Name) => (value: string) => {
    const { [name]: _, ...rest } = filters
    onChange(value ? { ...rest, [name]: value } : rest)
  }
  const folded = (Object.keys(filters) as Name[]).filter((name) => !SEEN.includes(name))
  return (
    <search class="card arcs-bar">
      <div class="arcs-search">
        <Search
          label="Search titles, summaries and prompts"
          value={filters.search ?? ''}
          onSearch={set('search')}
        />
      </div>
      <Choice label="State" value={of(filters.state)} options={STATES} all="Any" onChange={set('state')} />
      <Choice
        label="Outcome"
        value={of(filters.outcome)}
        options={OUTCOMES}
        all="Any"
        onChange={set('outcome')}
      />
      <Choice
        label="Intent"
        value={of(filters.intent)}
        options={INTENTS}
        all="Any"
        onChange={set('intent')}
      />
      <Choice
        label="Grade"
        value={of(filters.grade)}
        options={GRADE_NAMES}
        all="Any"
        onChange={set('grade')}
      />
      <details open={folded.length > 0}>
        <summary>More filters{folded.length > 0 && ` (${folded.length})`}</summary>
        <Rare filters={filters} set={set} />
      </details>
    </search>
  )
}

/** What stands in the address need not be one of the choices. */
const of = (value: string | undefined) => (value ?? '') as never

function Rare({ filters, set }: { filters: Filters; set: (name: Name) => (value: string) => void }) {
  const agents = useId()
  const others = useMay('org:read')
  const text = (name: Name) => ({
    value: filters[name] ?? '',
    onChange: (event: { currentTarget: HTMLInputElement }) => set(name)(event.currentTarget.value.trim()),
  })
  return (
    <div class="arcs-rare">
      <Field label="Agent">
        <input list={agents} placeholder="Any" autocomplete="off" {...text('agent')} />
        <Suggestions id={agents} values={AGENTS} />
      </Field>
      {others && (
        <DeveloperChoice
          none="Everybody"
          value={filters.developer ?? null}
          onChange={(id) => set('developer')(id ?? '')}
        />
      )}
      <Choice
        label="Habit"
        value={of(filters.habit)}
        options={HABIT_NAMES}
        all="Any"
        onChange={set('habit')}
      />
      {filters.habit && (
        <Choice
          label="Habit showed"
          value={of(filters.shown)}
          options={{ yes: 'Yes', no: 'No' }}
          all="Either"
          onChange={set('shown')}
        />
      )}
      <Choice
        label="Flag"
        value={of(filters.flag)}
        options={FLAG_NAMES}
        all="Any or none"
        onChange={set('flag')}
      />
      <Field label="Began from">
        <input type="date" {...text('from')} value={filters.from?.slice(0, 10) ?? ''} />
      </Field>
      <Field label="Began until">
        <input type="date" {...text('to')} value={filters.to?.slice(0, 10) ?? ''} />
      </Field>
      <Field label="Session id">
        <input placeholder="Any" autocomplete="off" spellcheck={false} {...text('session')} />
      </Field>
    </div>
  )
}
