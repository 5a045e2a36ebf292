"""Backfills with a database: what they ask for, how far they are, what a cancellation takes back, and who may."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

import persistence.backfills
import persistence.job_runs
import persistence.jobs
import resolvers.backfills
from domain.access import Org, Scope
from domain.backfills import BackfillErrorCode, BackfillId, BackfillState, Counts, Stretch
from domain.errors import DomainError, Forbidden, Invalid, NotFound
from domain.judging.arcs import RULESET_VERSION
from domain.values import UserId, Window
from persistence.database import Tenant
from resolvers.backfills import (
    cancel_backfill,
    count_backfills,
    find_backfill,
    list_backfills,
    rehearse_backfill,
    start_backfill,
)
from resolvers.context import Context, Services
from resolvers.worker import RUNNERS, Worker
from tests.history import Recorded, arcs, bug_fix, ended, facts, judging, recorded, store
from tests.make import prompt, time
from tests.make_context import DEVELOPER, context_of, make_context, make_user
from tests.outdated import MISSED, job_of, judged, outdate, sql, work_off

ADMIN = DEVELOPER | {Scope.ADMIN, Scope.ORG_READ}
DAY = 24 * 60.0
LEASE = timedelta(seconds=1)


@pytest.fixture
async def ctx(fresh_services: Services) -> Context:
    return await make_context(judging(fresh_services), scopes=ADMIN)


def fix(day: float, path: str = "shop/totals.py") -> Recorded:
    """Work of seven minutes on a day after START, in a project of its own."""
    return recorded(*bug_fix(day * DAY, path), ended(day * DAY + 8), project=f"/home/ada/{path}-{day}")


def days(first: float, last: float, user_id: UserId | None = None) -> Stretch:
    return Stretch(time(first * DAY), time(last * DAY), user_id)


async def three(ctx: Context, **verdict: object) -> list[Recorded]:
    """A piece of work on each of three days, judged by older rules."""
    told = [fix(0), fix(1), fix(2)]
    await judged(ctx, *told)
    await outdate(ctx, *told, **verdict)
    return told


async def colleague(ctx: Context, scopes: frozenset[str] = ADMIN) -> Context:
    caller = ctx.caller
    user = await make_user(ctx.services.database.urls, Org(caller.org_id, "", caller.environment_id, caller.settings))
    return context_of(ctx.services, replace(caller, user_id=user.id, scopes=scopes))


async def shown(ctx: Context, id: BackfillId) -> tuple[BackfillState, int, int]:
    found = await find_backfill(ctx, id)
    assert found is not None
    return found.state, found.done, found.total


async def test_a_stretch_is_judged_again_in_the_background(ctx: Context) -> None:
    first, second, third = await three(ctx, **MISSED)
    new = await start_backfill(ctx, days(0, 2))
    assert (new.state, new.total, new.done, new.skipped) == (BackfillState.QUEUED, 2, 0, 0)
    assert (new.before, new.after, new.created_by) == (Counts(2, 0), None, ctx.caller.user_id)
    await work_off(ctx)
    over = await find_backfill(ctx, new.id)
    assert over is not None
    assert (over.state, over.done, over.failed, over.after) == (BackfillState.DONE, 2, 0, Counts(2, 2))
    assert over.finished_at is not None
    versions = [arc.ruleset_version for arc in await arcs(ctx, first, second, third)]
    assert versions == [RULESET_VERSION, RULESET_VERSION, "older"], "to is outside"


async def test_progress_is_that_of_the_sessions(ctx: Context) -> None:
    await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    for done in range(3):
        expected = BackfillState.RUNNING if done else BackfillState.QUEUED
        assert await shown(ctx, new.id) == (expected, done, 3)
        async with persistence.jobs.scope(ctx.services.database) as db:
            [job] = await persistence.job_runs.claim(db, 1, LEASE, "test")
        await RUNNERS[job.kind](ctx.services, job)
    assert await shown(ctx, new.id) == (BackfillState.RUNNING, 3, 3), "nobody has written down yet that it is over"
    await work_off(ctx)
    assert await shown(ctx, new.id) == (BackfillState.DONE, 3, 3)


async def test_live_work_overtakes_a_running_backfill(ctx: Context) -> None:
    told = [one.id for one in await three(ctx)]
    await start_backfill(ctx, days(0, 3))
    running = await claimed(ctx)
    goes_on, last = (id for id in told if id != running)
    await store(ctx, recorded(prompt("and the tax too", 4 * DAY), id=goes_on), new := fix(3))
    await sql(
        ctx, "UPDATE jobs SET run_after = now() WHERE state = 'queued' AND key IN (:id, :new)", id=goes_on, new=new.id
    )
    assert {await claimed(ctx), await claimed(ctx)} == {goes_on, new.id}
    assert await claimed(ctx) == last


async def claimed(ctx: Context) -> str:
    async with persistence.jobs.scope(ctx.services.database) as db:
        [job] = await persistence.job_runs.claim(db, 1, LEASE, "test")
    return job.key


async def test_its_counts_stay_when_its_sessions_go_on(ctx: Context) -> None:
    first, *_ = await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    await work_off(ctx)
    over = await find_backfill(ctx, new.id)
    await store(ctx, recorded(prompt("and the tax too", 7.5), id=first.id, project=first.project))
    assert await find_backfill(ctx, new.id) == over


async def test_a_repeat_asks_for_nothing_new(ctx: Context) -> None:
    await three(ctx)
    await start_backfill(ctx, days(0, 3))
    at_once = await start_backfill(ctx, days(0, 3))
    assert (at_once.total, at_once.skipped, at_once.state) == (0, 3, BackfillState.DONE)
    await work_off(ctx)
    later = await start_backfill(ctx, days(0, 3))
    assert (later.total, later.skipped, later.before, later.after) == (0, 3, Counts(3, 3), Counts(3, 3))
    async with persistence.jobs.scope(ctx.services.database) as db:
        assert (await persistence.jobs.counts(db)).due == 0


async def test_repeats_at_the_same_moment_share_the_work(ctx: Context) -> None:
    await three(ctx)
    started = await asyncio.gather(*(start_backfill(ctx, days(0, 3)) for _ in range(4)))
    assert sorted(one.total for one in started) == [0, 0, 0, 3]
    await work_off(ctx)
    assert {(await find_backfill(ctx, one.id)).state for one in started} == {BackfillState.DONE}


async def test_what_needs_no_judging_is_skipped(ctx: Context) -> None:
    """Excluded arcs have no verdict and will have none; open ones get theirs at their end."""
    trivial, current, stale = recorded(prompt("hello there", 0), ended(1)), fix(1), fix(2)
    await judged(ctx, trivial, current, stale)
    await outdate(ctx, stale)
    new = await start_backfill(ctx, days(-1, 3))
    assert (new.total, new.skipped) == (1, 2)


@pytest.mark.parametrize(
    ("column", "value"),
    [("judge_status", "error"), ("judge_status", "parse_error"), ("judge_version", "another-judge")],
)
async def test_a_failed_judge_and_another_one_are_asked_again(ctx: Context, column: str, value: str) -> None:
    await judged(ctx, fix(0), fix(1, "a.py"))
    await sql(ctx, f"UPDATE sub_sessions SET {column} = :value WHERE started_at < :day", value=value, day=time(DAY))
    new = await start_backfill(ctx, days(0, 2))
    assert (new.total, new.skipped) == (1, 1)
    await work_off(ctx)
    assert (await start_backfill(ctx, days(0, 2))).total == 0


async def test_other_prices_are_reason_enough(ctx: Context) -> None:
    await judged(ctx, fix(0))
    await sql(ctx, "UPDATE jobs SET done_version = 'other prices'")
    assert (await start_backfill(ctx, days(0, 1))).total == 1


async def test_one_developer_can_be_meant(ctx: Context) -> None:
    other = await colleague(ctx)
    [mine, theirs] = fix(0), fix(0, "b.py")
    await judged(ctx, mine)
    await judged(other, theirs)
    await outdate(ctx, mine, theirs)
    one = await start_backfill(ctx, days(0, 1, other.caller.user_id))
    assert (one.total, one.skipped, one.before) == (1, 0, Counts(1, 1))
    await work_off(ctx)
    assert [arc.ruleset_version for arc in await arcs(ctx, mine)] == ["older"]
    everybody = await start_backfill(ctx, days(0, 1))
    assert (everybody.total, everybody.skipped) == (1, 1)


async def test_what_has_not_begun_is_taken_back(ctx: Context) -> None:
    told = await three(ctx)
    before = [await job_of(ctx, one.id) for one in told]
    new = await start_backfill(ctx, days(0, 3))
    async with persistence.jobs.scope(ctx.services.database) as db:
        [job] = await persistence.job_runs.claim(db, 1, LEASE, "test")
    cancelled = await cancel_backfill(ctx, new.id)
    assert (cancelled.state, cancelled.done, cancelled.total) == (BackfillState.CANCELLED, 0, 3)
    assert cancelled.finished_at is not None
    await RUNNERS[job.kind](ctx.services, job)  # what runs comes to its end
    await work_off(ctx)
    found = {arc.session_id: arc.ruleset_version for arc in await arcs(ctx, *told)}
    assert found == {one.id: RULESET_VERSION if one.id == job.key else "older" for one in told}
    for old, one in zip(before, told, strict=True):
        row = await job_of(ctx, one.id)
        assert (row["state"], row["run_after"], row["revision"]) == (
            old["state"],
            old["run_after"],
            old["revision"] + 1,
        )
        assert row["done_revision"] == row["revision"], "nobody waits for it"
    assert await find_backfill(ctx, new.id) == cancelled


async def test_what_was_taken_back_can_be_asked_for_again(ctx: Context) -> None:
    await three(ctx)
    await cancel_backfill(ctx, (await start_backfill(ctx, days(0, 3))).id)
    assert (await start_backfill(ctx, days(0, 3))).total == 3


async def test_a_change_after_a_cancellation_is_not_missed(ctx: Context) -> None:
    first, *_ = await three(ctx)
    await cancel_backfill(ctx, (await start_backfill(ctx, days(0, 3))).id)
    await store(ctx, recorded(prompt("and the tax too", 7.5), id=first.id, project=first.project))
    await work_off(ctx)
    assert [arc.measures.turn_count for arc in await arcs(ctx, first)] == [3]


async def test_what_others_asked_for_as_well_is_not_taken_back(ctx: Context) -> None:
    first, *_ = await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    await store(ctx, recorded(prompt("and the tax too", 7.5), id=first.id, project=first.project))
    await cancel_backfill(ctx, new.id)
    await work_off(ctx)
    assert [arc.measures.turn_count for arc in await arcs(ctx, first)] == [3]


async def test_a_look_that_was_planned_is_planned_again(ctx: Context) -> None:
    """A session at rest is looked at later; a backfill in between, taken back, must not lose that."""
    [first, *_] = await three(ctx)
    await sql(ctx, "UPDATE jobs SET state = 'queued', run_after = :at WHERE key = :id", at=time(9e5), id=first.id)
    before = await job_of(ctx, first.id)
    await cancel_backfill(ctx, (await start_backfill(ctx, days(0, 3))).id)
    after = await job_of(ctx, first.id)
    assert (after["state"], after["run_after"]) == (before["state"], before["run_after"])


async def test_what_is_over_cannot_be_cancelled(ctx: Context) -> None:
    await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    await cancel_backfill(ctx, new.id)
    with pytest.raises(Invalid) as refused:
        await cancel_backfill(ctx, new.id)
    assert [fault.code for fault in refused.value.faults] == [BackfillErrorCode.OVER]
    with pytest.raises(NotFound):
        await cancel_backfill(ctx, BackfillId(uuid4()))


async def test_a_session_that_cannot_be_judged_fails_it(ctx: Context) -> None:
    first, *_ = await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    await sql(ctx, "UPDATE jobs SET state = 'failed', run_after = NULL WHERE key = :id", id=first.id)
    await work_off(ctx)
    over = await find_backfill(ctx, new.id)
    assert over is not None
    assert (over.state, over.done, over.failed, over.total) == (BackfillState.FAILED, 2, 1, 3)


@asynccontextmanager
async def working(services: Services) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(services, 2, LEASE).run(stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def test_a_worker_that_dies_halfway_is_made_up_for(ctx: Context) -> None:
    """The dead worker holds a session and the follow-up; the next one takes both over and ends the backfill."""
    await three(ctx)
    await sql(ctx, "UPDATE jobs SET version = :version", version=resolvers.backfills.version(ctx.services.judge))
    new = await start_backfill(ctx, days(0, 3))
    await sql(ctx, "UPDATE jobs SET run_after = now() WHERE kind = 'follow_backfills'")
    async with persistence.jobs.scope(ctx.services.database) as db:
        dead = await persistence.job_runs.claim(db, 2, timedelta(milliseconds=1), "dead")
        dead += await persistence.job_runs.claim(db, 2, timedelta(milliseconds=1), "dead")
    assert len(dead) == 4
    async with working(ctx.services), asyncio.timeout(30):
        while (await shown(ctx, new.id))[0] is not BackfillState.DONE:
            await asyncio.sleep(0.05)
    assert await shown(ctx, new.id) == (BackfillState.DONE, 3, 3)


async def test_a_rehearsal_tells_what_the_backfill_then_does(ctx: Context) -> None:
    first, *_ = await three(ctx)
    await outdate(ctx, first, **MISSED)
    before = await facts(ctx)
    told = await rehearse_backfill(ctx, days(0, 2))
    assert await facts(ctx) == before, "nothing is stored"
    assert (told.sessions, told.total, told.skipped) == (2, 2, 0)
    assert (told.before, told.after) == (Counts(2, 1), Counts(2, 2))
    [flip] = told.flips
    assert flip.before is not None
    assert flip.after is not None
    assert (flip.before.session_id, flip.before.crushed, flip.after.crushed) == (first.id, False, True)
    new = await start_backfill(ctx, days(0, 2))
    await work_off(ctx)
    over = await find_backfill(ctx, new.id)
    assert over is not None
    assert (over.before, over.after, over.total) == (told.before, told.after, told.total)
    assert (await arcs(ctx, first))[0].crushed is True


async def test_a_rehearsal_sees_rework_across_sessions(ctx: Context) -> None:
    """The second session undoes the first; older rules had not seen that."""
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    made = recorded(*bug_fix(0, added=lines), ended(8))
    undone = recorded(*bug_fix(DAY, removed=lines), ended(DAY + 10))
    await judged(ctx, made, undone)
    [first, _] = await arcs(ctx, made, undone)
    assert first.rework is not None
    await outdate(ctx, made, undone, rework_kind=None, reworked_by_id=None, reworked_at=None, crushed=True)
    told = await rehearse_backfill(ctx, days(0, 2))
    assert (told.before, told.after) == (Counts(2, 2), Counts(2, 1))
    assert [(flip.before.id, flip.after.crushed) for flip in told.flips if flip.before and flip.after] == [
        (first.id, False)
    ]


async def test_a_rehearsal_builds_on_what_it_found_before(ctx: Context) -> None:
    """Older rules missed the first goal and saw it undone by the second; each session alone would set one right."""
    first, second = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(DAY, "b.py"), ended(DAY + 8))
    await judged(ctx, first, second)
    [_, later] = await arcs(ctx, first, second)
    rework = {"rework_kind": "rewrite", "reworked_by_id": later.id, "reworked_at": later.started_at}
    await outdate(ctx, first, **MISSED, **rework)
    await outdate(ctx, second)
    told = await rehearse_backfill(ctx, days(0, 2))
    assert (told.before, told.after) == (Counts(2, 1), Counts(2, 2))
    new = await start_backfill(ctx, days(0, 2))
    await work_off(ctx)
    over = await find_backfill(ctx, new.id)
    assert over is not None
    assert over.after == told.after


async def test_a_rehearsal_takes_so_many_sessions(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    await three(ctx)
    monkeypatch.setattr(resolvers.backfills, "MOST_REHEARSED", 2)
    with pytest.raises(Invalid) as refused:
        await rehearse_backfill(ctx, days(0, 3))
    assert [fault.code for fault in refused.value.faults] == [BackfillErrorCode.TOO_MANY]
    assert (await rehearse_backfill(ctx, days(0, 2))).sessions == 2


@pytest.mark.parametrize("act", [start_backfill, rehearse_backfill])
async def test_a_stretch_and_a_developer_have_to_be(ctx: Context, act: object, services: Services) -> None:
    stranger = (await make_context(services)).caller.user_id
    for stretch, code in (
        (days(1, 1), BackfillErrorCode.EMPTY_WINDOW),
        (days(2, 1), BackfillErrorCode.EMPTY_WINDOW),
        (days(0, 1, UserId(uuid4())), BackfillErrorCode.UNKNOWN_DEVELOPER),
        (days(0, 1, stranger), BackfillErrorCode.UNKNOWN_DEVELOPER),
    ):
        with pytest.raises(Invalid) as refused:
            await act(ctx, stretch)
        assert [fault.code for fault in refused.value.faults] == [code]


async def test_only_who_may_administer_may(ctx: Context) -> None:
    await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    for lacking in (DEVELOPER, DEVELOPER | {Scope.ORG_READ}):
        other = await colleague(ctx, lacking)
        for act in (
            start_backfill(other, days(0, 3)),
            rehearse_backfill(other, days(0, 3)),
            cancel_backfill(other, new.id),
            find_backfill(other, new.id),
            list_backfills(other, Window(5)),
            count_backfills(other),
        ):
            with pytest.raises(Forbidden):
                await act
    assert (await shown(ctx, new.id))[0] is BackfillState.QUEUED
    narrow = await colleague(ctx, DEVELOPER | {Scope.ADMIN})
    with pytest.raises(Forbidden):
        await rehearse_backfill(narrow, days(0, 3))


async def test_another_organisation_sees_and_moves_nothing(ctx: Context) -> None:
    told = await three(ctx)
    new = await start_backfill(ctx, days(0, 3))
    eve = await make_context(ctx.services, scopes=ADMIN)
    assert await find_backfill(eve, new.id) is None
    assert (await list_backfills(eve, Window(5))).items == []
    with pytest.raises(DomainError):
        await cancel_backfill(eve, new.id)
    theirs = await start_backfill(eve, days(0, 3))
    assert (theirs.total, theirs.skipped) == (0, 0)
    assert [arc.ruleset_version for arc in await arcs(ctx, *told)] == ["older"] * 3
    async with ctx.services.database.read(Tenant(ctx.caller.org_id, ctx.caller.user_id)) as db:
        assert await persistence.backfills.find(db, ctx.caller.org_id, new.id) is None, "it is everybody's"


async def test_they_are_listed_newest_first(ctx: Context) -> None:
    started = [await start_backfill(ctx, days(0, n)) for n in (1, 2, 3)]
    first = await list_backfills(ctx, Window(2))
    assert ([one.id for one in first.items], first.has_next) == ([started[2].id, started[1].id], True)
    rest = await list_backfills(ctx, Window(2, after=first.end_cursor))
    assert ([one.id for one in rest.items], rest.has_next) == ([started[0].id], False)
    back = await list_backfills(ctx, Window(2, before=rest.start_cursor, backwards=True))
    assert [one.id for one in back.items] == [one.id for one in first.items]
    assert await count_backfills(ctx) == 3
