"""Funnels: from the query to the plan, and from what an engine found to the result."""

from collections.abc import Sequence

from domain.insights.plans import FunnelCounts, FunnelPlan, FunnelTimes, FunnelTrend
from domain.insights.query_dates import Frame
from domain.insights.query_models import FunnelsQuery
from domain.insights.results import FunnelResult, FunnelTimesResult, FunnelTrendsResult


def plan(query: FunnelsQuery, frame: Frame) -> FunnelPlan:
    """Raises InvalidQuery for a single step (it can be stored, not computed) and for steps that are not there."""
    raise NotImplementedError


def ends(query: FunnelsQuery) -> tuple[int, int]:
    """From which step to which (from 0) times to convert and rates over time are: the first and the last by default.

    Raises InvalidQuery where they are no two steps in this order.
    """
    raise NotImplementedError


def result(query: FunnelsQuery, plan: FunnelPlan, found: Sequence[FunnelCounts]) -> FunnelResult:
    """Of a funnel's steps."""
    raise NotImplementedError


def times_result(plan: FunnelPlan, found: FunnelTimes) -> FunnelTimesResult:
    """Of times to convert."""
    raise NotImplementedError


def trends_result(plan: FunnelPlan, found: Sequence[FunnelTrend]) -> FunnelTrendsResult:
    """Of a funnel over time."""
    raise NotImplementedError
