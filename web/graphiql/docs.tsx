/** @jsxImportSource react */
import { DOC_EXPLORER_PLUGIN, DocExplorer } from '@graphiql/plugin-doc-explorer'
import { useGraphiQL } from '@graphiql/react'
import { createContext, useContext } from 'react'

/** Why there is no schema; null where there is one, or where nobody knows yet. */
export const ReasonContext = createContext<string | null>(null)

/** The library's explorer says only that there was an error. */
function Docs() {
  const schema = useGraphiQL((state) => state.schema)
  const reason = useContext(ReasonContext)
  if (schema || !reason) return <DocExplorer />
  return (
    <section className="graphiql-doc-explorer" aria-label="Documentation Explorer">
      <div className="graphiql-doc-explorer-title">Docs</div>
      <p className="own-docs">{reason}</p>
    </section>
  )
}

// It is known by identity, so it is the very one that gets other contents.
DOC_EXPLORER_PLUGIN.content = Docs
