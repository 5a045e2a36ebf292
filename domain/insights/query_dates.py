"""The time a query is about, and how it is cut into minutes, hours, days, weeks and months of a zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.insights.plans import Buckets, Interval
from domain.insights.query_models import FunnelsFilter, RetentionFilter
from domain.insights.query_parts import CompareFilter, DateRange
from domain.values import Span


@dataclass(frozen=True, slots=True)
class Frame:
    """When and where a query is run: `first_event` is where "all" begins."""

    now: datetime
    zone: ZoneInfo
    first_event: datetime | None = None


def span(range: DateRange | None, frame: Frame, default: str = "-7d") -> Span:
    """The instants [start, end) that a range means; both are set.

    Raises InvalidQuery for texts that are no date and for ranges that end before they begin.
    """
    raise NotImplementedError


def buckets(range: DateRange | None, interval: Interval | None, frame: Frame, default: str = "-7d") -> Buckets:
    """Whole intervals (days without one) that cover the range. The last ends where its interval ends, also after now:
    engines count nothing that is yet to come.

    Raises InvalidQuery where there would be more than MOST_BUCKETS, saying what to ask less of.
    """
    raise NotImplementedError


def retention_buckets(range: DateRange | None, filter: RetentionFilter, frame: Frame) -> Buckets:
    """A bucket a cohort. Without `date_from` there are `totalIntervals` (8) periods up to the one with `date_to`; with
    it those from its period on. Either way a cohort shows `totalIntervals` values at most."""
    raise NotImplementedError


def before(buckets: Buckets, compare: CompareFilter | None) -> Buckets | None:
    """As many buckets for the time that `buckets` are compared with; None where nothing is compared."""
    raise NotImplementedError


def bucket_before(buckets: Buckets) -> datetime:
    """Where the bucket before the first one begins."""
    raise NotImplementedError


def until_now(buckets: Buckets, frame: Frame) -> Buckets:
    """The same ones without what is yet to come: the last bucket that has begun ends now."""
    raise NotImplementedError


def days(buckets: Buckets) -> tuple[str, ...]:
    """The start of each for programs: 2026-05-25, or 2026-05-25T14:00:00 for hours and minutes, in its zone."""
    raise NotImplementedError


def labels(buckets: Buckets) -> tuple[str, ...]:
    """The start of each for people: 25-May-2026, or 25-May-2026 14:00 for hours and minutes."""
    raise NotImplementedError


def window(filter: FunnelsFilter | None) -> timedelta:
    """How long a subject has from the first step to the last: 14 days if nothing is said; a month is 30 days."""
    raise NotImplementedError
