"""From a number of an insight to the goal arcs behind it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

import domain.insights.funnels
import domain.insights.lifecycle
import domain.insights.paths
import domain.insights.retention
import domain.insights.stickiness
import domain.insights.trends
from domain.access import Scope
from domain.errors import Invalid
from domain.insights.drill_downs import (
    DrillDown,
    Plan,
    Point,
    TrendsPoint,
)
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.plans import (
    TrendsPlan,
)
from domain.insights.query_dates import Frame
from domain.insights.query_models import (
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.judging.records import SubSession
from domain.values import JsonObject, Page, SubSessionId, Window
from persistence.database import Tenant
from persistence.insights.engine import FoundArc
from resolvers import cursors
from resolvers.context import Context
from resolvers.insight_computing import frame_of
from resolvers.insight_queries import asked
from resolvers.insights import InsightKey
from resolvers.judging import find_sub_session

MOST = 1_000
"""So many arcs behind a number are looked at; a number may rest on millions."""
_AT_ONCE = 100
_LIST = "arcs behind a number"


class Asked(NamedTuple):
    """A number, and the plan that led to it."""

    plan: Plan
    point: Point


async def drill_down(ctx: Context, key: InsightKey | None, document: JsonObject | None, point: Point) -> Asked:
    """A number of an insight, or of a query that is given. Raises NotFound, InvalidQuery, also where the point is no
    place in what it comes to."""
    query = (await asked(ctx, key, document)).query
    tenant = Tenant(ctx.caller.org_id, ctx.caller.insights_of)
    frame = await frame_of(ctx.services, tenant, query, ZoneInfo(ctx.caller.time_zone))
    return Asked(_plan(query, frame, point), point)


def _plan(query: Query, frame: Frame, point: Point) -> Plan:
    match query:
        case TrendsQuery():
            return _compared(domain.insights.trends.plans(query, frame), point)
        case FunnelsQuery():
            return domain.insights.funnels.behind(query, frame)
        case RetentionQuery():
            return domain.insights.retention.plan(query, frame)
        case PathsQuery():
            return domain.insights.paths.plan(query, frame)
        case LifecycleQuery():
            return domain.insights.lifecycle.plan(query, frame)
        case StickinessQuery():
            return domain.insights.stickiness.plan(query, frame)
        case HogQLQuery():
            message = "no arcs are known behind numbers of a statement: have it select sub_session_id"
            raise InvalidQuery(message, code=InsightFault.NOT_SUPPORTED)
        case _:
            assert_never(query)


def _compared(plans: Sequence[TrendsPlan], point: Point) -> TrendsPlan:
    """Raises InvalidQuery for a point of the time before where there is none."""
    if not (isinstance(point, TrendsPoint) and point.previous):
        return plans[0]
    if len(plans) < 2:
        raise InvalidQuery("the query is compared with no time before")
    return plans[1]


async def list_arcs(ctx: Context, behind: Asked, window: Window[str]) -> Page[SubSession]:
    """Those that the caller may see, the ones that began last first. Raises Invalid for a forged cursor, and for a
    window that goes backwards."""
    if window.backwards or window.before is not None:
        raise Invalid("arcs behind a number are listed forwards only: use first and after")
    after = None if window.after is None else cursors.time_and_id(window.after, _LIST)
    place = None if after is None else (after[0], str(after[1]))
    seen: list[SubSession] = []
    places: dict[SubSessionId, FoundArc] = {}
    looked = 0
    while len(seen) <= window.size and looked < MOST:
        found = await _some(ctx, behind, place)
        looked += len(found)
        seen += await _visible(ctx, found)
        places |= {one.id: one for one in found}
        if len(found) < _AT_ONCE:
            break
        place = (found[-1].started_at, str(found[-1].id))
    return cursors.page(seen, window, lambda one: cursors.encode(_LIST, *_place(places[one.id])))


def _place(found: FoundArc) -> tuple[datetime, str]:
    return found.started_at, str(found.id)


async def _some(ctx: Context, behind: Asked, after: tuple[datetime, str] | None) -> Sequence[FoundArc]:
    return await _found(ctx, DrillDown(behind.plan, behind.point, _AT_ONCE, after))


async def _found(ctx: Context, ask: DrillDown) -> Sequence[FoundArc]:
    """It may take as long as the number took, so it waits its turn as that does. Raises TooMany."""
    tenant = Tenant(ctx.caller.org_id, ctx.caller.insights_of)
    async with ctx.services.insight_slots.take(tenant.org_id):
        return await ctx.services.engine.arcs(tenant, ask)


async def _visible(ctx: Context, found: Sequence[FoundArc]) -> list[SubSession]:
    if not ctx.caller.may(Scope.SCORES_READ):
        return []
    arcs = await asyncio.gather(*(find_sub_session(ctx, one.id) for one in found))
    return [arc for arc in arcs if arc is not None]


class Counts(NamedTuple):
    """Of the first `MOST` arcs behind a number."""

    visible: int
    hidden: int


async def count_arcs(ctx: Context, behind: Asked) -> Counts:
    """How many of them the caller may see, and how many not."""
    found = await _found(ctx, DrillDown(behind.plan, behind.point, MOST))
    visible = len(await _visible(ctx, found))
    return Counts(visible, len(found) - visible)
