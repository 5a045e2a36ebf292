"""Reading and naming arcs: who may see which, in which order, and what a rename keeps."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

import persistence.judging
import resolvers.derivation
from domain.access import KeyKind, Org, Scope
from domain.errors import Forbidden, Invalid, NotFound, Unavailable
from domain.jobs import Overtaken
from domain.judging.filters import SubSessionFilter
from domain.judging.records import Intent, State, SubSession, TitleSource
from domain.values import UNSET, SessionId, Span, SubSessionId
from persistence.database import Tenant
from persistence.jobs import jobs
from persistence.live import live_events
from resolvers.context import Context, Services
from resolvers.cursors import window
from resolvers.judging import (
    get_sub_session,
    list_recent_sub_sessions,
    list_sub_sessions,
    rename_sub_session,
    reset_sub_session_label,
)
from tests.history import Recorded, arcs, bug_fix, clear, derive, dump, ended, judging, recorded, store
from tests.make import prompt, response, time
from tests.make_context import DEVELOPER, context_of, make_context, make_user
from tests.sent import telling

EVERYTHING = SubSessionFilter()
TEN = window(10)


@pytest.fixture
async def ctx(services: Services) -> Context:
    return await make_context(judging(services))


async def told_and_derived(ctx: Context, *told: Recorded) -> list[SubSession]:
    await store(ctx, *told)
    await derive(ctx, *told)
    return await arcs(ctx, *told)


async def five(ctx: Context) -> list[SubSession]:
    """Five arcs, newest first."""
    told = [recorded(*bug_fix(300 * n, f"shop/part{n}.py"), ended(300 * n + 9)) for n in range(5)]
    return (await told_and_derived(ctx, *told))[::-1]


async def test_an_arc_can_be_got_by_its_developer_and_by_nobody_else(ctx: Context, services: Services) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    assert (await get_sub_session(ctx, arc.id)).rubric == arc.rubric
    for other in (await colleague_of(ctx), await make_context(services)):
        with pytest.raises(NotFound):
            await get_sub_session(other, arc.id)
        assert list((await list_sub_sessions(other, EVERYTHING, TEN)).items) == []
    lead = await colleague_of(ctx, Scope.ORG_READ)
    assert (await get_sub_session(lead, arc.id)).id == arc.id


async def colleague_of(ctx: Context, *scopes: Scope) -> Context:
    """Another developer of the same organisation."""
    caller = ctx.caller
    org = Org(caller.org_id, "", caller.environment_id, caller.settings)
    user = await make_user(ctx.services.database.urls, org)
    return context_of(ctx.services, replace(caller, user_id=user.id, scopes=DEVELOPER.union(scopes)))


async def test_reading_wants_a_scope(ctx: Context) -> None:
    blind = context_of(ctx.services, replace(ctx.caller, scopes=frozenset({Scope.SESSIONS_READ})))
    with pytest.raises(Forbidden):
        await list_sub_sessions(blind, EVERYTHING, TEN)
    with pytest.raises(Forbidden):
        await get_sub_session(blind, SubSessionId(ctx.caller.user_id))
    with pytest.raises(Forbidden):
        await rename_sub_session(blind, SubSessionId(ctx.caller.user_id), "A name")


async def test_a_candidate_reads_the_one_session_it_is_tied_to(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(300, "a.py"), ended(310))
    mine, other = await told_and_derived(ctx, one, two)
    tied = replace(ctx.caller, kind=KeyKind.CANDIDATE, session_id=one.id, scopes=DEVELOPER)
    candidate = context_of(ctx.services, tied)
    assert [arc.id for arc in (await list_sub_sessions(candidate, EVERYTHING, TEN)).items] == [mine.id]
    assert (await list_sub_sessions(candidate, SubSessionFilter(session_id=two.id), TEN)).items == []
    with pytest.raises(NotFound):
        await get_sub_session(candidate, other.id)
    loose = context_of(ctx.services, replace(tied, session_id=None))
    assert (await list_sub_sessions(loose, EVERYTHING, TEN)).items == []


async def test_pages_go_forth_and_back_without_gap_or_repetition(ctx: Context) -> None:
    ids = [arc.id for arc in await five(ctx)]
    first = await list_sub_sessions(ctx, EVERYTHING, window(2))
    second = await list_sub_sessions(ctx, EVERYTHING, window(2, first.end_cursor))
    third = await list_sub_sessions(ctx, EVERYTHING, window(2, second.end_cursor))
    assert [arc.id for page in (first, second, third) for arc in page.items] == ids
    assert [page.has_next for page in (first, second, third)] == [True, True, False]
    assert [page.has_previous for page in (first, second, third)] == [False, True, True]
    back = await list_sub_sessions(ctx, EVERYTHING, window(last=3, before=third.start_cursor))
    assert ([arc.id for arc in back.items], back.has_previous, back.has_next) == (ids[1:4], True, True)
    start = await list_sub_sessions(ctx, EVERYTHING, window(last=3, before=back.start_cursor))
    assert ([arc.id for arc in start.items], start.has_previous, start.has_next) == (ids[:1], False, True)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "eyJhIjoxfQ", "WyIyMDI2LTAzLTAyIiwieCJd", "é", "A" * 5000])
async def test_a_forged_cursor_is_refused(ctx: Context, cursor: str) -> None:
    with pytest.raises(Invalid):
        await list_sub_sessions(ctx, EVERYTHING, window(2, after=cursor))
    with pytest.raises(Invalid):
        await list_sub_sessions(ctx, EVERYTHING, window(last=2, before=cursor))


async def test_a_list_of_none_has_no_cursors(ctx: Context) -> None:
    page = await list_sub_sessions(ctx, EVERYTHING, TEN)
    assert (page.items, page.has_next, page.has_previous, page.start_cursor, page.end_cursor) == (
        [], False, False, None, None,
    )  # fmt: skip


async def test_recent_arcs_are_at_most_so_many(ctx: Context) -> None:
    ids = [arc.id for arc in await five(ctx)]
    assert [arc.id for arc in await list_recent_sub_sessions(ctx, time(0), 4)] == ids[:4]
    for limit in (0, 501):
        with pytest.raises(Invalid):
            await list_recent_sub_sessions(ctx, time(0), limit)


async def test_filters_hold_together(ctx: Context) -> None:
    question = recorded(
        prompt("Why does the checkout page show the total twice when a coupon is used?", 300),
        response("Because both the template and the summary component print it. " * 5, 301),
        prompt("And which of the two should stay there?", 302),
        prompt("ok thanks", 303),
        ended(305),
    )
    tiny = recorded(prompt("hello there", 600), ended(601))
    fix = recorded(*bug_fix(0), clear(9), *bug_fix(11), ended(20))
    await told_and_derived(ctx, fix, question, tiny)

    async def found(**rules: object) -> list[SessionId]:
        return [arc.session_id for arc in (await list_sub_sessions(ctx, replace(EVERYTHING, **rules), TEN)).items]

    assert await found() == [tiny.id, question.id, fix.id]
    assert await found(state=State.EXCLUDED) == [tiny.id]
    assert await found(state=State.SCORED, intent=Intent.BUG_FIX) == [fix.id]
    assert await found(session_id=question.id) == [question.id]
    assert await found(within=Span(time(300), time(600))) == [question.id]
    assert await found(within=Span(end=time(300))) == [fix.id]
    assert await found(source_service="claude_code") == [tiny.id, question.id, fix.id]
    assert await found(source_service="cursor") == []
    assert await found(include_merged=True) == [tiny.id, question.id, fix.id, fix.id]
    assert await found(state=State.MERGED) == [fix.id]
    assert await found(user_id=(await make_context(ctx.services)).caller.user_id) == []
    assert [arc.session_id for arc in await list_recent_sub_sessions(ctx, time(300), 500)] == [tiny.id, question.id]
    assert [arc.session_id for arc in await list_recent_sub_sessions(ctx, time(0), 500, fix.id)] == [fix.id]


async def test_batches_keep_the_order_of_their_keys(ctx: Context) -> None:
    one, two = recorded(*bug_fix(0), clear(9), *bug_fix(30, "b.py"), ended(40)), recorded(*bug_fix(300), ended(309))
    made = await told_and_derived(ctx, one, two)
    unknown = SubSessionId(ctx.caller.user_id)
    async with ctx.read() as db:
        org = ctx.caller.org_id
        grouped = await persistence.judging.sub_sessions_by_session(db, org, [two.id, SessionId("none"), one.id])
        assert [[arc.id for arc in group] for group in grouped] == [[made[2].id], [], [made[0].id, made[1].id]]
        by_id = await persistence.judging.sub_sessions_by_id(db, org, [made[1].id, unknown])
        assert [arc and arc.id for arc in by_id] == [made[1].id, None]
        files = await persistence.judging.files_by_sub_session(db, org, [unknown, made[1].id])
        assert [[file.path for file in some] for some in files] == [[], ["b.py"]]
        assert not any(file.added_lines for some in files for file in some), "digests are not for lists"
        assert await persistence.judging.flags_by_sub_session(db, org, [made[0].id]) == [[]]


async def test_a_list_does_not_read_the_digests_of_lines(ctx: Context) -> None:
    statements: list[str] = []
    with telling(lambda _, sql, __: statements.append(sql)):
        await list_sub_sessions(ctx, EVERYTHING, TEN)
        async with ctx.read() as db:
            await persistence.judging.files_by_sub_session(db, ctx.caller.org_id, [SubSessionId(ctx.caller.user_id)])
    assert statements
    assert not any("added_lines" in statement for statement in statements)


async def test_a_rename_shows_at_once_and_survives_derivation(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    await get_sub_session(ctx, arc.id)
    renamed = await rename_sub_session(ctx, arc.id, "  Round\ntotals  ")
    assert renamed.label.title == "Round totals"
    assert (renamed.label.summary, renamed.label.title_source) == (arc.label.summary, TitleSource.USER_EDITED)
    assert (await get_sub_session(ctx, arc.id)).label == renamed.label
    before = await dump(ctx)
    await derive(ctx, one)
    assert await dump(ctx) == before
    assert await names_told(ctx) == ["opened", "scored", "updated"]


async def names_told(ctx: Context) -> list[str]:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        of_arcs = live_events.c.name.startswith("prism.score_v3.sub_session.")
        query = sa.select(live_events.c.name).where(of_arcs).order_by(live_events.c.id)
        return [row["name"].rpartition(".")[2] for row in await db.rows(query)]


async def test_a_summary_alone_locks_both(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    renamed = await rename_sub_session(ctx, arc.id, summary="Half up, as the tax office wants it.")
    assert (renamed.label.title, renamed.label.title_source) == (arc.label.title, TitleSource.USER_EDITED)
    cleared = await rename_sub_session(ctx, arc.id, summary=None)
    assert (cleared.label.title, cleared.label.summary) == (arc.label.title, None)
    await derive(ctx, one)
    assert [found.label for found in await arcs(ctx, one)] == [cleared.label]


async def test_a_name_given_to_an_open_arc_stays_when_it_closes(ctx: Context) -> None:
    one = recorded(*bug_fix(0))
    await store(ctx, one)
    await resolvers.derivation.derive_now(judging(ctx.services, time(10)), ctx.caller.org_id, one.id)
    [arc] = await arcs(ctx, one)
    assert arc.state is State.OPEN
    await rename_sub_session(ctx, arc.id, "Totals")
    await derive(ctx, one)
    [closed] = await arcs(ctx, one)
    assert (closed.state, closed.label.title) == (State.SCORED, "Totals")


async def test_a_reset_brings_the_label_back(ctx: Context) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    await rename_sub_session(ctx, arc.id, "Totals", "Done.")
    back = await reset_sub_session_label(ctx, arc.id)
    assert back.label == arc.label
    assert [found.label for found in await arcs(ctx, one)] == [arc.label]
    assert (await reset_sub_session_label(ctx, arc.id)).label == arc.label, "a second time changes nothing"


async def test_a_reset_that_others_overtake_is_left_to_a_worker(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    await rename_sub_session(ctx, arc.id, "Totals")

    async def overtaken(*_: object) -> None:
        raise Overtaken

    monkeypatch.setattr(resolvers.derivation, "_check", overtaken)
    with pytest.raises(Unavailable):
        await reset_sub_session_label(ctx, arc.id)
    job = sa.select(jobs).where(jobs.c.org_id == ctx.caller.org_id, jobs.c.key == one.id)
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        [row] = await db.rows(job)
    assert row["revision"] > row["done_revision"]


async def test_a_merged_fragment_stands_for_its_arc(ctx: Context) -> None:
    first, second = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(12), ended(20))
    await store(ctx, first, second)
    await derive(ctx, second)
    [tail] = await arcs(ctx, second)
    await rename_sub_session(ctx, tail.id, "Named before the merge")
    await derive(ctx, first)
    head, tail = await arcs(ctx, first, second)
    assert head.label.title == "Named before the merge"
    renamed = await rename_sub_session(ctx, tail.id, "Named after it")
    assert renamed.id == head.id
    reset = await reset_sub_session_label(ctx, tail.id)
    assert (reset.id, reset.label.title_source) == (head.id, TitleSource.RUBRIC)


@pytest.mark.parametrize(
    ("title", "summary"), [("", None), ("  ", None), ("x" * 61, None), (None, ""), (None, "x" * 241), ("fine", " ")]
)
async def test_labels_are_checked_before_anything_is_stored(ctx: Context, title: str | None, summary: str) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    before = await dump(ctx)
    with pytest.raises(Invalid):
        await rename_sub_session(ctx, arc.id, title, summary if summary is not None else UNSET)
    assert await dump(ctx) == before


async def test_a_label_of_just_the_length_is_taken(ctx: Context) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    renamed = await rename_sub_session(ctx, arc.id, "ü" * 60, "𝛼" * 240)
    assert (renamed.label.title, renamed.label.summary) == ("ü" * 60, "𝛼" * 240)
    with pytest.raises(Invalid):
        await rename_sub_session(ctx, arc.id)


async def test_nobody_renames_the_arc_of_another(ctx: Context, services: Services) -> None:
    [arc] = await told_and_derived(ctx, recorded(*bug_fix(0), ended(8)))
    before = await dump(ctx)
    for other in (await colleague_of(ctx, Scope.ORG_READ), await make_context(services)):
        with pytest.raises(NotFound):
            await rename_sub_session(other, arc.id, "Mine now")
        with pytest.raises(NotFound):
            await reset_sub_session_label(other, arc.id)
    assert await dump(ctx) == before


async def test_a_rename_while_a_derivation_is_under_way_is_kept(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recorded(*bug_fix(0), ended(8))
    [arc] = await told_and_derived(ctx, one)
    gather, seen = resolvers.derivation.gather, 0

    async def gather_then_rename(*given: object) -> object:
        nonlocal seen
        cluster = await gather(*given)
        seen += 1
        if seen == 1:
            await rename_sub_session(ctx, arc.id, "In between")
        return cluster

    monkeypatch.setattr(resolvers.derivation, "gather", gather_then_rename)
    await store(ctx, recorded(prompt("and the tax too", 7.5), id=one.id))
    await derive(ctx, one)
    assert seen == 2, "the first result was thrown away"
    [found] = await arcs(ctx, one)
    assert (found.label.title, found.measures.turn_count) == ("In between", 3)
