"""Builders with defaults, so that a test names only the facts it is about.

Times may be given as datetimes or as minutes after `START`. Every event gets a fresh id unless one is given.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid5

from domain.judging.arcs import Arc, Fragment, SessionLog
from domain.judging.records import (
    CloseReason,
    FileEdits,
    Habit,
    Intent,
    JudgeStatus,
    Label,
    Measures,
    Outcome,
    Rubric,
    State,
    SubSession,
    TitleSource,
)
from domain.timeline import Attribution, Event, Kind, Provenance
from domain.values import EventId, JsonObject, SessionId, SubSessionId, UserId

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""
SESSION = SessionId("session-1")
USER = UserId(UUID(int=1))
PROJECT = "/home/ada/shop"

_IDS = UUID("6ba1f5a8-3f0f-4c8e-9d51-2f3a7c1e9b04")
_fresh = count(1)


def event_id(name: object) -> EventId:
    """The event id that belongs to `name`, the same in every run."""
    return EventId(uuid5(_IDS, f"event {name}"))


def arc_id(name: object) -> SubSessionId:
    return SubSessionId(uuid5(_IDS, f"arc {name}"))


def time(at: datetime | float) -> datetime:
    """`at` itself, or START plus that many minutes."""
    return at if isinstance(at, datetime) else START + timedelta(minutes=at)


def event(kind: Kind | str, at: datetime | float = 0, **facts: object) -> Event:
    """An event of `SESSION`; `facts` are any fields of Event."""
    plain = Event(id=event_id(next(_fresh)), session_id=SESSION, ts=time(at), kind=Kind(kind))
    return replace(plain, **facts)


def prompt(text: str, at: datetime | float = 0, **facts: object) -> Event:
    return event(Kind.PROMPT, at, **{"actor": "human", "data": {"text": text}, **facts})


def response(text: str, at: datetime | float = 0, **facts: object) -> Event:
    return event(Kind.AI_RESPONSE, at, **{"actor": "ai", "data": {"text": text}, **facts})


def tool_use(
    tool: str, at: datetime | float = 0, path: str | None = None, input: "JsonObject | None" = None, **facts: object
) -> Event:
    """A call of `tool` by the assistant."""
    data: JsonObject = {"toolName": tool, "input": input or {}}
    return event(Kind.TOOL_USE, at, **{"actor": "ai", "tool": tool, "path": path, "data": data, **facts})


def file_diff(
    path: str, at: datetime | float = 0, added: int = 1, removed: int = 0, diff: str | None = None, **facts: object
) -> Event:
    """A change of a file by the assistant; say `provenance=BY_HAND` for one typed by the developer."""
    data: JsonObject = {"path": path} if diff is None else {"path": path, "diff": diff}
    defaults = {"path": path, "lines_added": added, "lines_removed": removed, "provenance": BY_AI, "data": data}
    return event(Kind.FILE_DIFF, at, **{**defaults, **facts})


def command(line: str, at: datetime | float = 0, exit_code: int | None = 0, **facts: object) -> Event:
    """A shell command run by the assistant."""
    data: JsonObject = {"command": line}
    return event(Kind.COMMAND, at, **{"actor": "ai", "exit_code": exit_code, "data": data, **facts})


BY_AI = Provenance(attribution=Attribution.LIKELY_AI)
BY_HAND = Provenance(attribution=Attribution.LIKELY_HUMAN)


def session_log(
    *events: Event,
    session: str = SESSION,
    ended_at: datetime | float | None = None,
    project: str | None = PROJECT,
    user: UserId = USER,
) -> SessionLog:
    """A session of `events`, whose session id is set to this one's; it runs unless `ended_at` is given."""
    id = SessionId(session)
    end = None if ended_at is None else time(ended_at)
    return SessionLog(id, user, project, end, tuple(replace(one, session_id=id) for one in events))


def fragment(
    *events: Event,
    session: str = SESSION,
    project: str | None = PROJECT,
    user: UserId = USER,
    closed_at: datetime | float | None = 30,
    reason: CloseReason | None = CloseReason.SESSION_END,
) -> Fragment:
    """A closed fragment of `events`, which must be in order; `closed_at=None` leaves it open."""
    end = None if closed_at is None else time(closed_at)
    id = SubSessionId(uuid5(_IDS, f"fragment {events[0].id}"))
    return Fragment(id, SessionId(session), user, project, events, end, None if end is None else reason)


def arc(
    *events: Event,
    measures: Measures | None = None,
    files: tuple[FileEdits, ...] = (),
    closed_at: datetime | float | None = 30,
    reason: CloseReason | None = CloseReason.SESSION_END,
) -> Arc:
    """An arc of one fragment. Its measures are those given, not counted from the events."""
    one = fragment(*events, closed_at=closed_at, reason=reason)
    return Arc((one,), one.events, measures or Measures(turn_count=1, mutating_tool_calls=1), files)


def sub_session(name: object = "arc", **changes: object) -> SubSession:
    """A crushed bug fix with one edited file; `changes` are any fields of SubSession."""
    plain = SubSession(
        id=arc_id(name),
        session_id=SESSION,
        user_id=USER,
        project=PROJECT,
        started_at=START,
        ended_at=time(30),
        last_event_at=time(30),
        state=State.SCORED,
        close_reason=CloseReason.SESSION_END,
        merged_into_id=None,
        fragment_ids=(arc_id(name),),
        measures=Measures(turn_count=3, net_loc=12, lines_added=12, mutating_tool_calls=2),
        substance_floor_passed=True,
        excluded_reason=None,
        excluded_detail=None,
        rubric=rubric(),
        outcome=outcome(),
        rework=None,
        label=Label("Fix the rounding of totals", "Totals are rounded half up.", TitleSource.RUBRIC),
        prompt_ids=(),
        commit_refs=(),
        revert_refs=(),
        files=(FileEdits("shop/totals.py", 12, 0),),
        evidence=(),
        first_prompt_at=START,
    )
    return replace(plain, **changes)


def rubric(**changes: object) -> Rubric:
    """A committed bug fix of grade B."""
    plain = Rubric(JudgeStatus.OK, Intent.BUG_FIX, 0.8, dict.fromkeys(Habit, True), "B", 75.0)
    return replace(plain, **changes)


def outcome(**changes: object) -> Outcome:
    """A reached goal."""
    return replace(Outcome(True, 0.85, False, time(25), "the failing test passes"), **changes)
