"""Paths computed by PostgreSQL."""

from collections.abc import Sequence

from domain.insights.plans import DrillDown, Edge, PathsPlan, PathsPoint
from persistence.database import Reading, Tenant
from persistence.insights.engine import FoundArc


async def paths(db: Reading, tenant: Tenant, plan: PathsPlan) -> Sequence[Edge]:
    """As `Engine.paths`."""
    raise NotImplementedError


async def arcs(db: Reading, tenant: Tenant, plan: PathsPlan, point: PathsPoint, ask: DrillDown) -> Sequence[FoundArc]:
    """The arcs of the events that an edge leads to."""
    raise NotImplementedError
