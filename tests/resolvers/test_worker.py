"""The worker outlives its jobs, its connections and its siblings; no job is lost, none runs for ever."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import resolvers.derivation
import resolvers.worker
from domain.jobs import Job, JobKind, JobState, Overtaken, QueueCounts
from domain.judging.records import State
from domain.values import SessionId
from persistence.database import Tenant
from resolvers.context import Context, Services
from resolvers.derivation import derive_session
from resolvers.worker import RUNNERS, Runner, Worker
from tests import forked
from tests.conftest import TestCluster
from tests.forked import Forked
from tests.history import arcs, bug_fix, dump, ended, judging, recorded, session_id, store
from tests.make import prompt
from tests.make_context import make_context
from tests.resolvers import worker_process

LEASE = timedelta(seconds=1)
UNHURRIED = timedelta(seconds=20)
"""A lease that no worker loses because the machine is busy, where its runs are counted."""


@asynccontextmanager
async def working(
    services: Services, runners: Mapping[JobKind, Runner] = RUNNERS, lease: timedelta = UNHURRIED
) -> AsyncGenerator[asyncio.Event]:
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(judging(services), 2, lease, runners).run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await worker


async def until(reached: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not reached():
            await asyncio.sleep(0.02)


async def counts(ctx: Context) -> QueueCounts:
    async with persistence.jobs.scope(ctx.services.database) as db:
        return await persistence.jobs.counts(db)


async def settled(ctx: Context, seconds: float = 30) -> None:
    """Until every session is derived."""
    waits = sa.text("SELECT count(*) AS n FROM jobs WHERE kind = 'derive_session' AND state IN ('queued', 'running')")
    async with asyncio.timeout(seconds):
        while True:
            async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
                if (await db.rows(waits))[0]["n"] == 0:
                    return
            await asyncio.sleep(0.05)


async def row(ctx: Context, id: SessionId) -> sa.RowMapping:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await db.row(sa.select(persistence.jobs.jobs).where(persistence.jobs.jobs.c.key == id))
    assert found is not None
    return found


async def make_due(ctx: Context) -> None:
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE state = 'queued'"))


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(fresh_services)


async def test_what_is_stored_gets_derived(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services):
        await store(ctx, one)
        await settled(ctx)
    assert [arc.state for arc in await arcs(ctx, one)] == [State.SCORED]


async def test_a_burst_of_batches_is_one_run(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = persistence.jobs._QUIET_OF  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setitem(quiet, JobKind.DERIVE_SESSION, timedelta(seconds=2))  # so long may a busy machine take to store
    runs: list[str] = []

    async def counting(services: Services, job: Job) -> None:
        runs.append(job.key)
        await derive_session(services, job)

    id = session_id()
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: counting}):
        for one in [*bug_fix(0), ended(8)]:
            await store(ctx, recorded(one, id=id))
        await settled(ctx)
    assert len(runs) <= 2, "all but what fell into the first run came as one"
    [arc] = await arcs(ctx, recorded(id=id))
    assert (arc.state, arc.measures.turn_count) == (State.SCORED, 2)


async def test_a_change_during_the_run_is_one_more_run(ctx: Context) -> None:
    runs: list[str] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(services: Services, job: Job) -> None:
        runs.append(job.key)
        begun.set()
        await go.wait()
        await derive_session(services, job)

    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: slow}):
        await store(ctx, one)
        await begun.wait()
        for minute in (3, 4, 5):
            await store(ctx, recorded(prompt("and round the tax as well", minute), id=one.id))
        go.set()
        await settled(ctx)
    assert len(runs) == 2
    assert [arc.measures.turn_count for arc in await arcs(ctx, one)] == [5]


async def test_a_stopping_worker_lets_its_job_finish(ctx: Context) -> None:
    begun = asyncio.Event()

    async def slow(services: Services, job: Job) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        await derive_session(services, job)

    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: slow}):
        await store(ctx, one)
        await begun.wait()
    assert len(await arcs(ctx, one)) == 1


async def test_a_stopping_worker_hands_back_what_takes_too_long(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.worker, "_GRACE_S", 0.1)
    begun = asyncio.Event()

    async def stuck(services: Services, job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: stuck}):
        await store(ctx, one)
        await begun.wait()
    left = await row(ctx, one.id)
    assert (left["state"], left["attempts"]) == (JobState.QUEUED, 0)


async def test_a_job_that_raises_ends_as_failed_and_says_where_but_not_what(ctx: Context) -> None:
    tries: list[int] = []

    async def broken(services: Services, job: Job) -> None:
        tries.append(job.attempt)
        raise ValueError("the prompt said: my password is hunter2")

    one, fine = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(900), ended(910))

    async def run(services: Services, job: Job) -> None:
        await (broken if job.key == one.id else derive_session)(services, job)

    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: run}):
        await store(ctx, one, fine)
        async with asyncio.timeout(30):
            while (await row(ctx, one.id))["state"] != JobState.FAILED:
                await make_due(ctx)
                await asyncio.sleep(0.1)
    assert tries == [1, 2, 3]
    error = (await row(ctx, one.id))["last_error"]
    assert "ValueError < test_worker.py" in error
    assert "hunter2" not in error
    assert len(await arcs(ctx, fine)) == 1, "the others go on"


async def test_being_overtaken_costs_no_try(ctx: Context) -> None:
    tries: list[int] = []

    async def overtaken(services: Services, job: Job) -> None:
        tries.append(job.attempt)
        if len(tries) < 5:
            raise Overtaken
        await derive_session(services, job)

    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: overtaken}):
        await store(ctx, one)
        async with asyncio.timeout(30):
            while not await arcs(ctx, one):
                await make_due(ctx)
                await asyncio.sleep(0.1)
    assert tries == [1] * 5


async def test_a_lost_lease_stops_the_run(ctx: Context) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def stuck(services: Services, job: Job) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: stuck}, LEASE):
        await store(ctx, one)
        await begun.wait()
        async with persistence.jobs.scope(ctx.services.database) as db:
            await db.execute(sa.text("UPDATE jobs SET token = token + 1"))
        await asyncio.wait_for(stopped.wait(), 10)
        async with persistence.jobs.scope(ctx.services.database) as db:
            await db.execute(sa.text("DELETE FROM jobs"))


async def test_a_session_of_older_rules_is_derived_again_at_the_start(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services):
        await store(ctx, one)
        await settled(ctx)
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET version = 'older' WHERE kind = 'derive_session'"))
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await db.execute(sa.text("UPDATE sub_sessions SET ruleset_version = 'older'"))
    async with working(ctx.services):
        async with asyncio.timeout(30):
            while (await arcs(ctx, one))[0].ruleset_version == "older":
                await asyncio.sleep(0.05)
        await settled(ctx)


async def test_cut_connections_lose_nothing(ctx: Context, cluster: TestCluster) -> None:
    told = [recorded(*bug_fix(300 * n, f"shop/part{n}.py"), ended(300 * n + 9)) for n in range(12)]
    async with working(ctx.services, lease=LEASE):
        await store(ctx, *told)
        for _ in range(4):
            await cluster.run(CUT.format(name=name_of(ctx)))
            await asyncio.sleep(0.4)
        async with asyncio.timeout(60):
            while len(await arcs(ctx, *told)) < 12:
                await asyncio.sleep(0.1)
    assert len(await arcs(ctx, *told)) == 12
    assert (await counts(ctx)).failed == 0


async def test_a_connection_cut_inside_the_storing_transaction_costs_no_try(
    ctx: Context, cluster: TestCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    end_run = resolvers.derivation._end_run

    async def cut_once(*given: Any) -> None:
        if len(tries) == 1:
            await cluster.run(CUT.format(name=name_of(ctx)))
        await end_run(*given)

    async def counting(services: Services, job: Job) -> None:
        tries.append(job.attempt)
        await derive_session(services, job)

    monkeypatch.setattr(resolvers.derivation, "_end_run", cut_once)
    one = recorded(*bug_fix(0), ended(8))
    async with working(ctx.services, {**RUNNERS, JobKind.DERIVE_SESSION: counting}):
        await store(ctx, one)
        async with asyncio.timeout(30):
            while len(tries) < 2:  # without the database: this test's own connections are cut, too
                await asyncio.sleep(0.05)
            while not await arcs(ctx, one):
                await asyncio.sleep(0.1)
    assert tries == [1, 1]


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"


def name_of(ctx: Context) -> str:
    return sa.make_url(ctx.services.database.urls.app).database or ""


async def test_a_job_that_kills_its_worker_ends_as_failed_after_three_tries(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    for attempt in (1, 2, 3):
        await make_due(ctx)
        assert await forked.ended(worker_process.run, ctx.services.database.urls.app, "die") == -signal.SIGKILL
        left = await row(ctx, one.id)
        assert (left["state"], left["attempts"]) == (JobState.RUNNING, attempt)
        await over(ctx, one.id)
        async with persistence.jobs.scope(ctx.services.database) as db:
            await persistence.job_runs.reap(db)
    left = await row(ctx, one.id)
    assert (left["state"], left["attempts"]) == (JobState.FAILED, 3)
    async with working(ctx.services):
        await asyncio.sleep(1)
    assert await arcs(ctx, one) == []
    assert (await row(ctx, one.id))["state"] == JobState.FAILED


async def over(ctx: Context, id: SessionId) -> None:
    """Until the lease has run out."""
    while (await row(ctx, id))["lease_until"] > datetime.now(UTC):
        await asyncio.sleep(0.1)


async def test_a_worker_that_was_paused_cannot_write_its_late_result(ctx: Context, tmp_path: Path) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await make_due(ctx)
    process = Forked(worker_process.run, (ctx.services.database.urls.app, "freeze"), tmp_path / "log")
    try:
        await until(lambda: _stopped(process.pid), 60)
        await over(ctx, one.id)
        await store(ctx, recorded(prompt("round the tax half up as well", 7.5), id=one.id))
        async with working(ctx.services):
            await settled(ctx)
        before = await dump(ctx)
        assert [arc.measures.turn_count for arc in await arcs(ctx, one)] == [3]
        os.kill(process.pid, signal.SIGCONT)
        await until(lambda: "lease was lost" in (tmp_path / "log").read_text(), 60)
        assert await dump(ctx) == before
    finally:
        process.kill()
        process.wait()


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def test_two_workers_share_the_queue(ctx: Context) -> None:
    told = [recorded(*bug_fix(300 * n, f"shop/part{n}.py"), ended(300 * n + 9)) for n in range(8)]
    async with working(ctx.services), working(replace(ctx.services)):
        await store(ctx, *told)
        await settled(ctx)
    assert len(await arcs(ctx, *told)) == 8
