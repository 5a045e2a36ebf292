"""Sessions: registered, listed by keyset and by offset, out of others' reach."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

import resolvers.ingest
import resolvers.sessions
import resolvers.timeline
from domain.errors import Conflict, Invalid, NotFound
from domain.sessions import Session, SessionFilter
from domain.values import EventId, JsonValue, SessionId, Span
from resolvers.context import Context, Services
from resolvers.cursors import window
from tests.make_context import make_context

TS = datetime(2026, 4, 1, 10, tzinfo=UTC)


def posted(session: str, minutes: float = 0, **changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "id": str(uuid4()), "sessionId": session, "ts": (TS + timedelta(minutes=minutes)).isoformat(),
        "kind": "planning", "source": {"integration": "claude-code"}, "v": 1, "data": {},
    } | changes  # fmt: skip


async def registered(ctx: Context) -> Session:
    return await resolvers.sessions.create_session(ctx, SessionId(str(uuid4())), None, {})


async def test_a_registered_session_has_nothing_yet(context: Context) -> None:
    session = await resolvers.sessions.create_session(context, None, "cursor", {"k": 1})
    assert (session.started_at, session.event_count, session.source_service) == (None, 0, "cursor")
    assert (await resolvers.sessions.get_session(context, session.id)).metadata == {"k": 1}


async def test_a_taken_id_is_refused_and_nothing_is_overwritten(context: Context, services: Services) -> None:
    id = SessionId(str(uuid4()))
    await resolvers.sessions.create_session(context, id, "cursor", {"k": 1})
    for ctx in (context, await make_context(services)):
        with pytest.raises(Conflict) as refused:
            await resolvers.sessions.create_session(ctx, id, "shell", {"k": 2})
        assert refused.value.id == id
    assert (await resolvers.sessions.get_session(context, id)).metadata == {"k": 1}


async def test_an_id_that_ingest_took_is_taken(context: Context, services: Services) -> None:
    id = SessionId(str(uuid4()))
    await resolvers.ingest.ingest_events(context, [posted(id)])
    with pytest.raises(Conflict):
        await resolvers.sessions.create_session(await make_context(services), id, None, {})


async def test_pages_walk_every_session_once_newest_first(context: Context) -> None:
    for minute in (3, 1, 2, 2):
        await resolvers.ingest.ingest_events(context, [posted(str(uuid4()), minute)])
    unstarted = {(await registered(context)).id for _ in range(2)}
    walked: list[Session] = []
    after: str | None = None
    while True:
        page = await resolvers.sessions.list_sessions(context, SessionFilter(), window(2, after))
        walked += page.items
        if not page.has_next:
            break
        after = page.end_cursor
    assert len(walked) == len({session.id for session in walked}) == 6
    starts = [session.started_at for session in walked[:4]]
    assert starts == [TS + timedelta(minutes=minute) for minute in (3, 2, 2, 1)]
    assert {session.id for session in walked[4:]} == unstarted
    by_offset, total = await resolvers.sessions.list_sessions_at(context, SessionFilter(), 100, 0)
    assert ([session.id for session in by_offset], total) == ([session.id for session in walked], 6)


async def test_filters_hold_together(context: Context) -> None:
    await resolvers.ingest.ingest_events(context, [posted("early-" + str(uuid4()), 0)])
    late = str(uuid4())
    await resolvers.ingest.ingest_events(context, [posted(late, 10)])
    wanted = SessionFilter(
        within=Span(TS + timedelta(minutes=10), TS + timedelta(minutes=11)), source_service="claude_code"
    )
    assert [s.id for s in (await resolvers.sessions.list_sessions(context, wanted, window(10))).items] == [late]
    assert await resolvers.sessions.count_sessions(context, wanted) == 1
    assert await resolvers.sessions.count_sessions(context, SessionFilter(source_service="cursor")) == 0


@pytest.mark.parametrize("cursor", ["", "x", "W10", "bnVsbA", "WzEsMl0", "💥", "a" * 5000, "WyIyMDI2LTA0LTAxIiwicyJd"])
async def test_a_forged_cursor_is_refused(context: Context, cursor: str) -> None:
    with pytest.raises(Invalid):
        await resolvers.sessions.list_sessions(context, SessionFilter(), window(10, cursor))


@pytest.mark.parametrize("id", ["", "nope", "a\x00b", "x" * 10_000])
async def test_an_id_that_no_session_has_is_not_found(context: Context, id: str) -> None:
    with pytest.raises(NotFound):
        await resolvers.sessions.get_session(context, SessionId(id))


async def test_another_organisations_session_is_not_found(context: Context, services: Services) -> None:
    session = await registered(context)
    with pytest.raises(NotFound):
        await resolvers.sessions.get_session(await make_context(services), session.id)


async def test_the_timeline_goes_by_time_then_arrival_and_each_event_once(context: Context) -> None:
    id = SessionId(str(uuid4()))
    sent = [posted(id, minute) for minute in (5, 1, 3, 3, 2)]
    for event in sent:
        await resolvers.ingest.ingest_events(context, [event])
    walked: list[str] = []
    after: EventId | None = None
    while True:
        page = await resolvers.timeline.list_timeline(context, id, 2, after)
        walked += [str(stored.event.id) for stored in page.items]
        if not page.has_next:
            break
        after = page.items[-1].event.id
    assert walked == [sent[place]["id"] for place in (1, 4, 2, 3, 0)]


async def test_a_late_early_event_makes_no_walk_repeat(context: Context) -> None:
    id = SessionId(str(uuid4()))
    await resolvers.ingest.ingest_events(context, [posted(id, 1), posted(id, 2)])
    first = await resolvers.timeline.list_timeline(context, id, 1, None)
    await resolvers.ingest.ingest_events(context, [posted(id, 0)])
    rest = await resolvers.timeline.list_timeline(context, id, 10, first.items[-1].event.id)
    assert [stored.event.ts for stored in rest.items] == [TS + timedelta(minutes=2)]


async def test_an_event_of_another_session_is_no_cursor(context: Context) -> None:
    id, other = SessionId(str(uuid4())), SessionId(str(uuid4()))
    foreign = posted(other)
    await resolvers.ingest.ingest_events(context, [posted(id), foreign])
    for cursor in (foreign["id"], str(uuid4())):
        with pytest.raises(Invalid):
            await resolvers.timeline.list_timeline(context, id, 10, EventId(UUID(str(cursor))))
