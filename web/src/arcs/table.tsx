import { useMay } from '../app/viewer'
import { compact, usd, words } from '../format'
import { href } from '../routes'
import { Time } from '../ui/parts'
import type { ArcLineFragment } from './ArcLine.gql'
import { Grade, Outcome } from './outcome'
import './table.css'

/** An arc of a list; without its session for a key that may not read these. */
type ArcShown = ArcLineFragment & { session?: { sourceService?: string | null } | null }

export const titleOf = (arc: { title: string | null | undefined }): string => arc.title ?? 'Untitled arc'

/** Arcs as rows, each leading to its own page; with their developers for who sees those of others. */
export function ArcTable({ arcs, label }: { arcs: readonly ArcShown[]; label: string }) {
  const people = useMay('org:read')
  return (
    <div class="scroll">
      <table class="arc-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Arc</th>
            <th scope="col">Outcome</th>
            <th scope="col">Grade</th>
            <th scope="col">Agent</th>
            {people && <th scope="col">Developer</th>}
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
            <Row key={arc.id} arc={arc} people={people} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ arc, people }: { arc: ArcShown; people: boolean }) {
  const bound = arc.tokensAreLowerBound ? '≥ ' : ''
  return (
    <tr>
      <td class="arc-name">
        <a href={href('arcs', arc.id)} dir="auto">
          {titleOf(arc)}
        </a>
        <div class="small quiet">
          {[arc.intent && words(arc.intent), folderOf(arc.project)].filter(Boolean).join(' · ')}
        </div>
      </td>
      <td>
        <Outcome arc={arc} />
      </td>
      <td>
        <Grade letter={arc.letterGrade} preview={arc.state === 'OPEN'} />
      </td>
      <td class="arc-whole">{arc.session?.sourceService ?? '–'}</td>
      {people && <td>{arc.developer.email}</td>}
      <td class="number arc-whole" title={`${bound}${arc.tokens.total} tokens`}>
        {bound}
        {compact(arc.tokens.total)}
      </td>
      <td class="number arc-whole">
        {arc.costUsd !== null && bound}
        {usd(arc.costUsd)}
      </td>
      <td class="arc-whole">
        <Time at={arc.startedAt} since />
      </td>
    </tr>
  )
}

/** The last part of a path, which is what people call a project; others as they are. */
const folderOf = (project: string | null | undefined): string | null =>
  project
    ?.replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) ||
  project ||
  null
