/** Why there is no schema to show, and what to do. */
import type { Answer } from './post'

export const NO_KEY =
  'Enter a key at the top of the page: then the types and fields of this server are shown here.'

const TRUSTED =
  'This server answers only documents that were registered with it (GOALARC_DOCUMENTS=trusted): what is written here is refused. ' +
  'Register it with “goalarc documents add”, or ask a server that takes any document.'
const OFF =
  'This server does not show its schema (GOALARC_INTROSPECTION=off). Queries run all the same; ' +
  '“goalarc schema” prints what can be asked.'

export function reasonOf(answer: Answer): string | null {
  if (answer.data?.__schema) return null
  const error = answer.errors?.[0]
  if (error?.extensions?.code === 'DOCUMENT_NOT_TRUSTED') return TRUSTED
  if (error?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED') return OFF
  return error?.message ?? 'The server did not show its schema.'
}
