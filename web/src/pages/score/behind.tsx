import { usePages } from '../../api/pages'
import { useMay } from '../../app/viewer'
import { habitName } from '../../arcs/habits'
import { ArcTable } from '../../arcs/table'
import { plural, words } from '../../format'
import type { ScoreArcs, SubSessionFilterInput } from '../../schema'
import { useClock } from '../../time'
import { Dialog } from '../../ui/dialog'
import { More, Problem, Waiting } from '../../ui/parts'
import type { Ask, Behind as Asked } from './ask'
import { type ScoreArcFragment, ScoreArcsOfPeriodDocument, ScoreArcsOfWindowDocument } from './Behind.gql'

const NAMES: Record<ScoreArcs, string> = {
  QUALIFYING: 'Qualifying arcs',
  CRUSHED: 'Crushed arcs',
  MISSED: 'Qualifying arcs that were not crushed',
  PENDING: 'Arcs that wait for their verdict',
  PAST_FLOOR: 'Closed arcs past the floor',
  GRADED: 'Graded arcs',
  FLAGGED: 'Arcs with integrity flags',
  TRIVIA: 'Arcs left out of the score',
}

/** The same arcs, as the list of all of them is asked. */
const FILTERS: Record<ScoreArcs, SubSessionFilterInput> = {
  QUALIFYING: { qualifying: true },
  CRUSHED: { crushed: true },
  MISSED: { qualifying: true, crushed: false },
  PENDING: { pastFloor: true, judgeStatus: 'PENDING' },
  PAST_FLOOR: { pastFloor: true },
  GRADED: { graded: true },
  FLAGGED: { flagged: true },
  TRIVIA: { state: 'EXCLUDED' },
}

function titleOf({ which, of }: Asked): string {
  const { habit, habitShown, ...others } = of
  const more = Object.values(others).map((value) => words(String(value)))
  const part = habitShown === undefined ? 'asked for it' : habitShown ? 'shows it' : 'does not show it'
  return [NAMES[which], ...more, habit && `${habitName(habit)}: ${part}`].filter(Boolean).join(' · ')
}

/** The arcs behind a number, over the page; it stands in the address, so it can be shared. */
export function Behind({ ask, behind, onClose }: { ask: Ask; behind: Asked; onClose: () => void }) {
  return (
    <Dialog wide title={titleOf(behind)} onClose={onClose}>
      {behind.from && behind.to ? (
        <OfPeriod ask={ask} behind={behind} from={behind.from} to={behind.to} />
      ) : (
        <OfWindow ask={ask} behind={behind} />
      )}
      <footer>
        <button type="button" onClick={(event) => event.currentTarget.closest('dialog')?.close()}>
          Close
        </button>
      </footer>
    </Dialog>
  )
}

const NO_PAGE = { nodes: [] as ScoreArcFragment[], pageInfo: { hasNextPage: false }, totalCount: 0 }

function OfWindow({ ask, behind }: { ask: Ask; behind: Asked }) {
  const { which, of } = behind
  const { window, developer } = ask
  const sessions = useMay('sessions:read')
  const variables = { window, developer, which, of, sessions, after: null }
  const pages = usePages(
    ScoreArcsOfWindowDocument,
    variables,
    ({ score }) => score?.subSessions ?? (NO_PAGE as never),
  )
  return <Found pages={pages} total={pages.data?.score?.subSessions.totalCount} />
}

function OfPeriod({ ask, behind, from, to }: { ask: Ask; behind: Asked; from: string; to: string }) {
  const clock = useClock()
  const sessions = useMay('sessions:read')
  const filter = { ...FILTERS[behind.which], ...behind.of, startedAt: { from, to }, developer: ask.developer }
  const pages = usePages(
    ScoreArcsOfPeriodDocument,
    { filter, sessions, after: null },
    ({ subSessions }) => subSessions ?? (NO_PAGE as never),
  )
  return (
    <>
      <p class="quiet">
        Begun from {clock.minute(from)} to {clock.minute(to)}
      </p>
      <Found pages={pages} total={pages.data?.subSessions?.totalCount} />
    </>
  )
}

type Shown = Pick<
  ReturnType<typeof usePages<unknown, never, ScoreArcFragment>>,
  'items' | 'problem' | 'loading' | 'more' | 'again'
>

function Found({ pages, total }: { pages: Shown; total: number | undefined }) {
  const { items, problem, loading, more, again } = pages
  if (problem) return <Problem problem={problem} again={again} />
  if (loading) return <Waiting what="Looking for the arcs" />
  if (!items.length) return <p class="quiet">There are none: the number rests on no arc.</p>
  return (
    <>
      <p class="quiet">
        {plural(total ?? items.length, 'arc')}, newest first; each leads to its verdict and evidence.
      </p>
      <ArcTable label="Arcs behind the number" arcs={items} />
      <More {...more} />
    </>
  )
}
