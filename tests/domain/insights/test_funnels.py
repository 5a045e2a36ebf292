from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.insights.buckets import (
    Buckets,
    Interval,
)
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.filters import (
    Matched,
)
from domain.insights.funnels import ends, plan, result, times_result, trends_result
from domain.insights.plans import (
    OTHER,
    Attribution,
    Exclusion,
    FunnelCounts,
    FunnelOrder,
    FunnelTimes,
    FunnelTrend,
    Subject,
)
from domain.insights.query import read
from domain.insights.query_dates import Frame
from domain.insights.query_models import FunnelsQuery
from domain.insights.results import Resolved, TimeBin
from domain.values import JsonValue

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 10, 26, 12, 5, tzinfo=UTC)  # a Monday; the clocks were set back the day before
FRAME = Frame(NOW, BERLIN)


def query(steps: int = 3, filter: dict[str, JsonValue] | None = None, **more: JsonValue) -> FunnelsQuery:
    series: list[JsonValue] = [{"kind": "EventsNode", "event": "abcdef"[number]} for number in range(steps)]
    found = read({"kind": "FunnelsQuery", "series": series, "funnelsFilter": filter, **more}).source
    assert isinstance(found, FunnelsQuery)
    return found


def exclusion(event: str, first: int, last: int) -> dict[str, JsonValue]:
    return {"kind": "EventsNode", "event": event, "funnelFromStep": first, "funnelToStep": last}


def midnight(day: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, tzinfo=BERLIN).astimezone(UTC)


def test_a_funnel_is_ordered_about_developers_and_two_weeks_long_if_nothing_is_said() -> None:
    found = plan(query(), FRAME)
    assert found.steps == (Matched("a"), Matched("b"), Matched("c"))
    assert found.within == Buckets((midnight(19),), NOW, Interval.DAY, "Europe/Berlin")
    assert (found.order, found.window, found.subject) == (FunnelOrder.ORDERED, timedelta(days=14), Subject.DEVELOPER)
    assert (found.exclusions, found.breakdown, found.attribution) == ((), None, Attribution.FIRST_TOUCH)


def test_what_is_said_of_a_funnel_counts() -> None:
    filter: dict[str, JsonValue] = {
        "funnelOrderType": "strict",
        "funnelWindowInterval": 3,
        "funnelWindowIntervalUnit": "hour",
        "exclusions": [exclusion("x", 0, 2)],
        "breakdownAttributionType": "step",
        "breakdownAttributionValue": 1,
    }
    found = plan(query(3, filter, breakdownFilter={"breakdown": "agent"}, aggregation_group_type_index=1), FRAME)
    assert (found.order, found.window, found.subject) == (FunnelOrder.STRICT, timedelta(hours=3), Subject.ARC)
    assert found.exclusions == (Exclusion(Matched("x"), 0, 2),)
    assert (found.attribution, found.attribution_step) == (Attribution.STEP, 1)
    assert found.breakdown is not None


def test_a_long_range_is_one_stretch() -> None:
    found = plan(query(dateRange={"date_from": "2000-01-01"}), FRAME)
    assert len(found.within.starts) == 1


def test_a_single_step_can_be_kept_and_not_computed() -> None:
    with pytest.raises(InvalidQuery, match="two steps") as error:
        plan(query(1), FRAME)
    assert error.value.faults[0].field == ("series",)


def test_exclusions_of_unordered_funnels_are_from_the_first_step_to_the_last() -> None:
    whole: dict[str, JsonValue] = {"funnelOrderType": "unordered", "exclusions": [exclusion("x", 0, 2)]}
    assert plan(query(3, whole), FRAME).exclusions == (Exclusion(Matched("x"), 0, 2),)
    with pytest.raises(InvalidQuery) as error:
        plan(query(3, {**whole, "exclusions": [exclusion("x", 0, 1)]}), FRAME)
    assert error.value.faults[0].code == InsightFault.NOT_SUPPORTED
    assert error.value.faults[0].field == ("funnelsFilter", "exclusions", "0", "funnelToStep")


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (None, (0, 3)),
        ({"funnelToStep": 2}, (0, 2)),
        ({"funnelFromStep": 1}, (1, 3)),
        ({"funnelFromStep": 1, "funnelToStep": 2}, (1, 2)),
    ],
)
def test_rates_and_times_are_from_the_first_step_to_the_last(
    filter: dict[str, JsonValue] | None, expected: tuple[int, int]
) -> None:
    assert ends(query(4, filter)) == expected


def test_the_last_step_is_none_to_begin_with() -> None:
    with pytest.raises(InvalidQuery, match="before funnelToStep"):
        ends(query(4, {"funnelFromStep": 3}))


def test_over_time_a_funnel_ends_with_the_step_that_counts() -> None:
    filter: dict[str, JsonValue] = {
        "funnelVizType": "trends",
        "funnelFromStep": 1,
        "funnelToStep": 2,
        "exclusions": [exclusion("x", 0, 3), exclusion("y", 2, 3)],
    }
    found = plan(query(4, filter, interval="week"), FRAME)
    assert (len(found.steps), found.entered) == (3, 1)
    assert found.exclusions == (Exclusion(Matched("x"), 0, 2),)
    assert found.within == Buckets((midnight(19), midnight(26)), NOW, Interval.WEEK, "Europe/Berlin")


def test_steps_say_how_many_got_there() -> None:
    [group] = result(query(2), FRAME, [FunnelCounts((), (7, 3), (None, 60.0), (None, 45.0))]).groups
    assert group.breakdown is None
    first, second = group.steps
    assert (first.order, first.name, first.count, first.average_conversion_s) == (0, "a", 7, None)
    assert (second.order, second.count, second.average_conversion_s, second.median_conversion_s) == (1, 3, 60.0, 45.0)


def test_the_rest_of_a_breakdown_can_be_hidden() -> None:
    found = [FunnelCounts((value,), (1, 1), (None, 1.0), (None, 1.0)) for value in ("codex", None, OTHER)]
    shown = result(query(2, breakdownFilter={"breakdown": "agent"}), FRAME, found)
    assert len(shown.groups) == 3
    hidden: JsonValue = {"breakdown": "agent", "breakdown_hide_other_aggregation": True}
    kept = result(query(2, breakdownFilter=hidden), FRAME, found).groups
    assert [group.breakdown for group in kept] == [group.breakdown for group in shown.groups[:2]]


def test_times_are_told_by_bins() -> None:
    found = times_result(query(), FRAME, FunnelTimes((1.5, 3.0), (2, 1), 2.0))
    assert (found.bins, found.average_s) == ((TimeBin(1.5, 2), TimeBin(3.0, 1)), 2.0)
    assert found.resolved == Resolved(midnight(19), midnight(27), "Europe/Berlin")


def test_nobody_has_begun_on_the_days_to_come() -> None:
    over_time = query(2, {"funnelVizType": "trends"}, dateRange={"date_from": "2026-10-24", "date_to": "2026-10-27"})
    assert len(plan(over_time, FRAME).within.starts) == 3
    [line] = trends_result(over_time, FRAME, [FunnelTrend((), (4, 0, 3), (1, 0, 3))]).lines
    assert line.days == ("2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27")
    assert line.entered == (4, 0, 3, 0)
    assert line.rates == (25.0, None, 100.0, None)
