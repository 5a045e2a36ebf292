import type { ComponentChildren } from 'preact'
import { Badge, Card, type Tone } from '../../ui/parts'
import { Tip } from '../../ui/tip'
import { useLink } from './ask'
import './bars.css'
import { type Figure, Figures } from './figures'

/** A pillar: its band, its figures, and what else belongs to it. */
export function Pillar({
  title,
  band,
  figures,
  children,
}: {
  title: string
  band: { word: string; tone: Tone; tip: string } | null
  figures: readonly Figure[]
  children?: ComponentChildren
}) {
  return (
    <Card
      title={title}
      actions={
        band && (
          <Tip text={band.tip}>
            <Badge tone={band.tone}>{band.word}</Badge>
          </Tip>
        )
      }
    >
      <div class="stack">
        <Figures figures={figures} />
        {children}
      </div>
    </Card>
  )
}

export interface Bar {
  name: string
  /** What the name means. */
  tip?: string
  /** How the number comes about, where the name's meaning does not say it. */
  counted?: string
  /** Between 0 and 1; null where there is nothing to be a share of. */
  share: number | null
  /** Why there is none. */
  none?: string | undefined
  text: string
  tone?: Tone
  show: Record<string, string | null>
}

/** Counts beside each other, each leading to its arcs. */
export function Bars({ title, bars, none }: { title: string; bars: readonly Bar[]; none: string }) {
  const link = useLink()
  return (
    <section class="score-bars">
      <h3>{title}</h3>
      {bars.length === 0 && <p class="small quiet">{none}</p>}
      <ul>
        {bars.map(({ name, tip, counted, share, none, text, tone, show }) => (
          <li key={name}>
            <span class="score-name">{tip ? <Tip text={tip}>{name}</Tip> : name}</span>
            {share === null && none ? (
              <span class="small quiet">{none}</span>
            ) : (
              <span class={`bar ${tone ?? ''}`} aria-hidden="true">
                <span style={{ width: `${100 * (share ?? 0)}%` }} />
              </span>
            )}
            <span class="number">
              <Tip text={counted ?? tip ?? ''} href={link(show)}>
                {text}
                <span class="hidden">, {name}: the arcs behind it</span>
              </Tip>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
