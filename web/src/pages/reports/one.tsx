import { useState } from 'preact/hooks'
import { useChange, useConnection, useRead } from '../../api/hooks'
import { placed } from '../../api/placed'
import { refused } from '../../api/problem'
import { LANGUAGES } from '../../languages'
import { go, href } from '../../routes'
import { Choice } from '../../ui/forms'
import { Empty, Heading, Missing, Problem, Time, Waiting } from '../../ui/parts'
import { say } from '../../ui/said'
import { Document } from './document'
import { Delete } from './list'
import { isOver, nameOf } from './naming'
import { Progress } from './progress'
import { ReportDocument } from './Report.gql'
import {
  GenerateReportDocument,
  type Language,
  type ReportLineFragment,
  ReportsDocument,
  type ReportsQuery,
} from './Reports.gql'

/** One report: while it is written its progress, then all it says. */
export function One({ id }: { id: string }) {
  const { data, problem, loading, again } = useRead(ReportDocument, { id })
  const [deleting, setDeleting] = useState(false)
  if (loading) return <Waiting />
  const report = data?.report
  if (problem || !report) return <Missing what="report" page="reports" problem={problem} again={again} />
  return (
    <div class="stack">
      <p class="small">
        <a href={href('reports')}>All reports</a>
      </p>
      <Heading title={report.document?.title ?? nameOf(report)} about={report.document?.subtitle}>
        {report.kind !== 'MEDIA' && <InLanguage report={report} />}
        {report.links && (
          <>
            <a class="button" href={placed(report.links.pdf)} download="report.pdf">
              PDF
            </a>
            <a class="button" href={placed(report.links.page)} target="_blank" rel="noopener">
              Page to share
            </a>
          </>
        )}
        <button type="button" onClick={() => setDeleting(true)}>
          Delete
        </button>
      </Heading>
      {isOver(report.status) || <Progress report={report} onOver={again} />}
      {report.failure && (
        <Problem problem={{ code: 'FAILED', message: report.failure.message, hint: retry(report) }} />
      )}
      {report.status === 'CANCELLED' && <Empty title="It was taken back before it was written" />}
      {report.document && <Document document={report.document} />}
      {report.finishedAt && (
        <p class="small quiet">
          Written <Time at={report.finishedAt} />, days of {report.timeZone}. Links open it without a key for
          a week.
        </p>
      )}
      {deleting && (
        <Delete report={report} onDone={() => go(href('reports'))} onClose={() => setDeleting(false)} />
      )}
    </div>
  )
}

const retry = (report: ReportLineFragment): string =>
  report.failure?.retryable ? 'Write it again; it may work the next time.' : 'Writing it again will not help.'

/** The same report in another language: the one that is there, else it is written now. */
function InLanguage({ report }: { report: ReportLineFragment }) {
  const within = report.from && report.to ? { from: report.from, to: report.to } : null
  const filter = { kinds: [report.kind], scope: report.scope, statuses: ['COMPLETED' as const], within }
  const { client } = useConnection()
  const [generate, busy] = useChange(GenerateReportDocument)
  const change = async (language: Language | '') => {
    if (!language || language === report.language) return
    const asked = client.query<ReportsQuery>(
      ReportsDocument.toString(),
      { filter },
      { requestPolicy: 'network-only' },
    )
    const there = (await asked.toPromise()).data?.reports.nodes.find(
      (other) =>
        other.language === language &&
        other.from === report.from &&
        other.to === report.to &&
        other.timeZone === report.timeZone &&
        other.developer?.id === report.developer?.id,
    )
    if (there) return go(href('reports', there.id))
    const { kind, scope, period, timeZone } = report
    const answer = await generate({ input: { kind, scope, period, within, language, timeZone } })
    const wrong = answer.problem ?? refused(answer.data?.generateReport)
    if (wrong) return say(wrong.message)
    if (answer.data?.generateReport?.report) go(href('reports', answer.data.generateReport.report.id))
  }
  if (busy) return <span role="status">Asking for it…</span>
  return <Choice label="Read it in" value={report.language} options={LANGUAGES} onChange={change} />
}
