/** @jsxImportSource react */
import './workers'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import './editor.css'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { useMemo } from 'react'
import { storedKey } from '../src/api/key'
import { ReasonContext } from './docs'
import { EXAMPLES, EXAMPLES_PLUGIN } from './examples'
import type { Answer } from './post'
import { fetcherFor } from './server'
import { withoutSecrets } from './storage'
import { useEditorColours } from './theme'

const STORAGE = withoutSecrets(localStorage, storedKey)
const PLUGINS = [EXAMPLES_PLUGIN, HISTORY_PLUGIN]
const TABS = EXAMPLES.map((query) => ({ query }))

interface Props {
  /** Under which key it asks, if there is one. */
  secret: string | null
  /** Why there is no schema. */
  reason: string | null
  refused: () => void
  onSchema: (answer: Answer) => void
}

/** The library itself, which is most of what the page loads. */
export default function Editor({ secret, reason, refused, onSchema }: Props) {
  useEditorColours()
  const fetcher = useMemo(() => fetcherFor({ key: secret, refused, onSchema }), [secret, refused, onSchema])
  return (
    <ReasonContext.Provider value={reason}>
      <GraphiQL
        fetcher={fetcher}
        plugins={PLUGINS}
        storage={STORAGE}
        defaultTabs={TABS}
        shouldPersistHeaders={false}
        inputValueDeprecation
        // Without a key nobody is asked for the schema.
        {...(secret ? {} : { schema: null })}
      >
        <GraphiQL.Logo>{null}</GraphiQL.Logo>
      </GraphiQL>
    </ReasonContext.Provider>
  )
}
