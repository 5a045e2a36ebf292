from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.judging.records import FlagKind, SubSession, TriviaReason
from domain.scores.counts import Count
from domain.scores.integrity import integrity
from domain.scores.periods import Period, PeriodKind, periods
from domain.scores.tokens import tokens
from domain.scores.totals import Totals, combined, totals
from domain.scores.trends import integrity_trend, tokens_trend, trivia_trend
from domain.scores.trivia import trivia
from domain.scores.windows import WindowKind, window_containing
from domain.timeline import Tokens
from tests.domain.scores.parts import ZONES, arcs, moment, spent

BEGIN = moment("2026-03-16")
MARCH = periods(PeriodKind.DAY, moment("2026-03-02"), moment("2026-03-05"), ZoneInfo("UTC"))
MONDAY, TUESDAY, WEDNESDAY = MARCH


def test_each_point_of_tokens_is_compared_with_the_one_before() -> None:
    found = tokens_trend(MARCH, [spent(100), spent(112, qualifying=2, total=224), spent(56)])
    assert [one.period for one in found] == [MONDAY, TUESDAY, WEDNESDAY]
    assert [None if one.tet is None else str(one.tet) for one in found] == [None, "1.12", "0.50"]
    middle = found[1]
    assert (str(middle.crush_weight), str(middle.tpt), str(middle.median_tokens_per_crush)) == (
        "0.50",
        "112.0",
        "112.0",
    )
    assert (middle.breakdown, middle.crushed_count, middle.total_count) == (Tokens(input=224), 1, 2)


def test_the_first_point_can_be_compared_too() -> None:
    assert str(tokens_trend([MONDAY], [spent(100)], before=spent(50))[0].tet) == "2.00"
    assert tokens_trend([MONDAY], [spent(100)], before=Totals())[0].tet is None


def test_a_point_after_an_empty_period_has_nothing_to_be_compared_with() -> None:
    assert [one.tet for one in tokens_trend(MARCH, [spent(1), Totals(), spent(1)])] == [None, None, None]


def test_empty_periods_are_points_of_nothing() -> None:
    (point,) = tokens_trend([MONDAY], [Totals()])
    assert (point.crush_weight, point.tet, point.tpt, point.median_tokens_per_crush) == (None, None, None, None)
    assert point.breakdown == Tokens()
    flags = integrity_trend(MARCH, [Totals(), Totals(flags={FlagKind.AUTO_RETRY_STORM: 2}), Totals()])
    assert [(one.total, one.by_kind) for one in flags] == [
        (0, ()),
        (2, (Count(FlagKind.AUTO_RETRY_STORM, 2),)),
        (0, ()),
    ]
    excluded = trivia_trend(MARCH, [Totals(trivia={TriviaReason.OTHER: 3}), Totals(), Totals()])
    assert [(one.period.start.day, one.total) for one in excluded] == [(2, 3), (3, 0), (4, 0)]
    assert excluded[0].by_reason == (Count(TriviaReason.OTHER, 3),)


def test_each_period_needs_its_totals() -> None:
    for parts in ([Totals()] * 2, [Totals()] * 4):
        for trend in (tokens_trend, trivia_trend, integrity_trend):
            with pytest.raises(ValueError, match="zip"):
                trend(MARCH, parts)


@given(arcs(BEGIN, days=42), ZONES, st.timedeltas(timedelta(0), timedelta(days=41)), st.sampled_from(["week", "month"]))
def test_days_add_up_to_weeks_and_months(some: list[SubSession], zone: ZoneInfo, begin: timedelta, kind: str) -> None:
    """Whatever part of a calendar unit a stretch of time holds."""
    start, end = BEGIN + begin, BEGIN + timedelta(days=42)
    days = periods(PeriodKind.DAY, start, end, zone)
    for whole in periods(PeriodKind(kind), start, end, zone):
        inside = [day for day in days if whole.start <= day.start < whole.end]
        parts = [_held(some, day) for day in inside]
        assert combined(parts) == _held(some, whole)
        assert tokens([combined(parts)]) == tokens([_held(some, whole)])
        for trend, count in ((integrity_trend, integrity), (trivia_trend, trivia)):
            assert sum(point.total for point in trend(inside, parts)) == count(_held(some, whole)).total


@given(arcs(BEGIN, days=42), ZONES)
def test_each_arc_is_in_one_period(some: list[SubSession], zone: ZoneInfo) -> None:
    days = periods(PeriodKind.DAY, BEGIN, BEGIN + timedelta(days=42, microseconds=1), zone)
    assert combined(_held(some, day) for day in days) == totals(some)
    for arc in some:
        assert _held([arc], _day(days, arc.started_at)) == totals([arc])


def _held(some: list[SubSession], period: Period) -> Totals:
    return totals(arc for arc in some if period.start <= arc.started_at < period.end)


def _day(days: tuple[Period, ...], at: datetime) -> Period:
    wanted = window_containing(WindowKind.DAILY, at, days[0].window.zone)
    return next(day for day in days if day.window == wanted)
