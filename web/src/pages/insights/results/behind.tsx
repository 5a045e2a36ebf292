import { useRead } from '../../../api/hooks'
import { ArcTable } from '../../../arcs/table'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { Dialog } from '../../../ui/dialog'
import { Problem, Waiting } from '../../../ui/parts'
import { BehindDocument } from './Behind.gql'

/** The goal arcs behind a number of a saved insight, or of a query. `title` says which number it is. */
export function Behind({
  id,
  query,
  point,
  title = 'Arcs behind a number',
  onClose,
}: {
  id?: string
  query?: InsightQueryInput
  point: InsightPointInput
  title?: string
  onClose: () => void
}) {
  const asked = id === undefined ? { query: query ?? null } : { id }
  const { data, problem, loading } = useRead(BehindDocument, { ...asked, point, first: 20, after: null })
  return (
    <Dialog title={title} onClose={onClose}>
      <Problem problem={problem} />
      {loading && <Waiting />}
      {data && <ArcTable arcs={data.drillDown.subSessions.nodes} label={title} />}
    </Dialog>
  )
}
