import { useChange } from '../../api/hooks'
import { refused } from '../../api/problem'
import { useMay } from '../../app/viewer'
import { replace } from '../../routes'
import type { ScoreVersion, ScoreWindow } from '../../schema'
import { Check, Choice } from '../../ui/forms'
import { lazily } from '../../ui/lazily'
import { say } from '../../ui/said'
import { type Ask, useLink } from './ask'
import { type ScoreChoicesQuery, ScoreShowFirstDocument } from './Score.gql'

type Viewer = ScoreChoicesQuery['viewer']

const DeveloperChoice = lazily(() =>
  import('../../developers/choice').then((module) => module.DeveloperChoice),
)

const VERSIONS: Record<ScoreVersion, string> = {
  V3: 'Goals reached (3.0)',
  V2: 'Way of working (2.1)',
}
const WINDOWS: Record<ScoreWindow, string> = { DAILY: 'Today', WEEKLY: 'This week', MONTHLY: 'This month' }
const SPANS: Record<ScoreWindow, string> = { DAILY: 'yesterday', WEEKLY: 'last week', MONTHLY: 'last month' }

export function Choices({ ask, viewer, aligns }: { ask: Ask; viewer: Viewer; aligns: boolean }) {
  const link = useLink()
  const change = (changes: Record<string, string | boolean | null>) => replace(link(changes))
  return (
    <div class="row score-choices">
      <fieldset class="score-windows">
        <legend class="hidden">Window</legend>
        {(Object.keys(WINDOWS) as ScoreWindow[]).map((window) => (
          <label key={window}>
            <input
              type="radio"
              name="window"
              class="hidden"
              checked={ask.window === window}
              onChange={() => change({ window })}
            />
            <span>{WINDOWS[window]}</span>
          </label>
        ))}
      </fieldset>
      {viewer.reach === 'ORGANISATION' && (
        <DeveloperChoice
          none={`${viewer.developer.email} (own key)`}
          own={viewer.developer.id}
          value={ask.developer}
          onChange={(developer) => change({ developer })}
        />
      )}
      {aligns && (
        <Check
          label={`Compare with ${SPANS[ask.window]} up to this point only`}
          on={ask.aligned}
          onChange={(aligned) => change({ aligned })}
        />
      )}
    </div>
  )
}

/** Which of the two versions one looks at, and which one is shown first from now on. */
export function Versions({ viewer, version }: { viewer: Viewer; version: ScoreVersion }) {
  const may = useMay('labels:write')
  const link = useLink()
  const [change, busy] = useChange(ScoreShowFirstDocument)
  const first = viewer.scoreVersion.effective
  const keep = async () => {
    const { data, problem } = await change({ version })
    const wrong = problem ?? refused(data?.setScoreVersion)
    say(wrong ? wrong.message : `${VERSIONS[version]} is shown first from now on.`)
  }
  return (
    <div class="row">
      <Choice
        label="Version"
        value={version}
        options={VERSIONS}
        onChange={(chosen) => replace(link({ version: chosen || null, trend: null }))}
      />
      {may && first !== version && (
        <button type="button" class="plain" disabled={busy} onClick={keep}>
          Show this one first
        </button>
      )}
    </div>
  )
}
