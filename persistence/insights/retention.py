"""Retention computed by PostgreSQL."""

from collections.abc import Sequence

from domain.insights.plans import DrillDown, RetentionCounts, RetentionPlan
from persistence.database import Reading, Tenant
from persistence.insights.engine import FoundArc


async def retention(db: Reading, tenant: Tenant, plan: RetentionPlan) -> Sequence[RetentionCounts]:
    """As `Engine.retention`."""
    raise NotImplementedError


async def arcs(db: Reading, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
    """The arcs of the returning events in a period, or of the target events of a whole cohort."""
    raise NotImplementedError
