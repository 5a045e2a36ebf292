"""Funnels computed by PostgreSQL."""

from collections.abc import Sequence

from domain.insights.plans import DrillDown, FunnelCounts, FunnelPlan, FunnelTimes, FunnelTrend
from persistence.database import Reading, Tenant
from persistence.insights.engine import FoundArc


async def funnel(db: Reading, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelCounts]:
    """As `Engine.funnel`."""
    raise NotImplementedError


async def funnel_times(
    db: Reading, tenant: Tenant, plan: FunnelPlan, first: int, last: int, bins: int | None
) -> FunnelTimes:
    """As `Engine.funnel_times`."""
    raise NotImplementedError


async def funnel_trend(db: Reading, tenant: Tenant, plan: FunnelPlan) -> Sequence[FunnelTrend]:
    """As `Engine.funnel_trend`."""
    raise NotImplementedError


async def arcs(db: Reading, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
    """The arcs behind a step: those in which it happened, or with `dropped` in which the one before it did."""
    raise NotImplementedError
