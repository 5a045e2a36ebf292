"""Appeals with a database: who may, what it does to the score, and that nothing but its author takes it back."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

import persistence.appeals
import persistence.jobs
import resolvers.appeals
import resolvers.derivation
from domain.access import KeyKind, Org, Scope
from domain.errors import Forbidden, Invalid, NotFound
from domain.judging.appeals import AppealErrorCode
from domain.judging.records import State, SubSession
from domain.scores.changes import SCORE_CHANGED
from domain.timeline import Kind
from domain.values import SubSessionId
from persistence.database import Tenant
from persistence.live import live_events
from resolvers.appeals import appeal_verdict, withdraw_appeal
from resolvers.context import Context, Services
from resolvers.exports import APPEAL_COLUMNS, appeal_rows
from resolvers.judging import get_sub_session
from tests.history import Recorded, arcs, bug_fix, clear, derive, drain, ended, facts, judging, recorded, store
from tests.make import event, prompt, time
from tests.make_context import DEVELOPER, context_of, make_context, make_user

SEEN = "I watched it fail in production."


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(judging(services))


async def told_and_derived(ctx: Context, *told: Recorded) -> list[SubSession]:
    await store(ctx, *told)
    await derive(ctx, *told)
    return await arcs(ctx, *told)


async def names_told(ctx: Context) -> list[str]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        query = sa.select(live_events.c.name).where(live_events.c.org_id == ctx.caller.org_id)
        return [row["name"] for row in await db.rows(query.order_by(live_events.c.id))]


async def test_an_appeal_counts_at_once_and_is_told(ctx: Context) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    await get_sub_session(ctx, arc.id)
    before = await names_told(ctx)
    changed = await appeal_verdict(ctx, arc.id, goal_complete=False, reason=f"  {SEEN}\n")
    assert changed.appeal is not None
    assert (changed.appeal.goal_complete, changed.appeal.judged_goal_complete, changed.appeal.reason) == (
        False, True, SEEN,
    )  # fmt: skip
    assert (arc.crushed, changed.crushed, changed.qualifying, changed.outcome.goal_complete) == (
        True, False, True, False,
    )  # fmt: skip
    assert await get_sub_session(ctx, arc.id) == changed
    assert (await names_told(ctx))[len(before) :] == ["prism.score_v3.sub_session.updated", SCORE_CHANGED]


async def test_a_withdrawal_brings_every_row_back(ctx: Context) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    before = await facts(ctx)
    await appeal_verdict(ctx, arc.id, False, SEEN)
    assert await facts(ctx) != before
    back = await withdraw_appeal(ctx, arc.id)
    assert (await facts(ctx), back.appeal) == (before, None)
    assert await withdraw_appeal(ctx, arc.id) == back, "a second time changes nothing"


async def test_a_second_appeal_takes_the_place_of_the_first(ctx: Context) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    first = await appeal_verdict(ctx, arc.id, False, SEEN)
    second = await appeal_verdict(ctx, arc.id, True, "It was the cache after all.")
    assert first.appeal is not None
    assert second.appeal is not None
    assert (second.crushed, second.appeal.judged_goal_complete) == (True, True)
    assert second.appeal.at > first.appeal.at


async def test_an_appeal_survives_derivation_and_new_events(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    appealed = await appeal_verdict(ctx, arc.id, False, SEEN)
    stored = await facts(ctx)
    await told_and_derived(ctx, one)  # imported again
    assert await facts(ctx) == stored
    [grown] = await told_and_derived(ctx, recorded(prompt("and the tax too, please", 7.5), id=one.id))
    assert (grown.id, grown.measures.turn_count, grown.appeal) == (arc.id, 3, appealed.appeal)
    assert grown.outcome.goal_complete is False


async def test_an_appeal_goes_along_when_its_arc_is_merged(ctx: Context) -> None:
    second = recorded(*bug_fix(12), ended(20))
    [tail] = await told_and_derived(ctx, second)
    await appeal_verdict(ctx, tail.id, False, SEEN)
    head, tail = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)), second)
    assert (tail.state, head.appeal and head.appeal.reason, head.crushed) == (State.MERGED, SEEN, False)
    back = await withdraw_appeal(ctx, tail.id)
    assert (back.id, back.appeal, back.crushed) == (head.id, None, True)


async def test_an_appeal_waits_for_an_arc_that_vanished(ctx: Context) -> None:
    """A line that an older session brings along takes the arc away: its first event counts there now."""
    lines = bug_fix(0)
    holder = recorded(*lines, clear(9), *bug_fix(60, "shop/tax.py"), ended(70))
    first, _ = await told_and_derived(ctx, holder)
    await appeal_verdict(ctx, first.id, False, SEEN)
    owner = recorded(event(Kind.SESSION_START, -30), *lines, clear(9), ended(10))
    rows = await told_and_derived(ctx, owner, holder)
    assert first.id not in [row.id for row in rows]
    assert [row.appeal for row in rows] == [None] * len(rows)
    async with ctx.read() as db:
        assert list(await persistence.appeals.appeals(db, ctx.caller.org_id, [first.id])) == [first.id]


async def test_an_appeal_waits_while_its_session_goes_on(ctx: Context) -> None:
    one = recorded(*bug_fix(0))
    [arc] = await told_and_derived(ctx, one)
    await appeal_verdict(ctx, arc.id, False, SEEN)
    await store(ctx, recorded(prompt("one more thing about totals", 70), id=one.id))
    await resolvers.derivation.derive_now(judging(ctx.services, time(75)), ctx.caller.org_id, one.id)
    [opened] = await arcs(ctx, one)
    assert (opened.state, opened.appeal, opened.outcome.goal_complete) == (State.OPEN, None, None)
    await derive(ctx, one)
    [closed] = await arcs(ctx, one)
    assert (closed.state, closed.appeal and closed.appeal.reason) == (State.SCORED, SEEN)


async def test_only_what_was_judged_can_be_appealed(ctx: Context) -> None:
    trivial, running = recorded(prompt("hello there", 0), ended(1)), recorded(*bug_fix(100))
    [excluded] = await told_and_derived(ctx, trivial)
    await store(ctx, running)
    await resolvers.derivation.derive_now(judging(ctx.services, time(110)), ctx.caller.org_id, running.id)
    [opened] = await arcs(ctx, running)
    assert (excluded.state, opened.state) == (State.EXCLUDED, State.OPEN)
    before = await facts(ctx)
    for arc in (excluded, opened):
        with pytest.raises(Invalid) as refused:
            await appeal_verdict(ctx, arc.id, True, SEEN)
        assert [fault.code for fault in refused.value.faults] == [AppealErrorCode.NOT_JUDGED]
    assert await facts(ctx) == before


async def colleague_of(ctx: Context, *scopes: Scope) -> Context:
    caller = ctx.caller
    user = await make_user(ctx.services.database.urls, Org(caller.org_id, "", caller.environment_id, caller.settings))
    return context_of(ctx.services, replace(caller, user_id=user.id, scopes=DEVELOPER.union(scopes)))


async def test_nobody_appeals_for_another(ctx: Context, services: Services) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    await appeal_verdict(ctx, arc.id, False, SEEN)
    before = await facts(ctx)
    for other in (await colleague_of(ctx, Scope.ORG_READ), await make_context(services)):
        with pytest.raises(NotFound) as refused:
            await appeal_verdict(other, arc.id, True, "It is fine.")
        assert [fault.code for fault in refused.value.faults] == [AppealErrorCode.NOT_FOUND]
        with pytest.raises(NotFound):
            await withdraw_appeal(other, arc.id)
    assert await facts(ctx) == before
    lead = await colleague_of(ctx, Scope.ORG_READ)
    shown = await get_sub_session(lead, arc.id)
    assert shown.appeal is not None, "who may read the arc reads what was said of it"


async def test_the_rows_of_another_are_walled_off(ctx: Context) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    await appeal_verdict(ctx, arc.id, False, SEEN)
    other = await colleague_of(ctx)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id, other.caller.user_id)) as db:
        assert await persistence.appeals.appeals(db, ctx.caller.org_id, [arc.id]) == {}


async def test_a_candidate_appeals_in_its_own_session_alone(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(300, "a.py"), ended(310))
    mine, other = await told_and_derived(ctx, one, two)
    tied = replace(ctx.caller, kind=KeyKind.CANDIDATE, session_id=one.id, scopes=DEVELOPER)
    candidate = context_of(ctx.services, tied)
    assert (await appeal_verdict(candidate, mine.id, False, SEEN)).crushed is False
    with pytest.raises(NotFound):
        await appeal_verdict(candidate, other.id, False, SEEN)


async def test_an_appeal_wants_the_scope_of_labels(ctx: Context) -> None:
    reader = context_of(ctx.services, replace(ctx.caller, scopes=frozenset({Scope.SCORES_READ, Scope.ORG_READ})))
    for change in (
        appeal_verdict(reader, SubSessionId(ctx.caller.user_id), True, SEEN),
        withdraw_appeal(reader, SubSessionId(ctx.caller.user_id)),
    ):
        with pytest.raises(Forbidden):
            await change


async def test_an_appeal_during_a_derivation_is_kept(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    gather, seen = resolvers.derivation.gather, 0

    async def gather_then_appeal(*given: object) -> object:
        nonlocal seen
        cluster = await gather(*given)
        seen += 1
        if seen == 1:
            await appeal_verdict(ctx, arc.id, False, SEEN)
        return cluster

    monkeypatch.setattr(resolvers.derivation, "gather", gather_then_appeal)
    [found] = await told_and_derived(ctx, recorded(prompt("and the tax too", 7.5), id=one.id))
    assert (found.appeal and found.appeal.reason, found.measures.turn_count) == (SEEN, 3)


async def test_a_process_that_ends_in_between_leaves_the_rest_to_a_worker(
    fresh_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = await make_context(judging(fresh_services))
    one = recorded(*bug_fix(0), ended(8))
    await store(ctx, one)
    await drain(ctx.services)

    async def die(*_: object) -> None:
        raise ConnectionResetError

    [arc] = await arcs(ctx, one)
    with monkeypatch.context() as patch:
        patch.setattr(resolvers.appeals, "derive_now", die)
        with pytest.raises(ConnectionResetError):
            await appeal_verdict(ctx, arc.id, False, SEEN)
    await drain(ctx.services)
    assert [row.crushed for row in await arcs(ctx, one)] == [False]


async def test_judge_and_person_are_exported_side_by_side(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(300, "a.py"), ended(310))
    first, second = await told_and_derived(ctx, one, two)
    urls = ctx.services.database.urls
    slug = await _slug(ctx)
    assert [row async for row in appeal_rows(urls, slug, None)] == []
    await appeal_verdict(ctx, second.id, True, "Yes.")
    await appeal_verdict(ctx, first.id, False, SEEN)
    rows = [row async for row in appeal_rows(urls, slug, None)]
    assert [tuple(row) for row in rows] == [APPEAL_COLUMNS] * 2
    assert [(row["sub_session_id"], row["judged_goal_complete"], row["appealed_goal_complete"]) for row in rows] == [
        (str(first.id), True, False),
        (str(second.id), True, True),
    ]
    assert (rows[0]["reason"], rows[0]["judge_version"]) == (SEEN, "rules-2")
    await withdraw_appeal(ctx, first.id)
    assert [row["sub_session_id"] async for row in appeal_rows(urls, slug, None)] == [str(second.id)]


async def _slug(ctx: Context) -> str:
    async with ctx.read() as db:
        row = await db.row(sa.text("SELECT slug FROM orgs WHERE id = :id"), {"id": ctx.caller.org_id})
    assert row is not None
    return row["slug"]
