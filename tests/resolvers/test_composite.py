"""The older score from recorded sessions: derived, kept by days, read for any period, pooled and taken away again."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

import persistence.composite
import persistence.erasure
import resolvers.composite
from domain.access import Scope
from domain.errors import Invalid
from domain.judging.arcs import SessionLog
from domain.scores.composite import Composite
from domain.scores.composite_trail import Trail, trails
from domain.scores.windows import Bounds, WindowKind, last_windows
from domain.timeline import Tokens
from domain.values import SessionId, UserId
from persistence.composite import session_days
from persistence.database import Tenant, driver_of, fetch, owner_scope
from persistence.statements import ready
from resolvers.composite import composites_in, composites_of, get_organisation_composite
from resolvers.context import Context, Services
from tests.history import Recorded, bug_fix, clear, derive, recorded, store
from tests.make import START, response
from tests.make_context import DEVELOPER, make_context, make_org
from tests.sent import telling

Z = ZoneInfo("UTC")
WEEK = 7 * 24 * 60
NOW = START + timedelta(weeks=4, days=2)
"""A Wednesday, in the fifth week of work."""


def _at(services: Services, now: datetime = NOW) -> Services:
    return replace(services, now=lambda: now)


async def _worked(ctx: Context, *weeks: int) -> list[Recorded]:
    """A bug fixed on Monday morning of each of these weeks, each in another project and session."""
    told = [
        recorded(
            *bug_fix(week * WEEK),
            response("done", week * WEEK + 6, tokens=Tokens(100, 600, 9_000), request_id=f"{week}"),
            project=f"/p/{week}",
        )
        for week in weeks
    ]
    await store(ctx, *told)
    await derive(ctx, *told)
    return told


async def _days(ctx: Context) -> list[tuple[object, ...]]:
    async with ctx.read() as db:
        mine = sa.select(session_days).where(session_days.c.org_id == ctx.caller.org_id)
        return [tuple(row) for row in await db.execute(mine.order_by(session_days.c.day, session_days.c.session_id))]


async def _weekly(ctx: Context, count: int = 5) -> tuple[Composite, ...]:
    periods = [window.bounds for window in last_windows(WindowKind.WEEKLY, ctx.now(), Z, count)]
    found = await composites_of(ctx.services, ctx.tenant, [ctx.caller.user_id], periods, Z)
    assert found.by_developer == {ctx.caller.user_id: found.pooled}
    return found.pooled


async def test_weeks_are_worked_out_from_what_sessions_left_behind(services: Services) -> None:
    ctx = await make_context(_at(services))
    await _worked(ctx, *range(5))
    found = await _weekly(ctx)
    now = found[-1]
    assert (now.prompt_count, now.arc_count, now.scored_prompt_count, now.stretch_count) == (2, 1, 1, 1)
    assert [one.sse for one in found] == [None, None, None, 7.5, 7.5]
    assert (now.ie, now.crr, now.fc, now.qr) == (5, 0, round(10 * 7 / 90, 2), 1)
    assert (now.active_hours, now.speed_hours, now.tokens_per_hour) == (0.12, 0.12, 6_000)
    assert (now.response_seconds, now.pause_seconds) == (360, 60)
    assert (now.rlr, now.first_try_rate, now.rework_rate) == (0, 1, 0)
    assert now.pes == 8.75
    assert now.skill == pytest.approx(45 * 0.75 + 2 * 8.75 + 15 * 0.5 + 10 * 7 / 90, abs=0.06)
    assert now.efficiency_10 == 10
    assert now.prism is not None


async def test_deriving_again_changes_nothing_and_new_events_only_their_day(services: Services) -> None:
    ctx = await make_context(_at(services))
    told = await _worked(ctx, 0, 1)
    days = await _days(ctx)
    assert len(days) == 2
    await derive(ctx, *told)
    assert await _days(ctx) == days
    later = recorded(clear(20), *bug_fix(24 * 60), id=told[0].id, project="/p/0")
    await store(ctx, later)
    await derive(ctx, later)
    again = await _days(ctx)
    assert len(again) == 3
    assert again[-1] == days[-1]
    assert again[0] != days[0]


async def test_days_that_a_session_has_no_more_are_cleared(services: Services) -> None:
    ctx = await make_context(_at(services))
    [told] = await _worked(ctx, 0)
    log = SessionLog(told.id, ctx.caller.user_id, None, None, tuple(bug_fix(24 * 60)))
    [moved] = trails([log], [])
    for left, count in ((moved, 1), (Trail(), 0)):
        async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
            await persistence.composite.save(db, ctx.caller.org_id, {told.id: (ctx.caller.user_id, left)})
        assert len(await _days(ctx)) == count


async def test_what_is_erased_counts_no_more(services: Services) -> None:
    ctx = await make_context(_at(services))
    told = await _worked(ctx, *range(5))
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.erasure.erase_sessions(db, ctx.caller.org_id, [told[-1].id])
    assert [one.prompt_count for one in await _weekly(ctx)] == [2, 2, 2, 2, 0]


async def test_periods_of_any_kind_and_zone(services: Services) -> None:
    ctx = await make_context(_at(services))
    await _worked(ctx, 0, 4)
    monday = START.replace(hour=0) + timedelta(weeks=4)
    periods = [
        Bounds(monday, monday + timedelta(days=1)),
        Bounds(monday + timedelta(hours=9), monday + timedelta(hours=9, minutes=2)),
        Bounds(START, NOW),
        Bounds(NOW, NOW + timedelta(days=3)),
    ]
    found = (await composites_of(ctx.services, ctx.tenant, [ctx.caller.user_id], periods, Z)).pooled
    assert [one.prompt_count for one in found] == [2, 1, 4, 0]
    assert [one.active_hours for one in found] == [0.12, 0.03, 0.23, 0]
    assert [one.period for one in found] == periods


async def test_an_organisation_is_pooled_from_three_statements_however_many_work_there(services: Services) -> None:
    org = await make_org(services.database.urls)
    everybody = [await make_context(_at(services), org=org) for _ in range(3)]
    for number, ctx in enumerate(everybody):
        await _worked(ctx, *range(4 - number, 5))
    ids = [ctx.caller.user_id for ctx in everybody]
    periods = [window.bounds for window in last_windows(WindowKind.WEEKLY, NOW, Z, 2)]
    sent: list[str] = []
    with telling(lambda _driver, sql, _values: sent.append(sql)):
        found = await composites_of(_at(services), Tenant(org.id), ids, periods, Z)
    assert len([sql for sql in sent if sql.startswith("SELECT")]) == 3
    assert len(sent) == 5
    assert [one.prompt_count for one in found.pooled] == [4, 6]
    assert found.pooled[1].developer_count == 3
    assert list(found.by_developer) == ids
    alone = await composites_of(_at(services), Tenant(org.id), ids[:1], periods, Z)
    assert alone.pooled == found.by_developer[ids[0]]
    nobody = await composites_of(_at(services), Tenant(org.id), [], periods, Z)
    assert [one.prompt_count for one in nobody.pooled] == [0, 0]
    assert (await composites_of(_at(services), Tenant(org.id), ids, [], Z)).pooled == ()
    lead = await make_context(_at(services), org=org, scopes=DEVELOPER | {Scope.ORG_READ})
    assert await get_organisation_composite(lead, WindowKind.WEEKLY) == found.pooled[1]


async def test_more_developers_than_can_be_waited_for_are_refused(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await make_org(services.database.urls)
    for _ in range(3):
        await _worked(await make_context(_at(services), org=org), 4)
    lead = await make_context(_at(services), org=org, scopes=DEVELOPER | {Scope.ORG_READ})
    monkeypatch.setattr(resolvers.composite, "MOST_POOLED", 3)
    assert (await get_organisation_composite(lead, WindowKind.WEEKLY)).developer_count == 3
    monkeypatch.setattr(resolvers.composite, "MOST_POOLED", 2)
    with pytest.raises(Invalid):
        await get_organisation_composite(lead, WindowKind.WEEKLY)


async def test_nobody_sees_what_others_did(services: Services) -> None:
    org = await make_org(services.database.urls)
    ctx, other = [await make_context(_at(services), org=org) for _ in range(2)]
    await _worked(ctx, 4)
    mine = await composites_of(ctx.services, other.tenant, [ctx.caller.user_id], [Bounds(START, NOW)], Z)
    assert mine.pooled[0].prompt_count == 0
    reader = await make_context(_at(services), org=org, scopes=DEVELOPER | {Scope.ORG_READ})
    [seen] = await composites_in(reader, ctx.caller.user_id, [Bounds(START, NOW)], Z)
    assert seen.prompt_count == 2


async def test_days_are_found_by_an_index_whatever_others_did(services: Services) -> None:
    """Row-level security keeps what it does not trust out of an index: the condition is to be one of the index."""
    ctx = await make_context(services)
    org_id, sent = ctx.caller.org_id, ready(vars(persistence.composite)["_DAYS"])
    day = Trail(resets=(int(START.timestamp() * 1000),))
    async with ctx.services.database.write(Tenant(org_id)) as db:
        users = [UserId(uuid4()) for _ in range(3)]
        for user_id in users:
            sessions = {SessionId(str(uuid4())): (user_id, day) for _ in range(300)}
            await persistence.composite.save(db, org_id, sessions)
    async with owner_scope(ctx.services.database.urls) as db:
        await db.execute(sa.text("ANALYZE session_days"))
    async with ctx.services.database.read(Tenant(org_id)) as db:
        dates = dict.fromkeys(("since", "until", "details"), NOW.date())
        values = sent.values({"org_id": org_id, "users": users[:1], **dates})
        lines = [row["QUERY PLAN"] for row in await fetch(driver_of(db.connection), f"EXPLAIN {sent.sql}", values)]
    [condition] = [line for line in lines if "Index Cond" in line]
    assert all(name in condition for name in ("org_id", "user_id", "day >=", "day <"))
