interface Begun {
  id: string
  startedAt: string
}

/** The arcs before and after one in its session; fragments and arcs of unknown sessions have none. */
export function neighboursOf<Neighbour extends Begun>(arc: {
  id: string
  session?: { subSessions: readonly Neighbour[] } | null
}): { previous: Neighbour | null; next: Neighbour | null } {
  const all = arc.session?.subSessions ?? []
  const at = all.findIndex(({ id }) => id === arc.id)
  if (at < 0) return { previous: null, next: null }
  return { previous: all[at - 1] ?? null, next: all[at + 1] ?? null }
}
