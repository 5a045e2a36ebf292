import { LANGUAGES } from '../../languages'
import { Choice } from '../../ui/forms'
import type { Language } from './Reports.gql'

/** In which language a report is written; none is the organisation's. */
export function WrittenIn({
  value,
  onChange,
}: {
  value: Language | ''
  onChange: (language: Language | '') => void
}) {
  return (
    <Choice
      label="Written in"
      value={value}
      options={LANGUAGES}
      all="The organisation's language"
      onChange={onChange}
    />
  )
}
