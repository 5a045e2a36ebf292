/** @jsxImportSource react */
import '../src/styles/tokens.css'
import './bar.css'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Bar, Failed, Notice, Waiting } from './bar'
import type { Answer } from './post'
import { NO_KEY, reasonOf } from './schema'
import { useSession } from './session'

// What stands around the editor is small: it is painted before that is even asked for.
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
const Editor = lazy(() => painted().then(() => import('./editor').catch(() => ({ default: Failed }))))

function Page() {
  const { session, enter, refused } = useSession()
  const [reason, setReason] = useState<string | null>(null)
  const onSchema = useCallback((answer: Answer) => setReason(reasonOf(answer)), [])
  const key = session.state === 'known' ? session.key : null
  const main = useRef<HTMLElement>(null)
  // The field that had the focus is gone: one goes on at the editor.
  useEffect(() => {
    if (key && document.activeElement === document.body) main.current?.focus()
  }, [key])
  return (
    <>
      <header>
        <Bar session={session} onKey={enter} />
        <Notice session={session} reason={reason} />
      </header>
      <main ref={main} tabIndex={-1}>
        <Suspense fallback={<Waiting />}>
          <Editor secret={key} reason={key ? reason : NO_KEY} refused={refused} onSchema={onSchema} />
        </Suspense>
      </main>
    </>
  )
}

const root = document.getElementById('graphiql')
if (root) createRoot(root).render(<Page />)
