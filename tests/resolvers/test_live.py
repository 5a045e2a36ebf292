"""Following the live events of goal arcs: who sees what, from where, and that nothing is lost or seen twice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import persistence.jobs
import persistence.live
from domain.access import KeyKind, Org, Scope
from domain.errors import Forbidden, Invalid
from domain.live import BEGINNING, KEPT, Cursor, LiveEvent, Place, Resync
from domain.values import OrgId, SessionId, UserId
from persistence.bus import live_channel
from persistence.database import Reading, Tenant, Urls
from persistence.live import Standing, live_events, live_pruned
from persistence.live_feeds import PAGE
from persistence.logs import ChangeLog
from resolvers.context import Context, Services
from tests.history import drain, judging
from tests.make_context import DEVELOPER, make_context, make_org
from tests.make_live import SOON_S, follow, make_news, number_of, settled, take, take_numbers, tell

Events = AsyncGenerator[LiveEvent | Resync]

SILENCE_S = 0.1


@pytest.fixture
async def org(urls: Urls) -> Org:
    return await make_org(urls)


@pytest.fixture
async def context(services: Services, org: Org) -> Context:
    return await make_context(services, org=org)


async def tell_of(ctx: Context, *numbers: int, announce: bool = True) -> None:
    """An event of the caller for each number."""
    await tell(ctx.services.database, ctx.caller.org_id, ctx.caller.user_id, *numbers)
    if announce:
        ctx.services.bus.announce(live_channel(ctx.caller.org_id))


async def now(ctx: Context) -> Cursor:
    async with ctx.read() as db:
        return await persistence.live.newest(db, ctx.caller.org_id)


async def beginning(ctx: Context) -> str:
    """A cursor before the first event."""
    return str(replace(await now(ctx), place=BEGINNING))


async def watch(ctx: Context) -> Events:
    """From now, even if the first event comes before the first look."""
    return follow(ctx, str(await now(ctx)))


async def started(events: Events, for_s: float = SILENCE_S) -> asyncio.Task[LiveEvent | Resync]:
    """Waits for the next event in the background, and has had time to see that there is none."""
    task = asyncio.ensure_future(anext(events))
    await asyncio.sleep(for_s)
    return task


# Who may


async def test_a_key_that_may_not_read_scores_is_refused(services: Services) -> None:
    ctx = await make_context(services, scopes=DEVELOPER - {Scope.SCORES_READ})
    with pytest.raises(Forbidden):
        await anext(follow(ctx, None))


@pytest.mark.parametrize("text", ["", "nonsense", "x" * 39])
async def test_a_made_up_cursor_is_refused(context: Context, text: str) -> None:
    with pytest.raises(Invalid):
        await anext(follow(context, text))


async def test_another_organisation_s_cursor_is_refused(services: Services, context: Context) -> None:
    other = await make_context(services)
    with pytest.raises(Invalid):
        await anext(follow(context, await beginning(other)))


async def test_a_developer_sees_only_their_own_and_the_organisation_s_reader_all(
    services: Services, org: Org, context: Context
) -> None:
    other = await make_context(services, org=org)
    reader = await make_context(services, org=org, scopes=DEVELOPER | {Scope.ORG_READ})
    stranger = await make_context(services)
    start = await beginning(context)
    await tell_of(context, 1)
    await tell_of(other, 2)
    mine, theirs, everybody = (follow(ctx, start) for ctx in (context, other, reader))
    nobody = await started(strange := await watch(stranger))
    assert [number_of(event) for event in await take(mine, 1)] == [1]
    assert [number_of(event) for event in await take(theirs, 1)] == [2]
    assert [number_of(event) for event in await take(everybody, 2)] == [1, 2]
    await tell_of(context, 3)  # now from the page that all share
    await tell_of(other, 4)
    assert await take_numbers(mine, 1) == [3]
    assert await take_numbers(theirs, 1) == [4]
    assert await take_numbers(everybody, 2) == [3, 4]
    assert not nobody.done()
    await cancelled(nobody)
    await strange.aclose()


async def test_a_candidate_sees_one_session_of_the_page_that_all_share(context: Context) -> None:
    def candidate(session: str) -> Context:
        caller = replace(context.caller, kind=KeyKind.CANDIDATE, session_id=SessionId(session))
        return replace(context, caller=caller)

    everything, own, other = [await watch(ctx) for ctx in (context, candidate("session"), candidate("another"))]
    waiting = [await started(events) for events in (everything, own, other)]
    await tell_of(context, 1)
    assert [number_of(await waiting[0]), number_of(await waiting[1])] == [1, 1]
    await asyncio.sleep(SILENCE_S)
    assert not waiting[2].done()
    await cancelled(waiting[2])
    for events in (everything, own, other):
        await events.aclose()


async def cancelled(task: asyncio.Task[LiveEvent | Resync]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# From where


async def test_without_a_cursor_it_begins_now_and_says_where_that_is(context: Context) -> None:
    await tell_of(context, 1)
    events = follow(context, None)
    [begun] = await take(events, 1)
    assert begun == Resync(await now(context))
    await tell_of(context, 2)  # before anybody looks again
    assert await take_numbers(events, 1) == [2]
    assert await take_numbers(follow(context, str(begun.cursor)), 1) == [2]


async def test_from_a_cursor_it_replays_page_after_page_and_then_follows(context: Context) -> None:
    count = 2 * PAGE + 10
    start = await beginning(context)
    for first in range(0, count, 10):
        await tell_of(context, *range(first, first + 10), announce=False)
    events = follow(context, start)
    assert [number_of(event) for event in await take(events, count)] == list(range(count))
    last = await started(events)
    await tell_of(context, count)
    assert number_of(await last) == count
    await events.aclose()


async def test_every_event_s_cursor_is_a_place_to_go_on_from(context: Context) -> None:
    start = await beginning(context)
    await tell_of(context, 0, 1, 2)
    await tell_of(context, 3, 4)
    events = follow(context, start)
    async with aclosing(events):
        seen = await take(events, 5)
    for number, event in enumerate(seen[:-1]):
        resumed = follow(context, str(event.cursor))
        assert await take_numbers(resumed, 4 - number) == list(range(number + 1, 5))


async def test_who_comes_back_too_late_is_told_and_goes_on_from_now(context: Context) -> None:
    start = await beginning(context)
    await tell_of(context, 1)
    async with context.services.database.write(Tenant(context.caller.org_id)) as db:
        await persistence.live.prune(db, context.caller.org_id, timedelta(hours=-1))
    await tell_of(context, 2)
    events = follow(context, start)
    [told] = await take(events, 1)
    assert isinstance(told, Resync)
    following = await started(events)
    await tell_of(context, 3)
    assert number_of(await following) == 3
    await events.aclose()
    assert await take_numbers(follow(context, str(told.cursor)), 1) == [3]


async def test_judging_clears_away_what_is_older_than_a_week(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    org_id, user_id = ctx.caller.org_id, ctx.caller.user_id
    old = make_news(user_id, 1)
    row = {"org_id": org_id, "user_id": user_id, "name": old.name, "session_id": old.session_id}
    row |= {
        "sub_session_id": old.sub_session_id,
        "payload": old.payload,
        "at": sa.func.now() - KEPT - timedelta(minutes=1),
    }
    await tell_of(ctx, 2)
    async with fresh_services.database.write(Tenant(org_id)) as db:
        await db.execute(sa.insert(live_events).values(**row))
        await persistence.jobs.enqueue_outliers(db, org_id)
    await settled(fresh_services.database)
    await drain(judging(fresh_services), of_any_age=True)
    async with ctx.read() as db:
        left = await persistence.live.after(db, org_id, BEGINNING, PAGE)
    assert [number_of(event) for event in left] == [2]


async def test_who_waits_while_events_after_their_place_go_is_told(context: Context) -> None:
    """As when another history of the log takes the place of this one beneath a running server."""
    org_id = context.caller.org_id
    await tell_of(context, 1)
    events = await watch(context)
    waiting = await started(events)
    here = await now(context)
    ahead = Place(here.place.xid, here.place.id + 1)
    async with context.services.database.write(Tenant(org_id)) as db:
        await db.execute(sa.insert(live_pruned).values(org_id=org_id, xid=ahead.xid, id=ahead.id))
    async with asyncio.timeout(SOON_S):
        assert await waiting == Resync(replace(here, place=ahead))
    await tell_of(context, 2)
    assert await take_numbers(events, 1) == [2]


@pytest.mark.parametrize("change", ["epoch", "place"])
async def test_a_cursor_from_before_a_restored_backup_is_told_to_begin_anew(context: Context, change: str) -> None:
    await tell_of(context, 1)
    here = await now(context)
    elsewhere = replace(here, epoch=here.epoch + 1) if change == "epoch" else replace(here, place=Place(2**60, 1))
    events = follow(context, str(elsewhere))
    assert await take(events, 1) == [Resync(here)]
    await events.aclose()


# How soon, and at what cost


@pytest.fixture
def no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by themselves as long as a test waits."""
    monkeypatch.setattr(ChangeLog, "poll_s", 10 * SOON_S)


@pytest.mark.usefixtures("no_look")
async def test_a_wake_up_brings_the_event_long_before_the_next_look(context: Context) -> None:
    events = await watch(context)
    for number in range(3):
        waiting = await started(events)
        await tell_of(context, number)
        async with asyncio.timeout(SOON_S):
            await waiting
    await events.aclose()


@pytest.mark.usefixtures("no_look")
async def test_a_wake_up_that_comes_before_the_event_can_be_read_is_not_wasted(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    events = await watch(ctx)
    waiting = await started(events)
    async with fresh_services.database.unbound() as older:
        await older.execute(sa.text("SELECT pg_current_xact_id()"))
        await tell(fresh_services.database, ctx.caller.org_id, ctx.caller.user_id, 1, settle=False)
        fresh_services.bus.announce(live_channel(ctx.caller.org_id))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    async with asyncio.timeout(SOON_S):
        await waiting
    await events.aclose()


async def test_an_event_comes_within_a_look_when_no_wake_up_does(context: Context) -> None:
    events = await watch(context)
    waiting = await started(events)
    await tell_of(context, 1, announce=False)
    async with asyncio.timeout(SOON_S):
        assert number_of(await waiting) == 1
    await events.aclose()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """The places from which pages were read so far."""
    read: list[Place] = []
    after = persistence.live.after

    async def recorded(
        db: Reading, org_id: OrgId, place: Place, limit: int, user_id: UserId | None = None
    ) -> list[LiveEvent]:
        read.append(place)
        return await after(db, org_id, place, limit, user_id)

    monkeypatch.setattr(persistence.live, "after", recorded)
    return read


async def test_subscribers_who_keep_up_share_one_reader(context: Context, reads: list[Place]) -> None:
    subscribers = [await watch(context) for _ in range(20)]
    waiting = await asyncio.gather(*(started(events) for events in subscribers))
    while len(reads) < 20:
        await asyncio.sleep(SILENCE_S)
    reads.clear()
    await asyncio.sleep(1.2)
    assert len(reads) <= 2
    await tell_of(context, 1)
    assert [number_of(event) for event in await asyncio.gather(*waiting)] == [1] * 20
    assert len(reads) <= 4
    for events in subscribers:
        await events.aclose()


async def test_who_lags_behind_reads_for_itself_and_misses_nothing(context: Context) -> None:
    slow, quick = await watch(context), await watch(context)
    first = await asyncio.gather(started(slow), started(quick))
    await tell_of(context, 0)
    await asyncio.gather(*first)
    for page in range(3):
        await tell_of(context, *range(1 + page * PAGE, 1 + (page + 1) * PAGE))
        await take(quick, PAGE)
    await quick.aclose()
    assert await take_numbers(slow, 3 * PAGE) == list(range(1, 1 + 3 * PAGE))


async def test_an_event_that_comes_between_a_read_and_the_shared_pages_is_not_missed(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, late = await watch(context), follow(context, await beginning(context))
    on_quick = await started(quick)
    standing = persistence.live.standing

    async def tells_meanwhile(db: Reading, cursor: Cursor) -> Standing:
        monkeypatch.setattr(persistence.live, "standing", standing)
        await tell_of(context, 1)
        await on_quick  # the shared reader has moved on past what this read saw
        return await standing(db, cursor)

    monkeypatch.setattr(persistence.live, "standing", tells_meanwhile)
    assert await take_numbers(late, 1) == [1]
    await quick.aclose()


async def test_when_the_last_subscriber_leaves_nothing_stays_behind(context: Context) -> None:
    before = asyncio.all_tasks()
    one, other = await watch(context), await watch(context)
    waiting = [await started(one), await started(other)]
    await cancelled(waiting[0])
    await tell_of(context, 1)
    assert number_of(await waiting[1]) == 1
    await other.aclose()
    assert asyncio.all_tasks() == before


async def test_who_waits_survives_the_loss_of_every_connection(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    events = await watch(ctx)
    waiting = await started(events)
    async with fresh_services.database.unbound() as db:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        await db.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    await tell_of(ctx, 1)
    async with asyncio.timeout(SOON_S):
        assert number_of(await waiting) == 1
    await events.aclose()
