"""From a query to its result: the plan of its kind, what the engine finds, and what that comes to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import orjson
from pydantic import Discriminator, TypeAdapter, ValidationError

import domain.insights.funnels
import domain.insights.lifecycle
import domain.insights.paths
import domain.insights.retention
import domain.insights.sql
import domain.insights.stickiness
import domain.insights.trends
import persistence.insights.events
from domain.insights.errors import InvalidQuery
from domain.insights.query_dates import Frame, span
from domain.insights.query_models import (
    FunnelsFilter,
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.insights.query_parts import DateRange
from domain.insights.results import Result
from domain.insights.sql import Given
from domain.values import JsonObject, JsonValue
from persistence.database import Tenant
from persistence.insights.engine import Engine
from resolvers.context import Services

_QUERY: TypeAdapter[Query] = TypeAdapter(Annotated[Query, Discriminator("kind")])
_WITHOUT_EFFECT = {"response", "name", "tags", "version"}


def document(query: Query) -> JsonObject:
    """What a query says, equal for queries that ask the same."""
    return query.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_WITHOUT_EFFECT)


def read_again(document: JsonObject) -> Query:
    """What `document` was made of. Raises InvalidQuery where this release no longer takes it."""
    try:
        return _QUERY.validate_json(orjson.dumps(document))
    except ValidationError as error:
        raise InvalidQuery("the query was asked of another release of this server: ask again") from error


async def compute(services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Result:
    """The result of a query as of now, over the events of `tenant`, with days cut in `zone`; nothing is kept.

    Raises InvalidQuery, TooCostly.
    """
    frame = await frame_of(services, tenant, query, zone)
    engine = services.engine
    match query:
        case TrendsQuery():
            found = [await engine.trends(tenant, plan) for plan in domain.insights.trends.plans(query, frame)]
            return domain.insights.trends.result(query, frame, found)
        case FunnelsQuery():
            return await _funnel(engine, tenant, query, frame)
        case RetentionQuery():
            retention = await engine.retention(tenant, domain.insights.retention.plan(query, frame))
            return domain.insights.retention.result(query, frame, retention)
        case PathsQuery():
            paths = await engine.paths(tenant, domain.insights.paths.plan(query, frame))
            return domain.insights.paths.result(query, frame, paths)
        case LifecycleQuery():
            lifecycle = await engine.lifecycle(tenant, domain.insights.lifecycle.plan(query, frame))
            return domain.insights.lifecycle.result(query, frame, lifecycle)
        case StickinessQuery():
            stickiness = await engine.stickiness(tenant, domain.insights.stickiness.plan(query, frame))
            return domain.insights.stickiness.result(query, frame, stickiness)
        case HogQLQuery():
            sql = domain.insights.sql.guard(query.query, _given(query, frame), zone=zone.key)
            return domain.insights.sql.result(sql, await engine.sql(tenant, sql))


async def frame_of(services: Services, tenant: Tenant, query: Query, zone: ZoneInfo) -> Frame:
    """What a query's relative times mean now."""
    return Frame(services.now(), zone, await _first_event(services, tenant, query))


async def _first_event(services: Services, tenant: Tenant, query: Query) -> datetime | None:
    """Where "all" begins; None where nothing asks for it."""
    range = _range(query)
    if range is None or range.date_from != "all":
        return None
    async with services.database.read(tenant) as db:
        return await persistence.insights.events.first_quarter(db, tenant)


def _range(query: Query) -> DateRange | None:
    if isinstance(query, HogQLQuery):
        return None if query.filters is None else query.filters.date_range
    return query.date_range


async def _funnel(engine: Engine, tenant: Tenant, query: FunnelsQuery, frame: Frame) -> Result:
    plan = domain.insights.funnels.plan(query, frame)
    shown = query.funnels_filter or FunnelsFilter()
    match shown.funnel_viz_type:
        case "time_to_convert":
            first, last = domain.insights.funnels.ends(query)
            times = await engine.funnel_times(tenant, plan, first, last, shown.bin_count)
            return domain.insights.funnels.times_result(query, frame, times)
        case "trends":
            return domain.insights.funnels.trends_result(query, frame, await engine.funnel_trend(tenant, plan))
        case _:
            return domain.insights.funnels.result(query, frame, await engine.funnel(tenant, plan))


def _given(query: HogQLQuery, frame: Frame) -> Given:
    range = _range(query)
    return Given(
        values=_json(query.values or {}),
        variables=_json({v.code_name: None if v.is_null else v.value for v in (query.variables or {}).values()}),
        within=None if range is None else span(range, frame),
    )


def _json(values: Mapping[str, object]) -> Mapping[str, JsonValue]:
    """The query was read from JSON."""
    return cast("Mapping[str, JsonValue]", values)
