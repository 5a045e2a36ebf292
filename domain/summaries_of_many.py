"""What many sessions come to: their types, those that stand out, a day (domain reference, sections 17.5 and 18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.judging.labels import TITLE_CHARS
from domain.judging.records import Intent
from domain.judging.text import one_line, shorten
from domain.scores.rounding import ratio, rounded
from domain.summaries import SessionSummary
from domain.values import SessionId, SubSessionId, UserId


@dataclass(frozen=True, slots=True)
class TypeStat:
    """The sessions of one type: `intent` is the dominant one of their arcs, None where no arc has one.

    `cost_usd` adds up the sessions that have a price, beside which `unpriced_count` used tokens without one; `seconds`
    the `timed_count` that have an extent; tokens of `lower_bound_count` are lower bounds. `all_sessions` are those of
    every type.
    """

    intent: Intent | None
    session_count: int
    sub_session_count: int
    qualifying_count: int
    crushed_count: int
    turn_count: int
    total_tokens: int
    cost_usd: float
    unpriced_count: int
    lower_bound_count: int
    seconds: float
    timed_count: int
    all_sessions: int

    @property
    def share(self) -> Decimal:
        """Of all sessions, 0-1, four decimals."""
        return ratio(self.session_count, self.all_sessions, 4) or Decimal(0)

    @property
    def crush_rate(self) -> Decimal | None:
        """Of the arcs that qualify, 0-1, four decimals; None without any."""
        return ratio(self.crushed_count, self.qualifying_count, 4)

    @property
    def avg_turns(self) -> Decimal:
        """Two decimals."""
        return ratio(self.turn_count, self.session_count, 2) or Decimal(0)

    @property
    def avg_duration_seconds(self) -> Decimal | None:
        """One decimal; None where no session has an extent."""
        return rounded(Fraction(str(self.seconds)) / self.timed_count, 1) if self.timed_count else None

    @property
    def name(self) -> str:
        return self.intent or "unknown"


class HighlightKind(StrEnum):
    """Why a session stands out."""

    BEST_SCORE = "best_score"
    FASTEST_CRUSH = "fastest_crush"
    LONGEST_FOCUS = "longest_focus"
    MOST_EXPENSIVE = "most_expensive"
    MOST_REWORKED = "most_reworked"
    BIGGEST_CHANGE = "biggest_change"
    INTEGRITY = "integrity"
    STREAK = "streak"


MOST_OF_A_KIND = 2
ENOUGH_FOR_TWO = 4
LEAST_STREAK = 3
"""Fewer goals reached in a row are no streak."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A session that stands out, with the arc that makes it do so if one does.

    `value` by kind: grade points 0-100, seconds, seconds, US dollars, arcs undone, lines changed, flags, arcs in a
    row. `compared` is how many arcs or sessions it was chosen among. `summary` is None while the session runs.
    """

    kind: HighlightKind
    session_id: SessionId
    sub_session_id: SubSessionId | None
    user_id: UserId
    started_at: datetime
    title: str | None
    value: float
    grade_points: float | None
    compared: int
    summary: SessionSummary | None = None


def remarkable(items: Iterable[Highlight]) -> tuple[Highlight, ...]:
    """By kind, the most remarkable first, of equal ones the newest. The second best of less than four is not shown."""
    found: list[Highlight] = []
    for item in sorted(items, key=_rank):
        is_second = bool(found) and found[-1].kind is item.kind
        if not (is_second and item.kind in _SUPERLATIVES and item.compared < ENOUGH_FOR_TWO):
            found.append(item)
    return tuple(found)


def _rank(item: Highlight) -> tuple[int, float, float, str]:
    value = item.value if item.kind is HighlightKind.FASTEST_CRUSH else -item.value
    return _ORDER.index(item.kind), value, -item.started_at.timestamp(), str(item.sub_session_id or item.session_id)


_ORDER = [*HighlightKind]
_SUPERLATIVES = frozenset(HighlightKind) - {HighlightKind.MOST_REWORKED, HighlightKind.INTEGRITY, HighlightKind.STREAK}


@dataclass(frozen=True, slots=True)
class Highlights:
    """Of [start, end): by kind, the most remarkable first. A session wins if one of its arcs was crushed."""

    start: datetime
    end: datetime
    session_count: int
    win_count: int
    qualifying_count: int
    crushed_count: int
    items: tuple[Highlight, ...]

    @property
    def win_rate(self) -> Decimal | None:
        """Of the arcs that qualify, 0-1, four decimals; None without any."""
        return ratio(self.crushed_count, self.qualifying_count, 4)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What sessions that started on a day, and goal arcs that did, add up to."""

    session_count: int = 0
    total_tokens: int = 0
    cost_usd: float = 0.0
    unpriced_count: int = 0
    lower_bound_count: int = 0
    sub_session_count: int = 0
    qualifying_count: int = 0
    crushed_count: int = 0

    @property
    def prism_score(self) -> Decimal | None:
        """As that of a window: 0-100, one decimal; None where nothing qualifies."""
        return ratio(100 * self.crushed_count, self.qualifying_count, 1)


class DaySession(NamedTuple):
    """`summary` is None while the session runs."""

    session_id: SessionId
    user_id: UserId
    title: str | None
    started_at: datetime
    summary: SessionSummary | None

    @property
    def shown_title(self) -> str | None:
        """At most 60 characters; None where nobody gave one."""
        if self.summary is not None:
            return self.summary.title
        return shorten(one_line(self.title or ""), TITLE_CHARS) or None


@dataclass(frozen=True, slots=True)
class DailySummary:
    """A calendar day of a zone, [start, end). `sessions` are the newest of those that started then."""

    day: date
    start: datetime
    end: datetime
    totals: DayTotals
    sessions: tuple[DaySession, ...]
    highlights: Highlights
    generated_at: datetime

    @property
    def is_empty(self) -> bool:
        return self.totals.session_count == self.totals.sub_session_count == 0
