import './starters.css'
import { useMay } from '../../../app/viewer'
import { href } from '../../../routes'
import { Glyph } from '../glyph'
import { KINDS, QUESTIONS, TITLES } from '../kinds'

/** A way into the builder for each kind of question. */
export function Starters({ title }: { title?: string }) {
  const mayRun = useMay('query:read')
  if (!mayRun) return null
  return (
    <section class="stack tight insights-starters">
      {title && <h2>{title}</h2>}
      <ul>
        {KINDS.map((kind) => (
          <li key={kind}>
            <a href={href('insights', 'new', { kind })}>
              <Glyph kind={kind} large />
              <span>
                <strong>{TITLES[kind]}</strong>
                <span class="small quiet">{QUESTIONS[kind]}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
