"""Sessions: registered, listed by keyset and by offset, out of others' reach."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

import resolvers.access
import resolvers.ingest
import resolvers.sessions
import resolvers.timeline
from domain.access import CandidateStatus, KeyKind, Org
from domain.errors import Conflict, Invalid, NotFound
from domain.sessions import Session, SessionFilter
from domain.values import EventId, JsonValue, SessionId, Span
from persistence.database import Urls
from persistence.jobs import jobs
from resolvers.access import KeyWish
from resolvers.context import Context, Services
from resolvers.cursors import window
from tests.hiring import create_assessment
from tests.make_context import context_of, make_context

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


async def test_an_update_replaces_metadata_and_keeps_what_is_left_out(context: Context) -> None:
    session = await resolvers.sessions.create_session(context, None, None, {"a": 1, "b": {"c": 2}})
    ended = await resolvers.sessions.update_session(context, session.id, ended_at=TS)
    assert (ended.ended_at, ended.stopped_at, ended.metadata) == (TS, TS, {"a": 1, "b": {"c": 2}})
    replaced = await resolvers.sessions.update_session(context, session.id, metadata={"b": True})
    assert (replaced.stopped_at, replaced.metadata) == (TS, {"b": True})
    reopened = await resolvers.sessions.update_session(context, session.id, ended_at=None)
    assert (reopened.stopped_at, reopened.metadata) == (None, {"b": True})
    assert await resolvers.sessions.get_session(context, session.id) == reopened


async def test_merging_overwrites_top_level_keys_also_with_null(context: Context) -> None:
    session = await resolvers.sessions.create_session(context, None, None, {"a": 1, "b": {"c": 2}, "d": 4})
    merged = await resolvers.sessions.merge_metadata(context, session.id, {"b": {"e": 5}, "d": None, "f": "\u00e9"})
    assert merged.metadata == {"a": 1, "b": {"e": 5}, "d": None, "f": "\u00e9"}


async def test_a_repeated_change_leaves_the_session_as_it_is(context: Context) -> None:
    session = await resolvers.sessions.create_session(context, None, None, {})
    first = await resolvers.sessions.update_session(context, session.id, ended_at=TS, metadata={"a": [1, 1.5, "x"]})
    assert await resolvers.sessions.update_session(context, session.id, ended_at=TS, metadata=first.metadata) == first
    assert await resolvers.sessions.merge_metadata(context, session.id, {"a": [1, 1.5, "x"]}) == first
    assert await _revision(context, session.id) == 1


async def _revision(ctx: Context, id: SessionId) -> int:
    """How often it was asked to judge the session again."""
    async with ctx.read() as db:
        row = await db.row(sa.select(jobs.c.revision).where(jobs.c.org_id == ctx.caller.org_id, jobs.c.key == id))
    return 0 if row is None else row["revision"]


async def test_only_another_end_has_a_session_judged_again(context: Context) -> None:
    session = await registered(context)
    await resolvers.sessions.update_session(context, session.id, metadata={"a": 1})
    await resolvers.sessions.merge_metadata(context, session.id, {"b": 1})
    await resolvers.sessions.update_session(context, session.id, ended_at=None)
    assert await _revision(context, session.id) == 0
    for asked, ended_at in enumerate((TS, TS + timedelta(seconds=1), None), 1):
        await resolvers.sessions.update_session(context, session.id, ended_at=ended_at)
        assert await _revision(context, session.id) == asked


async def test_secrets_in_metadata_are_redacted(context: Context) -> None:
    session = await registered(context)
    for change in (
        resolvers.sessions.update_session(context, session.id, metadata={"password": "hunter2-Xk9!qqp"}),
        resolvers.sessions.merge_metadata(context, session.id, {"password": "hunter2-Xk9!qqq"}),
    ):
        assert (await change).metadata == {"password": "[redacted:secret_field]"}


async def test_out_of_reach_nothing_is_changed(context: Context, services: Services) -> None:
    session = await registered(context)
    org = Org(context.caller.org_id, "", context.caller.environment_id, context.caller.settings)
    colleague = await make_context(services, org=org)
    for ctx in (colleague, await make_context(services)):
        with pytest.raises(NotFound):
            await resolvers.sessions.update_session(ctx, session.id, metadata={"a": 1})
        with pytest.raises(NotFound):
            await resolvers.sessions.merge_metadata(ctx, session.id, {"a": 1})
    assert (await resolvers.sessions.get_session(context, session.id)).metadata == {}


async def test_an_end_completes_the_key_of_its_candidate(services: Services, urls: Urls) -> None:
    slug = f"org-{uuid4()}"
    assessment = await create_assessment(urls, slug, "Task")
    wish = KeyWish(slug, "cand@example.org", KeyKind.CANDIDATE, assessment_id=assessment)
    made = await resolvers.access.create_key(urls, wish, TS)

    async def candidate() -> Context:
        return context_of(services, await resolvers.access.authenticate(services, made.secret))

    session = await registered(await candidate())
    other = await registered(await make_context(services, org=made.org))
    with pytest.raises(NotFound):
        await resolvers.sessions.update_session(await candidate(), other.id, ended_at=TS)
    await resolvers.sessions.update_session(await candidate(), session.id, ended_at=TS)
    ((_, key, _),) = await resolvers.access.list_keys(urls, slug)
    assert key.candidate_status is CandidateStatus.COMPLETED
