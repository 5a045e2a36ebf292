"""What a report of a period is made of: the figures of its score, and the work behind them, before anybody writes.

Whose: one developer's under v3.0, all of an organisation's under v2.1. Every figure is worked out by `domain.scores`
from the same totals as the score itself, so that a report says what the score says.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.judging.records import TALK, Evidence, Intent, ReworkKind, SubSession
from domain.reports.records import PeriodName, ReportKind, ReportPeriod
from domain.scores.board import Board
from domain.scores.composite import Composite
from domain.scores.headline import score, tally
from domain.scores.periods import MOST_PERIODS, Period, PeriodKind, periods
from domain.scores.skill import HabitShare
from domain.scores.totals import Totals
from domain.scores.windows import Bounds, Window, WindowKind, last_windows
from domain.summaries_of_many import Highlight, TypeStat
from domain.values import SessionId, UserId

TREND = 8
"""So many like periods are compared, this one included."""
SPARKLINE = 4
"""As many as the score shows."""
MOST_ARCS = 5
"""So many goals are told of as wins, as misses and for their prompts."""
_MOST_DAYS, _MOST_WEEKS = 31, 27

TOGETHER = UserId(UUID(int=0))
"""Stands for the developers of an organisation where one is asked for."""


class MissReason(StrEnum):
    """Why a goal does not count as reached, the first that holds (domain reference, sections 8 and 9)."""

    APPEALED = "appealed"
    REVERTED = "reverted"
    REWRITTEN = "rewritten"
    DELETED = "deleted"
    TAKEN_BACK = "taken_back"
    OBJECTION = "objection"
    INTERRUPTED = "interrupted"
    FAILED_RUN = "failed_run"
    UNANSWERED = "unanswered"
    UNCHANGED = "unchanged"
    UNPROVEN = "unproven"


_REWORKED = {
    ReworkKind.REVERT: MissReason.REVERTED,
    ReworkKind.REWRITE: MissReason.REWRITTEN,
    ReworkKind.DELETION: MissReason.DELETED,
}
_SEEN = {
    "taken_back": MissReason.TAKEN_BACK,
    "objection": MissReason.OBJECTION,
    "interrupted": MissReason.INTERRUPTED,
    "last_run_failed": MissReason.FAILED_RUN,
}


def miss_reason(
    rework: ReworkKind | None, criteria: Collection[str], intent: Intent | None, appealed: bool
) -> MissReason:
    """Of a goal that was not reached or did not last; `criteria` are those that its outcome rests on."""
    if appealed:
        return MissReason.APPEALED
    if rework is not None:
        return _REWORKED[rework]
    seen = next((reason for criterion, reason in _SEEN.items() if criterion in criteria), None)
    if seen is not None:
        return seen
    if intent in TALK:
        return MissReason.UNANSWERED
    return MissReason.UNPROVEN if "change" in criteria else MissReason.UNCHANGED


def reason_of(arc: SubSession) -> MissReason:
    criteria = {item.criterion for item in outcome_evidence(arc)}
    denied = arc.appeal is not None and not arc.appeal.goal_complete
    return miss_reason(arc.rework and arc.rework.kind, criteria, arc.rubric.intent, denied)


def outcome_evidence(arc: SubSession) -> Sequence[Evidence]:
    return [item for item in arc.evidence if item.verdict == "outcome"]


def quoted(arc: SubSession, *criteria: str) -> str | None:
    """What was said or shown to one of these criteria, the first that has a quote."""
    found = {item.criterion: item.quote for item in outcome_evidence(arc)}
    return next((quote for criterion in criteria if (quote := found.get(criterion))), None)


@dataclass(frozen=True, slots=True)
class MissCount:
    """Goals missed for one reason, with what they took; `cost_usd` adds up those that have a price."""

    reason: MissReason
    count: int
    tokens: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Activity:
    """What went on in a stretch of time, counted for or not. `cost_usd` adds up what has a price, of all work and of
    qualifying goals that were missed; `unpriced` counts goals that qualify and have none. `winning_sessions` are those
    in which a goal was reached, `overlaps` those that began while another of the same developer was going on."""

    sessions: int = 0
    arcs: int = 0
    prompts: int = 0
    developers: int = 0
    cost_usd: Decimal = Decimal(0)
    missed_cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    winning_sessions: int = 0
    overlaps: int = 0


@dataclass(frozen=True, slots=True)
class WorstPrompt:
    """How an arc of the lowest grades began: `points` are its grade on 0-100, `turn` counts its prompts from 0."""

    arc: SubSession
    text: str
    points: float
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """A calendar unit of the period with what it adds up to."""

    period: Period
    totals: Totals


@dataclass(frozen=True, slots=True)
class Facts:
    """`windows` are the period and the like ones before it, oldest first, each with its totals in `parts`, its activity
    and, under v2.1, its composite. `name` is the developer's address or the organisation's name.

    `wins` come by size; `misses` by the tokens that they took, and are counted in `missed`, the most frequent first.
    `highlights` are sessions that stand out, `types` what sessions were for. `kin` are sessions whose fragments were
    merged with those of a session that is told of: what is quoted may come from them.
    """

    version: ReportKind
    period: ReportPeriod
    as_of: datetime
    name: str
    user_id: UserId
    windows: tuple[Window, ...]
    parts: tuple[Totals, ...]
    activities: tuple[Activity, ...]
    points: tuple[Point, ...]
    unit: PeriodKind
    active_days: int
    wins: tuple[SubSession, ...] = ()
    misses: tuple[SubSession, ...] = ()
    missed: tuple[MissCount, ...] = ()
    worst_prompts: tuple[WorstPrompt, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    types: tuple[TypeStat, ...] = ()
    composites: tuple[Composite, ...] = ()
    ruleset_version: str = ""
    kin: frozenset[SessionId] = frozenset()

    @property
    def board(self) -> Board:
        """The period as the score shows it."""
        return Board(self.user_id, self.as_of, self.windows[-SPARKLINE:], self.parts[-SPARKLINE:])

    @property
    def before(self) -> Board | None:
        """The period before, likewise."""
        earlier = slice(-SPARKLINE - 1, -1)
        if len(self.windows) < 2:
            return None
        return Board(self.user_id, self.as_of, self.windows[earlier], self.parts[earlier])

    @property
    def now(self) -> Totals:
        return self.parts[-1]

    @property
    def activity(self) -> Activity:
        return self.activities[-1]

    @property
    def composite(self) -> Composite | None:
        return self.composites[-1] if self.composites else None

    @property
    def running(self) -> bool:
        """Whether the period goes on, so that it can hold more yet."""
        return self.as_of < self.period.end

    @property
    def together(self) -> bool:
        """Whether it is about several people at once."""
        return self.version is ReportKind.V21

    @property
    def scores(self) -> tuple[Decimal | None, ...]:
        return tuple(score(tally(part)) for part in self.parts)

    @property
    def habits(self) -> tuple[HabitShare, ...]:
        """Those that were asked for, the rarest first."""
        held = [one for one in self.board.skill.habits if one.share is not None]
        return tuple(sorted(held, key=lambda one: one.shown / one.applicable))

    @property
    def sessions(self) -> frozenset[SessionId]:
        """Those that are named or quoted."""
        told = (*self.wins, *self.misses, *(one.arc for one in self.worst_prompts))
        return self.kin.union((arc.session_id for arc in told), (one.session_id for one in self.highlights))


def like_periods(period: ReportPeriod) -> tuple[Window, ...]:
    """The period and those before it, oldest first, as many as the calendar has.

    A stretch that is no calendar unit bears the kind of its parts, which nothing is worked out from.
    """
    for count in range(TREND, 1, -1):
        try:
            return _like_periods(period, count)
        except OverflowError:
            continue
    return (_window(period),)


def _like_periods(period: ReportPeriod, count: int) -> tuple[Window, ...]:
    if period.name is not PeriodName.CUSTOM:
        return last_windows(WindowKind(period.name), period.start, period.zone, count)
    found = [period]
    while len(found) < count:
        found.append(found[-1].previous())
    return tuple(_window(one) for one in reversed(found))


def _window(period: ReportPeriod) -> Window:
    return Window(WindowKind.DAILY, period.start, period.end, period.zone)


def units(period: ReportPeriod) -> tuple[PeriodKind, tuple[Period, ...]]:
    """The calendar units that its course is shown by: days, of longer periods weeks or months."""
    days = (period.end - period.start).days
    kind = PeriodKind.DAY if days <= _MOST_DAYS else PeriodKind.WEEK if days <= 7 * _MOST_WEEKS else PeriodKind.MONTH
    found = periods(kind, period.start, period.end, period.zone)
    assert len(found) <= MOST_PERIODS
    return kind, found


def bounds_of(windows: Sequence[Window | Period]) -> tuple[Bounds, ...]:
    return tuple(Bounds(one.start, one.end) for one in windows)
