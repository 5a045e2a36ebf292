"""Facts of a report, from arcs that a test names: figures are worked out as those of a score are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.judging.records import Evidence, Habit, Measures, SubSession
from domain.reports.facts import (
    Activity,
    Facts,
    MissCount,
    MissReason,
    Point,
    WorstPrompt,
    like_periods,
    reason_of,
    units,
)
from domain.reports.records import ReportKind, ReportPeriod, period
from domain.scores.composite import Composite, PromptRubric, SkillTier
from domain.scores.totals import Totals, totals
from domain.scores.windows import Bounds
from domain.timeline import Tokens
from tests.make import START, USER, event_id, outcome, rubric, sub_session

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = period(START.replace(hour=0), START.replace(hour=0) + timedelta(days=7), ZoneInfo("UTC"))
OVER = WEEK.end + timedelta(hours=9)


def make_facts(
    *arcs: SubSession,
    before: Sequence[SubSession] = (),
    of: ReportPeriod = WEEK,
    as_of: datetime = OVER,
    version: ReportKind = ReportKind.V3,
    prompts: Sequence[str] = (),
    composites: tuple[Composite, ...] = (),
    name: str = "ada@example.org",
) -> Facts:
    """A period of these arcs after one of those `before`; each of `prompts` opened an arc, the first ones of them."""
    windows, (unit, points) = like_periods(of), units(of)
    parts = [Totals() for _ in windows[2:]] + [totals(before), totals(arcs)]
    missed = [arc for arc in arcs if arc.qualifying and not arc.crushed]
    return Facts(
        version=version,
        period=of,
        as_of=as_of,
        name=name,
        user_id=USER,
        windows=windows,
        parts=tuple(parts[-len(windows) :]),
        activities=tuple([Activity()] * (len(windows) - 2) + [_activity(before), _activity(arcs)])[-len(windows) :],
        points=tuple(
            Point(one, totals([arc for arc in arcs if one.start <= arc.started_at < one.end])) for one in points
        ),
        unit=unit,
        active_days=len({arc.started_at.date() for arc in arcs}),
        wins=tuple(arc for arc in arcs if arc.crushed),
        misses=tuple(missed),
        missed=_counted(missed),
        worst_prompts=tuple(
            WorstPrompt(arc, text, arc.rubric.grade_points or 0) for arc, text in zip(arcs, prompts, strict=False)
        ),
        composites=composites,
        ruleset_version="rules-1",
    )


def _activity(arcs: Sequence[SubSession]) -> Activity:
    costs = [arc.measures.cost_usd or Decimal(0) for arc in arcs]
    missed = [arc.measures.cost_usd or Decimal(0) for arc in arcs if not arc.crushed]
    sessions, won = {arc.session_id for arc in arcs}, {arc.session_id for arc in arcs if arc.crushed}
    return Activity(
        sessions=len(sessions),
        arcs=len(arcs),
        prompts=sum(arc.measures.turn_count for arc in arcs),
        developers=int(bool(arcs)),
        cost_usd=sum(costs, Decimal(0)),
        missed_cost_usd=sum(missed, Decimal(0)),
        winning_sessions=len(won),
    )


def _counted(missed: Sequence[SubSession]) -> tuple[MissCount, ...]:
    reasons = [reason_of(arc) for arc in missed]
    return tuple(MissCount(one, reasons.count(one), 1_000, Decimal("0.25")) for one in MissReason if one in reasons)


def won(number: int, title: str = "Fix the rounding of totals", minutes: float = 25, spent: int = 40_000) -> SubSession:
    """A goal that was reached `minutes` after it was asked for, on the `number`-th hour of the week."""
    at = START + timedelta(hours=number)
    plain = sub_session(f"won {number}", started_at=at, first_prompt_at=at)
    return replace(
        plain,
        label=replace(plain.label, title=title),
        outcome=outcome(goal_completed_at=at + timedelta(minutes=minutes)),
        measures=Measures(3, 12, 12, 2, 2, tokens=Tokens(input=spent), cost_usd=Decimal("0.50")),
        evidence=(Evidence("outcome", "check_passed", 25, (event_id("check"),), "pytest -q"),),
        prompt_ids=(event_id(f"prompt {number}"),),
    )


def lost(number: int, *criteria: str, title: str = "Move the cache", quote: str | None = None) -> SubSession:
    """A goal that was not reached, with the evidence for it."""
    plain = won(number, title)
    evidence = tuple(Evidence("outcome", one, -40, (event_id(one),), quote) for one in criteria)
    shown = {habit: habit is not Habit.VERIFICATION_REQUESTED for habit in Habit}
    graded = rubric(habits=shown, letter_grade="D", grade_points=40.0)
    return replace(plain, outcome=outcome(goal_complete=False), evidence=evidence, rubric=graded)


def week_of(year: int, month: int, day: int, zone: ZoneInfo) -> ReportPeriod:
    """Seven calendar days of `zone`."""
    start = datetime(year, month, day, tzinfo=zone)
    return period(start.astimezone(UTC), (start + timedelta(days=7)).astimezone(UTC), zone)


def composite(**changes: object) -> Composite:
    """Of the week, with every part measured."""
    plain = Composite(
        period=Bounds(WEEK.start, WEEK.end),
        skill=61.0,
        skill_tier=SkillTier.PROFICIENT,
        sse=7.2,
        pes=6.1,
        ie=5.0,
        crr=8.0,
        fc=3.3,
        qr=0.97,
        speed_hours=11.5,
        tokens_per_hour=52_000.0,
        speed_10=5.2,
        efficiency_10=8.1,
        prism=6.5,
        letter_grade="B-",
        rubric=PromptRubric(6.0, 5.5, 7.0, 6.5),
        rlr=0.05,
        first_try_rate=0.8,
        rework_rate=0.1,
        response_seconds=41.0,
        pause_seconds=30.0,
        active_hours=11.9,
        prompt_count=40,
    )
    return replace(plain, **changes)
