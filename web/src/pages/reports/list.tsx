import { useState } from 'preact/hooks'
import { useChange } from '../../api/hooks'
import { usePages } from '../../api/pages'
import { refused } from '../../api/problem'
import { words } from '../../format'
import { LANGUAGES } from '../../languages'
import { href } from '../../routes'
import { Form } from '../../ui/dialog'
import { Empty, More, Problem, Time, Waiting } from '../../ui/parts'
import { say } from '../../ui/said'
import { Generate } from './generate'
import { isOver, nameOf } from './naming'
import { Progress } from './progress'
import {
  CancelReportDocument,
  DeleteReportDocument,
  type ReportLineFragment,
  ReportsDocument,
} from './Reports.gql'

/** All reports, newest first. */
export function List() {
  const [asking, setAsking] = useState(false)
  const { data, items, problem, loading, more, again } = usePages(
    ReportsDocument,
    { filter: null, after: null },
    ({ reports }) => reports,
  )
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class="main" onClick={() => setAsking(true)}>
          Write a report
        </button>
      </div>
      <Problem problem={problem} again={again} />
      {loading && <Waiting />}
      {data && items.length === 0 && <NothingYet />}
      {items.length > 0 && <Table reports={items} again={again} />}
      <More {...more} />
      {asking && <Generate onClose={() => setAsking(false)} />}
    </div>
  )
}

function NothingYet() {
  return (
    <Empty title="No report yet">
      <p>
        Write one of this week: it takes some seconds. Or have one written whenever a week is over, under
        Schedule.
      </p>
    </Empty>
  )
}

function Table({ reports, again }: { reports: readonly ReportLineFragment[]; again: () => void }) {
  return (
    <div class="scroll">
      <table aria-label="Reports">
        <thead>
          <tr>
            <th scope="col">Report</th>
            <th scope="col">State</th>
            <th scope="col">Language</th>
            <th scope="col">About</th>
            <th scope="col">Asked for</th>
            <th scope="col">
              <span class="hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <Row key={report.id} report={report} again={again} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ report, again }: { report: ReportLineFragment; again: () => void }) {
  return (
    <tr>
      <td>
        <a href={href('reports', report.id)}>{nameOf(report)}</a>
        <div class="small quiet">kept as {report.scope}</div>
      </td>
      <td>
        <Progress report={report} onOver={again} />
        {report.failure && <div class="small">{report.failure.message}</div>}
      </td>
      <td>{LANGUAGES[report.language]}</td>
      <td>{report.kind === 'V21' ? 'Organisation' : (report.developer?.email ?? words(report.kind))}</td>
      <td>
        <Time at={report.createdAt} since />
      </td>
      <td>
        <Actions report={report} again={again} />
      </td>
    </tr>
  )
}

/** Take back what is not over; delete what is. */
function Actions({ report, again }: { report: ReportLineFragment; again: () => void }) {
  const [cancel, busy] = useChange(CancelReportDocument)
  const [asking, setAsking] = useState(false)
  if (!isOver(report.status)) {
    const take = async () => {
      const { data, problem } = await cancel({ id: report.id })
      say((problem ?? refused(data?.cancelReport))?.message ?? 'The report was taken back.')
      again()
    }
    return (
      <button type="button" disabled={busy} onClick={take} aria-label={`Cancel ${nameOf(report)}`}>
        Cancel
      </button>
    )
  }
  return (
    <>
      <button
        type="button"
        class="plain"
        onClick={() => setAsking(true)}
        aria-label={`Delete ${nameOf(report)}`}
      >
        Delete
      </button>
      {asking && <Delete report={report} onDone={again} onClose={() => setAsking(false)} />}
    </>
  )
}

export function Delete({
  report,
  onDone,
  onClose,
}: {
  report: ReportLineFragment
  onDone: () => void
  onClose: () => void
}) {
  const [remove] = useChange(DeleteReportDocument)
  const send = async () => {
    const { data, problem } = await remove({ id: report.id })
    const wrong = problem ?? refused(data?.deleteReport)
    if (!wrong) {
      say('The report was deleted.')
      onDone()
    }
    return wrong
  }
  return (
    <Form title="Delete this report?" send="Delete" danger onSend={send} onClose={onClose}>
      <p>
        {nameOf(report)}: it goes for good, and links to it open nothing any more. It can be written again.
      </p>
    </Form>
  )
}
