"""Runs in the background, asked after, cancelled, followed, and those whose worker dies."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

import persistence.insights.runs
import persistence.job_runs
import persistence.jobs
import resolvers.insight_runs
from domain.access import Scope
from domain.errors import Forbidden, Invalid, NotFound, TooMany
from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.results import Result
from domain.insights.runs import CANCELLED, DIED, Refresh, RunState, RunStatus
from domain.jobs import JobKind
from persistence.database import Tenant, Urls
from resolvers.context import Context, Services
from resolvers.insight_runs import cancel, follow, run, status
from resolvers.insight_slots import InsightSlots
from resolvers.worker import Worker
from tests.make_context import context_of, make_caller, make_context, make_org, make_user
from tests.resolvers.insight_runs.computing import (
    ORG,
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


@pytest.fixture
async def alone(fresh_services: Services) -> Context:
    """Somebody whose queue nobody else works on."""
    return await make_context(fresh_services, scopes=ORG)


@asynccontextmanager
async def working(ctx: Context, lease: timedelta = timedelta(seconds=20)):
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(ctx.services, 1, lease).run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def begun(ctx: Context, refresh: Refresh = Refresh.ASYNC, name: str | None = None) -> RunStatus:
    outcome = await run(ctx, query(), refresh, name, insight_id=7)
    assert outcome.status is not None
    return outcome.status


async def over(ctx: Context, id: str) -> resolvers.insight_runs.Reported:
    async with asyncio.timeout(20):
        while not (found := await status(ctx, id)).status.complete:
            await asyncio.sleep(0.02)
    return found


async def test_a_run_in_the_background_is_there_once_it_is_complete(alone: Context, computing: Computing) -> None:
    first = await begun(alone, name="mine")
    assert (first.id, first.complete, first.picked_up_at, first.insight_id) == ("mine", False, None, 7)
    second = await begun(alone)
    async with working(alone):
        found, other = await over(alone, "mine"), await over(alone, second.id)
    assert (found.status.state, found.status.failure, found.query) == (RunState.COMPLETED, None, query())
    assert found.status.started_at <= (found.status.picked_up_at or found.status.started_at)
    assert number(found.outcome) == number(other.outcome) == 1
    assert (await run(alone, query(), Refresh.BLOCKING)).is_cached
    assert await rows(alone, "SELECT 1 FROM jobs WHERE org_id = :org AND kind = 'run_insight'") == []


async def test_a_request_that_waits_computes_what_lies_in_the_queue(ctx: Context, computing: Computing) -> None:
    await begun(ctx, name="later")
    assert number(await run(ctx, query(), Refresh.BLOCKING)) == 1
    assert number((await status(ctx, "later")).outcome) == 1


async def test_a_run_belongs_to_who_asked_for_it(services: Services, computing: Computing) -> None:
    org = await make_org(services.database.urls)
    user, other = [await make_user(services.database.urls, org) for _ in range(2)]
    mine = context_of(services, make_caller(org, user, scopes=ORG))
    colleague = context_of(services, make_caller(org, other, scopes=ORG))
    stranger = await make_context(services, scopes=ORG)
    await begun(mine, name="mine")
    await begun(colleague, name="mine")
    await cancel(colleague, "mine")
    assert (await status(mine, "mine")).status.state is RunState.WAITING
    assert (await status(colleague, "mine")).status.state is RunState.CANCELLED
    await begun(mine, name="only mine")
    for who in (colleague, stranger):
        await cancel(who, "only mine")
        with pytest.raises(NotFound):
            await status(who, "only mine")
    assert (await status(mine, "only mine")).status.state is RunState.WAITING


@pytest.mark.parametrize("id", ["", "no such query", "x" * 201, "a\x00b", "\ud800"])
async def test_an_unknown_id_is_no_error_to_who_cancels(ctx: Context, id: str) -> None:
    await cancel(ctx, id)
    with pytest.raises(NotFound):
        await status(ctx, id)


@pytest.mark.parametrize("id", ["", "x" * 201, "a\x00b", "\ud800"])
async def test_an_id_that_cannot_be_kept_is_refused(ctx: Context, computing: Computing, id: str) -> None:
    with pytest.raises(Invalid, match="client_query_id"):
        await run(ctx, query(), Refresh.BLOCKING, id)


async def test_asking_after_a_run_and_cancelling_it_have_scopes_of_their_own(services: Services) -> None:
    reader = await make_context(services, scopes=frozenset({Scope.INSIGHT_READ}))
    with pytest.raises(Forbidden):
        await status(reader, "x")
    with pytest.raises(Forbidden):
        await cancel(reader, "x")


async def test_cancelling_stops_the_statement_in_postgresql(ctx: Context, urls: Urls, computing: Computing) -> None:
    async def sleep(services: Services, tenant: Tenant) -> Result:
        async with services.database.read(tenant) as db:
            await db.connection.exec_driver_sql("SELECT pg_sleep(60) /* a test that is cancelled */")
        return told(0)

    computing.instead = sleep
    asked = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING, "long"))
    while not await sleeping(ctx):
        await asyncio.sleep(0.01)
    async with elsewhere(ctx, urls) as there:
        await cancel(there, "long")
        ctx.services.bus.announce(resolvers.insight_runs.insight_channel(ctx.caller.org_id, await key(ctx)))
        with pytest.raises(InvalidQuery, match="cancelled"):
            await asked
        assert not await sleeping(ctx)
        await cancel(there, "long")
    found = (await status(ctx, "long")).status
    assert (found.state, found.complete, found.failure) == (RunState.CANCELLED, True, CANCELLED)


async def sleeping(ctx: Context) -> bool:
    """Whether PostgreSQL is at it."""
    active = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(60) %'"
    return bool(await rows(ctx, f"{active} AND CAST(:org AS uuid) IS NOT NULL"))


async def key(ctx: Context) -> bytes:
    [row] = await rows(ctx, "SELECT key FROM insight_runs WHERE org_id = :org")
    return row["key"]


async def test_who_waits_for_what_another_one_cancels_still_gets_it(ctx: Context, computing: Computing) -> None:
    computing.stop()
    mine = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING, "mine"))
    await computing.has_begun()
    other = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
    await cancel(ctx, "mine")
    with pytest.raises(InvalidQuery, match="cancelled"):
        await mine
    await computing.has_begun()
    computing.go_on.set()
    assert number(await other) == 2


async def test_a_run_that_others_asked_for_by_name_goes_on(ctx: Context, computing: Computing) -> None:
    computing.stop()
    mine = asyncio.create_task(run(ctx, query(), Refresh.BLOCKING))
    await computing.has_begun()
    names = [(await begun(ctx, name=name)).id for name in ("one", "two")]
    await cancel(ctx, "one")
    assert [(await status(ctx, name)).status.complete for name in names] == [True, False]
    await cancel(ctx, "two")
    computing.go_on.set()
    assert number(await mine) == 1, "who computes it still wants it"


async def test_a_run_in_the_background_is_cancelled_while_it_waits(alone: Context, computing: Computing) -> None:
    await begun(alone, name="mine")
    await cancel(alone, "mine")
    assert (await status(alone, "mine")).status.state is RunState.CANCELLED
    await begun(alone, name="mine")
    async with working(alone):
        assert (await over(alone, "mine")).status.state is RunState.COMPLETED, "the name stands for the newer run"
    assert len(computing.calls) == 1


async def test_a_run_in_the_background_that_fails_says_why(alone: Context, computing: Computing) -> None:
    async def too_costly(services: Services, tenant: Tenant) -> Result:
        raise TooCostly("ask for a shorter range")

    computing.instead = too_costly
    await begun(alone, name="mine")
    async with working(alone):
        found = (await over(alone, "mine")).status
    assert (found.state, found.failure and found.failure.message) == (RunState.FAILED, "ask for a shorter range")


async def test_the_run_of_a_worker_that_was_killed_is_taken_over(alone: Context, computing: Computing) -> None:
    await begun(alone, name="mine")
    async with persistence.jobs.scope(alone.services.database) as db:
        [job] = await persistence.job_runs.claim(db, 0, timedelta(seconds=-1), "", asking=1)
    assert job.kind is JobKind.RUN_INSIGHT
    async with alone.services.database.write(Tenant(alone.caller.org_id)) as db:
        found = await persistence.insights.runs.find_named(db, alone.caller.org_id, alone.caller.user_id, "mine")
        assert found is not None
        assert await persistence.insights.runs.take(db, found.run.wanted, found.run.id) is not None
    await lapse(alone)
    await changed(alone, "UPDATE jobs SET attempts = 0 WHERE org_id = :org")
    async with working(alone):
        hurry = asyncio.create_task(hurrying(alone))
        assert number((await over(alone, "mine")).outcome) == 1
        hurry.cancel()


async def hurrying(ctx: Context) -> None:
    """Pauses between tries pass at once."""
    while True:
        await changed(ctx, "UPDATE jobs SET run_after = now() WHERE org_id = :org AND state = 'queued'")
        ctx.services.bus.announce("jobs")
        await asyncio.sleep(0.05)


async def test_a_run_that_kills_every_worker_has_failed(alone: Context, computing: Computing) -> None:
    await begun(alone, name="mine")
    for attempt in range(3):
        await changed(alone, "UPDATE jobs SET run_after = now() WHERE org_id = :org AND state = 'queued'")
        async with persistence.jobs.scope(alone.services.database) as db:
            assert await persistence.job_runs.claim(db, 0, timedelta(seconds=-1), "", asking=1)
            if attempt < 2:
                await persistence.job_runs.reap(db)
    async with working(alone):
        found = (await over(alone, "mine")).status
    assert (found.state, found.failure) == (RunState.FAILED, DIED)
    assert await rows(alone, "SELECT 1 FROM jobs WHERE org_id = :org AND kind = 'run_insight'") == []


async def test_nothing_is_pending_for_ever_where_nobody_works(ctx: Context, computing: Computing) -> None:
    await begun(ctx, name="mine")
    await changed(ctx, "UPDATE insight_runs SET lease_until = now() - interval '2 min' WHERE org_id = :org")
    found = (await status(ctx, "mine")).status
    assert (found.state, found.failure) == (RunState.FAILED, DIED)


async def test_runs_are_forgotten(ctx: Context, computing: Computing) -> None:
    await begun(ctx, name="old")
    await run(ctx, query(), Refresh.BLOCKING, "old too")
    await changed(ctx, "UPDATE insight_runs SET created_at = now() - interval '61 min',"
                       " lease_until = now() - interval '41 min' WHERE org_id = :org")  # fmt: skip
    await run(ctx, query("command"), Refresh.BLOCKING)
    for name in ("old", "old too"):
        with pytest.raises(NotFound):
            await status(ctx, name)
    assert len(await rows(ctx, "SELECT 1 FROM insight_runs WHERE org_id = :org")) == 1
    await run(ctx, query("prompt"), Refresh.FORCE_BLOCKING, "older")
    await changed(ctx, "UPDATE insight_run_names SET asked_at = now() - interval '61 min' WHERE org_id = :org")
    with pytest.raises(NotFound):
        await status(ctx, "older")


async def test_so_many_runs_wait_at_a_time(ctx: Context, computing: Computing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence.insights.runs, "MOST_GOING", 2)
    for name in ("a", "b"):
        await run(ctx, query(name), Refresh.ASYNC)
    await run(ctx, query("a"), Refresh.ASYNC)
    with pytest.raises(TooMany):
        await run(ctx, query("c"), Refresh.ASYNC)


async def test_an_organisation_computes_so_many_queries_at_a_time(ctx: Context, computing: Computing) -> None:
    ctx = replace(ctx, services=replace(ctx.services, insight_slots=InsightSlots(4, of_one=1, waiting=1)))
    computing.stop()
    first = asyncio.create_task(run(ctx, query("a"), Refresh.BLOCKING))
    await computing.has_begun()
    second = asyncio.create_task(run(ctx, query("b"), Refresh.BLOCKING))
    while len(await rows(ctx, "SELECT 1 FROM insight_runs WHERE org_id = :org")) < 2:
        await asyncio.sleep(0.01)
    with pytest.raises(TooMany) as refused:
        await run(ctx, query("c"), Refresh.BLOCKING)
    assert refused.value.retry_after_s == 5
    assert len(computing.calls) == 1
    computing.go_on.set()
    assert [number(await task) for task in (first, second)] == [1, 2]
    assert number(await run(ctx, query("c"), Refresh.BLOCKING)) == 3, "what was refused is left to others"


async def test_a_follower_gets_each_newer_result_and_none_twice(alone: Context, computing: Computing) -> None:
    async with working(alone), asyncio.timeout(20), aclosing(follow(alone, query())) as news:
        first = await anext(news)
        assert number(first) == 1, "what nobody asked for yet is computed"
        await run(alone, query(), Refresh.FORCE_ASYNC)
        assert number(await anext(news)) == 2
    async with aclosing(follow(alone, query(), first.cursor)) as again:
        assert number(await anext(again)) == 2
    with pytest.raises(Invalid):
        await anext(follow(alone, query(), "bm90aGluZw"))


async def test_a_follower_hears_of_a_query_that_cannot_be_computed(alone: Context, computing: Computing) -> None:
    async def too_costly(services: Services, tenant: Tenant) -> Result:
        raise TooCostly("ask for a shorter range")

    computing.instead = too_costly
    async with working(alone), asyncio.timeout(20), aclosing(follow(alone, query())) as news:
        with pytest.raises(InvalidQuery, match="shorter range"):
            await anext(news)


async def test_a_stale_result_is_computed_anew_for_who_follows(alone: Context, computing: Computing) -> None:
    await run(alone, query(), Refresh.BLOCKING)
    later = at(alone, timedelta(hours=1))
    async with working(later), asyncio.timeout(20), aclosing(follow(later, query())) as news:
        assert [number(await anext(news)) for _ in range(2)] == [1, 2]


async def test_a_worker_that_finds_no_slot_tries_again_without_an_end(alone: Context, computing: Computing) -> None:
    ctx = replace(alone, services=replace(alone.services, insight_slots=InsightSlots(4, of_one=1, waiting=0)))
    computing.stop()
    first = asyncio.create_task(run(ctx, query("a"), Refresh.BLOCKING))
    await computing.has_begun()
    later = (await run(ctx, query("b"), Refresh.ASYNC)).status
    assert later is not None
    async with working(ctx):
        hurry = asyncio.create_task(hurrying(ctx))
        while (await tries(ctx)) < 5:
            await asyncio.sleep(0.01)
        computing.go_on.set()
        assert (await over(ctx, later.id)).status.state is RunState.COMPLETED
        hurry.cancel()
    assert number(await first) == 1


async def tries(ctx: Context) -> int:
    """How often runs were taken that are not over."""
    found = await rows(ctx, "SELECT token FROM insight_runs WHERE org_id = :org AND ended_at IS NULL")
    return sum(row["token"] for row in found)
