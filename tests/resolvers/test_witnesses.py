"""A session that hooks, its transcript and telemetry tell of is one session, and each happening in it one event."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from uuid import uuid4

import pytest

import persistence.clusters
import persistence.erasure
import persistence.timeline
import resolvers.ingest
import resolvers.sessions
from domain.ingest.batch import Batch, SessionFacts
from domain.ingest.witnesses import UNNAMED
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue, SessionId
from persistence.database import Tenant
from resolvers.context import Context
from tests.make import START, event_id
from tests.make import event as make_event

CHANNEL = {"hook": "hook", "line": "import", "measured": "otlp"}
LATER = timedelta(days=30)
"""Hooks are stamped on receipt, which may be long after."""


def told(by: str, what: str, kind: Kind, at: float, **facts: object) -> Event:
    source: JsonObject = {"channel": CHANNEL[by]}
    event = make_event(kind, at, id=event_id(f"{by} {what} {uuid4()}"), source=source, **facts)
    return replace(event, ts=event.ts + LATER) if by == "hook" else event


def prompt(by: str, text: str, at: float, id: str | None = None) -> Event:
    data: JsonObject = {"text": text} if id is None else {"text": text, "promptId": id}
    return told(by, text, Kind.PROMPT, at, data=data)


def call(by: str, id: str, command: str, at: float) -> Event:
    input: JsonValue = {"command": command}
    return told(by, id, Kind.TOOL_USE, at, tool="Bash", call_id=id, data={"toolName": "Bash", "input": input})


def answer(by: str, id: str, command: str, at: float, text: str) -> Event:
    data: JsonObject = {"text": text}
    if id.startswith(UNNAMED):
        data["call"] = {"toolName": "Bash", "input": {"command": command}}
    return told(by, f"{id} answer", Kind.TOOL_RESULT, at, tool="Bash", call_id=id, data=data)


def request(by: str, id: str, output: int, **facts: object) -> Event:
    data: JsonObject = {"outputTokens": output, "requestId": id}
    if by == "line":
        data["outputIsLowerBound"] = True
    return told(by, id, Kind.API_REQUEST, 4.5, tokens=Tokens(10, output), data=data, **facts)


def transcript() -> list[Event]:
    return [
        prompt("line", "fix it", 0, "p1"),
        call("line", "toolu_1", "ls", 1),
        answer("line", "toolu_1", "ls", 2, "a.py"),
        call("line", "toolu_2", "ls", 3),
        answer("line", "toolu_2", "ls", 4, "a.py b.py"),
        request("line", "req_1", 3),
        prompt("line", "yes", 5, "p2"),
    ]


def hooks(named: bool) -> list[Event]:
    """Equal calls that no id tells apart share a made-up one."""
    first, second = ("toolu_1", "toolu_2") if named else (f"{UNNAMED}ls", f"{UNNAMED}ls")
    return [
        prompt("hook", "fix it", 0, "p1" if named else None),
        call("hook", first, "ls", 1),
        answer("hook", first, "ls", 2, "?"),
        call("hook", second, "ls", 3),
        answer("hook", second, "ls", 4, "?"),
        prompt("hook", "yes", 5, "p2" if named else None),
    ]


def telemetry() -> list[Event]:
    return [
        prompt("measured", "", 0, "p1"),
        told("measured", "result", Kind.TOOL_RESULT, 2, call_id="toolu_1", data={}),
        request("measured", "req_1", 57, cost_usd=Decimal("0.25")),
    ]


async def tell(context: Context, id: SessionId, events: list[Event], *, one_by_one: bool = False) -> int:
    """Returns how many were new."""
    parts = [[event] for event in events] if one_by_one else [events]
    new = 0
    for part in parts:
        batch = Batch("test", {id: SessionFacts("claude-code")}, tuple(replace(event, session_id=id) for event in part))
        new += len((await resolvers.ingest.save_batch(context.services, context.caller, batch)).events)
    return new


async def kept(context: Context, id: SessionId) -> list[Event]:
    async with context.services.database.read(context.tenant) as db:
        return await persistence.timeline.events_of_session(db, context.caller.org_id, id)


def facts(events: list[Event]) -> list[tuple[object, ...]]:
    return [(event.kind, event.ts, event.call_id, event.text("text"), event.source["channel"]) for event in events]


ORDERS = list(permutations(("hooks", "transcript", "telemetry")))


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_whoever_comes_first_the_transcript_is_what_stays(
    context: Context, order: tuple[str, ...], named: bool, one_by_one: bool
) -> None:
    id, told = SessionId(str(uuid4())), {"hooks": hooks(named), "transcript": transcript(), "telemetry": telemetry()}
    for witness in order:
        await tell(context, id, told[witness], one_by_one=one_by_one)
    events = await kept(context, id)
    assert facts(events) == facts([replace(event, session_id=id) for event in transcript()])
    [measured] = [event for event in events if event.kind is Kind.API_REQUEST]
    assert (measured.tokens, measured.cost_usd) == (Tokens(10, 57), Decimal("0.25"))
    assert "outputIsLowerBound" not in measured.data
    session = await resolvers.sessions.get_session(context, id)
    assert (session.event_count, session.started_at, session.last_activity_at) == (7, START, events[-1].ts)


async def test_what_is_told_again_is_known_and_keeps_its_first_id(context: Context) -> None:
    id, first, second = SessionId(str(uuid4())), hooks(named=True), transcript()
    assert await tell(context, id, first) == 6
    assert await tell(context, id, second) == 1  # what only the transcript tells: the API request
    before = await kept(context, id)
    assert {event.id for event in first} <= {event.id for event in before}
    assert await tell(context, id, second) + await tell(context, id, first) == 0
    assert await kept(context, id) == before


async def test_what_only_hooks_tell_stays(context: Context) -> None:
    id = SessionId(str(uuid4()))
    end = told("hook", "end", Kind.SESSION_END, 9, data={})
    await tell(context, id, [*hooks(named=True), end])
    await tell(context, id, transcript()[:3])
    assert [event.kind for event in await kept(context, id)].count(Kind.SESSION_END) == 1
    assert (await resolvers.sessions.get_session(context, id)).event_count == 7


async def test_copies_of_what_was_told_better_are_still_known_as_copies(context: Context) -> None:
    """A forked session repeats lines of the first one, whose events go by the ids that the hooks gave."""
    first, fork = SessionId(str(uuid4())), SessionId(str(uuid4()))
    lines = transcript()
    await tell(context, first, hooks(named=True))
    await tell(context, first, lines)
    await tell(context, fork, [replace(line, ts=line.ts + timedelta(hours=1)) for line in lines])
    async with context.services.database.read(context.tenant) as db:
        for one, other in ((first, fork), (fork, first)):
            copies = await persistence.clusters.copies(db, context.caller.org_id, one)
            assert {copy.id for copy in copies} == {event.id for event in await kept(context, one)}
            assert {copy.other_id for copy in copies} == {other}


@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("gone", ["first", "fork"])
async def test_copies_of_what_was_told_better_are_derived_anew_once_it_is_erased(
    context: Context, gone: str, part: bool
) -> None:
    """No event of the one has the id of an event of the other."""
    org_id, lines = context.caller.org_id, transcript()[:3]
    sessions = {name: SessionId(str(uuid4())) for name in ("first", "fork")}
    await tell(context, sessions["first"], hooks(named=True)[:3])
    await tell(context, sessions["first"], lines)
    await tell(context, sessions["fork"], lines)
    async with context.services.database.write(Tenant(org_id)) as db:
        if part:
            erased = await persistence.erasure.erase_part(db, org_id, sessions.pop(gone), 3)
        else:
            erased = await persistence.erasure.erase_sessions(db, org_id, [sessions.pop(gone)])
    assert erased.related == tuple((left, context.caller.user_id) for left in sessions.values())
