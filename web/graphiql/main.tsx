/** @jsxImportSource react */
import './workers'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import '../src/styles/tokens.css'
import './graphiql.css'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { useEffect, useMemo, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { storedKey } from '../src/api/key'
import { Bar, Notice } from './bar'
import { ReasonContext } from './docs'
import { EXAMPLES, EXAMPLES_PLUGIN } from './examples'
import { NO_KEY, reasonOf } from './schema'
import { fetcherFor } from './server'
import { useSession } from './session'
import { withoutSecrets } from './storage'
import { useEditorColours } from './theme'

const STORAGE = withoutSecrets(localStorage, storedKey)
const PLUGINS = [EXAMPLES_PLUGIN, HISTORY_PLUGIN]
const TABS = EXAMPLES.map((query) => ({ query }))

function Page() {
  useEditorColours()
  const { session, enter, refused } = useSession()
  const [reason, setReason] = useState<string | null>(null)
  const key = session.state === 'known' ? session.key : null
  const fetcher = useMemo(
    () => fetcherFor({ key, refused, onSchema: (answer) => setReason(reasonOf(answer)) }),
    [key, refused],
  )
  const main = useRef<HTMLElement>(null)
  // The field that had the focus is gone: one goes on at the editor.
  useEffect(() => {
    if (key && document.activeElement === document.body) main.current?.focus()
  }, [key])
  return (
    <ReasonContext.Provider value={key ? reason : NO_KEY}>
      <header>
        <Bar session={session} onKey={enter} />
        <Notice session={session} reason={reason} />
      </header>
      <main ref={main} tabIndex={-1}>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          storage={STORAGE}
          defaultTabs={TABS}
          shouldPersistHeaders={false}
          inputValueDeprecation
          // Without a key nobody is asked for the schema.
          {...(key ? {} : { schema: null })}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </ReasonContext.Provider>
  )
}

const root = document.getElementById('graphiql')
if (root) createRoot(root).render(<Page />)
