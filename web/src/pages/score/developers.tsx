import { useState } from 'preact/hooks'
import { useRead } from '../../api/hooks'
import { Field, Search } from '../../ui/forms'
import { ScoreDevelopersDocument } from './Developers.gql'
import type { ScoreChoicesQuery } from './Score.gql'

type Viewer = ScoreChoicesQuery['viewer']
const SHOWN = 100

/** Whose score: of a key that sees everybody. */
export function Developers({
  own,
  value,
  onChange,
}: {
  own: Viewer['developer']
  value: string | null
  onChange: (id: string | null) => void
}) {
  const [search, setSearch] = useState('')
  const { data, problem } = useRead(ScoreDevelopersDocument, {
    filter: { search: search || null, candidates: false },
  })
  const found = data?.developers?.nodes ?? []
  const total = data?.developers?.totalCount ?? 0
  // Whoever is shown stands in the list, also while something else is looked for.
  const chosen = found.some(({ id }) => id === (value ?? own.id)) ? [] : [value ?? own.id]
  return (
    <>
      <Field label="Developer" wrong={problem?.message ?? null}>
        <select
          value={value ?? own.id}
          onChange={(event) =>
            onChange(event.currentTarget.value === own.id ? null : event.currentTarget.value)
          }
        >
          {chosen.map((id) => (
            <option key={id} value={id}>
              {id === own.id ? own.email : 'The one in the address'}
            </option>
          ))}
          {found.map(({ id, email }) => (
            <option key={id} value={id}>
              {email}
              {id === own.id ? ' (own key)' : ''}
            </option>
          ))}
        </select>
      </Field>
      {(total > SHOWN || search) && <Search label="Find developers" value={search} onSearch={setSearch} />}
    </>
  )
}
