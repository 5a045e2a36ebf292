"""The arcs behind one number of an insight: each kind knows its own."""

from collections.abc import Sequence
from typing import assert_never

import persistence.insights.funnels
import persistence.insights.lifecycle
import persistence.insights.paths
import persistence.insights.retention
import persistence.insights.stickiness
import persistence.insights.trends
from domain.insights.plans import (
    DrillDown,
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
    """Those that began last first, `ask.limit` at most, after `ask.after`."""
    match ask.plan:
        case TrendsPlan():
            return await persistence.insights.trends.arcs(db, tenant, ask)
        case FunnelPlan():
            return await persistence.insights.funnels.arcs(db, tenant, ask)
        case RetentionPlan():
            return await persistence.insights.retention.arcs(db, tenant, ask)
        case PathsPlan():
            return await persistence.insights.paths.arcs(db, tenant, ask)
        case LifecyclePlan():
            return await persistence.insights.lifecycle.arcs(db, tenant, ask)
        case StickinessPlan():
            return await persistence.insights.stickiness.arcs(db, tenant, ask)
        case _:
            assert_never(ask.plan)
