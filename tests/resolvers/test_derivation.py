"""Deriving stored sessions: what is stored follows from the events alone, not from the way there."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import persistence.job_runs
import persistence.jobs
import persistence.judging
import persistence.live
import resolvers.derivation
import resolvers.judging
import resolvers.sessions
from domain.errors import NotFound
from domain.jobs import LeaseLost
from domain.judging.filters import SubSessionFilter
from domain.judging.records import FlagKind, ReworkKind, State, TitleSource
from domain.timeline import Kind
from domain.values import SessionId
from persistence.database import Tenant
from persistence.live import live_events
from resolvers.context import Context, Services
from resolvers.cursors import window
from resolvers.derivation import derive_now, derive_session
from tests.history import (
    LATER,
    Recorded,
    arcs,
    bug_fix,
    clear,
    derive,
    drain,
    dump,
    ended,
    facts,
    judging,
    recorded,
    session_id,
    store,
)
from tests.make import event, prompt, time
from tests.make_context import make_context

DAY = 24 * 60.0


async def told(ctx: Context) -> list[str]:
    """The live events of the organisation's arcs so far, by the last part of their names."""
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        of_arcs = live_events.c.name.startswith("prism.score_v3.sub_session.")
        query = sa.select(live_events.c.name).where(live_events.c.org_id == ctx.caller.org_id, of_arcs)
        return [row["name"].rpartition(".")[2] for row in await db.rows(query.order_by(live_events.c.id))]


async def test_a_session_becomes_a_scored_arc(context: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(context, one)
    await derive(context, one)
    [arc] = await arcs(context, one)
    assert (arc.state, arc.outcome.goal_complete, arc.crushed) == (State.SCORED, True, True)
    assert arc.rubric.letter_grade is not None
    assert [file.path for file in arc.files] == ["shop/totals.py"]
    assert {id for piece in arc.evidence for id in piece.event_ids} <= {event.id for event in one.events}
    assert await told(context) == ["opened", "scored"]


async def test_deriving_twice_changes_nothing_at_all(context: Context) -> None:
    one = recorded(*bug_fix(0), clear(10), *bug_fix(12), clear(20), *bug_fix(60, "shop/tax.py"), ended(80))
    two = recorded(*bug_fix(85, "shop/tax.py"), ended(95))
    await store(context, one, two)
    await derive(context, one, two)
    before, events = await dump(context), await told(context)
    await derive(context, one, two, one)
    assert await dump(context) == before
    assert await told(context) == events


async def test_totals_of_a_session_follow_its_events(context: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(context, one)
    await derive(context, one)
    session = await resolvers.sessions.get_session(context, one.id)
    assert (session.prompt_count, session.tool_call_count, session.tool_error_count) == (2, 2, 0)
    assert session.ai_attribution_pct == 100.0


async def test_a_running_session_has_an_open_arc_and_a_date_for_its_end(context: Context) -> None:
    one = recorded(*bug_fix(0))
    await store(context, one)
    now = time(20)
    await derive_now(judging(context.services, now), context.caller.org_id, one.id)
    [arc] = await arcs(context, one)
    assert (arc.state, arc.ended_at) == (State.OPEN, None)
    async with context.read() as db:
        row = await db.row(sa.select(persistence.jobs.jobs).where(persistence.jobs.jobs.c.key == one.id))
    assert row is not None
    assert row["run_after"] <= time(7) + timedelta(hours=1)


async def test_rest_ends_a_session_and_news_opens_it_again(context: Context) -> None:
    one = recorded(*bug_fix(0))
    org = context.caller.org_id
    await store(context, one)
    await derive_now(judging(context.services, time(7 + 59.9)), org, one.id)
    assert [arc.state for arc in await arcs(context, one)] == [State.OPEN]
    await derive_now(judging(context.services, time(7 + 60)), org, one.id)
    [arc] = await arcs(context, one)
    assert (arc.state, arc.ended_at) == (State.SCORED, time(7))
    await store(context, recorded(prompt("and round the tax half up too", 80), id=one.id))
    await derive_now(judging(context.services, time(81)), org, one.id)
    [arc] = await arcs(context, one)
    assert (arc.state, arc.ended_at) == (State.OPEN, None)
    session = await resolvers.sessions.find_session(await again(context), one.id)
    assert session is not None
    assert session.ended_at is None


async def again(ctx: Context) -> Context:
    return ctx.uncached()


async def test_a_restart_in_a_new_session_is_merged(context: Context) -> None:
    first = recorded(*bug_fix(0), ended(8))
    second = recorded(*bug_fix(12), ended(20))
    await store(context, first, second)
    await derive(context, first, second)
    head, tail = await arcs(context, first, second)
    assert (head.state, head.ended_at, head.fragment_ids) == (State.SCORED, time(20), (head.id, tail.id))
    assert (tail.state, tail.merged_into_id) == (State.MERGED, head.id)
    assert head.measures.turn_count == 4


async def test_a_late_event_can_undo_a_merge(context: Context) -> None:
    first = recorded(*bug_fix(0), ended(8))
    second = recorded(*bug_fix(12), ended(20))
    await store(context, first, second)
    await derive(context, first, second)
    # The first session went on to another file right before it ended: its last fragment is no longer the one.
    late = recorded(clear(7.5), *bug_fix(7.6, "docs/guide.md")[:1], id=first.id)
    await store(context, late)
    await derive(context, first)
    assert [arc.merged_into_id for arc in await arcs(context, second)] == [None]


@pytest.fixture(scope="module")
async def expected(services: Services) -> list[tuple[object, ...]]:
    """What follows from HISTORY, each session stored and derived once."""
    ctx = await make_context(services)
    await store(ctx, *HISTORY)
    await derive(ctx, *HISTORY)
    return await facts(ctx)


@pytest.mark.parametrize("seed", range(2))
async def test_the_order_in_which_sessions_come_does_not_matter(
    context: Context, expected: list[tuple[object, ...]], seed: int
) -> None:
    shuffled = random.Random(seed).sample(HISTORY, len(HISTORY))
    for one in shuffled:
        await store(context, one)
        await derive(context, one)
    await derive(context, *shuffled)
    assert await facts(context) == expected


async def test_the_order_and_repetition_of_events_do_not_matter(
    fresh_services: Services, expected: list[tuple[object, ...]]
) -> None:
    """Events of all sessions in any order, some of them sent again; the queue alone says what is derived when."""
    services, chance = judging(fresh_services), random.Random(0)
    found = await make_context(services)
    told = [replace(one, events=(single,)) for one in HISTORY for single in one.events]
    told += chance.sample(told, len(told) // 3)
    chance.shuffle(told)
    for one in told:
        await store(found, one)
        if chance.random() < 0.2:
            await drain(services)
    await drain(services)
    assert await facts(found) == expected


async def test_derivations_at_the_same_time_come_to_the_same_end(
    context: Context, expected: list[tuple[object, ...]]
) -> None:
    await store(context, *HISTORY)
    await asyncio.gather(*(derive(context, one) for one in HISTORY))
    assert await facts(context) == expected


def _history() -> list[Recorded]:
    """Restarts across sessions, a chain of three, a competitor beside it, copies, rework, another project."""
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    base = recorded(*bug_fix(0, added=lines), clear(9), *bug_fix(11), ended(20))
    chained = recorded(*bug_fix(25), ended(33))
    third = recorded(*bug_fix(36, "shop/totals.py"), ended(44))
    beside = recorded(*bug_fix(26, "shop/tax.py"), clear(34), *bug_fix(37, "shop/tax.py"), ended(50))
    fork = Recorded(session_id(), tuple(replace(e, session_id=SESSION_ID) for e in third.events[:4]))
    forked = recorded(*fork.events, *bug_fix(70, "shop/fork.py"), ended(80))
    undoing = recorded(*bug_fix(DAY, removed=lines), ended(DAY + 10))
    elsewhere = recorded(*bug_fix(22), ended(30), project="/home/ada/other")
    return [base, chained, third, beside, forked, undoing, elsewhere]


SESSION_ID = session_id()
HISTORY = _history()


async def test_a_copied_line_counts_once_in_either_order(services: Services) -> None:
    """For the session that began first; of two that begin with the same line, for the smaller id."""
    lines = bug_fix(0)
    original = recorded(*lines, ended(8), id=SessionId(f"a-{session_id()}"))
    resumed = recorded(*lines[:5], *bug_fix(120, "shop/tax.py"), ended(130), id=SessionId(f"b-{session_id()}"))
    for order in ([original, resumed], [resumed, original]):
        ctx = await make_context(services)
        for one in order:
            await store(ctx, one)
            await derive(ctx, one)
        [old] = await arcs(ctx, original)
        [new] = await arcs(ctx, resumed)
        assert (old.started_at, old.measures.turn_count) == (time(0), 2)
        assert (new.started_at, new.measures.turn_count) == (time(120), 2)


async def test_an_older_session_that_turns_up_takes_its_lines_back(context: Context) -> None:
    lines = bug_fix(0)
    holder = recorded(*lines, ended(8))
    owner = recorded(*lines, id=session_id())
    await store(context, holder)
    await derive(context, holder)
    assert len(await arcs(context, holder)) == 1
    await store(context, owner, recorded(prompt("Look at the totals", -30), id=owner.id))
    await derive(context, owner)
    [kept] = await arcs(context, holder)
    assert (kept.state, kept.measures.turn_count) == (State.EXCLUDED, 0)
    assert sum(arc.measures.turn_count for arc in await arcs(context, owner)) == 3


async def test_files_go_along_when_an_arc_moves_to_an_older_session(context: Context) -> None:
    """Of two sessions that begin with the same line, the smaller id is the older one; the arc keeps its id."""
    lines = bug_fix(0)
    holder = recorded(*lines, ended(8), id=SessionId(f"b-{session_id()}"))
    owner = recorded(*lines, ended(8), id=SessionId(f"a-{session_id()}"))
    await store(context, holder)
    await derive(context, holder)
    await store(context, owner)
    await derive(context, owner)
    [arc] = [arc for arc in await arcs(context, owner) if arc.files]
    async with context.read() as db:
        table = persistence.judging.sub_session_files
        query = sa.select(table.c.session_id).where(table.c.org_id == context.caller.org_id)
        rows = await db.rows(query.where(table.c.sub_session_id == arc.id))
    assert [row["session_id"] for row in rows] == [owner.id]


async def test_later_work_that_takes_lines_back_makes_rework(context: Context) -> None:
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    made = recorded(*bug_fix(0, added=lines), ended(8))
    undone = recorded(*bug_fix(DAY, removed=lines), ended(DAY + 10))
    await store(context, made)
    await derive(context, made)
    [arc] = await arcs(context, made)
    assert arc.crushed
    await store(context, undone)
    await derive(context, undone)
    [arc] = await arcs(context, made)
    [by] = await arcs(context, undone)
    assert arc.rework is not None
    assert (arc.rework.kind, arc.rework.by, arc.crushed) == (ReworkKind.REWRITE, by.id, False)
    assert (await told(context))[-1] == "reworked"


async def test_rework_goes_when_its_cause_does(context: Context) -> None:
    lines = [f"line_{n} = compute({n})" for n in range(8)]
    made = recorded(*bug_fix(0, added=lines), ended(8))
    first = recorded(*bug_fix(DAY, removed=lines), ended(DAY + 10))
    second = recorded(*bug_fix(2 * DAY, removed=lines), ended(2 * DAY + 10))
    await store(context, made, first, second)
    await derive(context, made, second, first)
    [by] = await arcs(context, first)
    assert [arc.rework and arc.rework.by for arc in await arcs(context, made)] == [by.id], "the earlier of two"
    # The first turns out to have put the lines back before it ended.
    back = [replace(one, session_id=first.id) for one in bug_fix(DAY + 8.5, added=lines)[1:4]]
    await store(context, recorded(*back, id=first.id))
    await derive(context, first)
    [other] = await arcs(context, second)
    assert [arc.rework and arc.rework.by for arc in await arcs(context, made)] == [other.id]


async def test_an_edit_survives_derivation_and_merging(context: Context) -> None:
    first = recorded(*bug_fix(0), ended(8))
    await store(context, first)
    await derive(context, first)
    [arc] = await arcs(context, first)
    await resolvers.judging.rename_sub_session(context, arc.id, "Rounding, once and for all")
    second = recorded(*bug_fix(12), ended(20))
    await store(context, second)
    await derive(context, second)
    [head] = await arcs(context, first)
    assert len(head.fragment_ids) == 2
    assert (head.label.title, head.label.title_source) == ("Rounding, once and for all", TitleSource.USER_EDITED)
    assert head.label.summary == arc.label.summary


async def test_an_arc_that_dissolves_leaves_nothing_behind(context: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(context, one)
    await derive(context, one)
    [before] = await arcs(context, one)
    await store(context, recorded(event(Kind.SESSION_START, -1), id=one.id))
    await derive(context, one)
    [after] = await arcs(context, one)
    assert after.id != before.id, "an arc is named for its first event"
    async with context.read() as db:
        assert await persistence.judging.files_by_sub_session(db, context.caller.org_id, [before.id]) == [[]]
    assert sorted((await told(context))[2:]) == ["opened", "scored", "updated"]


async def test_a_deleted_session_is_not_brought_back(context: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await derive(context, one)
    assert await arcs(context, one) == []


async def test_a_result_without_its_lease_is_rolled_back(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    async with persistence.jobs.scope(ctx.services.database) as db:
        await db.execute(sa.text("UPDATE jobs SET run_after = now()"))
        [job] = await persistence.job_runs.claim(db, 1, timedelta(seconds=-1), "v")
        await persistence.job_runs.reap(db)
    with pytest.raises(LeaseLost):
        await derive_session(judging(ctx.services), job)
    assert await arcs(ctx, one) == []


async def test_the_queue_runs_dry_and_flags_what_falls_out_of_line(fresh_services: Services) -> None:
    services = judging(fresh_services)
    ctx = await make_context(services)
    usual = [
        recorded(*(e for part in range(4) for e in bug_fix(100 * n + 10 * part)), ended(100 * n + 40))
        for n in range(10)
    ]
    small = recorded(
        prompt("Fix the crash in shop/cart.py when the cart is empty", 2000),
        *[replace(e, ts=time(2001)) for e in bug_fix(0, "shop/cart.py")[1:4]],
        ended(2005),
    )
    await store(ctx, *usual, small)
    assert await drain(services) <= 14
    page = await resolvers.judging.list_sub_sessions(ctx, SubSessionFilter(), window(100))
    flagged = {arc.session_id: arc.flags for arc in await arcs(ctx, *usual, small) if arc.flags}
    assert [flag.kind for flag in flagged.get(small.id, ())] == [FlagKind.MEDIAN_SUBSTANCE_OUTLIER]
    before = await dump(ctx)
    await derive(ctx, *usual, small)
    await drain(services)
    assert await dump(ctx) == before
    assert len(page.items) == 11


async def test_sessions_that_hang_together_are_judged_once(
    fresh_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = judging(fresh_services)
    ctx = await make_context(services)
    gathered: list[int] = []
    gather = resolvers.derivation.gather

    async def counting(*given: Any) -> Any:
        cluster = await gather(*given)
        gathered.append(len(cluster.members))
        return cluster

    monkeypatch.setattr(resolvers.derivation, "gather", counting)
    chain = [recorded(*bug_fix(14 * n), ended(14 * n + 8)) for n in range(4)]
    await store(ctx, *chain)
    await drain(services)
    # As long as nothing is stored, neighbours do not show; the last of them is judged with all others.
    assert sum(gathered) <= 1 + 2 + 3 + 4
    gathered.clear()
    async with persistence.jobs.scope(services.database) as db:
        assert await persistence.jobs.enqueue_outdated(db, "next") == 4
    await drain(services)
    assert gathered == [4]


async def test_a_session_judged_with_a_neighbour_is_still_looked_at_when_its_rest_is_over(
    fresh_services: Services,
) -> None:
    ctx = await make_context(fresh_services)
    first, second = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(12))
    await store(ctx, first, second)
    await drain(judging(fresh_services, time(25)))
    assert [arc.state for arc in await arcs(ctx, first, second)] == [State.OPEN, State.MERGED]
    async with persistence.jobs.scope(fresh_services.database) as db:
        jobs = await db.rows(sa.text("SELECT key, state FROM jobs WHERE kind = 'derive_session'"))
    assert {row["key"]: row["state"] for row in jobs} == {first.id: "idle", second.id: "queued"}
    await drain(judging(fresh_services), of_any_age=True)
    assert [arc.state for arc in await arcs(ctx, first, second)] == [State.SCORED, State.MERGED]


async def test_another_tenant_sees_nothing_of_it(services: Services) -> None:
    mine, other = await make_context(services), await make_context(services)
    one = recorded(*bug_fix(0), ended(8))
    await store(mine, one)
    await derive(mine, one)
    [arc] = await arcs(mine, one)
    with pytest.raises(NotFound):
        await resolvers.judging.get_sub_session(other, arc.id)
    assert (await resolvers.judging.list_sub_sessions(other, SubSessionFilter(), window(10))).items == []
    await derive_now(judging(other.services, LATER), other.caller.org_id, one.id)
    assert await arcs(mine, one) == [arc]
