import { href } from '../routes'

/** Where an event stands in the timeline of its session; null where the key may not read sessions. */
export function placeOf(event: { id: string; session?: { id: string } | null }): string | null {
  return event.session ? href('sessions', event.session.id, { at: event.id }) : null
}
