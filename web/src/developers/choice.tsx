import { useState } from 'preact/hooks'
import { useRead } from '../api/hooks'
import { Choice, Search } from '../ui/forms'
import { DeveloperChoicesDocument } from './Choice.gql'

const SHOWN = 100

/** Whose work, for keys that see everybody's; where there are more than fit into a list one looks for them. */
export function DeveloperChoice({
  value,
  none,
  own,
  onChange,
}: {
  value: string | null
  /** What the choice of nobody else says. */
  none: string
  /** Whom that choice means, if it is one developer; candidates are not offered beside a developer of one's own. */
  own?: string
  onChange: (id: string | null) => void
}) {
  const [search, setSearch] = useState('')
  const filter = { search: search || null, candidates: own ? false : null }
  const { data, problem } = useRead(DeveloperChoicesDocument, { filter })
  const { nodes = [], totalCount = 0 } = data?.developers ?? {}
  const options = Object.fromEntries(nodes.filter(({ id }) => id !== own).map(({ id, email }) => [id, email]))
  // Whoever is chosen stands in the list, also while somebody else is looked for.
  if (value && !options[value]) options[value] = 'The one in the address'
  return (
    <>
      <Choice
        label="Developer"
        value={value === own ? '' : (value ?? '')}
        options={options}
        all={none}
        wrong={problem?.message ?? null}
        onChange={(id) => onChange(id || null)}
      />
      {(totalCount > SHOWN || search) && (
        <Search label="Find developers" value={search} onSearch={setSearch} />
      )}
    </>
  )
}
