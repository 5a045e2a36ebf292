"""Summaries as they are stored: written once, read along indexes, gone with what they rest on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.summaries
import persistence.summaries_of_many
from domain.scores.windows import Bounds
from domain.summaries import Course
from domain.values import SessionId, Span, UserId, Window
from persistence.database import Reading, Tenant, driver_of
from persistence.session_figures import session_figures
from persistence.summaries import session_summaries
from persistence.summaries_of_many import Wanted
from resolvers.context import Context, Services
from resolvers.derivation import derive_now
from resolvers.summaries import everybody, get_daily_summary, highlights, session_stats, stretch
from tests.history import bug_fix, clear, derive, ended, judging, recorded, store
from tests.make import START, prompt, time
from tests.make_context import make_context
from tests.sent import telling

Read = Callable[[Reading, Context, Wanted], Awaitable[object]]


async def stored(ctx: Context) -> list[tuple[object, ...]]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        mine = sa.select(session_summaries).where(session_summaries.c.org_id == ctx.caller.org_id)
        return [tuple(row) for row in await db.execute(mine.order_by(session_summaries.c.session_id))]


async def test_what_is_so_already_is_not_written_again(services: Services) -> None:
    ctx = await make_context(services)
    await store(ctx, told := recorded(*bug_fix(0), ended(8)))
    await derive(ctx, told)
    [before] = await stored(ctx)
    await derive(ctx, told)
    assert [before] == await stored(ctx)


async def test_a_session_that_goes_on_has_none_until_it_rests(services: Services) -> None:
    """Nobody told its end: it has ended once it rested for an hour, and begins again with the next event."""
    ctx = await make_context(services)
    await store(ctx, told := recorded(*bug_fix(0)))
    for minute, more, count in ((10, False, 0), (68, False, 1), (70, True, 0), (200, False, 1)):
        if more:
            await store(ctx, replace(told, events=(replace(prompt("And the tax, please", 69), session_id=told.id),)))
        await derive_now(judging(services, time(minute)), ctx.caller.org_id, told.id)
        assert len(await stored(ctx)) == count, minute


async def test_arcs_that_were_merged_into_another_session_are_its_continuation(services: Services) -> None:
    ctx = await make_context(services)
    first, second = recorded(*bug_fix(0), clear(8)), recorded(*bug_fix(10), ended(20))
    await store(ctx, first, second)
    await derive(ctx, first, second)
    async with services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.summaries.summaries_by_session(db, ctx.caller.org_id, [second.id, first.id])
    assert [one and one.outcome for one in found] == ["continued", "reached"]
    assert found[0] is not None
    assert found[0].session_type is None


async def _page(db: Reading, ctx: Context, wanted: Wanted) -> object:
    span = Span(*wanted.within)
    return await persistence.summaries.page(db, ctx.caller.org_id, span, wanted.user_id, Window(2))


async def _page_at(db: Reading, ctx: Context, wanted: Wanted) -> object:
    return await persistence.summaries.page_at(db, ctx.caller.org_id, Span(*wanted.within), wanted.user_id, 2, 0)


async def _stats(db: Reading, ctx: Context, wanted: Wanted) -> object:
    return await persistence.summaries_of_many.stats(db, ctx.caller.org_id, wanted)


async def _highlights(db: Reading, ctx: Context, wanted: Wanted) -> object:
    return await persistence.summaries_of_many.highlights(db, ctx.caller.org_id, wanted)


async def _totals(db: Reading, ctx: Context, wanted: Wanted) -> object:
    return await persistence.summaries_of_many.day_totals(db, ctx.caller.org_id, wanted)


async def _sessions(db: Reading, ctx: Context, wanted: Wanted) -> object:
    return await persistence.summaries_of_many.day_sessions(db, ctx.caller.org_id, wanted, 2)


@pytest.fixture
async def busy(services: Services) -> Context:
    """A developer with a session that is summed up, beside many others."""
    ctx = await make_context(services)
    await store(ctx, told := recorded(*bug_fix(0), ended(8)))
    await derive(ctx, told)
    long_ago = Course(START - timedelta(days=900), START - timedelta(days=900), 1, 0, 0, 0, timedelta(), ())
    others = {SessionId(str(uuid4())): (UserId(uuid4()), long_ago) for _ in range(300)}
    async with services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.summaries.save(db, ctx.caller.org_id, others)
        rows = [{"session_id": id, "user_id": user, "started_at": one.started_at} for id, (user, one) in others.items()]
        await db.execute(sa.insert(session_figures).values(org_id=ctx.caller.org_id), rows)
    return ctx


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("read", [_page, _page_at, _stats, _highlights, _totals, _sessions])
async def test_a_stretch_is_found_along_indexes(busy: Context, read: Read, alone: bool) -> None:
    """Row-level security keeps what it does not trust out of an index: the conditions are to be those of one."""
    wanted = Wanted(Bounds(START, time(600)), busy.caller.user_id if alone else None)
    plans: list[str] = []
    async with busy.services.database.read(Tenant(busy.caller.org_id)) as db:
        await db.execute(sa.text("SET LOCAL enable_seqscan = off"))
        await db.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
        sent: list[tuple[str, Sequence[object]]] = []
        with telling(lambda _, sql, values: sent.append((sql, values))):
            assert await read(db, busy, wanted)
        for sql, values in sent:
            rows = await driver_of(db.connection).fetch(f"EXPLAIN {sql}", *values)
            plans.append("\n".join(row[0] for row in rows))
    steps = [line for line in "\n".join(plans).splitlines() if " on " in line]
    assert not [step for step in steps if "Seq Scan on" in step]
    if read in (_page, _page_at):
        [condition] = [line for line in plans[0].splitlines() if "Index Cond" in line]
        assert all(part in condition for part in ("org_id", "started_at >=", "started_at <"))
        assert "Sort" not in plans[0]
        assert ("user_id" in condition) is alone


async def test_an_organisation_of_nobody_has_nothing_to_tell(services: Services) -> None:
    ctx = await make_context(services)
    reach, within = everybody(ctx), stretch(ctx.now(), None, None)
    assert await session_stats(services, reach, within) == []
    assert (await highlights(services, reach, within)).items == ()
    assert (await get_daily_summary(services, reach, None)).is_empty
