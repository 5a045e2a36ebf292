"""The queue: asked once, claimed by one, counted at the claim, fenced at the end."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import persistence.job_runs as job_runs
import persistence.jobs as jobs
from domain.insights.runs import RunId
from domain.jobs import Job, JobKind, JobState, Lane, LeaseLost, QueueCounts
from domain.reports.records import ReportId
from domain.values import OrgId, SessionId, UserId
from persistence.database import Database, Tenant

LEASE = timedelta(seconds=30)
GONE = timedelta(seconds=-1)
"""A lease that is over as soon as it is given."""
NOW = datetime(2020, 1, 1, tzinfo=UTC)
"""Long past: a job asked for at this time is due."""

ORG, OTHER, USER = OrgId(uuid4()), OrgId(uuid4()), UserId(uuid4())
ONE, TWO = SessionId("one"), SessionId("two")


async def ask(
    db: Database, session: SessionId = ONE, at: datetime | None = NOW, org: OrgId = ORG, user: UserId = USER
) -> None:
    async with db.write(Tenant(org, user)) as writing:
        await jobs.enqueue(writing, org, user, [session], at)


async def claim(
    db: Database, limit: int = 10, lease: timedelta = LEASE, sending: int = 10, asking: int = 10
) -> list[Job]:
    async with jobs.scope(db) as queue:
        return await job_runs.claim(queue, limit, lease, "rules/judge", sending, asking)


async def finish(db: Database, job: Job) -> None:
    async with db.write(Tenant(job.org_id)) as writing:
        await job_runs.finish(writing, job)


async def end(db: Database, job: Job) -> None:
    async with db.write(Tenant(job.org_id)) as writing:
        await job_runs.end(writing, job)


async def row(db: Database, session: SessionId = ONE) -> sa.RowMapping:
    async with db.read(Tenant(ORG)) as reading:
        found = await reading.row(sa.select(jobs.jobs).where(jobs.jobs.c.key == session))
    assert found is not None
    return found


async def test_a_burst_is_one_run(fresh_database: Database) -> None:
    for _ in range(50):
        await ask(fresh_database)
    [job] = await claim(fresh_database)
    assert (job.key, job.revision, job.attempt) == (ONE, 50, 1)
    await finish(fresh_database, job)
    assert await claim(fresh_database) == []
    assert (await row(fresh_database))["state"] == JobState.IDLE


async def test_a_change_waits_a_moment_for_more(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = timedelta(minutes=1)  # longer than a busy machine takes for what comes between
    monkeypatch.setitem(jobs._QUIET_OF, JobKind.DERIVE_SESSION, moment)
    await ask(fresh_database, at=None)
    assert await claim(fresh_database) == []
    waits = (await row(fresh_database))["run_after"] - datetime.now(UTC)
    assert timedelta(0) < waits <= moment


async def test_changes_during_a_run_are_one_more_run(fresh_database: Database) -> None:
    await ask(fresh_database)
    [first] = await claim(fresh_database)
    await ask(fresh_database)
    await ask(fresh_database)
    assert await claim(fresh_database) == [], "one job runs once at a time"
    await finish(fresh_database, first)
    await ask_now(fresh_database)
    [second] = await claim(fresh_database)
    assert second.revision == 3
    await finish(fresh_database, second)
    assert await claim(fresh_database) == []


async def ask_now(db: Database) -> None:
    """Makes every queued job due, whatever it was waiting for."""
    async with jobs.scope(db) as queue:
        await queue.execute(sa.update(jobs.jobs).where(jobs.jobs.c.state == "queued").values(run_after=NOW))


async def test_a_restless_session_rests_in_proportion_to_its_run(fresh_database: Database) -> None:
    await ask(fresh_database)
    [job] = await claim(fresh_database)
    async with jobs.scope(fresh_database) as queue:  # the run took twenty seconds
        started = jobs.jobs.c.changed_at - timedelta(seconds=20)
        await queue.execute(sa.update(jobs.jobs).values(changed_at=started))
    await ask(fresh_database)
    await finish(fresh_database, job)
    assert (await row(fresh_database))["run_after"] > datetime.now(UTC) + timedelta(seconds=55)


async def test_a_change_brings_a_scheduled_end_forward(fresh_database: Database) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    async with fresh_database.write(Tenant(ORG, USER)) as db:
        await jobs.schedule(db, ORG, USER, ONE, end)
    assert (await row(fresh_database))["run_after"] == end
    async with fresh_database.read(Tenant(ORG)) as db:
        assert await jobs.waiting(db, ORG, [ONE]) == 0, "nothing changed, so nobody waits for it"
    await ask(fresh_database)
    assert len(await claim(fresh_database)) == 1


async def test_an_end_scheduled_during_the_run_stays_scheduled(fresh_database: Database) -> None:
    await ask(fresh_database)
    [job] = await claim(fresh_database)
    end = datetime.now(UTC) + timedelta(hours=1)
    async with fresh_database.write(Tenant(ORG)) as db:
        await jobs.schedule(db, ORG, USER, ONE, end)
        await job_runs.finish(db, job)
    left = await row(fresh_database)
    assert (left["state"], left["run_after"]) == (JobState.QUEUED, end)


async def test_three_silent_deaths_are_a_failure(fresh_database: Database) -> None:
    await ask(fresh_database)
    for attempt in (1, 2, 3):
        await ask_now(fresh_database)
        [job] = await claim(fresh_database, lease=GONE)
        assert job.attempt == attempt
        async with jobs.scope(fresh_database) as queue:
            last = await job_runs.reap(queue)
        assert [one.key for one in last] == ([ONE] if attempt == 3 else [])
    assert (await row(fresh_database))["state"] == JobState.FAILED
    await ask_now(fresh_database)
    assert await claim(fresh_database) == []


async def test_an_error_is_tried_again_later_and_kept(fresh_database: Database) -> None:
    await ask(fresh_database)
    [job] = await claim(fresh_database)
    async with jobs.scope(fresh_database) as queue:
        await job_runs.fail(queue, job, "ValueError at derive:10")
    left = await row(fresh_database)
    assert (left["state"], left["attempts"], left["last_error"]) == (JobState.QUEUED, 1, "ValueError at derive:10")
    assert left["run_after"] > datetime.now(UTC)
    await ask_now(fresh_database)
    [again] = await claim(fresh_database)
    await finish(fresh_database, again)
    assert (await row(fresh_database))["last_error"] is None


async def test_a_failed_session_that_changes_is_tried_again_after_a_rest(fresh_database: Database) -> None:
    await ask(fresh_database)
    async with jobs.scope(fresh_database) as queue:
        await queue.execute(sa.update(jobs.jobs).values(state="failed", attempts=3, run_after=None))
    await ask(fresh_database)
    left = await row(fresh_database)
    assert (left["state"], left["attempts"]) == (JobState.QUEUED, 0)
    assert left["run_after"] > datetime.now(UTC) + timedelta(minutes=4)


async def test_a_late_result_is_refused(fresh_database: Database) -> None:
    await ask(fresh_database)
    [late] = await claim(fresh_database, lease=GONE)
    async with jobs.scope(fresh_database) as queue:
        await job_runs.reap(queue)
    with pytest.raises(LeaseLost):
        await finish(fresh_database, late)
    await ask_now(fresh_database)
    [now] = await claim(fresh_database)
    assert now.token > late.token
    with pytest.raises(LeaseLost):
        await finish(fresh_database, late)
    async with jobs.scope(fresh_database) as queue:
        assert not await job_runs.beat(queue, late, LEASE)
        assert await job_runs.beat(queue, now, LEASE)
        await job_runs.fail(queue, late, "too late")
        await job_runs.release(queue, late)
    assert (await row(fresh_database))["state"] == JobState.RUNNING
    await finish(fresh_database, now)


async def test_what_ended_is_gone_and_its_late_result_is_refused(fresh_database: Database) -> None:
    await ask(fresh_database)
    [late] = await claim(fresh_database, lease=GONE)
    async with jobs.scope(fresh_database) as queue:
        await job_runs.reap(queue)
    await ask_now(fresh_database)
    [job] = await claim(fresh_database)
    await end(fresh_database, job)
    await ask(fresh_database)
    [again] = await claim(fresh_database)
    for old in (late, job):
        with pytest.raises(LeaseLost):
            await end(fresh_database, old)
    await end(fresh_database, again)
    assert await claim(fresh_database) == []
    async with jobs.scope(fresh_database) as queue:
        assert await queue.rows(sa.select(jobs.jobs)) == []


async def test_a_beating_job_is_not_reaped(fresh_database: Database) -> None:
    await ask(fresh_database)
    [job] = await claim(fresh_database, lease=GONE)
    async with jobs.scope(fresh_database) as queue:
        assert await job_runs.beat(queue, job, LEASE)
        assert await job_runs.reap(queue) == []
    assert (await row(fresh_database))["state"] == JobState.RUNNING


async def test_a_job_handed_back_keeps_its_tries(fresh_database: Database) -> None:
    await ask(fresh_database)
    for _ in range(5):
        [job] = await claim(fresh_database)
        assert job.attempt == 1
        async with jobs.scope(fresh_database) as queue:
            await job_runs.release(queue, job)


async def test_a_rolled_back_change_asks_for_nothing(fresh_database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with fresh_database.write(Tenant(ORG, USER)) as db:
            await jobs.enqueue(db, ORG, USER, [ONE], NOW)
            raise ZeroDivisionError
    assert await claim(fresh_database) == []


async def test_two_workers_never_claim_the_same_job(fresh_database: Database) -> None:
    for n in range(20):
        await ask(fresh_database, SessionId(f"s{n:02}"))
    async with jobs.scope(fresh_database) as left, jobs.scope(fresh_database) as right:
        here = await job_runs.claim(left, 12, LEASE, "v")
        there = await job_runs.claim(right, 12, LEASE, "v")
    assert len(here) == 12
    assert len(there) == 8
    assert not {job.key for job in here} & {job.key for job in there}


async def test_organisations_take_turns(fresh_database: Database) -> None:
    for n in range(5):
        await ask(fresh_database, SessionId(f"s{n}"))
    await ask(fresh_database, TWO, NOW + timedelta(days=1), OTHER)
    claimed = await claim(fresh_database, 2)
    assert {job.org_id for job in claimed} == {ORG, OTHER}
    assert len(await claim(fresh_database, 10)) == 4


async def test_live_work_overtakes_the_background_everywhere(fresh_database: Database) -> None:
    old, held = SessionId("old"), SessionId("held")
    for session in (old, held):
        await ask(fresh_database, session)
    [running] = await claim(fresh_database, 1)
    for job in await claim(fresh_database):
        await finish(fresh_database, job)
    async with jobs.scope(fresh_database) as queue:
        assert await jobs.enqueue_outdated(queue, "new rules/judge") == 1
    await ask_now(fresh_database)
    await ask(fresh_database, ONE, NOW + timedelta(days=1))
    await ask(fresh_database, TWO, NOW + timedelta(days=1), OTHER)
    assert {job.key for job in await claim(fresh_database, 2)} == {ONE, TWO}, "they were asked for later"
    assert [job.key for job in await claim(fresh_database)] == [({old, held} - {running.key}).pop()]


async def test_what_is_sent_or_asked_takes_nobody_s_turn(fresh_database: Database) -> None:
    await ask(fresh_database)
    async with fresh_database.write(Tenant(ORG)) as db:
        for _ in range(5):
            await jobs.enqueue_webhook(db, ORG, None, uuid4())
            await jobs.enqueue_run(db, Tenant(ORG), RunId(uuid4()))
    await ask_now(fresh_database)
    kinds = [job.kind for job in await claim(fresh_database, 1, sending=3, asking=2)]
    sent, asked = JobKind.DELIVER_WEBHOOK, JobKind.RUN_INSIGHT
    assert sorted(kinds) == [sent] * 3 + [JobKind.DERIVE_SESSION] + [asked] * 2
    await ask(fresh_database, TWO)
    assert [job.key for job in await claim(fresh_database, 1, sending=0, asking=0)] == [TWO]
    assert sorted(job.kind for job in await claim(fresh_database, 0)) == [sent] * 2 + [asked] * 3


async def test_work_in_the_background_that_changes_is_live(fresh_database: Database) -> None:
    await ask(fresh_database)
    [job] = await claim(fresh_database)
    await finish(fresh_database, job)
    async with jobs.scope(fresh_database) as queue:
        await jobs.enqueue_outdated(queue, "new rules/judge")
    assert (await row(fresh_database))["lane"] == Lane.BACKGROUND
    await ask(fresh_database)
    assert (await row(fresh_database))["lane"] == Lane.LIVE
    async with fresh_database.write(Tenant(ORG)) as db:
        await jobs.enqueue_org(db, ORG)
    assert (await row(fresh_database))["lane"] == Lane.LIVE, "whoever waits for it still does"


async def test_sessions_of_older_rules_are_asked_for_again(fresh_database: Database) -> None:
    for session in (ONE, TWO):
        await ask(fresh_database, session)
    for job in await claim(fresh_database):
        await finish(fresh_database, job)
    async with jobs.scope(fresh_database) as queue:
        assert await jobs.enqueue_outdated(queue, "rules/judge") == 0
        assert await jobs.enqueue_outdated(queue, "new rules/judge") == 2
    async with fresh_database.read(Tenant(ORG)) as db:
        assert await jobs.waiting(db, ORG, [ONE, TWO, SessionId("unknown")]) == 2
    assert len(await claim(fresh_database)) == 2


async def test_a_poison_job_is_not_revived_by_a_restart(fresh_database: Database) -> None:
    await ask(fresh_database)
    for _ in range(3):
        await ask_now(fresh_database)
        [job] = await claim(fresh_database)
        async with jobs.scope(fresh_database) as queue:
            await job_runs.fail(queue, job, "boom")
    async with jobs.scope(fresh_database) as queue:
        assert await jobs.enqueue_outdated(queue, "rules/judge") == 0
        assert await jobs.enqueue_outdated(queue, "repaired rules/judge") == 1


async def test_a_switch_of_an_organisation_asks_for_its_sessions_alone(fresh_database: Database) -> None:
    await ask(fresh_database)
    await ask(fresh_database, TWO, org=OTHER)
    for job in await claim(fresh_database):
        await finish(fresh_database, job)
    async with fresh_database.write(Tenant(ORG)) as db:
        assert await jobs.enqueue_org(db, ORG) == 1
    assert [job.key for job in await claim(fresh_database)] == [ONE]


async def test_waiting_ends_with_the_run_or_with_failure(fresh_database: Database) -> None:
    async def waits() -> int:
        async with fresh_database.read(Tenant(ORG, USER)) as db:
            return await jobs.waiting(db, ORG, [ONE])

    assert await waits() == 0
    await ask(fresh_database)
    assert await waits() == 1
    [job] = await claim(fresh_database)
    assert await waits() == 1
    await ask(fresh_database)
    await finish(fresh_database, job)
    assert await waits() == 1, "it changed while it was derived"
    await ask_now(fresh_database)
    [job] = await claim(fresh_database)
    await finish(fresh_database, job)
    assert await waits() == 0


async def test_counts_tell_due_from_scheduled(fresh_database: Database) -> None:
    async with jobs.scope(fresh_database) as queue:
        assert await jobs.counts(queue) == QueueCounts()
    await ask(fresh_database)
    await claim(fresh_database)
    await ask(fresh_database, TWO, datetime.now(UTC) - timedelta(seconds=90))
    await ask(fresh_database, SessionId("later"), datetime.now(UTC) + timedelta(hours=1), OTHER)
    async with jobs.scope(fresh_database) as queue:
        counts = await jobs.counts(queue)
    assert (counts.due, counts.scheduled, counts.running, counts.failed) == (1, 1, 1, 0)
    assert 89 < counts.oldest_due_s < 120


async def test_a_tenant_sees_and_changes_only_its_own_jobs(fresh_database: Database) -> None:
    await ask(fresh_database)
    async with fresh_database.write(Tenant(ORG)) as db:
        await jobs.enqueue_outliers(db, ORG)
        await jobs.enqueue_follow_up(db, ORG)
        await jobs.enqueue_erasures(db, ORG)
        await jobs.enqueue_expiry(db, ORG)
        await jobs.enqueue_deadline(db, ORG, NOW)
        await jobs.enqueue_report(db, ORG, None, ReportId(uuid4()), live=True)
        await jobs.enqueue_upload(db, ORG, USER, uuid4())
        await jobs.enqueue_webhook(db, ORG, None, uuid4())
        await jobs.enqueue_forgetting(db, ORG, timedelta())
        await jobs.enqueue_schedules(db, ORG, timedelta())
        await jobs.enqueue_alerts(db, ORG)
        await jobs.enqueue_run(db, Tenant(ORG), RunId(uuid4()))
        await jobs.enqueue_copying(db, ORG)
    seen = sa.select(sa.func.count().label("n")).select_from(jobs.jobs)
    for tenant, expected in [
        (Tenant(ORG), len(JobKind)),
        (Tenant(ORG, USER), 2),
        (Tenant(ORG, UserId(uuid4())), 0),
        (Tenant(OTHER), 0),
    ]:
        async with fresh_database.read(tenant) as db:
            found = await db.row(seen)
            assert found is not None
            assert found["n"] == expected
    async with fresh_database.unbound() as db:
        found = await db.row(seen)
        assert found is not None
        assert found["n"] == 0, "a scope without tenant sees nothing unless it says it works the queue"
    await ask_now(fresh_database)
    assert {job.kind for job in await claim(fresh_database, len(JobKind))} == set(JobKind)


async def test_claiming_reads_the_index_of_queued_jobs(fresh_database: Database) -> None:
    rest = (
        "INSERT INTO jobs (org_id, kind, key, state)"
        " SELECT gen_random_uuid(), 'derive_session', n::text, 'idle' FROM generate_series(1, 5000) n"
    )
    async with jobs.scope(fresh_database) as queue:
        await queue.execute(sa.text(rest))
    await ask(fresh_database)
    async with jobs.scope(fresh_database) as queue:
        await queue.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = await queue.rows(sa.text(f"EXPLAIN {job_runs._CLAIM.text}"), CLAIM_VALUES)
    assert "Seq Scan on jobs" not in "\n".join(line["QUERY PLAN"] for line in plan)


CLAIM_VALUES = {"limit": 4, "lease": LEASE, "version": "v", "sending": 4, "asking": 4}
