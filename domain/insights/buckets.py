"""Stretches of time that numbers are cut into: instants that a calendar made, for engines that know none."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from zoneinfo import ZoneInfo

from domain.values import Span


class Interval(StrEnum):
    """Weeks begin on Mondays."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Consecutive half-open stretches of time: bucket i is [starts[i], starts[i + 1]), the last one ends at `end`.

    All are instants in UTC that were cut in `zone`, so engines need no calendar. There is at least one.
    """

    starts: tuple[datetime, ...]
    end: datetime
    interval: Interval
    zone: str = "UTC"

    @property
    def bounds(self) -> tuple[datetime, ...]:
        return (*self.starts, self.end)

    @property
    def span(self) -> Span:
        return Span(self.starts[0], self.end)

    def until(self, instant: datetime) -> "Buckets":
        """The same ones as far as they begin before an instant, the last one not going beyond it. Where none does a
        moment of the first one is left."""
        starts = tuple(start for start in self.starts if start < instant)
        if not starts:
            return replace(self, starts=self.starts[:1], end=self.starts[0] + timedelta.resolution)
        return replace(self, starts=starts, end=min(self.end, instant))

    def active_since(self, days: int) -> tuple[datetime, ...]:
        """For each bucket the instant so many days of the zone before its end."""
        zone, back = ZoneInfo(self.zone), timedelta(days=days)
        instants = ((end.astimezone(zone) - back).astimezone(UTC) for end in self.bounds[1:])
        return tuple(accumulate(instants, max))  # where clocks go forward, some hours are told after later ones
