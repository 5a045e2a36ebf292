import { plural } from '../../format'
import type { UpdateOrganisationSettingsInput } from '../../schema'
import type { KeptFragment } from './Settings.gql'

export const MOST_DAYS = 36_500

/** Settings as they are typed: the number of days is a text until it is sent. */
export interface Draft extends Omit<KeptFragment, 'retentionDays'> {
  bounded: boolean
  days: string
}

const USUAL_DAYS = '365'

export const draftOf = ({ retentionDays, ...kept }: KeptFragment): Draft => ({
  ...kept,
  bounded: retentionDays != null,
  days: retentionDays == null ? USUAL_DAYS : String(retentionDays),
})

/** What is other than it is kept. */
export function changes(kept: KeptFragment, draft: Draft): UpdateOrganisationSettingsInput {
  const { bounded, days, redaction, splitOnCommit, scoreDefault, aiProcessing, language } = draft
  const wanted: KeptFragment = {
    redaction,
    splitOnCommit,
    scoreDefault,
    retentionDays: bounded ? Number(days) : null,
    aiProcessing,
    language,
  }
  const names = Object.keys(wanted) as (keyof KeptFragment)[]
  return Object.fromEntries(
    names.filter((name) => wanted[name] !== kept[name]).map((name) => [name, wanted[name]]),
  )
}

/** What cannot be taken back or takes a while, in sentences to be read before it is done. */
export function consequences(kept: KeptFragment, changed: UpdateOrganisationSettingsInput): string[] {
  const { retentionDays: days, splitOnCommit, redaction } = changed
  const said: string[] = []
  if (days != null && (kept.retentionDays == null || days < kept.retentionDays))
    said.push(
      `Sessions that were last active more than ${plural(days, 'day')} ago are erased for good, beginning now.`,
    )
  if (redaction === false) said.push('Secrets that agents send are stored as they come from now on.')
  if (splitOnCommit != null) said.push('All sessions are judged again, which may change scores of the past.')
  return said
}
