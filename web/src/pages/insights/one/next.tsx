import { useEffect } from 'preact/hooks'
import { useRead } from '../../../api/hooks'
import { useMay } from '../../../app/viewer'
import { href } from '../../../routes'
import { Card } from '../../../ui/parts'
import { shownOrNull } from '../build/shown'
import { Glyph } from '../glyph'
import { kindOf } from '../kinds'
import { AnalysisDocument, SuggestionsDocument } from './One.gql'

/** What the result shows, in words. */
export function Analysis({ id, computed }: { id: string; computed: string | null }) {
  const { data, again } = useRead(AnalysisDocument, { id }, !computed)
  useEffect(() => {
    if (computed) again()
  }, [computed])
  const text = data?.insightAnalysis
  if (!text) return null
  return (
    <p class="insights-analysis" role="status">
      {text}
    </p>
  )
}

/** What to ask next, each a link into the builder. */
export function Suggestions({ id }: { id: string }) {
  const mayRun = useMay('query:read')
  const { data } = useRead(SuggestionsDocument, { id }, !mayRun)
  const found = (data?.insightSuggestions ?? []).flatMap(({ title, description, query }) => {
    const asked = shownOrNull(query)
    return asked ? [{ title, description, asked }] : []
  })
  if (found.length === 0) return null
  return (
    <Card title="Look at next">
      <ul class="stack tight">
        {found.map(({ title, description, asked }) => (
          <li key={title} class="insights-next">
            <Glyph kind={kindOf(asked)} />
            <span>
              <a href={href('insights', 'new', { kind: kindOf(asked), q: JSON.stringify(asked) })}>{title}</a>
              <span class="small quiet">{description}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
