"""Backfills: judging the goal arcs of a stretch of time again, under the rules and by the judge in force now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.errors import Fault, Invalid, NotFound
from domain.judging.records import State, SubSession
from domain.scores.headline import Tally, score
from domain.values import SubSessionId, UserId

BackfillId = NewType("BackfillId", UUID)

MOST_REHEARSED = 200
"""So many sessions are judged at most to answer what a backfill would change."""


class BackfillState(StrEnum):
    """`queued` -> `running` -> `done`, or `failed` where a session could not be judged, or `cancelled`."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class BackfillErrorCode(StrEnum):
    """Why a backfill is not started, rehearsed or cancelled."""

    EMPTY_WINDOW = "empty_window"
    UNKNOWN_DEVELOPER = "unknown_developer"
    TOO_MANY = "too_many"
    INVALID_ID = "invalid_id"
    NOT_FOUND = "not_found"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The arcs that started in [start, end), of one developer or, with None, of the whole organisation."""

    start: datetime
    end: datetime
    user_id: UserId | None = None

    def holds(self, arc: SubSession | None) -> bool:
        if arc is None or arc.state is State.MERGED or self.user_id not in (None, arc.user_id):
            return False
        return self.start <= arc.started_at < self.end


@dataclass(frozen=True, slots=True)
class Counts:
    """What the headline of a stretch is made of."""

    qualifying: int = 0
    crushed: int = 0

    @property
    def prism_score(self) -> Decimal | None:
        """Percent with one decimal; None where nothing qualifies."""
        return score(Tally(qualifying=self.qualifying, crushed=self.crushed))


@dataclass(frozen=True, slots=True)
class Backfill:
    """One backfill and how far it is, counted in goal arcs: of `total` `done` were judged again, `failed` could not be.

    `skipped` arcs of the stretch were left alone: they are judged already, or wait for it anyway. `after` is what the
    headline came to when it was over.
    """

    id: BackfillId
    stretch: Stretch
    state: BackfillState
    total: int
    done: int
    failed: int
    skipped: int
    before: Counts
    after: Counts | None
    created_by: UserId
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Flip:
    """An arc that would be crushed and is not, or the other way round; None where there is none before or after."""

    before: SubSession | None
    after: SubSession | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a backfill would do: `total` arcs of `sessions` would be judged again, `skipped` would be left alone."""

    stretch: Stretch
    sessions: int
    total: int
    skipped: int
    before: Counts
    after: Counts
    flips: tuple[Flip, ...]


Arcs = Mapping[SubSessionId, SubSession | None]


def flips(old: Arcs, new: Arcs) -> tuple[Flip, ...]:
    """Those among changed arcs that are crushed on one side alone, oldest first; both name the same arcs."""
    pairs = [Flip(old[id], new[id]) for id in new]
    return tuple(sorted((one for one in pairs if _crushed(one.before) != _crushed(one.after)), key=_place))


def _crushed(arc: SubSession | None) -> bool:
    return arc is not None and arc.crushed


def _place(flip: Flip) -> tuple[datetime, SubSessionId]:
    arc = flip.after or flip.before
    assert arc is not None
    return arc.started_at, arc.id


def recounted(stretch: Stretch, before: Counts, old: Arcs, new: Arcs) -> Counts:
    """What `before` becomes once the arcs `old` are as `new`."""
    gone = [arc for arc in old.values() if arc is not None and stretch.holds(arc)]
    come = [arc for arc in new.values() if arc is not None and stretch.holds(arc)]
    return Counts(
        qualifying=before.qualifying + sum(arc.qualifying for arc in come) - sum(arc.qualifying for arc in gone),
        crushed=before.crushed + sum(arc.crushed for arc in come) - sum(arc.crushed for arc in gone),
    )


def checked(stretch: Stretch) -> Stretch:
    """Raises Invalid for a stretch that ends before it begins, or where it begins."""
    if stretch.start >= stretch.end:
        raise _refused(BackfillErrorCode.EMPTY_WINDOW, "from must lie before to", "within")
    return stretch


def unknown_developer() -> Invalid:
    return _refused(BackfillErrorCode.UNKNOWN_DEVELOPER, "no such developer", "developer")


def too_many(sessions: int) -> Invalid:
    message = f"{sessions} sessions would be judged: a dry run takes {MOST_REHEARSED} at most, so ask for less at once"
    return _refused(BackfillErrorCode.TOO_MANY, message, "within")


def over() -> Invalid:
    return _refused(BackfillErrorCode.OVER, "this backfill is over already", "id")


def no_such_backfill() -> NotFound:
    message = "no such backfill"
    return NotFound(message, Fault(BackfillErrorCode.NOT_FOUND, message, ("id",)))


def _refused(code: BackfillErrorCode, message: str, field: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, (field,)),))
