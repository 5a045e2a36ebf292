"""Results of queries on PostgreSQL: one computes what many ask for, others wait, cancel, come too late or die."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

import persistence.insights.cache
from domain.access import KeyKind
from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.results import Result
from domain.insights.runs import Refresh, RunState
from persistence.database import Tenant, Urls
from resolvers.context import Context, Services
from resolvers.insight_runs import Outcome, cached, run, status
from tests.make_context import NOW, context_of, make_caller, make_context, make_org, make_user
from tests.resolvers.insight_runs.computing import (
    ANALYST,
    ORG,
    Compute,
    Computing,
    at,
    changed,
    elsewhere,
    lapse,
    number,
    query,
    rows,
    told,
)
from tests.sent import telling

FRESH, STALE, OLD = timedelta(minutes=1), timedelta(minutes=30), timedelta(days=2)
KEPT, NEW, NOTHING, KEPT_AND_RUN, RUN = "kept", "new", "nothing", "kept, and a run", "a run"
MODES = {
    Refresh.FORCE_CACHE: (KEPT, KEPT, KEPT, NOTHING),
    Refresh.BLOCKING: (KEPT, NEW, NEW, NEW),
    Refresh.ASYNC: (KEPT, KEPT_AND_RUN, KEPT_AND_RUN, RUN),
    Refresh.LAZY_ASYNC: (KEPT, KEPT, KEPT_AND_RUN, RUN),
    Refresh.ASYNC_EXCEPT_ON_CACHE_MISS: (KEPT, KEPT_AND_RUN, KEPT_AND_RUN, NEW),
    Refresh.FORCE_BLOCKING: (NEW, NEW, NEW, NEW),
    Refresh.FORCE_ASYNC: (RUN, RUN, RUN, RUN),
}


def came(outcome: Outcome) -> str:
    """What the outcome is; a result that was kept has number 1, or none was there."""
    if outcome.status is not None:
        assert (outcome.status.state, outcome.status.query_async) == (RunState.WAITING, True)
        return RUN if outcome.result is None else KEPT_AND_RUN
    if outcome.result is None:
        return NOTHING
    assert outcome.is_cached == (outcome.last_refresh == NOW)
    return KEPT if outcome.is_cached else NEW


@pytest.mark.parametrize("refresh", Refresh)
async def test_each_mode_does_what_the_table_says(services: Services, computing: Computing, refresh: Refresh) -> None:
    found = list[str]()
    for later in (FRESH, STALE, OLD):
        ctx = await make_context(services, scopes=ORG)
        await run(ctx, query(), Refresh.BLOCKING)
        found.append(came(await run(at(ctx, later), query(), refresh)))
    ctx = await make_context(services, scopes=ORG)
    found.append(came(await run(at(ctx, FRESH), query(), refresh)))
    assert tuple(found) == MODES[refresh]
    assert len(computing.calls) == 3 + found.count(NEW)


async def test_a_hundred_equal_requests_run_one_query(ctx: Context, computing: Computing) -> None:
    computing.stop()
    asked = [asyncio.create_task(run(ctx, query(), Refresh.BLOCKING)) for _ in range(100)]
    await computing.has_begun()
    computing.go_on.set()
    assert {number(outcome) for outcome in await asyncio.gather(*asked)} == {1}
    assert len(computing.calls) == 1


async def test_equal_requests_in_two_processes_run_one_query(ctx: Context, urls: Urls, computing: Computing) -> None:
    computing.stop()
    async with elsewhere(ctx, urls) as there:
        asked = [asyncio.create_task(run(one, query(), Refresh.BLOCKING)) for one in (ctx, there) for _ in range(5)]
        await computing.has_begun()
        computing.go_on.set()
        assert {number(outcome) for outcome in await asyncio.gather(*asked)} == {1}
    assert len(computing.calls) == 1


async def test_different_queries_zones_and_developers_have_results_of_their_own(
    services: Services, computing: Computing
) -> None:
    org = await make_org(services.database.urls)
    user, other = [await make_user(services.database.urls, org) for _ in range(2)]
    here = make_caller(org, user, scopes=ANALYST)
    callers = [
        here,
        make_caller(org, user, scopes=ORG),
        make_caller(org, other, scopes=ANALYST),
        replace(here, time_zone="Europe/Berlin"),
    ]
    for caller in callers:
        await run(context_of(services, caller), query(), Refresh.BLOCKING)
    await run(context_of(services, here), query("command"), Refresh.BLOCKING)
    whose = [user.id, None, other.id, user.id, user.id]
    assert [tenant.user_id for tenant in computing.calls] == whose

    again = [*callers, make_caller(org, other, scopes=ANALYST, kind=KeyKind.PERSONAL)]
    kept = [await run(context_of(services, caller), query(), Refresh.FORCE_CACHE) for caller in again]
    assert [number(outcome) for outcome in kept] == [1, 2, 3, 4, 2], "a personal key counts everybody's events"


async def test_what_only_shows_and_the_order_of_fields_make_no_other_query(ctx: Context, computing: Computing) -> None:
    one = query(interval="day", dateRange={"date_from": "-7d", "date_to": None})
    same = query(dateRange={"date_from": "-7d"}, interval="day", response={"results": [1]}, version=2.0)
    await run(ctx, one, Refresh.BLOCKING)
    assert (await run(ctx, same, Refresh.BLOCKING)).is_cached


async def test_a_new_result_is_shared_with_who_asks_for_one_right_away(ctx: Context, computing: Computing) -> None:
    await run(ctx, query(), Refresh.BLOCKING)
    computing.stop()
    asked = [asyncio.create_task(run(ctx, query(), Refresh.FORCE_BLOCKING)) for _ in range(10)]
    await computing.has_begun()
    computing.go_on.set()
    assert {number(outcome) for outcome in await asyncio.gather(*asked)} == {2}
    assert len(computing.calls) == 2


async def test_who_asks_for_a_new_result_gets_none_that_was_begun_before(ctx: Context, computing: Computing) -> None:
    computing.stop()
    usual = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
    await computing.has_begun()
    await changed(ctx, "UPDATE insight_runs SET began_at = began_at - interval '5 s' WHERE org_id = :org")
    forced = [asyncio.create_task(run(ctx, query(), Refresh.FORCE_BLOCKING)) for _ in range(5)]
    later = await run(ctx, query(), Refresh.FORCE_ASYNC)
    joined = await run(ctx, query(), Refresh.ASYNC)
    assert later.status is not None
    assert joined.status is not None
    assert later.status.id != joined.status.id
    computing.go_on.set()
    assert number(await usual) == 1
    assert {number(outcome) for outcome in await asyncio.gather(*forced)} == {2}
    ended = [(await status(ctx, id)).status.state for id in (joined.status.id, later.status.id)]
    assert ended == [RunState.COMPLETED] * 2, "who waited computed what was to be computed in the background"


async def test_the_run_of_a_process_that_died_is_taken_over(ctx: Context, urls: Urls, computing: Computing) -> None:
    computing.stop()
    async with elsewhere(ctx, urls) as there:
        dead = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
        await computing.has_begun()
        waiting = asyncio.create_task(run(there, query(), Refresh.BLOCKING))
        while len(computing.calls) < 2:  # a beat of the first process may come in between
            await lapse(ctx)
            await asyncio.sleep(0.02)
        computing.go_on.set()
        assert number(await waiting) == 2
        assert number(await dead) == 2, "what it computed itself came too late to be kept"


async def test_the_run_of_a_request_that_went_away_is_taken_over(ctx: Context, computing: Computing) -> None:
    computing.stop()
    gone = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
    await computing.has_begun()
    waiting = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
    gone.cancel()
    await computing.has_begun()
    computing.go_on.set()
    assert number(await waiting) == 2
    with pytest.raises(asyncio.CancelledError):
        await gone


async def too_costly(services: Services, tenant: Tenant) -> Result:
    raise TooCostly("ask for a shorter range")


async def gone_wrong(services: Services, tenant: Tenant) -> Result:
    raise ValueError("of what was captured: nothing of this is shown")


@pytest.mark.parametrize(
    ("fails", "raised", "message"),
    [
        (too_costly, TooCostly, "ask for a shorter range"),
        (gone_wrong, ValueError, "The query could not be computed. The server's log says why."),
    ],
)
async def test_a_query_that_fails_says_so_to_all_who_wait(
    ctx: Context, computing: Computing, fails: Compute, raised: type[Exception], message: str
) -> None:
    async def later(services: Services, tenant: Tenant) -> Result:
        await computing.go_on.wait()
        return await fails(services, tenant)

    computing.instead = later
    computing.stop()
    first = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING, "mine"))
    await computing.has_begun()
    second = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING, "mine too"))
    while not await rows(ctx, "SELECT 1 FROM insight_run_names WHERE org_id = :org AND name = 'mine too'"):
        await asyncio.sleep(0.01)
    computing.go_on.set()
    with pytest.raises(raised):
        await first
    with pytest.raises(InvalidQuery, match=message):
        await second
    found = (await status(ctx, "mine too")).status
    assert (found.state, found.failure and found.failure.message) == (RunState.FAILED, message)
    computing.instead = None
    assert number(await run(ctx, query(), Refresh.BLOCKING)) == 2, "the next request tries anew"


async def test_a_result_that_is_too_large_is_refused(ctx: Context, computing: Computing) -> None:
    async def large(services: Services, tenant: Tenant) -> Result:
        return told("x" * persistence.insights.cache.MOST_BYTES)

    computing.instead = large
    with pytest.raises(TooCostly, match="larger than 4 MiB"):
        await run(ctx, query(), Refresh.BLOCKING)


async def test_the_least_recently_read_results_go_beyond_the_bound(ctx: Context, computing: Computing) -> None:
    async def some(services: Services, tenant: Tenant) -> Result:
        return told("x" * 1_000)

    computing.instead = some
    ctx = replace(ctx, services=replace(ctx.services, insight_cache_bytes=3_500))
    names = ["one", "two", "three"]
    for hours, name in enumerate(names):
        await run(ctx, query(name), Refresh.BLOCKING)
        ago = f"UPDATE insight_results SET read_at = now() - interval '{9 - hours} hours' WHERE org_id = :org"
        await changed(ctx, ago + " AND read_at > now() - interval '1 hour'")
    assert (await run(ctx, query("one"), Refresh.FORCE_CACHE)).is_cached  # is noted as read just now
    await run(ctx, query("four"), Refresh.BLOCKING)
    kept = await cached(ctx, [query(name) for name in [*names, "four"]])
    assert [outcome.is_cached for outcome in kept] == [True, False, True, True]
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.insights.cache.forget(db, ctx.caller.org_id)
    assert not any(outcome.is_cached for outcome in await cached(ctx, [query(name) for name in names]))


async def test_a_page_of_kept_results_is_one_statement(ctx: Context, computing: Computing) -> None:
    for name in ("a", "b", "c"):
        await run(ctx, query(name), Refresh.BLOCKING)
    sent = list[str]()
    with telling(lambda _, sql, __: sent.append(sql)):
        found = await cached(ctx, [query(name) for name in [*"xcab", *map(str, range(96))]])
    assert [number(outcome) for outcome in found[:5]] == [None, 3, 1, 2, None]
    assert len(found) == 100
    assert len(sent) == 1


async def test_what_was_read_before_an_erasure_is_computed_anew(ctx: Context, computing: Computing) -> None:
    async def erased(services: Services, tenant: Tenant) -> Result:
        computing.instead = None
        async with services.database.write(Tenant(tenant.org_id)) as db:
            await persistence.insights.cache.forget(db, tenant.org_id)
        return told("of what is erased")

    computing.instead = erased
    assert number(await run(ctx, query(), Refresh.BLOCKING)) == 2
    assert number(await run(ctx, query(), Refresh.FORCE_CACHE)) == 2
