import { compact, usd, words } from '../format'
import { href } from '../routes'
import { Time } from '../ui/parts'
import type { ArcLineFragment } from './ArcLine.gql'
import { Grade, Outcome } from './outcome'

export const titleOf = (arc: Pick<ArcLineFragment, 'title' | 'startedAt'>): string =>
  arc.title ?? 'Untitled arc'

/** Arcs as rows, each leading to its own page. */
export function ArcTable({ arcs, label }: { arcs: readonly ArcLineFragment[]; label: string }) {
  return (
    <div class="scroll">
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Arc</th>
            <th scope="col">Outcome</th>
            <th scope="col">Grade</th>
            <th scope="col">Agent</th>
            <th scope="col">Developer</th>
            <th scope="col" class="number">
              Tokens
            </th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col">Began</th>
          </tr>
        </thead>
        <tbody>
          {arcs.map((arc) => (
            <Row key={arc.id} arc={arc} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ arc }: { arc: ArcLineFragment }) {
  return (
    <tr>
      <td>
        <a href={href('arcs', arc.id)}>{titleOf(arc)}</a>
        <div class="small quiet">
          {[arc.intent && words(arc.intent), arc.project].filter(Boolean).join(' · ')}
        </div>
      </td>
      <td>
        <Outcome arc={arc} />
      </td>
      <td>
        <Grade letter={arc.letterGrade} preview={arc.state === 'OPEN'} />
      </td>
      <td>{arc.session.sourceService ?? '–'}</td>
      <td>{arc.developer.email}</td>
      <td class="number" title={`${arc.tokens.total} tokens`}>
        {compact(arc.tokens.total)}
      </td>
      <td class="number">{usd(arc.costUsd)}</td>
      <td>
        <Time at={arc.startedAt} since />
      </td>
    </tr>
  )
}
