import type { ComponentChildren } from 'preact'

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

/** How work comes in: three ways, the one that shows it live first. */
export function Ways() {
  return (
    <ol class="grid now-ways">
      <Way title="As it happens" command={`goalarc hooks install --agent claude-code --url ${HERE}`}>
        The agent tells of each step; <code>codex</code> and <code>cursor</code> can do so, too. What you do
        next appears here within two seconds.
      </Way>
      <Way title="From what agents write down" command={`goalarc watch --url ${HERE}`}>
        Follows the transcripts of all agents that it knows and sends what is new, secrets taken out.
      </Way>
      <Way title="What was done before" command="goalarc import ~/.claude/projects">
        On the machine of the server: takes in what is there and judges it. Importing again adds nothing.
      </Way>
    </ol>
  )
}
