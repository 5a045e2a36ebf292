"""Arcs divided by hand, with a database: what is stored follows from events and edits, whichever came first."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

import persistence.arc_edits
import resolvers.arc_edits
import resolvers.derivation
from domain.access import KeyKind, Org, Scope
from domain.errors import DomainError, Forbidden, NotFound
from domain.judging.arc_edits import Code
from domain.judging.by_hand import Shape
from domain.judging.records import CloseReason, State, SubSession
from domain.scores.changes import SCORE_CHANGED
from domain.timeline import Event, Kind
from domain.values import EventId, SubSessionId
from persistence.database import Tenant
from persistence.live import live_events
from resolvers.arc_edits import (
    merge_sub_sessions,
    split_sub_session,
    undo_sub_session_merge,
    undo_sub_session_split,
)
from resolvers.context import Context, Services
from resolvers.cursors import window
from resolvers.judging import get_sub_session, rename_sub_session
from resolvers.timeline import count_events_of_arc, events_of_arc
from tests.history import (
    Recorded,
    arcs,
    bug_fix,
    clear,
    derive,
    drain,
    ended,
    facts,
    judging,
    recorded,
    session_id,
    store,
)
from tests.make import arc_id, event, prompt, time
from tests.make_context import DEVELOPER, context_of, make_context, make_user

DAY = 24 * 60.0


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(judging(services))


async def told_and_derived(ctx: Context, *told: Recorded) -> list[SubSession]:
    await store(ctx, *told)
    await derive(ctx, *told)
    return await arcs(ctx, *told)


def twice(project: str = "/home/ada/shop") -> Recorded:
    """One arc: two fixes of the same file, one after the other."""
    return recorded(*bug_fix(0), *bug_fix(10), ended(20), project=project)


async def code_of(change: Awaitable[object]) -> tuple[Code, tuple[str, ...] | None]:
    """Why a change is refused."""
    with pytest.raises(DomainError) as refused:
        await change
    [fault] = refused.value.faults
    return Code(fault.code), fault.field


async def names_told(ctx: Context) -> list[str]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        query = sa.select(live_events.c.name).where(live_events.c.org_id == ctx.caller.org_id)
        return [row["name"].rpartition("sub_session.")[2] for row in await db.rows(query.order_by(live_events.c.id))]


async def test_an_arc_is_split_and_made_whole_again_to_the_byte(ctx: Context) -> None:
    one = twice()
    [whole] = await told_and_derived(ctx, one)
    before, told = await facts(ctx), await names_told(ctx)
    second_prompt = one.events[7]
    first, second = await split_sub_session(ctx, whole.id, second_prompt.id)
    assert (first.id, first.crushed, second.crushed) == (whole.id, True, True)
    assert (first.close_reason, first.measures.turn_count, second.measures.turn_count) == (CloseReason.MANUAL, 2, 2)
    assert (first.split_by_hand, second.split_by_hand, second.started_at) == (False, True, time(10))
    assert [row.id for row in await arcs(ctx, one)] == [first.id, second.id]
    assert await get_sub_session(ctx, second.id) == second
    news = (await names_told(ctx))[len(told) :]
    assert {"opened", "scored", "updated"} <= set(news)
    assert news.count(SCORE_CHANGED) == 2
    assert [row.id for row in await undo_sub_session_split(ctx, second.id)] == [whole.id]
    assert await facts(ctx) == before


async def test_arcs_are_merged_and_parted_again_to_the_byte(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    two, three = recorded(*bug_fix(DAY, "shop/tax.py"), ended(DAY + 8)), recorded(*bug_fix(2 * DAY, "a.py"))
    rows = await told_and_derived(ctx, one, two, three)
    before = await facts(ctx)
    arc = await merge_sub_sessions(ctx, [row.id for row in rows[::-1]])
    assert (arc.id, arc.fragment_ids, arc.merged_by_hand) == (rows[0].id, tuple(row.id for row in rows), True)
    assert (arc.measures.turn_count, arc.started_at, arc.ended_at) == (6, time(0), time(2 * DAY + 7))
    assert [row.merged_into_id for row in await arcs(ctx, two, three)] == [arc.id] * 2
    assert (await names_told(ctx)).count("merged") == 2
    parted = await undo_sub_session_merge(ctx, rows[1].id)  # a fragment stands for its arc
    assert [part.id for part in parted] == [row.id for row in rows]
    assert await facts(ctx) == before


async def test_the_timeline_of_a_merged_arc_leaves_out_what_else_its_sessions_hold(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    two = recorded(*bug_fix(60, "docs/guide.md"), clear(70), *bug_fix(DAY, "shop/tax.py"), ended(DAY + 8))
    first, other, second = await told_and_derived(ctx, one, two)
    arc = await merge_sub_sessions(ctx, [first.id, second.id])
    page = await events_of_arc(ctx, arc, window(100))
    assert [stored.event.id for stored in page.items] == [event.id for event in (*one.events, *two.events[8:])]
    assert await count_events_of_arc(ctx, arc) == 16
    assert (other.id in arc.fragment_ids, other.merged_into_id) == (False, None)


async def test_merges_are_undone_one_at_a_time(ctx: Context) -> None:
    told = [recorded(*bug_fix(n * DAY, f"{n}.py"), ended(n * DAY + 8)) for n in range(3)]
    one, two, three = await told_and_derived(ctx, *told)
    await merge_sub_sessions(ctx, [one.id, two.id])
    before = await facts(ctx)
    await merge_sub_sessions(ctx, [two.id, three.id])
    parted = await undo_sub_session_merge(ctx, one.id)
    assert [part.fragment_ids for part in parted] == [(one.id, two.id), (three.id,)]
    assert await facts(ctx) == before


async def test_a_split_of_what_was_merged_by_hand_can_be_undone_too(ctx: Context) -> None:
    told = [recorded(*bug_fix(n * DAY, f"{n}.py"), ended(n * DAY + 8)) for n in range(2)]
    one, two = await told_and_derived(ctx, *told)
    await merge_sub_sessions(ctx, [one.id, two.id])
    before = await facts(ctx)
    first, second = await split_sub_session(ctx, one.id, told[1].events[0].id)
    assert (first.merged_by_hand, second.id, second.split_by_hand) == (False, two.id, True)
    assert (await merge_sub_sessions(ctx, [one.id, two.id])).merged_by_hand
    assert await code_of(undo_sub_session_split(ctx, one.id)) == (Code.NOT_SPLIT, ("id",))
    assert len(await undo_sub_session_merge(ctx, one.id)) == 2
    assert len(await undo_sub_session_split(ctx, two.id)) == 1
    assert await facts(ctx) == before


async def test_what_merging_by_rule_joined_is_split_at_the_seam_for_good(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(12), ended(20))
    head, tail = await told_and_derived(ctx, one, two)
    before = await facts(ctx)
    first, second = await split_sub_session(ctx, head.id, two.events[0].id)
    assert (first.fragment_ids, second.fragment_ids) == ((head.id,), (tail.id,))
    await derive(ctx, two, one)
    assert [row.state for row in await arcs(ctx, one, two)] == [State.SCORED] * 2
    assert [part.id for part in await undo_sub_session_split(ctx, second.id)] == [head.id]
    assert await facts(ctx) == before


async def test_edits_survive_derivation_new_events_and_another_import(ctx: Context) -> None:
    one, two = twice(), recorded(*bug_fix(DAY, "shop/tax.py"), ended(DAY + 8))
    whole, other = await told_and_derived(ctx, one, two)
    _, second = await split_sub_session(ctx, whole.id, one.events[7].id)
    await merge_sub_sessions(ctx, [second.id, other.id])
    stored = await facts(ctx)
    await told_and_derived(ctx, two, one)
    assert await facts(ctx) == stored
    late = recorded(prompt("and the shipping costs too, please", 9), id=one.id)
    later = recorded(prompt("one more word on the tax, please", DAY + 7.5), id=two.id)
    await store(ctx, late, later)
    await derive(ctx, one, two)
    shown = [row for row in await arcs(ctx, one, two) if row.state is not State.MERGED]
    assert [(row.id, row.measures.turn_count) for row in shown] == [(whole.id, 3), (second.id, 5)]


@dataclass
class Scene:
    """Recorded work, and what its developer does to it; `done` tells which events have been stored."""

    told: Sequence[Recorded]
    steps: Sequence[Callable[[Context], Awaitable[object]]]
    done: list[str] = field(default_factory=list[str])


def _scene() -> Scene:
    """A restart that rules join, work of two days that they do not, and a topic shift within a session."""
    one = recorded(*bug_fix(0), clear(9), *bug_fix(11), ended(20))
    beside = recorded(*bug_fix(30, "shop/tax.py"), clear(38), *bug_fix(40, "docs/guide.md"), ended(50))
    next_day = recorded(*bug_fix(DAY, "shop/fork.py"), ended(DAY + 8))
    after = recorded(*bug_fix(DAY + 12, "shop/fork.py"), ended(DAY + 20))

    async def split_one(ctx: Context) -> None:
        [arc] = [row for row in await arcs(ctx, one) if row.state is not State.MERGED]
        await split_sub_session(ctx, arc.id, one.events[5].id)

    async def merge_days(ctx: Context) -> None:
        last = (await arcs(ctx, beside))[-1]
        [first] = await arcs(ctx, next_day)
        await merge_sub_sessions(ctx, [last.id, first.id])

    async def split_after(ctx: Context) -> None:
        [row] = await arcs(ctx, after)
        await split_sub_session(ctx, row.merged_into_id or row.id, after.events[3].id)

    return Scene([one, beside, next_day, after], [split_one, merge_days, split_after])


SCENE = _scene()


@pytest.fixture(scope="module")
async def expected(services: Services) -> Context:
    """Whose work is stored and derived first, and edited then."""
    ctx = await make_context(judging(services))
    await told_and_derived(ctx, *SCENE.told)
    for step in SCENE.steps:
        await step(ctx)
    return ctx


@pytest.mark.parametrize("seed", range(2))
async def test_the_order_of_sessions_and_edits_does_not_matter(ctx: Context, expected: Context, seed: int) -> None:
    """The same edits made early, at each step of the way, or when all is there."""
    chance = random.Random(seed)
    needs = [{0}, {1, 2}, {3}]
    order = chance.sample(range(4), 4)
    waiting = chance.sample(range(3), 3)
    for count, index in enumerate(order, start=1):
        await told_and_derived(ctx, SCENE.told[index])
        for step in [step for step in waiting if needs[step] <= set(order[:count])]:
            await SCENE.steps[step](ctx)
            waiting.remove(step)
    await derive(ctx, *(SCENE.told[index] for index in chance.sample(order, 4)))
    assert await facts(ctx) == await facts(expected)


async def test_events_may_come_one_by_one_around_the_edits(fresh_services: Services, expected: Context) -> None:
    """Edits are made in the middle of things; events that come later find them."""
    services, chance = judging(fresh_services), random.Random(0)
    found = await make_context(services)
    async with expected.read() as db:
        made = (await persistence.arc_edits.shapes(db, expected.caller.org_id, [expected.caller.user_id])).popitem()[1]
    told = [replace(one, events=(single,)) for one in SCENE.told for single in one.events]
    chance.shuffle(told)
    for place, one in enumerate(told):
        await store(found, one)
        if place == len(told) // 2:
            await _make(found, made)
        if chance.random() < 0.2:
            await drain(services)
    await drain(services)
    assert await facts(found) == await facts(expected)


async def _make(ctx: Context, shape: Shape) -> None:
    """Makes another's edits this developer's own, in the order of their numbers, without looking at any arc."""
    lay_in = {event.id: one.id for one in SCENE.told for event in one.events}
    org_id, user_id = ctx.caller.org_id, ctx.caller.user_id
    async with ctx.write() as db:
        for edit in sorted((*shape.cuts, *shape.joins), key=lambda edit: edit.number):
            if edit in shape.cuts:
                await persistence.arc_edits.save_cut(db, org_id, user_id, lay_in[edit.event_id], edit.event_id)
            else:
                await persistence.arc_edits.save_join(db, org_id, user_id, sorted(edit.session_ids), edit.seams)


async def test_a_cut_goes_along_when_its_events_turn_out_to_belong_to_an_older_session(services: Services) -> None:
    lines = [*bug_fix(0), *bug_fix(10)]
    younger = recorded(*lines, ended(20), id=session_id())
    older = recorded(event(Kind.SESSION_START, -30), *lines, ended(20), id=session_id())
    early, late = await make_context(judging(services)), await make_context(judging(services))
    [arc] = await told_and_derived(early, younger)
    await split_sub_session(early, arc.id, lines[7].id)
    await told_and_derived(early, older)
    await told_and_derived(late, younger, older)
    [arc, *_] = await arcs(late, older)
    await split_sub_session(late, arc.id, lines[7].id)
    assert [row.started_at for row in await arcs(late, older)] == [time(-30), time(10)]
    assert await facts(early) == await facts(late)


async def test_labels_stay_with_the_part_that_keeps_the_id(ctx: Context) -> None:
    one = twice()
    [whole] = await told_and_derived(ctx, one)
    await rename_sub_session(ctx, whole.id, "Totals")
    first, second = await split_sub_session(ctx, whole.id, one.events[7].id)
    await rename_sub_session(ctx, second.id, "Tax")
    assert (first.label.title, second.label.title != "Totals") == ("Totals", True)
    [whole] = await undo_sub_session_split(ctx, second.id)
    assert whole.label.title == "Totals"
    _, second = await split_sub_session(ctx, whole.id, one.events[7].id)
    assert second.label.title == "Tax", "it waited"


async def test_what_cannot_be_done_is_refused_and_stores_nothing(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), clear(9), *bug_fix(60), clear(69), *bug_fix(120), ended(128)), twice("/else")
    a, b, c = await told_and_derived(ctx, one)
    [other] = await told_and_derived(ctx, two)
    nowhere = SubSessionId(ctx.caller.user_id)
    before = await facts(ctx)
    refused = [
        (split_sub_session(ctx, a.id, one.events[0].id), Code.NOTHING_BEFORE, ("eventId",)),
        (split_sub_session(ctx, a.id, two.events[1].id), Code.NOT_IN_ARC, ("eventId",)),
        (split_sub_session(ctx, a.id, EventId(ctx.caller.user_id)), Code.NOT_IN_ARC, ("eventId",)),
        (split_sub_session(ctx, nowhere, one.events[1].id), Code.NOT_FOUND, ("id",)),
        (merge_sub_sessions(ctx, [a.id]), Code.TOO_FEW, ("ids",)),
        (merge_sub_sessions(ctx, [a.id, a.id]), Code.TOO_FEW, ("ids",)),
        (merge_sub_sessions(ctx, [arc_id(n) for n in range(21)]), Code.TOO_MANY, ("ids",)),
        (merge_sub_sessions(ctx, [a.id, nowhere]), Code.NOT_FOUND, ("ids", "1")),
        (merge_sub_sessions(ctx, [a.id, c.id]), Code.NOT_ADJACENT, ("ids",)),
        (merge_sub_sessions(ctx, [a.id, other.id]), Code.OTHER_PROJECT, ("ids",)),
        (undo_sub_session_split(ctx, b.id), Code.NOT_SPLIT, ("id",)),
        (undo_sub_session_merge(ctx, b.id), Code.NOT_MERGED, ("id",)),
    ]
    for change, code, path in refused:
        assert await code_of(change) == (code, path)
    assert await facts(ctx) == before
    async with ctx.read() as db:
        assert await persistence.arc_edits.shapes(db, ctx.caller.org_id, [ctx.caller.user_id]) == {
            ctx.caller.user_id: Shape()
        }


async def colleague_of(ctx: Context, *scopes: Scope) -> Context:
    caller = ctx.caller
    user = await make_user(ctx.services.database.urls, Org(caller.org_id, "", caller.environment_id, caller.settings))
    return context_of(ctx.services, replace(caller, user_id=user.id, scopes=DEVELOPER.union(scopes)))


async def test_nobody_divides_the_work_of_another(ctx: Context, services: Services) -> None:
    one, two = twice(), recorded(*bug_fix(DAY, "a.py"), ended(DAY + 8))
    whole, other = await told_and_derived(ctx, one, two)
    _, second = await split_sub_session(ctx, whole.id, one.events[7].id)
    merged = await merge_sub_sessions(ctx, [second.id, other.id])
    before = await facts(ctx)
    for stranger in (await colleague_of(ctx, Scope.ORG_READ), await make_context(judging(services))):
        for change in (
            split_sub_session(stranger, whole.id, one.events[3].id),
            merge_sub_sessions(stranger, [whole.id, second.id]),
            undo_sub_session_split(stranger, second.id),
            undo_sub_session_merge(stranger, merged.id),
        ):
            with pytest.raises(NotFound):
                await change
    assert await facts(ctx) == before


async def test_the_edits_of_another_are_walled_off(ctx: Context) -> None:
    one = twice()
    [whole] = await told_and_derived(ctx, one)
    await split_sub_session(ctx, whole.id, one.events[7].id)
    stranger = await colleague_of(ctx)
    org_id, mine = ctx.caller.org_id, ctx.caller.user_id
    async with ctx.services.database.read(Tenant(org_id, stranger.caller.user_id)) as db:
        assert (await persistence.arc_edits.shapes(db, org_id, [mine]))[mine] == Shape()


async def test_a_candidate_divides_its_own_session_alone(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), *bug_fix(10), ended(18)), recorded(*bug_fix(22), ended(30))
    head, tail = await told_and_derived(ctx, one, two)
    assert tail.merged_into_id == head.id
    tied = replace(ctx.caller, kind=KeyKind.CANDIDATE, session_id=one.id, scopes=DEVELOPER)
    candidate = context_of(ctx.services, tied)
    assert await code_of(split_sub_session(candidate, head.id, two.events[0].id)) == (Code.NOT_IN_ARC, ("eventId",))
    first, second = await split_sub_session(candidate, head.id, one.events[7].id)
    assert (first.id, second.fragment_ids) == (head.id, (second.id, tail.id))
    away = context_of(ctx.services, replace(tied, session_id=two.id))
    for change in (split_sub_session(away, head.id, one.events[3].id), undo_sub_session_split(away, second.id)):
        assert (await code_of(change))[0] is Code.NOT_FOUND


async def test_dividing_wants_the_scope_of_labels(ctx: Context) -> None:
    reader = context_of(ctx.services, replace(ctx.caller, scopes=frozenset({Scope.SCORES_READ, Scope.ORG_READ})))
    id, at = SubSessionId(ctx.caller.user_id), EventId(ctx.caller.user_id)
    for change in (
        split_sub_session(reader, id, at),
        merge_sub_sessions(reader, [id, id]),
        undo_sub_session_split(reader, id),
        undo_sub_session_merge(reader, id),
    ):
        with pytest.raises(Forbidden):
            await change


async def test_a_split_during_a_derivation_is_kept(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = twice()
    [whole] = await told_and_derived(ctx, one)
    gather, seen = resolvers.derivation.gather, 0

    async def gather_then_split(*given: object) -> object:
        nonlocal seen
        cluster = await gather(*given)
        seen += 1
        if seen == 1:
            await split_sub_session(ctx, whole.id, one.events[7].id)
        return cluster

    monkeypatch.setattr(resolvers.derivation, "gather", gather_then_split)
    rows = await told_and_derived(ctx, recorded(prompt("and the tax too", 17.5), id=one.id))
    assert [row.measures.turn_count for row in rows] == [2, 3]


async def test_a_process_that_ends_in_between_leaves_the_rest_to_a_worker(
    fresh_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = await make_context(judging(fresh_services))
    one, two = twice(), recorded(*bug_fix(DAY, "a.py"), ended(DAY + 8))
    await store(ctx, one, two)
    await drain(ctx.services)
    whole, other = await arcs(ctx, one, two)

    async def die(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(resolvers.arc_edits, "derive_now", die)
        with pytest.raises(ConnectionResetError):
            await merge_sub_sessions(ctx, [whole.id, other.id])
        with pytest.raises(ConnectionResetError):
            await split_sub_session(ctx, whole.id, one.events[7].id)
    await drain(ctx.services)
    shown = [row for row in await arcs(ctx, one, two) if row.state is not State.MERGED]
    assert [len(row.fragment_ids) for row in shown] == [1, 2]


async def test_an_event_that_many_sessions_hold_is_cut_once(ctx: Context) -> None:
    lines: list[Event] = bug_fix(0)
    one = recorded(*lines, *bug_fix(10), ended(20))
    fork = recorded(*one.events, *bug_fix(300, "b.py"), ended(310))
    rows = await told_and_derived(ctx, one, fork)
    first = min(rows, key=lambda row: row.started_at)
    parts = await split_sub_session(ctx, first.id, one.events[7].id)
    assert [part.session_id for part in parts] == [first.session_id] * 2
    assert len(await arcs(ctx, one, fork)) == len(rows) + 1
