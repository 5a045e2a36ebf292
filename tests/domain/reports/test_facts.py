"""What a report compares, by which units it shows a period, and why it says that a goal was missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.judging.rationale import rationale
from domain.judging.records import Appeal, Intent, Rework, ReworkKind, SubSession
from domain.reports.facts import TREND, MissReason, like_periods, reason_of, units
from domain.reports.records import period
from domain.scores.periods import PeriodKind
from tests.make import START, arc_id, outcome, rubric
from tests.make_facts import BERLIN, WEEK, lost, make_facts, week_of, won

UTC_ZONE = ZoneInfo("UTC")


def test_a_week_is_compared_with_the_weeks_before_it() -> None:
    windows = like_periods(WEEK)
    assert len(windows) == TREND
    assert (windows[-1].start, windows[-1].end) == (WEEK.start, WEEK.end)
    assert all(earlier.end == later.start for earlier, later in pairwise(windows))


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 23), 167), ((2026, 10, 19), 169)])
def test_a_week_in_which_clocks_are_set_has_seven_days(day: tuple[int, int, int], hours: int) -> None:
    of = week_of(*day, BERLIN)
    kind, days = units(of)
    assert (of.end - of.start) / timedelta(hours=1) == hours
    assert (kind, len(days)) == (PeriodKind.DAY, 7)
    assert [window.end - window.start for window in like_periods(of)[:-1]] == [timedelta(days=7)] * (TREND - 1)


def test_any_stretch_is_compared_with_stretches_of_its_length() -> None:
    of = period(START, START + timedelta(days=3, hours=5), UTC_ZONE)
    assert {window.end - window.start for window in like_periods(of)} == {timedelta(days=3, hours=5)}
    assert like_periods(of)[-2].end == START


def test_where_the_calendar_ends_fewer_periods_are_compared() -> None:
    first = datetime(2, 1, 15, tzinfo=UTC)
    of = period(first, first + timedelta(days=300), UTC_ZONE)
    assert 1 <= len(like_periods(of)) < TREND


@pytest.mark.parametrize(
    ("days", "kind"), [(1, PeriodKind.DAY), (31, PeriodKind.DAY), (90, PeriodKind.WEEK), (700, PeriodKind.MONTH)]
)
def test_long_periods_are_shown_by_larger_units(days: int, kind: PeriodKind) -> None:
    found, points = units(period(START, START + timedelta(days=days), UTC_ZONE))
    assert found is kind
    assert (points[0].start, points[-1].end) == (START, START + timedelta(days=days))
    assert len(points) <= 32


def test_a_period_that_goes_on_is_running() -> None:
    assert make_facts(as_of=WEEK.start + timedelta(days=2)).running
    assert not make_facts(as_of=WEEK.end).running


def _undone(kind: ReworkKind) -> SubSession:
    return replace(won(1), rework=Rework(kind, arc_id("later"), START))


@pytest.mark.parametrize(
    ("arc", "reason"),
    [
        (_undone(ReworkKind.REVERT), MissReason.REVERTED),
        (_undone(ReworkKind.REWRITE), MissReason.REWRITTEN),
        (_undone(ReworkKind.DELETION), MissReason.DELETED),
        (replace(lost(1, "objection"), appeal=Appeal(False, "no", START, True)), MissReason.APPEALED),
        (lost(1, "change", "objection", "taken_back"), MissReason.TAKEN_BACK),
        (lost(1, "change", "last_run_failed", "objection"), MissReason.OBJECTION),
        (lost(1, "change", "interrupted", "last_run_failed"), MissReason.INTERRUPTED),
        (lost(1, "change", "last_run_failed"), MissReason.FAILED_RUN),
        (replace(lost(1), rubric=rubric(intent=Intent.QUESTION)), MissReason.UNANSWERED),
        (lost(1, "change"), MissReason.UNPROVEN),
        (lost(1), MissReason.UNCHANGED),
    ],
)
def test_the_first_reason_that_holds_is_told(arc: SubSession, reason: MissReason) -> None:
    assert reason_of(arc) is reason


SAID = {
    MissReason.TAKEN_BACK: "took its own edits back",
    MissReason.OBJECTION: "was an objection",
    MissReason.INTERRUPTED: "stopped the last turn",
    MissReason.FAILED_RUN: "The last run failed",
    MissReason.UNANSWERED: "No full answer",
    MissReason.UNCHANGED: "Nothing was changed",
    MissReason.UNPROVEN: "nothing shows that it works",
}


@pytest.mark.parametrize(
    "criteria",
    [(), ("change",), ("change", "objection"), ("interrupted", "last_run_failed"), ("taken_back", "objection"),
     ("last_run_failed",)],
)  # fmt: skip
@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.FEATURE])
def test_a_report_gives_the_reason_that_the_judge_gave(criteria: tuple[str, ...], intent: Intent) -> None:
    arc = replace(lost(1, *criteria, quote="x"), rubric=rubric(intent=intent), outcome=outcome(goal_complete=False))
    assert SAID[reason_of(arc)] in rationale(intent, False, arc.evidence, edited=True)


def test_the_rarest_habit_comes_first() -> None:
    facts = make_facts(won(1), lost(2), lost(3))
    assert facts.habits[0].habit == facts.board.skill.worst_pillar
