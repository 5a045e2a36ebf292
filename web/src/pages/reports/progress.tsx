import { useState } from 'preact/hooks'
import { useLive } from '../../api/hooks'
import { words } from '../../format'
import { Badge, type Tone } from '../../ui/parts'
import { isOver } from './naming'
import { type ReportLineFragment, ReportProgressDocument } from './Reports.gql'

const TONES: Record<ReportLineFragment['status'], Tone> = {
  PENDING: 'open',
  RUNNING: 'open',
  COMPLETED: 'good',
  FAILED: 'bad',
  CANCELLED: '',
}
const STAGES: Record<ReportLineFragment['stage'], string> = {
  QUEUED: 'Waiting for its turn',
  EXTRACTING: 'Reading what it rests on',
  SCORING: 'Working out figures',
  RENDERING: 'Putting it into words',
  FINALIZING: 'Storing it',
}

/** How far a report is, followed live until it is over; then `onOver` is called once. */
export function Progress({ report, onOver }: { report: ReportLineFragment; onOver: () => void }) {
  const over = isOver(report.status)
  return over ? (
    <Badge tone={TONES[report.status]}>{words(report.status)}</Badge>
  ) : (
    <Going report={report} onOver={onOver} />
  )
}

function Going({ report, onOver }: { report: ReportLineFragment; onOver: () => void }) {
  const last = useFollowed(report, onOver)
  return (
    <div class="reports-going" role="status">
      <span class="small">{STAGES[last.stage]}</span>
      <progress value={last.progress} max={1} aria-label="How far it is" />
    </div>
  )
}

function useFollowed(
  report: ReportLineFragment,
  onOver: () => void,
): Pick<ReportLineFragment, 'stage' | 'progress'> {
  const [shown, show] = useState<Pick<ReportLineFragment, 'stage' | 'progress'>>(report)
  // From the beginning: what happened between the answer and the subscription is told as well.
  useLive(
    ReportProgressDocument,
    { id: report.id, after: null },
    ({ reportProgress }) => reportProgress.cursor,
    ({ reportProgress }) => {
      show(reportProgress)
      if (isOver(reportProgress.status)) onOver()
    },
  )
  return shown
}
