import { useRead } from '../../../api/hooks'
import { usePages } from '../../../api/pages'
import { useMay } from '../../../app/viewer'
import { ArcTable } from '../../../arcs/table'
import { number, plural } from '../../../format'
import type { InsightPointInput, InsightQueryInput } from '../../../schema'
import { Dialog } from '../../../ui/dialog'
import { Empty, More, Problem, Waiting } from '../../../ui/parts'
import { BehindDocument, HiddenDocument } from './Behind.gql'
import { shown, titleOfPoint } from './point'

const PAGE = 20
/** The server looks no farther. */
const MOST = 1_000

interface BehindProps {
  id?: string
  query?: InsightQueryInput
  point: InsightPointInput
  title?: string
  onClose: () => void
}

/** The goal arcs behind a number of a saved insight, or of a query. The page's result says which number it is. */
export function Behind({ title: given, onClose, ...asked }: BehindProps) {
  const result = shown.use()
  const title = given ?? titleOfPoint(result, asked.point)
  const reads = useMay('scores:read')
  return (
    <Dialog title={title} side onClose={onClose}>
      {reads ? <Arcs key={JSON.stringify(asked)} {...asked} title={title} /> : <Unseen {...asked} />}
    </Dialog>
  )
}

type Asked = Pick<BehindProps, 'id' | 'query' | 'point'>

/** What is asked of: never both, since an insight that is changed and not saved is another question. */
const subject = ({ id, query, point }: Asked) => ({ ...(query ? { query } : { id: id ?? null }), point })

function Arcs({ title, ...asked }: Asked & { title: string }) {
  const sessions = useMay('sessions:read')
  const variables = { ...subject(asked), first: PAGE, after: null, sessions }
  const { data, items, problem, loading, more, again } = usePages(
    BehindDocument,
    variables,
    ({ drillDown }) => drillDown.subSessions,
  )
  const found = data?.drillDown
  return (
    <>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {found && <Count visible={found.subSessions.totalCount} hidden={found.hiddenCount} />}
      {items.length > 0 && <ArcTable arcs={items} label={title} />}
      <More {...more} />
    </>
  )
}

function Count({ visible, hidden }: { visible: number; hidden: number }) {
  if (visible + hidden === 0) {
    return (
      <Empty title="No goal arc stands behind it">
        <p>
          It was counted from work that belongs to no goal arc, such as what was done before the first prompt.
        </p>
      </Empty>
    )
  }
  const most = visible + hidden >= MOST ? `At least ${number(MOST)} looked at: ` : ''
  return (
    <p role="status">
      {most}
      <strong>{plural(visible, 'goal arc')}</strong>
      {hidden > 0 && `, and ${number(hidden)} of others, which this key does not see`}
      <span class="quiet">
        {' in which it was counted'}
        {visible > 1 && ', those that began last first'}
      </span>
    </p>
  )
}

/** A key that reads no arcs still learns how many there are. */
function Unseen(asked: Asked) {
  const { data, problem, loading, again } = useRead(HiddenDocument, subject(asked))
  return (
    <>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && (
        <Empty title={plural(data.drillDown.hiddenCount, 'goal arc')}>
          <p>This key does not read arcs. Use one with the scope scores:read to see which ones.</p>
        </Empty>
      )}
    </>
  )
}
