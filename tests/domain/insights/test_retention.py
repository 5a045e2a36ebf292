from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.filters import (
    Matched,
)
from domain.insights.plans import (
    OTHER,
    RetentionCounts,
    RetentionKind,
    Subject,
)
from domain.insights.query import read
from domain.insights.query_dates import Frame
from domain.insights.query_models import RetentionQuery
from domain.insights.retention import plan, result
from domain.values import JsonValue

BERLIN = ZoneInfo("Europe/Berlin")
FRAME = Frame(datetime(2026, 10, 28, 12, 5, tzinfo=UTC), BERLIN)  # a Wednesday


def query(filter: dict[str, JsonValue] | None = None, **more: JsonValue) -> RetentionQuery:
    found = read({"kind": "RetentionQuery", "retentionFilter": filter or {}, **more}).source
    assert isinstance(found, RetentionQuery)
    return found


def entity(event: str) -> dict[str, JsonValue]:
    return {"id": event, "type": "events"}


def test_any_event_counts_by_day_if_nothing_is_said() -> None:
    found = plan(query(), FRAME)
    assert (found.target, found.returning) == (Matched(None), Matched(None))
    assert (found.kind, found.cumulative, found.subject) == (RetentionKind.RECURRING, False, Subject.DEVELOPER)
    assert (len(found.within.starts), found.within.interval, found.within.end) == (8, Interval.DAY, FRAME.now)


def test_weeks_begin_on_mondays_of_the_zone() -> None:
    filter: dict[str, JsonValue] = {
        "period": "Week",
        "totalIntervals": 3,
        "targetEntity": entity("prompt"),
        "returningEntity": entity("commit"),
        "retentionType": "retention_first_time",
        "cumulative": True,
    }
    found = plan(query(filter, aggregation_group_type_index=0), FRAME)
    mondays = [datetime(2026, 10, day, tzinfo=BERLIN).astimezone(UTC) for day in (12, 19, 26)]
    assert list(found.within.starts) == mondays
    assert mondays[2] - mondays[1] != mondays[1] - mondays[0]  # clocks were set back
    assert (found.target, found.returning) == (Matched("prompt"), Matched("commit"))
    assert (found.kind, found.cumulative, found.subject) == (RetentionKind.FIRST_TIME, True, Subject.SESSION)


def test_cohorts_have_a_value_for_each_period_until_now() -> None:
    asked = query({"period": "Week", "totalIntervals": 3})
    found = result(asked, FRAME, [RetentionCounts((), (5, 4, 3), ((5, 2, 1), (4, 2), (3,)))])
    assert [cohort.values for cohort in found.cohorts] == [(5, 2, 1), (4, 2), (3,)]
    assert [(cohort.date, cohort.label, cohort.size) for cohort in found.cohorts] == [
        ("2026-10-12", "Week 0", 5),
        ("2026-10-19", "Week 1", 4),
        ("2026-10-26", "Week 2", 3),
    ]
    assert found.period_labels == ("Week 0", "Week 1", "Week 2")


def test_a_longer_range_has_more_cohorts_and_no_more_values() -> None:
    asked = query({"period": "Day", "totalIntervals": 2}, dateRange={"date_from": "2026-10-25"})
    sizes, returned = (4, 3, 2, 1), ((4, 3, 2, 1), (3, 2, 1), (2, 1), (1,))
    found = result(asked, FRAME, [RetentionCounts((), sizes, returned)])
    assert [cohort.values for cohort in found.cohorts] == [(4, 3), (3, 2), (2, 1), (1,)]
    assert found.period_labels == ("Day 0", "Day 1")


@pytest.mark.parametrize(("hides", "shown"), [(True, 2), (False, 4)])
def test_the_rest_of_a_breakdown_can_be_hidden(hides: bool, shown: int) -> None:
    breakdown: JsonValue = {"breakdown": "agent", "breakdown_hide_other_aggregation": hides}
    asked = query({"totalIntervals": 2}, breakdownFilter=breakdown)
    counts = [RetentionCounts((value,), (1, 1), ((1, 1), (1,))) for value in ("codex", OTHER)]
    assert len(result(asked, FRAME, counts).cohorts) == shown


def test_what_is_yet_to_come_is_no_cohort() -> None:
    asked = query({"period": "Day"}, dateRange={"date_from": "2026-10-27", "date_to": "2026-10-31"})
    assert len(plan(asked, FRAME).within.starts) == 2
    found = result(asked, FRAME, [RetentionCounts((), (2, 1), ((2, 1), (1,)))])
    assert [cohort.values for cohort in found.cohorts] == [(2, 1), (1,)]
