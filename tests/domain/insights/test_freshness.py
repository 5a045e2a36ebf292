"""How long results serve: by interval, and never past the time that they are about."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.insights.buckets import (
    Interval,
)
from domain.insights.freshness import freshness, interval_of
from domain.insights.query import read
from domain.insights.query_models import Query
from domain.insights.runs import Age
from domain.values import JsonObject, JsonValue

NOON = datetime(2026, 3, 2, 12, 0, 40, tzinfo=UTC)


def asked(**fields: JsonValue) -> Query:
    found = read({**_TRENDS, **fields}).source
    assert found is not None
    return found


_TRENDS: JsonObject = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode"}]}
CUT: list[tuple[JsonObject, Interval]] = [
    (_TRENDS, Interval.DAY),
    ({**_TRENDS, "interval": "week"}, Interval.WEEK),
    ({"kind": "RetentionQuery", "retentionFilter": {"period": "Month"}}, Interval.MONTH),
    ({"kind": "PathsQuery", "pathsFilter": {}}, Interval.DAY),
    ({"kind": "HogQLQuery", "query": "SELECT 1"}, Interval.DAY),
]


@pytest.mark.parametrize(
    ("fields", "fresh_s", "tolerable"),
    [
        ({"interval": "minute"}, 15, timedelta(minutes=5)),
        ({"interval": "hour"}, 5 * 60, timedelta(hours=2)),
        ({}, 15 * 60, timedelta(hours=12)),
        ({"interval": "week"}, 3600, timedelta(hours=24)),
        ({"interval": "month"}, 3 * 3600, timedelta(hours=48)),
    ],
)
def test_a_result_is_fresh_by_its_interval(fields: JsonObject, fresh_s: int, tolerable: timedelta) -> None:
    found = freshness(asked(**fields), NOON, ZoneInfo("UTC"))
    moments = [fresh_s - 1, fresh_s, tolerable.total_seconds() - 1, tolerable.total_seconds()]
    ages = [found.age(NOON + timedelta(seconds=moment)) for moment in moments]
    assert ages == [Age.FRESH, Age.TOLERABLE, Age.TOLERABLE, Age.STALE]


@pytest.mark.parametrize(
    ("fields", "zone", "computed_at", "moves_at"),
    [
        ({}, "UTC", "2026-03-02T23:55:00Z", "2026-03-03T00:00:00Z"),
        ({"interval": "month"}, "Asia/Tokyo", "2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"),
        ({"interval": "week"}, "Europe/Berlin", "2026-03-28T22:30:00Z", "2026-03-28T23:00:00Z"),
        ({"interval": "hour"}, "Asia/Kathmandu", "2026-03-02T12:13:00Z", "2026-03-02T12:15:00Z"),
        ({"interval": "minute"}, "UTC", "2026-03-02T12:00:50Z", "2026-03-02T12:01:00Z"),
        ({"dateRange": {"date_from": "-24h"}}, "UTC", "2026-03-02T12:55:00Z", "2026-03-02T13:00:00Z"),
        ({"dateRange": {"date_from": "-90M"}}, "UTC", "2026-03-02T12:55:30Z", "2026-03-02T12:56:00Z"),
        (
            {"dateRange": {"date_from": "-1d", "date_to": "hStart"}},
            "UTC",
            "2026-03-02T12:55:00Z",
            "2026-03-02T13:00:00Z",
        ),
    ],
)
def test_no_result_is_fresh_once_its_range_means_another_time(
    fields: JsonObject, zone: str, computed_at: str, moves_at: str
) -> None:
    found = freshness(asked(**fields), datetime.fromisoformat(computed_at), ZoneInfo(zone))
    assert found.fresh_until == datetime.fromisoformat(moves_at)
    assert found.tolerable_until > found.fresh_until


@pytest.mark.parametrize(("document", "interval"), CUT)
def test_queries_of_all_kinds_have_an_interval(document: JsonObject, interval: Interval) -> None:
    source = read(document).source
    assert source is not None
    assert interval_of(source) is interval
