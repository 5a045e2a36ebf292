import type { ComponentChildren } from 'preact'
import { useViewer } from '../../app/viewer'

const HERE = new URL('.', document.baseURI).href.replace(/\/$/, '')

function Way({ title, command, children }: { title: string; command: string; children: ComponentChildren }) {
  return (
    <li class="card">
      <h3>{title}</h3>
      <p class="quiet">{children}</p>
      <pre class="now-command">{command}</pre>
    </li>
  )
}

const KEY_FILE = '~/.goalarc/key'

/** What commands need to know where one is not the developer of `goalarc run`, whom they take. */
function useOwn(): { key: string; owner: string } {
  const { email, organisation } = useViewer()
  if (organisation.slug === 'local' && email === 'developer@localhost') return { key: '', owner: '' }
  return { key: ` --key-file ${KEY_FILE}`, owner: ` --org ${organisation.slug} --user ${email}` }
}

/** How work comes in: three ways, the one that shows it live first. */
export function Ways() {
  const { key, owner } = useOwn()
  return (
    <ol class="grid now-ways">
      <Way title="As it happens" command={`goalarc hooks install --agent claude-code --url ${HERE}${key}`}>
        The agent tells of each step; <code>codex</code> and <code>cursor</code> can do so, too. What you do
        next appears here within two seconds.
        {key && ` Put your key into ${KEY_FILE} first, readable by you alone.`}
      </Way>
      <Way title="From what agents write down" command={`goalarc watch --url ${HERE}${key}`}>
        Follows the transcripts of all agents that it knows and sends what is new, secrets taken out.
      </Way>
      <Way title="What was done before" command={`goalarc import ~/.claude/projects${owner}`}>
        On the machine of the server: takes in what is there and judges it. Importing again adds nothing.
      </Way>
    </ol>
  )
}
