"""Each kind of query from what was asked to what is kept, on PostgreSQL; and what becomes of it when work is erased."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.insights.results import (
    RESULT,
    FunnelResult,
    FunnelTimesResult,
    FunnelTrendsResult,
    LifecycleResult,
    PathsResult,
    Result,
    RetentionResult,
    SqlResult,
    StickinessResult,
    TrendsResult,
)
from domain.insights.runs import Refresh
from domain.values import JsonObject, SessionId
from persistence.database import Tenant
from persistence.erasure import erase_sessions
from resolvers.context import Context, Services
from resolvers.insight_computing import compute, document, read_again
from resolvers.insight_runs import run
from tests.make import START
from tests.make_context import make_context
from tests.make_insights import made, put_events
from tests.resolvers.insight_runs.computing import ORG, query

_EVENT: JsonObject = {"kind": "EventsNode", "event": "prompt"}
_STEPS: JsonObject = {"kind": "FunnelsQuery", "series": [_EVENT, {"kind": "EventsNode", "event": "commit"}]}
KINDS: list[tuple[JsonObject, type[object]]] = [
    ({"kind": "TrendsQuery", "series": [_EVENT], "compareFilter": {"compare": True}}, TrendsResult),
    ({"kind": "TrendsQuery", "series": [_EVENT], "dateRange": {"date_from": "all"}}, TrendsResult),
    (_STEPS, FunnelResult),
    ({**_STEPS, "funnelsFilter": {"funnelVizType": "time_to_convert"}}, FunnelTimesResult),
    ({**_STEPS, "funnelsFilter": {"funnelVizType": "trends"}}, FunnelTrendsResult),
    ({"kind": "RetentionQuery", "retentionFilter": {"period": "Week"}}, RetentionResult),
    ({"kind": "PathsQuery", "pathsFilter": {"stepLimit": 3}}, PathsResult),
    ({"kind": "LifecycleQuery", "series": [_EVENT]}, LifecycleResult),
    ({"kind": "StickinessQuery", "series": [_EVENT], "interval": "week"}, StickinessResult),
    (
        {
            "kind": "HogQLQuery",
            "query": "SELECT {a} AS a, {variables.b} AS b FROM events WHERE {filters}",
            "values": {"a": 1},
            "variables": {"1": {"variableId": "1", "code_name": "b", "value": "x"}},
            "filters": {"dateRange": {"date_from": "-7d"}},
        },
        SqlResult,
    ),
]


@pytest.fixture
async def ctx(services: Services) -> Context:
    """An hour after two developers began."""
    ctx = await make_context(replace(services, now=lambda: START + timedelta(hours=1)), scopes=ORG)
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        events = [made("prompt", 0, "ada"), made("commit", 5, "ada"), made("prompt", 10, "bob")]
        await put_events(db, ctx.caller.org_id, events)
    return ctx


@pytest.mark.parametrize(("asked", "kind"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
async def test_each_kind_is_computed_and_kept_as_it_is(ctx: Context, asked: JsonObject, kind: type[Result]) -> None:
    query = read_again(asked)
    assert read_again(document(query)) == query
    found = await compute(ctx.services, Tenant(ctx.caller.org_id), query, ZoneInfo("Europe/Berlin"))
    assert isinstance(found, kind)
    assert RESULT.validate_json(RESULT.dump_json(found)) == found
    assert (await run(ctx, query, Refresh.BLOCKING)).result is not None
    assert (await run(ctx, query, Refresh.BLOCKING)).is_cached


async def test_no_number_outlives_what_it_counted(ctx: Context) -> None:
    async def count(refresh: Refresh) -> float | None:
        result = (await run(ctx, query(), refresh)).result
        return result.lines[0].count if isinstance(result, TrendsResult) else None

    assert await count(Refresh.BLOCKING) == 2
    async with ctx.services.database.write(Tenant(ctx.caller.org_id)) as db:
        await erase_sessions(db, ctx.caller.org_id, [SessionId("no such session")])
    assert await count(Refresh.FORCE_CACHE) is None
    assert await count(Refresh.BLOCKING) == 2
