"""Erasures: taking for good what was recorded of a session, a developer or an organisation, and what has grown old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.values import OrgId, SessionId

ErasureId = NewType("ErasureId", UUID)

NO_ORG = OrgId(UUID(int=0))
"""Keeps the traces of organisations that were erased whole."""

AT_ONCE = 5_000
"""So many events go in one transaction at most, as long as no single row of another table stands for more."""

MOST_SESSIONS = 200
"""So many sessions go in one transaction at most."""


class ErasureKind(StrEnum):
    """What is erased: a session, a developer, an organisation, or the sessions that an organisation no longer keeps."""

    SESSION = "session"
    DEVELOPER = "developer"
    ORGANISATION = "organisation"
    RETENTION = "retention"


class AskedBy(StrEnum):
    """Which way an erasure was asked for. Not by whom: a trace names nobody."""

    API = "api"
    COMMAND_LINE = "command_line"
    RETENTION = "retention"


class ErasureState(StrEnum):
    """`queued` -> `running` -> `done`."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class ErasureErrorCode(StrEnum):
    """Why an erasure is not begun or not found."""

    UNKNOWN_DEVELOPER = "unknown_developer"
    YOURSELF = "yourself"
    INVALID_ID = "invalid_id"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure and how far it is. `target` is the session's or the developer's id as text, forgotten with the rest
    when it is done; from then on nothing here says who it was.

    `session_count` and `event_count` are those there were when it was asked for; more may have come.
    """

    id: ErasureId
    org_id: OrgId
    kind: ErasureKind
    target: str | None
    asked_by: AskedBy
    session_count: int
    event_count: int
    sessions_erased: int
    events_erased: int
    created_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None

    @property
    def state(self) -> ErasureState:
        if self.finished_at is not None:
            return ErasureState.DONE
        return ErasureState.QUEUED if self.begun_at is None else ErasureState.RUNNING


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes in the next transaction: whole sessions; or a part of one session that is too large for it."""

    sessions: tuple[SessionId, ...]
    part_of: SessionId | None = None


def batch(found: Sequence[tuple[SessionId, int]], at_once: int = AT_ONCE) -> Batch | None:
    """The next batch of sessions with their numbers of events, in their order; None without any."""
    if not found:
        return None
    first, events = found[0]
    if events > at_once:
        return Batch((), first)
    taken, room = [first], at_once - events
    for id, more in found[1:]:
        if more > room:
            break
        taken.append(id)
        room -= more
    return Batch(tuple(taken))


def kept_since(now: datetime, retention_days: int) -> datetime:
    """Sessions whose last activity lies before this are not kept any longer."""
    return now - timedelta(days=retention_days)


def unknown_developer() -> Invalid:
    return _refused(ErasureErrorCode.UNKNOWN_DEVELOPER, "no such developer")


def yourself() -> Invalid:
    message = "this key is the developer's own and would end at once: use another administrator's, or the command line"
    return _refused(ErasureErrorCode.YOURSELF, message)


def _refused(code: ErasureErrorCode, message: str) -> Invalid:
    return Invalid(message, faults=(Fault(code, message, ("developer",)),))


def no_such_session() -> NotFound:
    return NotFound("Session not found")


def being_erased(what: str) -> Conflict:
    return Conflict(f"{what} is being erased: wait until it is done")
