"""From queries of trends, lifecycle and stickiness to plans, and from what was found to results."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

import domain.insights.lifecycle
import domain.insights.stickiness
import domain.insights.trends
from domain.insights.buckets import (
    Interval,
)
from domain.insights.errors import InvalidQuery, TooCostly
from domain.insights.filters import (
    EVERYTHING,
)
from domain.insights.plans import (
    MISSING,
    OTHER,
    LifecycleCounts,
    LifecycleStatus,
    Line,
    Math,
    Subject,
)
from domain.insights.query import read
from domain.insights.query_dates import Frame
from domain.insights.query_models import LifecycleQuery, StickinessQuery, TrendsQuery
from domain.insights.results import TrendsResult
from domain.insights.trends import label_in_words, name_in_words
from domain.values import JsonObject, JsonValue

Q = TypeVar("Q", TrendsQuery, LifecycleQuery, StickinessQuery)
NOW = datetime(2026, 5, 27, 10, 7, tzinfo=UTC)
"""A Wednesday, noon in Berlin."""
FRAME = Frame(NOW, ZoneInfo("Europe/Berlin"))


def _read(kind: type[Q], **more: JsonValue) -> Q:
    series: list[JsonValue] = [{"kind": "EventsNode", "event": "commit"}]
    document: JsonObject = {"kind": kind.__name__, "series": series, "dateRange": {"date_from": "-2d"}}
    source = read({**document, **more}).source
    assert isinstance(source, kind)
    return source


def _two(*maths: str) -> list[JsonValue]:
    return [{"kind": "EventsNode", "event": "commit", "math": math} for math in maths]


def _result(query: TrendsQuery, *found: list[Line]) -> TrendsResult:
    return domain.insights.trends.result(query, FRAME, found)


def test_a_plan_ends_now_and_the_result_has_the_whole_range() -> None:
    query = _read(TrendsQuery, dateRange={"date_from": "-2d", "date_to": "2026-05-29"})
    [plan] = domain.insights.trends.plans(query, FRAME)
    midnight = datetime(2026, 5, 24, 22, tzinfo=UTC)
    assert plan.within.starts == tuple(midnight + timedelta(days=day) for day in range(3))
    assert (plan.within.end, plan.within.interval) == (NOW, Interval.DAY)
    result = _result(query, [Line(0, (), (1.0, 0.0, 3.0))])
    [line] = result.lines
    assert line.days == ("2026-05-25", "2026-05-26", "2026-05-27", "2026-05-28", "2026-05-29")
    assert line.labels[0] == "25-May-2026"
    assert (line.data, line.count) == ((1.0, 0.0, 3.0, 0.0, 0.0), 4.0)
    assert (line.label, line.event, line.math, line.compare) == ("commit", "commit", "total", None)
    assert (result.resolved.date_from, result.resolved.date_to) == (midnight, midnight + timedelta(days=5))


def test_of_a_time_to_come_nothing_is_told() -> None:
    query = _read(TrendsQuery, dateRange={"date_from": "2026-06-01", "date_to": "2026-06-02"})
    [plan] = domain.insights.trends.plans(query, FRAME)
    assert len(plan.within.starts) == 1
    assert _result(query, [Line(0, (), (0.0,))]).lines[0].data == (0.0, 0.0)


def test_means_have_no_number_where_there_is_nothing() -> None:
    node: JsonValue = {"kind": "EventsNode", "event": "command", "math": "avg", "math_property": "duration_ms"}
    query = _read(TrendsQuery, series=[node], dateRange={"date_from": "2026-05-26", "date_to": "2026-05-28"})
    [line] = _result(query, [Line(0, (), (2.5, None))]).lines
    assert (line.data, line.count) == ((2.5, None, None), 2.5)


@pytest.mark.parametrize("display", ["BoldNumber", "ActionsPie", "ActionsTable", "ActionsBarValue", "WorldMap"])
def test_displays_of_one_number_ask_for_one(display: str) -> None:
    query = _read(TrendsQuery, trendsFilter={"display": display}, interval="week")
    [plan] = domain.insights.trends.plans(query, FRAME)
    assert plan.within.starts == (datetime(2026, 5, 24, 22, tzinfo=UTC),)
    assert plan.within.end == NOW
    [line] = _result(query, [Line(0, (), (7.0,))]).lines
    assert (line.aggregated_value, line.count, line.data, line.days, line.labels) == (7.0, 7.0, (), (), ())


def test_running_sums_count_each_developer_once() -> None:
    query = _read(TrendsQuery, series=_two("dau"), trendsFilter={"display": "ActionsLineGraphCumulative"})
    [plan] = domain.insights.trends.plans(query, FRAME)
    assert plan.only_first
    [line] = _result(query, [Line(0, (), (2.0, 0.0, 1.0))]).lines
    assert (line.data, line.count) == ((2.0, 2.0, 3.0), 3.0)
    assert not domain.insights.trends.plans(_read(TrendsQuery), FRAME)[0].only_first


def test_the_time_before_is_compared_with() -> None:
    query = _read(TrendsQuery, compareFilter={"compare": True})
    now, before = domain.insights.trends.plans(query, FRAME)
    assert before == replace(now, within=before.within)
    assert before.within.starts == tuple(start - timedelta(days=3) for start in now.within.starts)
    assert before.within.end == now.within.starts[0]
    lines = _result(query, [Line(0, (), (1.0, 2.0, 3.0))], [Line(0, (), (4.0, 5.0, 6.0))]).lines
    assert [(line.compare, line.data, line.days[0]) for line in lines] == [
        ("current", (1.0, 2.0, 3.0), "2026-05-25"),
        ("previous", (4.0, 5.0, 6.0), "2026-05-22"),
    ]


@pytest.mark.parametrize("hides", [False, True])
def test_values_of_a_breakdown_are_named(hides: bool) -> None:
    by: JsonValue = {"breakdown": "agent", "breakdown_limit": 2, "breakdown_hide_other_aggregation": hides}
    query = _read(TrendsQuery, breakdownFilter=by)
    [plan] = domain.insights.trends.plans(query, FRAME)
    assert plan.breakdown is not None
    assert plan.breakdown.limit == 2
    found = [Line(0, (value,), (1.0, 1.0, 1.0)) for value in ("codex", None, OTHER)]
    result = _result(query, found)
    assert result.has_more
    expected = [("codex",), (MISSING,), (OTHER,)][: 2 if hides else 3]
    assert [line.breakdown for line in result.lines] == expected
    assert [line.label for line in result.lines] == [value for (value,) in expected]
    assert not _result(query, found[:2]).has_more


def test_of_several_series_the_label_says_which() -> None:
    query = _read(TrendsQuery, series=_two("total", "dau"), breakdownFilter={"breakdown": ["agent", "tool"]})
    lines = _result(query, [Line(1, ("codex", None), (1.0, 1.0, 1.0))]).lines
    assert [(line.label, line.series, line.math) for line in lines] == [(f"commit - codex::{MISSING}", 1, "dau")]
    assert label_in_words(lines[0]) == name_in_words(lines[0]) == "commit - codex::none"
    assert name_in_words(replace(lines[0], custom_name="Saved", breakdown=(OTHER, OTHER))) == "Saved - others"
    assert name_in_words(replace(lines[0], custom_name="Saved", breakdown=None)) == "Saved"


def test_formulas_stand_for_the_series() -> None:
    query = _read(
        TrendsQuery,
        series=_two("total", "dau"),
        trendsFilter={"formulaNodes": [{"formula": "A / B"}, {"formula": "A - 1", "custom_name": "less"}]},
        compareFilter={"compare": True},
    )
    found = [Line(0, (), (4.0, 3.0, 0.0)), Line(1, (), (2.0, 0.0, 0.0))]
    lines = _result(query, found, found).lines
    assert [(line.series, line.label, line.custom_name, line.data, line.compare) for line in lines] == [
        (0, "Formula (A / B)", None, (2.0, 0.0, 0.0), "current"),
        (1, "Formula (A - 1)", "less", (3.0, 2.0, -1.0), "current"),
        (0, "Formula (A / B)", None, (2.0, 0.0, 0.0), "previous"),
        (1, "Formula (A - 1)", "less", (3.0, 2.0, -1.0), "previous"),
    ]
    assert {(line.event, line.math) for line in lines} == {(None, "formula")}


def test_formulas_are_computed_for_each_value_of_a_breakdown() -> None:
    query = _read(
        TrendsQuery,
        series=_two("total", "dau"),
        trendsFilter={"formula": "A + 10 * B"},
        breakdownFilter={"breakdown": "agent"},
    )
    found = [
        Line(0, ("codex",), (1.0, 1.0, 1.0)),
        Line(0, (OTHER,), (3.0, 3.0, 3.0)),
        Line(1, ("aider",), (2.0, 2.0, 2.0)),
        Line(1, ("codex",), (5.0, 5.0, 5.0)),
    ]
    lines = _result(query, found).lines
    assert [(line.breakdown, line.data[0]) for line in lines] == [
        (("codex",), 51.0),
        (("aider",), 20.0),
        ((OTHER,), 3.0),
    ]


def test_formulas_of_one_number_are_one_number() -> None:
    query = _read(TrendsQuery, series=_two("total", "dau"), trendsFilter={"formula": "A/B", "display": "BoldNumber"})
    [line] = _result(query, [Line(0, (), (6.0,)), Line(1, (), (4.0,))]).lines
    assert (line.aggregated_value, line.data) == (1.5, ())


def test_a_result_of_a_million_numbers_is_too_large() -> None:
    query = _read(
        TrendsQuery,
        series=_two(*["total"] * 7),
        interval="hour",
        dateRange={"date_from": "-30d"},
        breakdownFilter={"breakdown": "session_id", "breakdown_limit": 200},
    )
    with pytest.raises(TooCostly, match="longer interval"):
        domain.insights.trends.plans(query, FRAME)


@pytest.mark.parametrize("more", [{"formula": "A + C"}, {"formulas": ["A", "A +"]}])
def test_a_formula_that_cannot_be_computed_is_not_taken(more: JsonObject) -> None:
    with pytest.raises(InvalidQuery, match="formula"):
        _read(TrendsQuery, series=_two("total", "dau"), trendsFilter=more)


def test_the_parts_of_a_query_become_those_of_the_plan() -> None:
    query = _read(
        TrendsQuery,
        series=_two("weekly_active"),
        properties=[{"type": "event", "key": "agent", "value": ["codex"], "operator": "exact"}],
        aggregation_group_type_index=1,
    )
    [plan] = domain.insights.trends.plans(query, FRAME)
    assert (plan.series[0].math, plan.subject) == (Math.WEEKLY_ACTIVE, Subject.ARC)
    assert plan.where != EVERYTHING


def test_a_lifecycle_begins_with_the_bucket_before_and_ends_now() -> None:
    query = _read(LifecycleQuery, interval="week", dateRange={"date_from": "2026-05-18", "date_to": "2026-06-07"})
    plan = domain.insights.lifecycle.plan(query, FRAME)
    monday = datetime(2026, 5, 17, 22, tzinfo=UTC)
    assert (plan.before, plan.within.starts) == (monday - timedelta(days=7), (monday, monday + timedelta(days=7)))
    assert plan.within.end == NOW
    result = domain.insights.lifecycle.result(query, FRAME, LifecycleCounts((1, 2), (3, 4), (0, 1), (2, 0)))
    assert [(line.status, line.label, line.data, line.count) for line in result.lines] == [
        (LifecycleStatus.NEW, "commit - new", (1.0, 2.0, 0.0), 3.0),
        (LifecycleStatus.RETURNING, "commit - returning", (3.0, 4.0, 0.0), 7.0),
        (LifecycleStatus.RESURRECTING, "commit - resurrecting", (0.0, 1.0, 0.0), 1.0),
        (LifecycleStatus.DORMANT, "commit - dormant", (-2.0, 0.0, 0.0), -2.0),
    ]
    assert result.lines[0].days == ("2026-05-18", "2026-05-25", "2026-06-01")


@pytest.mark.parametrize(("interval", "label"), [("day", "2 days"), ("hour", "2 hours"), ("week", "2 weeks")])
def test_stickiness_counts_intervals_from_one(interval: str, label: str) -> None:
    query = _read(
        StickinessQuery,
        interval=interval,
        dateRange={"date_from": "-13d", "date_to": "2026-05-30"},
        stickinessFilter={"computedAs": "cumulative"},
    )
    plan = domain.insights.stickiness.plan(query, FRAME)
    assert plan.cumulative
    size = len(plan.within.starts)
    [line] = domain.insights.stickiness.result(query, FRAME, [[5, 2] + [0] * (size - 2)]).lines
    assert line.labels[:2] == (f"1 {interval}", label)
    assert (line.intervals[:2], line.data[:3], line.count) == ((1, 2), (5.0, 2.0, 0.0), 7.0)
    assert len(line.intervals) == len(line.labels) == len(line.data) >= size
