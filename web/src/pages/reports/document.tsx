import { tagOf } from '../../languages'
import { Card } from '../../ui/parts'
import { Chart } from './chart'
import type { ReportBlockFragment, ReportCardFragment, ReportQuery } from './Report.gql'

type Written = NonNullable<NonNullable<ReportQuery['report']>['document']>

/** What a report says, in its own language: all of it is text, whatever marks were captured. */
export function Document({ document }: { document: Written }) {
  const tag = tagOf(document.language)
  return (
    <article class="stack reports-document" lang={tag}>
      <p class="reports-summary">{document.summary}</p>
      {document.sections.map((section, place) => (
        <Card key={`${place}-${section.title}`} title={section.title}>
          <div class="stack">
            {section.blocks.map((block, number) => (
              <Block key={`${number}-${block.__typename}`} block={block} language={tag} />
            ))}
          </div>
        </Card>
      ))}
      {document.footnote && <p class="small quiet">{document.footnote}</p>}
    </article>
  )
}

function Block({ block, language }: { block: ReportBlockFragment; language: string }) {
  switch (block.__typename) {
    case 'ReportText':
      return (
        <div class="stack tight">
          {block.heading && <h3>{block.heading}</h3>}
          <Paragraphs text={block.content} />
        </div>
      )
    case 'ReportCard':
      return <Remark card={block} />
    case 'ReportGrid':
      return (
        <div class={`reports-grid reports-grid-${block.columnCount}`}>
          {block.cards.map((card) => (
            <Remark key={card.title} card={card} />
          ))}
        </div>
      )
    case 'ReportEvidence':
      return (
        <figure class="reports-evidence">
          <blockquote>{block.quote}</blockquote>
          <figcaption class="small quiet">
            {[block.source, block.remark].filter(Boolean).join(': ')}
          </figcaption>
        </figure>
      )
    case 'ReportItems':
      return (
        <div class="stack tight">
          {block.heading && <h3>{block.heading}</h3>}
          <ul class="reports-items">
            {block.texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )
    case 'ReportTable':
      return <Rows table={block} />
    case 'ReportChart':
      return <Chart chart={block} language={language} />
    default:
      return null // a picture that says nothing
  }
}

function Paragraphs({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n{2,}/).map((paragraph, place) => (
        <p key={`${place}-${paragraph.length}`}>{paragraph}</p>
      ))}
    </>
  )
}

const SIGNS = { GOOD: '▲', NEUTRAL: '', BAD: '▼' } as const

function Remark({ card }: { card: ReportCardFragment }) {
  return (
    <div class={`reports-card ${card.tone.toLowerCase()}`}>
      <div class="small quiet">{card.title}</div>
      <div class="reports-figure">
        {card.content}
        {SIGNS[card.tone] && <span aria-hidden="true"> {SIGNS[card.tone]}</span>}
      </div>
      {card.note && <div class="small quiet">{card.note}</div>}
    </div>
  )
}

type Table = Extract<ReportBlockFragment, { __typename: 'ReportTable' }>

function Rows({ table }: { table: Table }) {
  const figure = (place: number) => (table.numeric[place] ? 'number' : undefined)
  return (
    <div class="scroll">
      <table>
        {table.heading && <caption class="reports-caption">{table.heading}</caption>}
        <thead>
          <tr>
            {table.columns.map((column, place) => (
              <th key={column} scope="col" class={figure(place)}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, number) => (
            <tr key={`${number}-${row[0]}`}>
              {row.map((cell, place) => (
                <td key={table.columns[place]} class={figure(place)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
