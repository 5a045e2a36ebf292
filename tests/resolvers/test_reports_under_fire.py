"""Reports whose workers are killed, doubled, cut off, poisoned: each ends once, and who wanted to know is told."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import sqlalchemy as sa

import persistence.erasure
import persistence.job_runs
import persistence.jobs
import persistence.reports
import resolvers.report_writing
import resolvers.reports
from domain.errors import Unavailable
from domain.jobs import Job, JobKind
from domain.languages import Language
from domain.reports.document import Document
from domain.reports.records import Report, ReportId, ReportKind, ReportStatus, Stage, Written, period
from domain.values import SessionId
from domain.webhooks import Hook
from persistence.bus import JOBS
from persistence.database import Tenant
from persistence.webhooks import webhook_deliveries
from resolvers.context import Context, Services
from resolvers.report_facts import Progress
from resolvers.worker import RUNNERS, Worker
from tests import forked
from tests.history import bug_fix, drain, ended, judging, recorded, store
from tests.make_context import make_context
from tests.resolvers import report_process
from tests.resolvers.test_worker import CUT, name_of

LEASE = timedelta(seconds=1)
UNHURRIED = timedelta(seconds=20)
"""A lease that no worker loses because the machine is busy, where each is to write what it has claimed."""
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOOK = Hook("https://hooks.example/told", {"x-token": "secret"})


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    """A developer who has reached a goal, with a queue of their own."""
    ctx = await make_context(fresh_services)
    await store(ctx, recorded(*bug_fix(0), ended(8)))
    return ctx


async def ask_for(ctx: Context, count: int = 1) -> list[ReportId]:
    """Reports that somebody wants to be told of."""
    of = period(MONDAY, MONDAY + timedelta(days=1), resolvers.reports.zone_named("UTC"))
    made = [resolvers.reports.new_report(ctx, ReportKind.V3, "fire", Language.EN, of) for _ in range(count)]
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        for report in made:
            await resolvers.reports.enqueue(db, report, HOOK)
    ctx.services.bus.announce(JOBS)
    return [report.id for report in made]


async def keep_still(services: Services, job: Job) -> None:
    """Webhooks are let be: what was left to be told is what is looked at."""
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.end(db, job)


@asynccontextmanager
async def workers(ctx: Context, count: int = 1, concurrency: int = 2, lease: timedelta = LEASE) -> AsyncGenerator[None]:
    runners = {**RUNNERS, JobKind.DELIVER_WEBHOOK: keep_still}
    stop = asyncio.Event()
    made = [Worker(judging(ctx.services), concurrency, lease, runners) for _ in range(count)]
    tasks = [asyncio.create_task(worker.run(stop)) for worker in made]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def rows(ctx: Context, statement: "sa.Select[tuple[object, ...]]") -> list[sa.RowMapping]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        return list(await db.rows(statement))


async def statuses(ctx: Context) -> Counter[str]:
    return Counter(row["status"] for row in await rows(ctx, sa.select(persistence.reports.reports.c.status)))


async def over(ctx: Context, seconds: float = 60) -> Counter[str]:
    """How all reports have ended."""
    async with asyncio.timeout(seconds):
        while (found := await statuses(ctx)).keys() & {"pending", "running"}:
            await asyncio.sleep(0.1)
    return found


async def check_ends(ctx: Context, *told: ReportId) -> None:
    """Each report has one last line, these are told of once each, and nothing waits any more."""
    changes = persistence.reports.report_changes.c
    ends = [one for one in ReportStatus if one.over]
    last = sa.select(changes.report_id, sa.func.count().label("n")).where(changes.status.in_(ends))
    assert {row["n"] for row in await rows(ctx, last.group_by(changes.report_id))} == {1}
    bodies = [orjson.loads(str(row["body"])) for row in await rows(ctx, sa.select(webhook_deliveries.c.body))]
    assert sorted(body["data"]["jobId"] for body in bodies) == sorted(f"job_{id.hex}" for id in told)
    jobs = persistence.jobs.jobs.c
    assert await rows(ctx, sa.select(jobs.key).where(jobs.kind == JobKind.WRITE_REPORT)) == []
    hooks = persistence.reports.reports.c.hook
    assert await rows(ctx, sa.select(hooks).where(hooks.is_not(None))) == []


async def killed_at(ctx: Context, stage: Stage) -> None:
    """A worker that is killed there."""
    assert await forked.ended(report_process.run, ctx.services.database.urls.app, stage) == -signal.SIGKILL


async def test_a_report_whose_worker_is_killed_is_written_by_the_next(ctx: Context) -> None:
    [id] = await ask_for(ctx)
    await killed_at(ctx, Stage.FINALIZING)
    assert await statuses(ctx) == {"running": 1}
    async with workers(ctx):
        assert await over(ctx) == {"completed": 1}
    await check_ends(ctx, id)


async def test_a_report_that_kills_every_worker_has_failed(ctx: Context) -> None:
    [id] = await ask_for(ctx)
    for _ in range(3):  # as a worker that is killed leaves it
        async with persistence.jobs.scope(ctx.services.database) as db:
            await persistence.job_runs.reap(db)
        await expire_pauses(ctx)
        async with persistence.jobs.scope(ctx.services.database) as db:
            claimed = await persistence.job_runs.claim(db, 10, timedelta(seconds=-1), "")
        assert str(id) in [job.key for job in claimed]
    async with workers(ctx):
        assert await over(ctx) == {"failed": 1}
    await check_ends(ctx, id)


async def test_a_report_that_nobody_can_write_has_failed(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    async def poisoned(services: Services, report: Report, told: Progress) -> Written:
        raise ValueError("of what was captured: nothing of this is shown")

    monkeypatch.setattr(resolvers.report_writing, "write_prism", poisoned)
    [id] = await ask_for(ctx)
    hurry = asyncio.create_task(hurrying(ctx))
    async with workers(ctx):
        assert await over(ctx) == {"failed": 1}
    hurry.cancel()
    [row] = await rows(ctx, sa.select(persistence.reports.reports.c.failure))
    assert row["failure"] == {"code": "internal", "message": "Writing it went wrong several times.", "retryable": True}
    await check_ends(ctx, id)


async def test_a_report_whose_failure_nobody_could_note_is_written_after_all(ctx: Context) -> None:
    [id] = await ask_for(ctx)
    failed = "state = 'failed', attempts = 3, run_after = NULL, changed_at = now() - interval '6 min'"
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text(f"UPDATE jobs SET {failed} WHERE kind = 'write_report'"))
    async with workers(ctx):
        assert await over(ctx) == {"completed": 1}
    await check_ends(ctx, id)


async def test_a_report_that_is_late_fails_also_where_nobody_looks(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(resolvers.reports, "IN_THE_BACKGROUND", timedelta(seconds=-1))
        late = await ask_for(ctx, 2)
    [intime] = await ask_for(ctx)
    async with workers(ctx):
        assert await over(ctx) == {"failed": 2, "completed": 1}
    await check_ends(ctx, *late, intime)


async def test_a_report_that_waits_for_its_medium_says_so_once(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    write, tries = resolvers.report_writing.write_prism, list[ReportId]()

    async def ready_in_a_while(services: Services, report: Report, told: Progress) -> Written:
        tries.append(report.id)
        if len(tries) < 4:
            raise Unavailable("the file is being read")
        return await write(services, report, told)

    monkeypatch.setattr(resolvers.report_writing, "write_prism", ready_in_a_while)
    [id] = await ask_for(ctx)
    hurry = asyncio.create_task(hurrying(ctx))
    async with workers(ctx, lease=UNHURRIED):
        assert await over(ctx) == {"completed": 1}
    hurry.cancel()
    stages = await rows(ctx, sa.select(persistence.reports.report_changes.c.progress))
    assert [row["progress"] for row in stages].count(0.0) == 2, "asked for, begun"
    await check_ends(ctx, id)


async def hurrying(ctx: Context) -> None:
    while True:
        await expire_pauses(ctx)
        await asyncio.sleep(0.1)


async def expire_pauses(ctx: Context) -> None:
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE state = 'queued' AND run_after > now()"))


@pytest.mark.parametrize("stage", Stage)
async def test_a_report_may_be_cancelled_at_each_stage(
    ctx: Context, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, gone = asyncio.Event(), asyncio.Event()

    async def slow(services: Services, report: Report, told: Progress) -> Written:
        await told(stage, 0.5)
        reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        raise AssertionError

    monkeypatch.setattr(resolvers.report_writing, "write_prism", slow)
    [id] = await ask_for(ctx)
    if stage is Stage.QUEUED:
        await resolvers.reports.cancel_report(ctx, id)
    async with workers(ctx):
        if stage is not Stage.QUEUED:
            await asyncio.wait_for(reached.wait(), 10)
            await resolvers.reports.cancel_report(ctx, id)
            await asyncio.wait_for(gone.wait(), 10)
    assert await statuses(ctx) == {"cancelled": 1}
    await check_ends(ctx)


async def test_a_session_that_is_erased_meanwhile_is_in_no_report(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, named = resolvers.report_writing.write_prism, list[frozenset[SessionId]]()

    async def erased_at_the_end(services: Services, report: Report, told: Progress) -> Written:
        written = await write(services, report, told)
        named.append(written.sessions)
        async with services.database.write(Tenant(report.org_id)) as db:
            await persistence.erasure.erase_sessions(db, report.org_id, list(written.sessions))
        return written

    monkeypatch.setattr(resolvers.report_writing, "write_prism", erased_at_the_end)
    await drain(judging(ctx.services))
    [id] = await ask_for(ctx)
    async with workers(ctx, lease=UNHURRIED):
        hurry = asyncio.create_task(hurrying(ctx))
        assert await over(ctx) == {"completed": 1}
        hurry.cancel()
    assert [len(each) for each in named] == [1, 0]
    [row] = await rows(ctx, sa.select(persistence.reports.reports.c.session_ids))
    assert row["session_ids"] == []
    await check_ends(ctx, id)


async def test_two_workers_write_each_report_once(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    written = counting(monkeypatch)
    ids = await ask_for(ctx, 30)
    async with workers(ctx, count=2, lease=UNHURRIED):
        assert await over(ctx) == {"completed": 30}
    assert written == Counter(ids)
    await check_ends(ctx, *ids)


def counting(monkeypatch: pytest.MonkeyPatch) -> Counter[ReportId]:
    """A writer that has little to say; how often it wrote each report."""
    written: Counter[ReportId] = Counter()

    async def write(services: Services, report: Report, told: Progress) -> Written:
        written[report.id] += 1
        text = Document(
            language=Language.EN, title="-", subtitle="-", summary="-", sections=[], generated_at=services.now()
        )
        return Written({}, text)

    monkeypatch.setattr(resolvers.report_writing, "write_prism", write)
    return written


async def test_hundreds_of_reports_are_all_written(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    written = counting(monkeypatch)
    ids = await ask_for(ctx, 200)
    cancelled = ids[::20]
    for id in cancelled:
        await resolvers.reports.cancel_report(ctx, id)
    async with workers(ctx, count=2, concurrency=4, lease=UNHURRIED):
        assert await over(ctx, 120) == {"completed": 190, "cancelled": 10}
    assert set(written.values()) == {1}
    await check_ends(ctx, *set(ids) - set(cancelled))


async def test_connections_that_are_cut_cost_no_report(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    counting(monkeypatch)
    ids = await ask_for(ctx, 20)
    cut = sa.text(CUT.format(name=name_of(ctx)))
    async with workers(ctx):
        for _ in range(3):
            await asyncio.sleep(0.1)
            async with ctx.services.database.unbound() as db:
                await db.execute(cut)
        assert await over(ctx) == {"completed": 20}
    await check_ends(ctx, *ids)
