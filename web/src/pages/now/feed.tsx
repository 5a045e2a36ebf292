import { outcomeOf } from '../../arcs/outcome'
import { titleOf } from '../../arcs/table'
import { plural, words } from '../../format'
import { href } from '../../routes'
import { Card, type Tone } from '../../ui/parts'
import type { Arc, Happening } from './board'
import { Since } from './rows'

const CHANGES: Record<Happening['change'], [string, Tone]> = {
  OPENED: ['began', 'open'],
  UPDATED: ['goes on', ''],
  CLOSED: ['ended', ''],
  SCORED: ['judged', ''],
  RELABELLED: ['has another title', ''],
  MERGED: ['joined to an earlier arc', ''],
  REWORKED: ['found undone, or no longer', 'warn'],
  FLAGGED: ['integrity flags changed', 'warn'],
}

function verdictOf(arc: Arc): [string, Tone] {
  const { word, tone } = outcomeOf(arc)
  return [word.toLowerCase(), tone]
}

function toldOf({ change, arc, times }: Happening): [string, Tone] {
  if (!arc) return ['is gone', '']
  if (change === 'SCORED') return verdictOf(arc)
  if (change === 'CLOSED' && arc.exclusionReason)
    return [`left out: ${words(arc.exclusionReason).toLowerCase()}`, '']
  const [text, tone] = CHANGES[change] ?? [words(change).toLowerCase(), '']
  return [times > 1 ? `${text}, ${plural(times, 'change')}` : text, tone]
}

/** What happened since the page was opened, newest first. */
export function Feed({ feed, now }: { feed: readonly Happening[]; now: number }) {
  return (
    <Card title="What just happened">
      {feed.length === 0 && (
        <p class="quiet">Nothing since this page was opened. What happens next stands here at once.</p>
      )}
      <ol class="now-feed">
        {feed.map((one) => {
          const [text, tone] = toldOf(one)
          return (
            <li key={one.key}>
              <span class={`now-dot ${tone}`} aria-hidden="true" />
              <div>
                {one.arc ? (
                  <a href={href('arcs', one.arc.id)}>
                    <bdi>{titleOf(one.arc)}</bdi>
                  </a>
                ) : (
                  'An arc'
                )}
                <p class="small quiet">
                  <span class={tone}>{text}</span> · <Since at={one.at} now={now} />
                </p>
              </div>
            </li>
          )
        })}
      </ol>
      <Aloud feed={feed} />
    </Card>
  )
}

const ALOUD: readonly Happening['change'][] = ['OPENED', 'SCORED', 'REWORKED']

/** What readers of the screen are told: beginnings and verdicts, not each step. */
function Aloud({ feed }: { feed: readonly Happening[] }) {
  const last = feed.find(({ change }) => ALOUD.includes(change))
  return (
    <p class="hidden" role="log" aria-label="Beginnings and verdicts">
      {last?.arc && `${titleOf(last.arc)} ${toldOf(last)[0]}`}
    </p>
  )
}
