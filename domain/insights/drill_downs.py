"""Which number of a result is asked behind: the places are those of the plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.insights.plans import (
    BreakdownValue,
    FunnelPlan,
    LifecyclePlan,
    LifecycleStatus,
    PathsPlan,
    RetentionPlan,
    StickinessPlan,
    TrendsPlan,
)


@dataclass(frozen=True, slots=True)
class TrendsPoint:
    """Without `bucket` the whole time; `previous` says of which of two plans that are compared."""

    series: int
    bucket: int | None = None
    breakdown: BreakdownValue = ()
    previous: bool = False


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """Who reached `step` (from 0), or with `dropped` those who reached the one before and not this one.

    With `bucket` only those who began in it, each for the attempt that counts there. With `least_s` and `below_s` only
    those who took [least_s, below_s) from the step `FunnelPlan.entered` to this one.
    """

    step: int
    dropped: bool = False
    breakdown: BreakdownValue = ()
    bucket: int | None = None
    least_s: float | None = None
    below_s: float | None = None


@dataclass(frozen=True, slots=True)
class RetentionPoint:
    """Without `period` the whole cohort."""

    cohort: int
    period: int | None = None
    breakdown: BreakdownValue = ()


@dataclass(frozen=True, slots=True)
class PathsPoint:
    step: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class LifecyclePoint:
    """Of DORMANT the events of the bucket before, where they were last seen."""

    status: LifecycleStatus
    bucket: int


@dataclass(frozen=True, slots=True)
class StickinessPoint:
    series: int
    intervals: int


Plan: TypeAlias = TrendsPlan | FunnelPlan | RetentionPlan | PathsPlan | LifecyclePlan | StickinessPlan
Point: TypeAlias = TrendsPoint | FunnelPoint | RetentionPoint | PathsPoint | LifecyclePoint | StickinessPoint


@dataclass(frozen=True, slots=True)
class DrillDown:
    """Asks for the arcs behind one number of a plan's result, those that began last first."""

    plan: Plan
    point: Point
    limit: int = 50
    after: tuple[datetime, str] | None = None
    """The start and id of the last arc that is known already."""
