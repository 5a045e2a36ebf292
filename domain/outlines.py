"""A timeline seen from afar: where each hundredth event stands, when nothing happened, and what stands out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.judging.commands import classify
from domain.judging.programs import CommandClass
from domain.timeline import Kind
from domain.values import EventId, SessionId

PAUSE = timedelta(minutes=5)
"""So long without an event ends a stretch."""
EVERY = 100
"""A page of events."""
MOST_MARKS = 2_000


class MarkKind(StrEnum):
    """What stands out in a timeline."""

    PROMPT = "prompt"
    ERROR = "error"
    TEST_FAILURE = "test_failure"
    API_ERROR = "api_error"
    COMMIT = "commit"
    REVERT = "revert"
    PULL_REQUEST = "pull_request"
    INTERRUPTION = "interruption"
    CONTEXT_CLEAR = "context_clear"


_PLAIN = {
    Kind.PROMPT: MarkKind.PROMPT,
    Kind.API_ERROR: MarkKind.API_ERROR,
    Kind.TEST_RUN: MarkKind.TEST_FAILURE,
    Kind.INTERRUPTION: MarkKind.INTERRUPTION,
    Kind.CONTEXT_CLEAR: MarkKind.CONTEXT_CLEAR,
}
_GIT = {"commit": MarkKind.COMMIT, "revert": MarkKind.REVERT, "pull_request": MarkKind.PULL_REQUEST}


@dataclass(frozen=True, slots=True)
class Landmark:
    """An event that an outline names, `index` from 0 in the timeline. `before` is when the event before it was.

    `stands_out`: one of a kind that is marked; `action` is that of git, `command` the line of a command that failed.
    """

    session_id: SessionId
    index: int
    id: EventId
    ts: datetime
    seq: int
    kind: Kind
    before: datetime | None = None
    stands_out: bool = False
    agent_id: str | None = None
    call_id: str | None = None
    action: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that stands out."""

    kind: MarkKind
    index: int
    ts: datetime
    session_id: SessionId
    event_id: EventId
    agent_id: str | None


@dataclass(frozen=True, slots=True)
class Lasting:
    """Time without a pause of five minutes."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: with the event at `index`, which follows on `after`; nothing precedes the first page."""

    index: int
    after: Landmark | None


@dataclass(frozen=True, slots=True)
class Outline:
    event_count: int = 0
    places: tuple[Place, ...] = ()
    stretches: tuple[Lasting, ...] = ()
    marks: tuple[Mark, ...] = ()
    mark_count: int = 0


def outline(landmarks: Sequence[Landmark]) -> Outline:
    """Of events by their place, among them the first, the last, each hundredth, what stands out and what follows on a
    pause."""
    if not landmarks:
        return Outline()
    count = landmarks[-1].index + 1
    marks = _marks(landmarks)
    ends = [one for one in landmarks if one.index % EVERY == EVERY - 1 and one.index + 1 < count]
    places = (Place(0, None), *(Place(one.index + 1, one) for one in ends))
    return Outline(count, places, _stretches(landmarks), marks[:MOST_MARKS], len(marks))


def _stretches(landmarks: Sequence[Landmark]) -> tuple[Lasting, ...]:
    begins, found = landmarks[0].ts, list[Lasting]()
    for one in landmarks:
        if one.before is not None and one.ts - one.before > PAUSE:
            found.append(Lasting(begins, one.before))
            begins = one.ts
    return (*found, Lasting(begins, landmarks[-1].ts))


def _marks(landmarks: Sequence[Landmark]) -> tuple[Mark, ...]:
    """A call that failed is told by its command, its result and its run of tests: it is one mark, that which says
    most."""
    told = [one for one in landmarks if one.stands_out]
    best: dict[str, Landmark] = {}
    for one in told:
        if one.call_id is not None and _weight(one) > _weight(best.get(one.call_id)):
            best[one.call_id] = one
    shown = [one for one in told if one.call_id is None or not _weight(one) or best[one.call_id] is one]
    return tuple(Mark(_kind(one), one.index, one.ts, one.session_id, one.id, one.agent_id) for one in shown)


_FAILURES = (Kind.TOOL_RESULT, Kind.BUILD_RUN, Kind.COMMAND, Kind.TEST_RUN)
"""What tells that a call failed; the later says more."""


def _weight(one: Landmark | None) -> int:
    return 0 if one is None or one.kind not in _FAILURES else _FAILURES.index(one.kind) + 1


def _kind(one: Landmark) -> MarkKind:
    if one.kind is Kind.GIT_ACTION:
        return _GIT[one.action or "commit"]
    if one.command is not None and classify(one.command) is CommandClass.TEST:
        return MarkKind.TEST_FAILURE
    return _PLAIN.get(one.kind, MarkKind.ERROR)
