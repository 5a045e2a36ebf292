"""Scheduled reports: who may make, see and cancel them; each is asked for once, whatever befalls the workers."""

import asyncio
import signal
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import persistence.reports
import resolvers.report_schedules
import resolvers.reports
from domain.access import KeyKind, Org, Scope
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.jobs import Job, JobKind, JobState, LeaseLost
from domain.languages import Language
from domain.report_schedules import MOST, ScheduleErrorCode, ScheduleWish
from domain.reports.records import PeriodName, Report, ReportKind, ReportStatus
from domain.values import Span, Window
from domain.webhooks import Hook
from persistence.database import Tenant
from persistence.reports import Wanted, reports
from resolvers.context import Context, Services
from resolvers.erasing import advance
from resolvers.erasure import erase_developer
from resolvers.report_schedules import (
    cancel_report_schedule,
    count_report_schedules,
    create_report_schedule,
    find_report_schedule,
    list_report_schedules,
    run_schedules,
)
from resolvers.reports import get_latest, list_history, list_reports
from resolvers.worker import Worker
from tests.forked import ended
from tests.make_context import DEVELOPER, NOW, context_of, make_context, make_user
from tests.make_schedules import at
from tests.reporting import write_reports
from tests.resolvers import schedules_process

READER = DEVELOPER | {Scope.ORG_READ}
ADMIN = READER | {Scope.ADMIN}
DAILY, WEEKLY = ScheduleWish(period=PeriodName.DAILY), ScheduleWish()
OURS = ScheduleWish(kind=ReportKind.V21)
MONDAY = at("2026-03-09 06:00")
"""When the first of the weekly ones is due that are made at NOW."""


async def colleague(ctx: Context, scopes: frozenset[str] = DEVELOPER) -> Context:
    """Another developer of the organisation."""
    org = Org(ctx.caller.org_id, "", ctx.caller.environment_id, ctx.caller.settings)
    user = await make_user(ctx.services.database.urls, org)
    return context_of(ctx.services, replace(ctx.caller, user_id=user.id, scopes=scopes))


async def claimed(ctx: Context) -> Job:
    """The job of the organisation's schedules, claimed now."""
    jobs = persistence.jobs.jobs
    mine = sa.and_(jobs.c.org_id == ctx.caller.org_id, jobs.c.kind == JobKind.RUN_SCHEDULES)
    claim = sa.update(jobs).where(mine).values(state="running", token=jobs.c.token + 1, run_after=None)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        row = await db.row(claim.returning(*jobs.c))
    assert row is not None
    return Job(ctx.caller.org_id, JobKind.RUN_SCHEDULES, "", None, row["revision"], row["token"], row["attempts"])


def clocked(services: Services, now: datetime) -> Services:
    return replace(services, now=lambda: now)


async def run(ctx: Context, now: datetime) -> None:
    await run_schedules(clocked(ctx.services, now), await claimed(ctx))


async def pause(ctx: Context) -> timedelta | None:
    """How long, as far as the database knows, until the job comes again; None: it does not."""
    jobs = persistence.jobs.jobs
    query = sa.select(jobs.c.state, (jobs.c.run_after - sa.func.now()).label("left"))
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        row = await db.row(query.where(jobs.c.org_id == ctx.caller.org_id, jobs.c.kind == JobKind.RUN_SCHEDULES))
    return None if row is None or row["state"] != JobState.QUEUED else row["left"]


def about(wanted: timedelta) -> object:
    return pytest.approx(wanted.total_seconds(), abs=60)


async def written(ctx: Context) -> list[Report]:
    """All reports of the organisation, the oldest period first."""
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.reports.page(db, ctx.caller.org_id, Wanted(), Window(100))
    return sorted(found, key=lambda one: (str(one.start), str(one.user_id)))


async def days(ctx: Context) -> list[str]:
    return [f"{one.start:%m-%d}" for one in await written(ctx)]


async def test_a_developers_report_is_asked_for_when_its_week_is_over(context: Context) -> None:
    wish = replace(WEEKLY, language=Language.DE, time_zone="Europe/Berlin", hook=Hook("https://example.org/"))
    made = await create_report_schedule(context, wish)
    assert made.next_at == at("2026-03-09 05:00")
    left = await pause(context)
    assert left is not None
    assert left.total_seconds() == about(timedelta(days=1))
    await run(context, made.next_at - timedelta(seconds=1))
    assert await written(context) == []
    await run(context, made.next_at)
    [report] = await written(context)
    assert (report.kind, report.user_id, report.scope) == (ReportKind.V3, context.caller.user_id, "scheduled")
    assert (report.period, report.start, report.end) == (
        PeriodName.WEEKLY, at("2026-03-01 23:00"), at("2026-03-08 23:00"),
    )  # fmt: skip
    assert (report.language, report.time_zone, report.status) == (Language.DE, "Europe/Berlin", ReportStatus.PENDING)
    found = await find_report_schedule(context, made.id)
    assert found is not None
    assert (found.last_report_id, found.next_at) == (report.id, at("2026-03-16 05:00"))
    async with context.services.database.read(Tenant(context.caller.org_id)) as db:
        hooks = await db.rows(sa.select(reports.c.hook).where(reports.c.org_id == context.caller.org_id))
    assert [row["hook"] for row in hooks] == [{"url": "https://example.org/", "headers": {}}]


async def test_the_organisations_report_is_for_each_of_its_developers(context: Context) -> None:
    boss = await colleague(context, ADMIN)
    made = await create_report_schedule(boss, replace(OURS, period=PeriodName.DAILY))
    assert made.user_id is None
    await run(boss, at("2026-03-03 06:00"))
    await write_reports(boss.services, boss.caller.org_id)
    for one in (context, boss):
        [report] = await list_history(one, ReportKind.V21, "scheduled", 10)
        assert (report.user_id, report.status) == (None, ReportStatus.COMPLETED)
        latest = await get_latest(one, ReportKind.V21, "scheduled", Span())
        assert (latest.report.id, f"{latest.report.start:%m-%d}") == (report.id, "03-02")
    seen = [(await list_reports(one, Wanted(), Window(5))).items for one in (context, boss)]
    assert [len(page) for page in seen] == [0, 1]


async def test_a_developers_report_can_be_read_by_them(context: Context) -> None:
    other = await colleague(context)
    await create_report_schedule(context, DAILY)
    await run(context, at("2026-03-03 06:00"))
    await write_reports(context.services, context.caller.org_id)
    assert (await get_latest(context, ReportKind.V3, "scheduled", Span())).report.user_id == context.caller.user_id
    with pytest.raises(NotFound):
        await get_latest(other, ReportKind.V3, "scheduled", Span())


async def test_after_an_outage_only_the_newest_day_is_written_of(context: Context) -> None:
    await create_report_schedule(context, DAILY)
    for moment in ("2026-03-03 06:00", "2026-03-10 09:00", "2026-03-10 09:01", "2026-03-11 06:00"):
        await run(context, at(moment))
    assert await days(context) == ["03-02", "03-09", "03-10"]


async def test_a_clock_that_jumps_writes_nothing_twice_and_leaves_no_silence(context: Context) -> None:
    await create_report_schedule(context, DAILY)
    for moment in ("2026-03-03 06:00", "2027-01-01 06:00", "2026-03-03 07:00", "2026-03-03 05:00", "2026-03-04 06:00"):
        await run(context, at(moment))
    assert await days(context) == ["03-02", "03-03", "12-31"]
    left = await pause(context)
    assert left is not None
    assert left.total_seconds() == about(timedelta(days=1))


async def test_a_deleted_report_is_not_written_again(context: Context) -> None:
    await create_report_schedule(context, DAILY)
    await run(context, at("2026-03-03 06:00"))
    [report] = await written(context)
    await resolvers.reports.delete_report(context, report.id)
    await run(context, at("2026-03-03 06:01"))
    assert await written(context) == []


async def test_two_workers_write_it_once(context: Context) -> None:
    for _ in range(3):
        await create_report_schedule(context, DAILY)
    services = clocked(context.services, at("2026-03-03 06:00"))
    paused, next = await claimed(context), await claimed(context)
    done = await asyncio.gather(*(run_schedules(services, job) for job in (paused, next)), return_exceptions=True)
    assert [type(one) for one in done] == [LeaseLost, type(None)]
    assert await days(context) == ["03-02"] * 3


async def test_what_is_interrupted_before_its_end_has_done_nothing(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_report_schedule(context, DAILY)

    async def cut(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(persistence.job_runs, "finish", cut)
        with pytest.raises(RuntimeError):
            await run(context, at("2026-03-03 06:00"))
    assert await written(context) == []
    await run(context, at("2026-03-03 06:00"))
    assert await days(context) == ["03-02"]


async def test_workers_that_are_killed_or_race_write_each_report_once(fresh_services: Services) -> None:
    boss = await make_context(fresh_services, scopes=ADMIN)
    team = [boss, *[await colleague(boss) for _ in range(4)]]
    for one in team:
        await create_report_schedule(one, DAILY)
    due = at("2026-03-03 06:00")
    async with persistence.jobs.scope(fresh_services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now()"))
    assert await ended(schedules_process.run, fresh_services.database.urls.app, due) == -signal.SIGKILL
    assert await written(boss) == []
    runners = {JobKind.RUN_SCHEDULES: run_schedules, JobKind.WRITE_REPORT: _left}
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        stop = asyncio.Event()
        workers = [Worker(clocked(fresh_services, due), 2, timedelta(seconds=1), runners) for _ in range(2)]
        running = [asyncio.create_task(worker.run(stop)) for worker in workers]
        stack.push_async_callback(asyncio.gather, *running)
        stack.callback(stop.set)
        while len(await written(boss)) < len(team):
            await asyncio.sleep(0.05)
        async with persistence.jobs.scope(fresh_services.database) as db:
            await db.execute(sa.text("UPDATE jobs SET run_after = now() WHERE state = 'queued'"))
        while await pause(boss) is None:
            await asyncio.sleep(0.05)
    assert {one.user_id for one in await written(boss)} == {one.caller.user_id for one in team}
    assert await days(boss) == ["03-02"] * len(team)


async def _left(services: Services, job: Job) -> None:
    """Whatever becomes of the report itself."""
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.job_runs.end(db, job)


async def test_many_are_worked_on_in_parts(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.report_schedules, "AT_ONCE", 2)
    for _ in range(5):
        await create_report_schedule(context, DAILY)
    for count in (2, 4, 5):
        await run(context, at("2026-03-03 06:00"))
        assert len(await written(context)) == count
        left = await pause(context)
        assert left is not None
        assert (left < timedelta(seconds=5)) is (count < 5)


async def test_where_too_many_reports_wait_the_rest_comes_later(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await create_report_schedule(context, DAILY)
    with monkeypatch.context() as patched:
        patched.setattr(resolvers.reports, "MOST_WAITING", 2)
        await run(context, at("2026-03-03 06:00"))
    assert len(await written(context)) == 2
    left = await pause(context)
    assert left is not None
    assert left <= timedelta(minutes=1)
    await run(context, at("2026-03-03 06:01"))
    assert await days(context) == ["03-02"] * 3


async def test_a_cancelled_one_writes_no_more_and_the_job_comes_to_rest(context: Context) -> None:
    made = await create_report_schedule(context, DAILY)
    await run(context, at("2026-03-03 06:00"))
    assert (await cancel_report_schedule(context, made.id)).id == made.id
    with pytest.raises(NotFound):
        await cancel_report_schedule(context, made.id)
    await run(context, at("2026-03-04 06:00"))
    assert await days(context) == ["03-02"]
    assert await pause(context) is None


async def test_who_sees_and_cancels_which(context: Context) -> None:
    other, reader, boss = [await colleague(context, scopes) for scopes in (DEVELOPER, READER, ADMIN)]
    mine, ours = await create_report_schedule(context, WEEKLY), await create_report_schedule(boss, OURS)
    for one, shown in ((context, {mine, ours}), (other, {ours}), (reader, {mine, ours}), (boss, {mine, ours})):
        assert set((await list_report_schedules(one, Window(5))).items) == shown
        assert await count_report_schedules(one) == len(shown)
        assert await find_report_schedule(one, mine.id) == (mine if mine in shown else None)
    with pytest.raises(NotFound):
        await cancel_report_schedule(other, mine.id)
    for one, schedule in ((reader, mine), (other, ours), (context, ours)):
        with pytest.raises(Forbidden):
            await cancel_report_schedule(one, schedule.id)
    for schedule in (mine, ours):
        assert await cancel_report_schedule(boss, schedule.id) == schedule
    stranger = await make_context(context.services, scopes=ADMIN)
    with pytest.raises(NotFound):
        await cancel_report_schedule(stranger, ours.id)


async def test_who_may_make_none(context: Context) -> None:
    with pytest.raises(Forbidden):
        await create_report_schedule(await colleague(context, READER), OURS)
    with pytest.raises(Forbidden):
        await create_report_schedule(await colleague(context, frozenset({Scope.SESSIONS_READ})), WEEKLY)
    candidate = replace(context, caller=replace(context.caller, kind=KeyKind.CANDIDATE))
    with pytest.raises(Forbidden):
        await create_report_schedule(candidate, WEEKLY)


async def test_pages_follow_each_other(context: Context) -> None:
    made = [
        await create_report_schedule(replace(context, services=clocked(context.services, NOW + timedelta(n))), DAILY)
        for n in range(3)
    ]
    first = await list_report_schedules(context, Window(2))
    rest = await list_report_schedules(context, Window(2, after=first.cursors[-1]))
    assert [one.id for one in (*first.items, *rest.items)] == [one.id for one in reversed(made)]
    with pytest.raises(Invalid):
        await list_report_schedules(context, Window(2, after="x"))


async def test_there_are_only_so_many_also_when_made_at_once(context: Context) -> None:
    boss = await colleague(context, ADMIN)
    made = await asyncio.gather(
        *(create_report_schedule(context, WEEKLY) for _ in range(MOST + 3)), return_exceptions=True
    )
    refused = [one for one in made if isinstance(one, Invalid)]
    assert len(refused) == 3
    assert [fault.code for fault in refused[0].faults] == [ScheduleErrorCode.TOO_MANY]
    assert await count_report_schedules(context) == MOST
    await create_report_schedule(boss, WEEKLY)
    await create_report_schedule(boss, OURS)


async def test_a_developer_who_is_erased_takes_theirs_along(context: Context) -> None:
    boss = await colleague(context, ADMIN)
    theirs, ours = await create_report_schedule(context, DAILY), await create_report_schedule(boss, OURS)
    erasure = await erase_developer(boss, context.caller.user_id)
    with pytest.raises(Conflict):
        await create_report_schedule(context, WEEKLY)
    await run(boss, at("2026-03-03 06:00"))
    while not await advance(boss.services, erasure):
        pass
    assert await find_report_schedule(boss, theirs.id) is None
    assert await find_report_schedule(boss, ours.id) == ours
    await run(boss, at("2026-03-04 06:00"))
    assert await written(boss) == []
