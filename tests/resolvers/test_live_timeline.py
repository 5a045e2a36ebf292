"""Following the events of one session as they arrive: late ones too, each once, and nobody else's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

import persistence.arrivals
from domain.access import KeyKind, Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.live import BEGINNING, Arrival, Cursor, Place, Resync
from domain.timeline import Kind
from domain.values import EventId, SessionId, UserId
from persistence.live_feeds import PAGE
from persistence.logs import ArrivalLog
from persistence.sessions import sessions
from persistence.timeline import events
from resolvers.context import Context, Services
from resolvers.live import watch_sub_sessions, watch_timeline
from tests.history import session_id
from tests.make import event
from tests.make_context import DEVELOPER, context_of, make_context
from tests.make_live import SOON_S, arrive, one_by_one, take

Arrivals = AsyncGenerator[Arrival | Resync]


@pytest.fixture
async def session(context: Context) -> SessionId:
    """A session of the caller that holds one event."""
    id = session_id()
    await arrive(context, id, event(Kind.COMMAND, 30))
    return id


def follow(ctx: Context, session: SessionId, after: Cursor | str | None) -> Arrivals:
    return one_by_one(watch_timeline(ctx, session, None if after is None else str(after)))


async def now(ctx: Context, session: SessionId) -> Cursor:
    async with ctx.read() as db:
        return await persistence.arrivals.newest(db, ctx.caller.org_id, session)


async def beginning(ctx: Context, session: SessionId) -> Cursor:
    return replace(await now(ctx, session), place=BEGINNING)


def event_of(told: Arrival | Resync) -> EventId | str:
    return told.event_id if isinstance(told, Arrival) else "resync"


async def take_ids(arrivals: Arrivals, count: int) -> list[EventId | str]:
    """The next `count`; closes the reader."""
    async with aclosing(arrivals):
        return [event_of(told) for told in await take(arrivals, count)]


async def delete(ctx: Context, session: SessionId) -> None:
    async with ctx.write() as db:
        await db.execute(sa.delete(events).where(events.c.session_id == session))
        await db.execute(sa.delete(sessions).where(sessions.c.id == session))


# Who may


async def test_another_tenant_s_session_is_not_there(services: Services, context: Context, session: SessionId) -> None:
    eve = await make_context(services)
    for id in (session, SessionId("none"), SessionId("\x00"), SessionId("x" * 300)):
        with pytest.raises(NotFound):
            await anext(watch_timeline(eve, id, None))


async def test_a_colleague_s_session_is_not_there_unless_the_key_reads_the_organisation(
    services: Services, context: Context, session: SessionId
) -> None:
    caller = context.caller
    colleague = context_of(services, replace(caller, user_id=UserId(UUID(int=7))))
    with pytest.raises(NotFound):
        await anext(watch_timeline(colleague, session, None))
    lead = context_of(services, replace(colleague.caller, scopes=DEVELOPER | {Scope.ORG_READ}))
    late = await arrive(context, session, event(Kind.COMMAND, 1))
    assert (await take_ids(follow(lead, session, await beginning(context, session)), 2))[1:] == late


async def test_a_candidate_follows_the_one_session_of_its_key(
    services: Services, context: Context, session: SessionId
) -> None:
    other = session_id()
    await arrive(context, other, event(Kind.COMMAND, 1))
    candidate = context_of(services, replace(context.caller, kind=KeyKind.CANDIDATE, session_id=session))
    assert await take_ids(follow(candidate, session, None), 1) == ["resync"]
    with pytest.raises(NotFound):
        await anext(watch_timeline(candidate, other, None))
    untied = context_of(services, replace(candidate.caller, session_id=None))
    with pytest.raises(NotFound):
        await anext(watch_timeline(untied, session, None))


async def test_a_key_that_may_not_read_sessions_is_refused(
    services: Services, context: Context, session: SessionId
) -> None:
    ctx = context_of(services, replace(context.caller, scopes=DEVELOPER - {Scope.SESSIONS_READ}))
    with pytest.raises(Forbidden):
        await anext(watch_timeline(ctx, session, None))


async def test_a_cursor_of_another_log_is_refused(context: Context, session: SessionId) -> None:
    other = session_id()
    await arrive(context, other, event(Kind.COMMAND, 1))
    [begun] = await anext(watch_sub_sessions(context, None))
    for cursor in (await now(context, other), begun.cursor, "", "nonsense"):
        with pytest.raises(Invalid):
            await anext(watch_timeline(context, session, str(cursor)))
    with pytest.raises(Invalid):
        await anext(watch_sub_sessions(context, str(await now(context, session))))


# What, and from where


async def test_without_a_cursor_it_begins_now_and_says_where_that_is(context: Context, session: SessionId) -> None:
    arrivals = follow(context, session, None)
    [begun] = await take(arrivals, 1)
    assert begun == Resync(await now(context, session))
    later = await arrive(context, session, event(Kind.COMMAND, 1))
    assert await take_ids(arrivals, 1) == later
    assert await take_ids(follow(context, session, begun.cursor), 1) == later


async def test_it_replays_page_after_page_and_then_follows_in_the_order_of_arrival(
    context: Context, session: SessionId
) -> None:
    """The later an event arrives here, the earlier it happened."""
    count = 2 * PAGE + 10
    start = await now(context, session)
    sent = [
        id
        for first in range(0, count, 70)
        for id in await arrive(context, session, *(event(Kind.COMMAND, -at) for at in range(first, first + 70)))
    ]
    arrivals = follow(context, session, start)
    assert [event_of(told) for told in await take(arrivals, len(sent))] == sent
    late = await arrive(context, session, event(Kind.COMMAND, -count))
    assert await take_ids(arrivals, 1) == late


async def test_every_cursor_is_a_place_to_go_on_from(context: Context, session: SessionId) -> None:
    start = await now(context, session)
    sent = await arrive(context, session, *(event(Kind.COMMAND, at) for at in range(5)))
    async with aclosing(follow(context, session, start)) as arrivals:
        seen = await take(arrivals, 5)
    for number, told in enumerate(seen[:-1]):
        assert await take_ids(follow(context, session, told.cursor), 4 - number) == sent[number + 1 :]


async def test_an_event_that_is_sent_again_is_not_told_again(context: Context, session: SessionId) -> None:
    once = event(Kind.COMMAND, 5)
    arrivals = follow(context, session, await now(context, session))
    await arrive(context, session, once)
    await arrive(context, session, replace(once, ts=event(Kind.COMMAND, 6).ts))
    last = await arrive(context, session, event(Kind.COMMAND, 7))
    assert await take_ids(arrivals, 2) == [once.id, *last]


async def test_sessions_are_followed_apart(context: Context, session: SessionId) -> None:
    other = session_id()
    await arrive(context, other, event(Kind.COMMAND, 1))
    here = follow(context, session, await now(context, session))
    there = follow(context, other, await now(context, other))
    waiting = [asyncio.ensure_future(anext(here)), asyncio.ensure_future(anext(there))]
    sent = [await arrive(context, id, event(Kind.COMMAND, 9)) for id in (other, session)]
    assert [event_of(told) for told in await asyncio.gather(*waiting)] == [*sent[1], *sent[0]]
    await here.aclose()
    await there.aclose()


async def test_when_the_session_is_deleted_the_stream_ends(
    context: Context, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ArrivalLog, "poll_s", 0.05)
    behind = follow(context, session, await beginning(context, session))
    waiting = follow(context, session, await now(context, session))
    ended = asyncio.ensure_future(anext(waiting, None))
    await take(behind, 1)
    await asyncio.sleep(0.1)
    await delete(context, session)
    async with asyncio.timeout(SOON_S):
        assert await ended is None
    assert await anext(behind, None) is None
    with pytest.raises(NotFound):
        await anext(watch_timeline(context.uncached(), session, None))


@pytest.mark.parametrize("change", ["epoch", "place"])
async def test_a_cursor_from_before_a_restored_backup_is_told_to_begin_anew(
    context: Context, session: SessionId, change: str
) -> None:
    here = await now(context, session)
    elsewhere = (
        replace(here, epoch=here.epoch ^ 1) if change == "epoch" else replace(here, place=Place(0, here.place.id + 999))
    )
    arrivals = follow(context, session, elsewhere)
    assert await take(arrivals, 1) == [Resync(here)]
    later = await arrive(context, session, event(Kind.COMMAND, 1))
    assert await take_ids(arrivals, 1) == later


async def test_who_waits_while_the_log_goes_back_in_time_is_told(
    context: Context, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a backup is restored beneath a running server: what was told last is no longer there."""
    monkeypatch.setattr(ArrivalLog, "poll_s", 0.05)
    before = await now(context, session)
    [lost] = await arrive(context, session, event(Kind.COMMAND, 5))
    arrivals = follow(context, session, before)
    assert [event_of(told) for told in await take(arrivals, 1)] == [lost]
    waiting = asyncio.ensure_future(anext(arrivals))
    await asyncio.sleep(0.1)
    async with context.write() as db:
        await db.execute(sa.delete(events).where(events.c.id == lost))
    async with asyncio.timeout(SOON_S):
        assert await waiting == Resync(before)
    later = await arrive(context, session, event(Kind.COMMAND, 6))
    assert await take_ids(arrivals, 1) == later


# How soon, and at what cost


async def test_a_stored_event_wakes_its_followers_long_before_the_next_look(
    context: Context, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ArrivalLog, "poll_s", 10 * SOON_S)
    arrivals = follow(context, session, await now(context, session))
    waiting = asyncio.ensure_future(anext(arrivals))
    await asyncio.sleep(0.2)
    sent = await arrive(context, session, event(Kind.COMMAND, 1))
    async with asyncio.timeout(SOON_S):
        assert event_of(await waiting) == sent[0]
    await arrivals.aclose()


async def test_followers_of_one_session_share_one_reader(
    context: Context, session: SessionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[SessionId] = []
    after = ArrivalLog.after

    async def recorded(log: ArrivalLog, *arguments: object, **more: object) -> list[Arrival]:
        reads.append(log.session_id)
        return await after(log, *arguments, **more)  # pyright: ignore[reportArgumentType]  (handed on as they came)

    monkeypatch.setattr(ArrivalLog, "after", recorded)
    monkeypatch.setattr(ArrivalLog, "poll_s", 10 * SOON_S)
    start = await now(context, session)
    followers = [follow(context, session, start) for _ in range(20)]
    waiting = [asyncio.ensure_future(anext(arrivals)) for arrivals in followers]
    while len(reads) < 21:  # each once for itself, and the one that they share
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    reads.clear()
    sent = await arrive(context, session, event(Kind.COMMAND, 1))
    assert [event_of(told) for told in await asyncio.gather(*waiting)] == sent * 20
    assert len(reads) <= 2
    for arrivals in followers:
        await arrivals.aclose()


async def test_when_the_last_follower_leaves_nothing_stays_behind(context: Context, session: SessionId) -> None:
    before = asyncio.all_tasks()
    arrivals = follow(context, session, await now(context, session))
    await arrive(context, session, event(Kind.COMMAND, 1))
    await take_ids(arrivals, 1)
    assert asyncio.all_tasks() == before
