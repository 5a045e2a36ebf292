"""The arcs behind one number of an insight: each kind knows its own."""

from collections.abc import Sequence

import persistence.insights.funnels
import persistence.insights.lifecycle
import persistence.insights.paths
import persistence.insights.retention
import persistence.insights.stickiness
import persistence.insights.trends_arcs
from domain.insights.drill_downs import (
    DrillDown,
    FunnelPoint,
    LifecyclePoint,
    PathsPoint,
    RetentionPoint,
    StickinessPoint,
    TrendsPoint,
)
from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    FunnelPlan,
    LifecyclePlan,
    PathsPlan,
    RetentionPlan,
    StickinessPlan,
    TrendsPlan,
)
from persistence.database import Reading, Tenant
from persistence.insights.engine import FoundArc


async def arcs(db: Reading, tenant: Tenant, ask: DrillDown) -> Sequence[FoundArc]:
    """Those that began last first, `ask.limit` at most, after `ask.after`.

    Raises InvalidQuery for a point that the plan's result has not.
    """
    match ask.plan, ask.point:
        case TrendsPlan() as plan, TrendsPoint() as point:
            return await persistence.insights.trends_arcs.arcs(db, tenant, plan, point, ask)
        case FunnelPlan() as plan, FunnelPoint() as point:
            return await persistence.insights.funnels.arcs(db, tenant, plan, point, ask)
        case RetentionPlan() as plan, RetentionPoint() as point:
            return await persistence.insights.retention.arcs(db, tenant, plan, point, ask)
        case PathsPlan() as plan, PathsPoint() as point:
            return await persistence.insights.paths.arcs(db, tenant, plan, point, ask)
        case LifecyclePlan() as plan, LifecyclePoint() as point:
            return await persistence.insights.lifecycle.arcs(db, tenant, plan, point, ask)
        case StickinessPlan() as plan, StickinessPoint() as point:
            return await persistence.insights.stickiness.arcs(db, tenant, plan, point, ask)
        case _:
            raise InvalidQuery("the point is one of another kind of insight")
