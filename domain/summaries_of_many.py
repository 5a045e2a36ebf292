"""What many sessions come to: their types, those that stand out, a day (domain reference, sections 17.5 and 18)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.judging.records import Intent
from domain.summaries import SessionSummary
from domain.values import SessionId, SubSessionId, UserId


@dataclass(frozen=True, slots=True)
class TypeStat:
    """The sessions of one type: `intent` is the dominant one of their arcs, None where no arc has one.

    `cost_usd` adds up the `priced_count` sessions that have a price, `seconds` the `timed_count` that have an extent.
    `all_sessions` are those of every type.
    """

    intent: Intent | None
    session_count: int
    sub_session_count: int
    qualifying_count: int
    crushed_count: int
    turn_count: int
    total_tokens: int
    cost_usd: float
    priced_count: int
    seconds: float
    timed_count: int
    all_sessions: int

    @property
    def share(self) -> float:
        return self.session_count / self.all_sessions

    @property
    def crush_rate(self) -> float | None:
        """Of the arcs that qualify, 0-1; None without any."""
        return self.crushed_count / self.qualifying_count if self.qualifying_count else None

    @property
    def avg_turns(self) -> float:
        return self.turn_count / self.session_count

    @property
    def avg_duration_seconds(self) -> float | None:
        return self.seconds / self.timed_count if self.timed_count else None

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
    def win_rate(self) -> float | None:
        """Of the arcs that qualify, 0-1; None without any."""
        return self.crushed_count / self.qualifying_count if self.qualifying_count else None


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What sessions that started on a day, and goal arcs that did, add up to."""

    session_count: int = 0
    total_tokens: int = 0
    cost_usd: float = 0.0
    unpriced_count: int = 0
    sub_session_count: int = 0
    qualifying_count: int = 0
    crushed_count: int = 0


class DaySession(NamedTuple):
    """`summary` is None while the session runs."""

    session_id: SessionId
    user_id: UserId
    title: str | None
    started_at: datetime
    summary: SessionSummary | None


@dataclass(frozen=True, slots=True)
class DailySummary:
    """A calendar day of a zone, [start, end). `sessions` are the newest of those that started then."""

    start: datetime
    end: datetime
    totals: DayTotals
    sessions: tuple[DaySession, ...]
    highlights: Highlights
    generated_at: datetime

    @property
    def is_empty(self) -> bool:
        return self.totals.session_count == self.totals.sub_session_count == 0
