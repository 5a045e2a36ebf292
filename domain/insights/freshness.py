"""How long a kept result serves: by the interval that the query is cut in, and never past the time that it is about."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.insights.buckets import (
    Interval,
)
from domain.insights.query_calendar import following
from domain.insights.query_models import (
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.insights.runs import Age

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
FRESH = {
    Interval.MINUTE: timedelta(seconds=15),
    Interval.HOUR: 5 * _MINUTE,
    Interval.DAY: 15 * _MINUTE,
    Interval.WEEK: _HOUR,
    Interval.MONTH: 3 * _HOUR,
}
TOLERABLE = {
    Interval.MINUTE: 5 * _MINUTE,
    Interval.HOUR: 2 * _HOUR,
    Interval.DAY: 12 * _HOUR,
    Interval.WEEK: 24 * _HOUR,
    Interval.MONTH: 48 * _HOUR,
}
ASKED_AGAIN = timedelta(seconds=15)
"""So soon a client may want a newer result without being a nuisance."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Until when a result is fresh, until when it is tolerable, and from when a client should ask for a newer one."""

    fresh_until: datetime
    tolerable_until: datetime
    next_client_refresh: datetime

    def age(self, now: datetime) -> Age:
        if now < self.fresh_until:
            return Age.FRESH
        return Age.TOLERABLE if now < self.tolerable_until else Age.STALE


def freshness(query: Query, computed_at: datetime, zone: ZoneInfo) -> Freshness:
    """Of a result that was computed then. It is not fresh beyond the day of the zone (with hours and minutes: the hour
    or minute) in which it was computed: then a relative range means another time. Tolerable it may be."""
    cut, unit = interval_of(query), _unit_of(query)
    return Freshness(
        fresh_until=min(computed_at + FRESH[cut], following(computed_at, unit, zone)),
        tolerable_until=computed_at + TOLERABLE[cut],
        next_client_refresh=computed_at + ASKED_AGAIN,
    )


def interval_of(query: Query) -> Interval:
    """What a query is cut in; days where it is not cut at all."""
    match query:
        case TrendsQuery() | FunnelsQuery() | LifecycleQuery() | StickinessQuery():
            return query.interval or Interval.DAY
        case RetentionQuery():
            return query.retention_filter.interval
        case _:
            return Interval.DAY


_TOLD = re.compile(r"(?:-\d+)?([sMh])(?:Start|End)?")
_UNITS = {"s": Interval.MINUTE, "M": Interval.MINUTE, "h": Interval.HOUR}
_SHORTEST_FIRST = (Interval.MINUTE, Interval.HOUR, Interval.DAY)


def _unit_of(query: Query) -> Interval:
    """The shortest of the interval and the units that the range is told in, days at most."""
    range = (query.filters and query.filters.date_range) if isinstance(query, HogQLQuery) else query.date_range
    texts = () if range is None else (range.date_from, range.date_to)
    units = [_UNITS[found[1]] for text in texts if (found := _TOLD.fullmatch(text or ""))]
    return min([*units, min(interval_of(query), Interval.DAY, key=_rank)], key=_rank)


def _rank(interval: Interval) -> int:
    return _SHORTEST_FIRST.index(interval) if interval in _SHORTEST_FIRST else len(_SHORTEST_FIRST)
