"""Reports of periods written from what is stored: their figures are the score's, and reading them takes a few looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

import persistence.clusters
from domain.access import Org
from domain.judging.records import Appeal, Evidence, Intent, State, SubSession
from domain.languages import Language, Phrases
from domain.reports.facts import Facts, reason_of
from domain.reports.prose import Prose, WriterFailed
from domain.reports.records import (
    PeriodName,
    Report,
    ReportFailed,
    ReportKind,
    ReportPeriod,
    Stage,
    Written,
    period,
)
from domain.scores.windows import WindowKind, window_containing
from domain.values import OrgId, SessionId, UserId
from persistence.access import save_settings
from persistence.database import Tenant, owner_scope
from persistence.derivation import Update, save_arcs
from resolvers.context import Context, Services
from resolvers.pillars import get_board
from resolvers.report_content import write_prism, write_quick
from resolvers.report_facts import Whose, gather
from resolvers.reports import unbegun
from tests.history import recorded, store
from tests.make import event_id, outcome, prompt, rubric, sub_session
from tests.make_context import make_context, make_org, make_user
from tests.schema.test_sql_counts import statements

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
"""The Sunday on which clocks were put forward in Europe, twelve hours before the week ends."""
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def now_services(services: Services) -> Services:
    return replace(services, now=lambda: NOW)


async def developer(services: Services, zone: str = "Europe/Berlin", org: Org | None = None) -> Context:
    urls = services.database.urls
    org = org or await make_org(urls)
    return await make_context(services, org=org, user=await make_user(urls, org, time_zone=zone))


def worked(ctx: Context, hours_ago: float, *criteria: str, **changes: object) -> SubSession:
    """An arc that began so long ago; crushed, unless criteria say why not."""
    at, name = NOW - timedelta(hours=hours_ago), f"{ctx.caller.user_id} {hours_ago}"
    seen = tuple(Evidence("outcome", one, -40, (event_id(one),), "it broke") for one in criteria)
    plain = sub_session(
        name,
        session_id=SessionId(f"session {name}"),
        user_id=ctx.caller.user_id,
        started_at=at,
        last_event_at=at + timedelta(minutes=30),
        first_prompt_at=at,
        outcome=outcome(goal_complete=not criteria, goal_completed_at=at + timedelta(minutes=20)),
        evidence=seen,
    )
    return replace(plain, **changes)


async def has(ctx: Context, *arcs: SubSession) -> None:
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await persistence.clusters.lock(db, ctx.caller.org_id, [ctx.caller.user_id])
        await save_arcs(db, ctx.caller.org_id, [Update(None, arc) for arc in arcs])


def week(zone: ZoneInfo = BERLIN) -> ReportPeriod:
    window = window_containing(WindowKind.WEEKLY, NOW, zone)
    return period(window.start, window.end, zone)


async def untold(stage: Stage, progress: float) -> None:
    pass


async def facts_of(ctx: Context, of: ReportPeriod | None = None, whole_org: bool = False) -> Facts:
    whose = Whose(ctx.caller.org_id, None if whole_org else ctx.caller.user_id)
    return await gather(ctx.services, whose, of or week(), untold)


def report(
    ctx: Context,
    kind: ReportKind = ReportKind.V3,
    of: ReportPeriod | None = None,
    language: Language = Language.EN,
    user_id: UserId | None = None,
) -> Report:
    whose = Tenant(ctx.caller.org_id, user_id or ctx.caller.user_id)
    return unbegun(whose, kind, "personal", language, of or week(), NOW)


async def write(ctx: Context, kind: ReportKind = ReportKind.V3, **changes: object) -> Written:
    return await write_prism(ctx.services, report(ctx, kind, **changes), untold)


async def test_a_report_says_what_the_score_says(now_services: Services) -> None:
    ctx = await developer(now_services)
    hours = [1, 14, 40, 100, 150, 170, 24 * 9, 24 * 16]
    await has(ctx, *(worked(ctx, at, *(["objection"] if number % 3 == 2 else [])) for number, at in enumerate(hours)))
    facts, board = await facts_of(ctx), await get_board(ctx, WindowKind.WEEKLY)
    assert facts.period.name is PeriodName.WEEKLY
    assert (facts.board.headline, facts.board.speed, facts.board.tokens) == (board.headline, board.speed, board.tokens)
    assert (facts.board.skill, facts.board.trivia, facts.board.integrity) == (
        board.skill,
        board.trivia,
        board.integrity,
    )
    assert facts.now == board.now
    assert sum(point.totals.qualifying for point in facts.points) == board.headline.total_count == 5
    body = (await write(ctx)).payload
    assert body["headline"]["prism_score"] == float(board.headline.prism_score or 0)


async def test_days_and_weeks_are_cut_in_the_zone_of_the_report(now_services: Services) -> None:
    """Half an hour before and after midnight of the night in which clocks are put forward."""
    ctx = await developer(now_services)
    midnight = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    apart = [(NOW - midnight) / timedelta(hours=1) + half for half in (0.5, -0.5)]
    await has(ctx, *(worked(ctx, hours) for hours in apart))
    facts = await facts_of(ctx)
    assert (facts.active_days, facts.now.qualifying) == (2, 2)
    assert [point.totals.qualifying for point in facts.points] == [0, 0, 0, 0, 0, 1, 1]
    assert (await facts_of(ctx, week(ZoneInfo("UTC")))).active_days == 1


async def test_an_organisation_adds_up_its_developers_each_in_their_own_zone(now_services: Services) -> None:
    ada = await developer(now_services)
    org = Org(ada.caller.org_id, "", 1, ada.caller.settings)
    bob = await developer(now_services, "Asia/Kathmandu", org)
    stranger = await developer(now_services)
    for ctx in (ada, bob, stranger):
        await has(ctx, *(worked(ctx, hours) for hours in (1, 30, 24 * 8)), worked(ctx, 5, "interrupted"))
    facts = await facts_of(ada, whole_org=True)
    assert (facts.board.headline.crushed_count, facts.board.headline.total_count) == (4, 6)
    assert (facts.activity.sessions, facts.activity.developers) == (6, 2)
    assert facts.parts[-2].qualifying == 2
    assert {arc.user_id for arc in facts.wins} == {ada.caller.user_id, bob.caller.user_id}
    assert (await facts_of(bob)).board.headline.total_count == 3


async def test_nothing_is_read_of_other_developers(now_services: Services) -> None:
    ada = await developer(now_services)
    bob = await developer(now_services, org=Org(ada.caller.org_id, "", 1, ada.caller.settings))
    await has(bob, worked(bob, 1), worked(bob, 2, "objection"))
    facts = await facts_of(ada)
    assert (facts.activity.arcs, facts.wins, facts.misses, facts.missed, facts.active_days) == (0, (), (), (), 0)
    assert (await write(ada)).sessions == frozenset()


async def test_wins_come_by_size_and_misses_by_what_they_took(now_services: Services) -> None:
    ctx = await developer(now_services)
    sized = [replace(worked(ctx, n), measures=replace(worked(ctx, n).measures, net_loc=10 * n)) for n in range(1, 8)]
    costly = replace(worked(ctx, 20, "objection").measures, tokens=replace(sized[0].measures.tokens, output=9_000))
    await has(ctx, *sized, worked(ctx, 10, "interrupted"), worked(ctx, 20, "objection", measures=costly))
    facts = await facts_of(ctx)
    assert [arc.measures.net_loc for arc in facts.wins] == [70, 60, 50, 40, 30]
    assert [reason_of(arc) for arc in facts.misses] == ["objection", "interrupted"]
    assert [(one.reason, one.count) for one in facts.missed] == [("interrupted", 1), ("objection", 1)]


async def test_misses_are_counted_by_the_reasons_that_are_told(now_services: Services) -> None:
    """Counting by SQL and telling by arc come to the same."""
    ctx = await developer(now_services)
    arcs = [
        worked(ctx, 1, "change", "objection"),
        worked(ctx, 2, "objection", "taken_back"),
        worked(ctx, 3, "change"),
        worked(ctx, 4, "answer", rubric=rubric(intent=Intent.QUESTION)),
        worked(ctx, 5, "change", appeal=Appeal(False, "no", NOW, True)),
    ]
    await has(ctx, *arcs)
    facts = await facts_of(ctx)
    assert sorted(reason_of(arc) for arc in facts.misses) == sorted(one.reason for one in facts.missed)
    assert sorted(reason_of(arc) for arc in arcs) == sorted(one.reason for one in facts.missed)


async def test_sessions_that_were_merged_into_a_goal_are_known_as_well(now_services: Services) -> None:
    """What is quoted of the goal may come from them: with each of them the report goes."""
    ctx = await developer(now_services)
    head, part, apart = worked(ctx, 5), worked(ctx, 3), worked(ctx, 2)
    await has(ctx, apart, replace(head, fragment_ids=(head.id, part.id)))
    await has(ctx, replace(part, state=State.MERGED, merged_into_id=head.id))
    facts = await facts_of(ctx)
    assert [arc.id for arc in facts.wins if arc.id == part.id] == []
    assert facts.sessions == {head.session_id, part.session_id, apart.session_id}


async def test_the_weakest_prompts_are_quoted_as_they_were_typed(now_services: Services) -> None:
    ctx = await developer(now_services)
    told = recorded(prompt("make it better please, all of it", NOW - timedelta(hours=3)))
    await store(ctx, told)
    weak = worked(ctx, 3, session_id=told.id, prompt_ids=(told.events[0].id,), rubric=rubric(grade_points=0.0))
    await has(ctx, weak, worked(ctx, 9))
    [found] = (await facts_of(ctx)).worst_prompts
    assert (found.text, found.points) == ("make it better please, all of it", 0.0)
    body = (await write(ctx)).payload
    assert body["worstPrompts"][0]["promptPreview"] == "make it better please, all of it"


async def test_sessions_that_run_side_by_side_are_counted(now_services: Services) -> None:
    ctx = await developer(now_services)
    await has(ctx, worked(ctx, 5), worked(ctx, 4.75), worked(ctx, 3), worked(ctx, 2.9, session_id=SessionId("z")))
    assert (await facts_of(ctx)).activity.overlaps == 2


@pytest.mark.parametrize("kind", [ReportKind.V3, ReportKind.V21])
async def test_a_quiet_time_makes_a_report_too(now_services: Services, kind: ReportKind) -> None:
    ctx = await developer(now_services)
    written = await write(ctx, kind)
    assert written.payload["meta"]["totalSessions"] == 0
    assert written.document.summary.startswith("Nothing was recorded")
    assert written.payload["version"] == kind


async def test_each_stage_is_told_in_order(now_services: Services) -> None:
    ctx, told = await developer(now_services), list[tuple[Stage, float]]()

    async def note(stage: Stage, progress: float) -> None:
        told.append((stage, progress))

    await write_prism(ctx.services, report(ctx), note)
    assert [stage for stage, _ in told] == sorted((stage for stage, _ in told), key=list(Stage).index)
    assert {stage for stage, _ in told} == set(Stage) - {Stage.QUEUED}
    assert [progress for _, progress in told] == sorted(progress for _, progress in told)


async def test_the_language_asked_for_is_written(now_services: Services) -> None:
    ctx = await developer(now_services)
    await has(ctx, worked(ctx, 1))
    written = await write(ctx, language=Language.DE)
    assert (written.document.language, written.payload["language"]) == (Language.DE, "de")
    assert "Ziel" in written.document.summary


@pytest.mark.parametrize("kind", [ReportKind.V3, ReportKind.V21])
async def test_more_work_takes_no_more_statements(now_services: Services, kind: ReportKind) -> None:
    ctx = await developer(now_services)
    whole_org = kind is ReportKind.V21
    await has(ctx, worked(ctx, 1), worked(ctx, 2, "objection"))
    with statements() as few:
        await facts_of(ctx, whole_org=whole_org)
    for _ in range(3):
        other = await developer(now_services, org=Org(ctx.caller.org_id, "", 1, ctx.caller.settings))
        await has(other, *(worked(other, n) for n in range(1, 30)))
    with statements() as many:
        await facts_of(ctx, whole_org=whole_org)
    assert len(few) == len(many) <= 25


async def test_who_is_gone_gets_no_report(now_services: Services) -> None:
    ctx = await developer(now_services)
    with pytest.raises(ReportFailed) as raised:
        await write(ctx, user_id=UserId(uuid4()))
    assert raised.value.failure.code == "subject_gone"
    with pytest.raises(ReportFailed):
        await gather(ctx.services, Whose(OrgId(uuid4()), None), week(), untold)


class _Model:
    """A writer that says what it was made to say, or fails."""

    name = "test-model"

    def __init__(self, answer: Prose | WriterFailed) -> None:
        self.answer = answer
        self.asked: list[Facts] = []

    async def write(self, facts: Facts, say: Phrases) -> Prose:
        self.asked.append(facts)
        if isinstance(self.answer, WriterFailed):
            raise self.answer
        return self.answer


PROSE = Prose(summary="A fine week.", paragraphs=("One goal was reached.",), tip="")


async def _with(model: _Model, services: Services, allowed: bool = True, arcs: int = 1) -> Written:
    ctx = await developer(replace(services, writer=model))
    await has(ctx, *(worked(ctx, n) for n in range(1, arcs + 1)))
    if not allowed:
        await _forbid(ctx)
    return await write(ctx)


async def _forbid(ctx: Context) -> None:
    async with owner_scope(ctx.services.database.urls) as db:
        await db.bind(Tenant(ctx.caller.org_id))
        await save_settings(db, ctx.caller.org_id, replace(ctx.caller.settings, ai_processing=False))


async def test_a_model_writes_the_prose_and_nothing_else(now_services: Services) -> None:
    written = await _with(_Model(PROSE), now_services)
    assert written.payload["narrative"] == "A fine week.\n\nOne goal was reached."
    assert written.payload["writtenBy"] == {"writer": "model", "model": "test-model", "fallbackReason": None}
    assert written.payload["headline"]["total_count"] == 1
    assert "language model" in (written.document.footnote or "")


async def test_a_model_that_fails_is_replaced_and_that_is_told(now_services: Services) -> None:
    written = await _with(_Model(WriterFailed("timed_out")), now_services)
    assert written.payload["writtenBy"] == {"writer": "built-in", "model": None, "fallbackReason": "timed_out"}
    assert written.document.summary.startswith("There was one goal to score")
    assert "language model" not in (written.document.footnote or "")


async def test_no_model_is_asked_where_the_organisation_refuses(now_services: Services) -> None:
    model = _Model(PROSE)
    written = await _with(model, now_services, allowed=False)
    assert model.asked == []
    assert written.payload["writtenBy"]["fallbackReason"] == "not_allowed"


async def test_no_model_is_asked_of_nothing_nor_for_a_quick_report(now_services: Services) -> None:
    model = _Model(PROSE)
    assert (await _with(model, now_services, arcs=0)).payload["writtenBy"]["writer"] == "built-in"
    ctx = await developer(replace(now_services, writer=model))
    await has(ctx, worked(ctx, 1))
    quick = await write_quick(ctx.services, report(ctx, ReportKind.V21))
    assert (quick.payload["version"], quick.payload["writtenBy"]["writer"]) == ("v2.1", "built-in")
    assert model.asked == []


async def test_a_developers_report_without_a_developer_is_none(now_services: Services) -> None:
    ctx = await developer(now_services)
    await has(ctx, worked(ctx, 1))
    with pytest.raises(ReportFailed):
        await write_prism(ctx.services, replace(report(ctx), user_id=None), untold)
