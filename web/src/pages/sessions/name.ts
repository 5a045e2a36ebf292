import type { SessionLineFragment } from './Sessions.gql'

const LONGEST = 80

/** What to call a session: its title, else how its first prompt begins. */
export function nameOf(session: Pick<SessionLineFragment, 'title' | 'rawId' | 'prompts'>): string {
  if (session.title) return session.title
  const text = session.prompts.nodes[0]?.text?.trim().split('\n')[0] ?? ''
  const letters = [...text]
  if (!letters.length) return `Session ${session.rawId.slice(0, 8)}`
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join('')}…` : text
}

/** An event's id from that of the prompt which it holds: both are base64 of a type and a key. */
export const eventOf = (prompt: string): string =>
  btoa(atob(prompt.replaceAll('-', '+').replaceAll('_', '/')).replace(/^Prompt/, 'Event'))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
