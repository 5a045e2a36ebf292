/** @jsxImportSource react */
import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react'

const FILES = import.meta.glob<string>('./examples/*.graphql', {
  eager: true,
  query: '?raw',
  import: 'default',
})

export const EXAMPLES = Object.entries(FILES)
  .sort(([one], [other]) => one.localeCompare(other))
  .map(([, text]) => text.trim())

/** What an example says about itself: the first line of its comment. */
const about = (text: string) => text.slice(2, text.indexOf('\n'))
const nameOf = (text: string) => /^(?:query|mutation|subscription) (\w+)/m.exec(text)?.[1] ?? ''

function Examples() {
  const { addTab, setVisiblePlugin } = useGraphiQLActions()
  const editor = useGraphiQL((state) => state.queryEditor)
  const open = (text: string) => {
    addTab()
    editor?.setValue(text)
    // There it would lie over the text.
    if (matchMedia('(max-width: 48rem)').matches) setVisiblePlugin(null)
    editor?.focus()
  }
  return (
    <section className="own-examples" aria-label="Examples">
      <h2 className="graphiql-doc-explorer-title">Examples</h2>
      <p>Each opens in a tab of its own.</p>
      <ul>
        {EXAMPLES.map((text) => (
          <li key={nameOf(text)}>
            <button type="button" onClick={() => open(text)}>
              <strong>{nameOf(text)}</strong>
              <span>{about(text)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

const Icon = () => (
  <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M10 5.5C8.5 4.2 6 4 3 4v11c3 0 5.5 0.2 7 1.5 1.5-1.3 4-1.5 7-1.5V4c-3 0-5.5 0.2-7 1.5Zm0 0v11" />
  </svg>
)

export const EXAMPLES_PLUGIN: GraphiQLPlugin = { title: 'Examples', icon: Icon, content: Examples }
