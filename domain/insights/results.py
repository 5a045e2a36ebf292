"""What insights come to: one record a kind, the same for both faces, kept as JSON between runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, TypeAdapter

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    LifecycleStatus,
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The time that a query came to be about, in the zone its days were cut in; `date_to` is left out of it."""

    date_from: datetime
    date_to: datetime
    time_zone: str
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class TrendsLine:
    """One series (or formula), for one value of the breakdown and one of the two times that are compared.

    `days` are the starts of the buckets (ISO dates, with the time for hours and minutes), `labels` the same for
    people; `data` has a number for each, `count` is their sum. `aggregated_value` is the number for the whole time,
    where the display asks for one instead of a line.
    """

    series: int
    event: str | None
    label: str
    custom_name: str | None
    math: str
    breakdown: tuple[str, ...] | None
    compare: Literal["current", "previous"] | None
    days: tuple[str, ...]
    labels: tuple[str, ...]
    data: tuple[float | None, ...]
    count: float
    aggregated_value: float | None = None


@dataclass(frozen=True, slots=True)
class TrendsResult:
    kind: Literal["trends"]
    resolved: Resolved
    lines: tuple[TrendsLine, ...]
    has_more: bool = False
    """Whether values of the breakdown stand together as the rest."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """`order` counts from 0. Times are seconds from the step before; None for the first and where nobody got there."""

    order: int
    event: str | None
    name: str
    custom_name: str | None
    count: int
    average_conversion_s: float | None
    median_conversion_s: float | None
    breakdown: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FunnelSteps:
    breakdown: tuple[str, ...] | None
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True)
class FunnelResult:
    """Without a breakdown there is one group."""

    kind: Literal["funnel"]
    resolved: Resolved
    groups: tuple[FunnelSteps, ...]


@dataclass(frozen=True, slots=True)
class TimeBin:
    start_s: float
    count: int


@dataclass(frozen=True, slots=True)
class FunnelTimesResult:
    kind: Literal["funnel_times"]
    resolved: Resolved
    bins: tuple[TimeBin, ...]
    average_s: float | None


@dataclass(frozen=True, slots=True)
class FunnelTrendLine:
    """`rates` are percentages, 0 to 100, of those who began in a bucket; None where nobody did."""

    breakdown: tuple[str, ...] | None
    days: tuple[str, ...]
    labels: tuple[str, ...]
    entered: tuple[int, ...]
    converted: tuple[int, ...]
    rates: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class FunnelTrendsResult:
    kind: Literal["funnel_trends"]
    resolved: Resolved
    lines: tuple[FunnelTrendLine, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """`values[0]` is how many of it had a returning event in its own period, `values[j]` j periods later; there are no
    values for periods after the time that was asked of."""

    date: str
    label: str
    size: int
    values: tuple[int, ...]
    breakdown: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RetentionResult:
    kind: Literal["retention"]
    resolved: Resolved
    cohorts: tuple[Cohort, ...]
    period_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathEdge:
    """`source` and `target` are bare names; `step` is that of the source, from 1."""

    step: int
    source: str
    target: str
    count: int
    average_conversion_s: float


@dataclass(frozen=True, slots=True)
class PathsResult:
    kind: Literal["paths"]
    resolved: Resolved
    edges: tuple[PathEdge, ...]


@dataclass(frozen=True, slots=True)
class LifecycleLine:
    """Those that went dormant count below zero."""

    status: LifecycleStatus
    label: str
    days: tuple[str, ...]
    labels: tuple[str, ...]
    data: tuple[float, ...]
    count: float


@dataclass(frozen=True, slots=True)
class LifecycleResult:
    kind: Literal["lifecycle"]
    resolved: Resolved
    event: str | None
    lines: tuple[LifecycleLine, ...]


@dataclass(frozen=True, slots=True)
class StickinessLine:
    """`data[i]` subjects were active in `intervals[i]` of the buckets."""

    series: int
    event: str | None
    label: str
    intervals: tuple[int, ...]
    labels: tuple[str, ...]
    data: tuple[float, ...]
    count: float
    custom_name: str | None = None


@dataclass(frozen=True, slots=True)
class StickinessResult:
    """With `cumulative` they were active in at least so many of them."""

    kind: Literal["stickiness"]
    resolved: Resolved
    lines: tuple[StickinessLine, ...]
    cumulative: bool = False


@dataclass(frozen=True, slots=True)
class SqlResult:
    """`rows` hold JSON values; `statement` is what was run."""

    kind: Literal["sql"]
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    has_more: bool
    statement: str


Result: TypeAlias = (
    TrendsResult
    | FunnelResult
    | FunnelTimesResult
    | FunnelTrendsResult
    | RetentionResult
    | PathsResult
    | LifecycleResult
    | StickinessResult
    | SqlResult
)
RESULT: TypeAdapter[Result] = TypeAdapter(Annotated[Result, Discriminator("kind")])
"""Reads and writes results as they are kept."""
