"""PostHog insights: lists, one, making and changing them, tags of many."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated, Literal, cast

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.alerts
import resolvers.insight_results
import resolvers.insights
from domain.access import Scope
from domain.insights.alerts import Alert
from domain.insights.query import InsightType
from domain.insights.runs import Refresh
from domain.insights.saved import (
    LONGEST_SEARCH,
    MOST_AT_ONCE,
    InsightChange,
    InsightFilter,
    InsightId,
    InsightOrder,
    InsightSort,
    SavedInsight,
    TagAction,
    TagsUpdated,
)
from domain.values import UNSET, JsonObject, Span, UserId
from resolvers.context import Context
from resolvers.insight_results import Shown
from resolvers.insight_runs import NOTHING
from rest_compat.dialect import Parameter
from rest_compat.posthog import asked, csv
from rest_compat.posthog.asked import FORMAT, INSIGHT, LIMIT, OFFSET, REFRESH
from rest_compat.posthog.bodies import (
    InsightBody,
    InsightPageBody,
    InsightWriteBody,
    Users,
    Whole,
    basic,
    whole,
)
from rest_compat.posthog.dialect import context, operation, wrong
from rest_compat.posthog.results import csv_table
from rest_compat.wire import read_body

_TEXT, _SWITCH = {"type": "string"}, {"type": "boolean"}


def _date(name: str, of: str) -> Parameter:
    return Parameter(name, f"{of}; a date, or counted back from now as -7d.", _TEXT)


_LISTED = (
    Parameter("basic", "Leaves the results out.", {"type": "boolean", "default": False}),
    Parameter("created_by", "JSON array of users' numbers: made by any of them.", _TEXT),
    _date("created_date_from", "Made after this"),
    _date("created_date_to", "Made before this"),
    Parameter("dashboards", "JSON array of dashboards' numbers. There are none, so nothing is on one.", _TEXT),
    _date("date_from", "Modified after this"),
    _date("date_to", "Modified before this"),
    Parameter("favorited", "Favourites only, whatever its value.", _SWITCH),
    FORMAT,
    Parameter("insight", "The kind of query.", {"type": "string", "enum": sorted(InsightType)}),
    _date("last_viewed_date_from", "Looked at after this"),
    _date("last_viewed_date_to", "Looked at before this"),
    LIMIT,
    OFFSET,
    REFRESH,
    Parameter("saved", "Those that are saved, or those that are not.", _SWITCH),
    Parameter("search", "Part of a name, description or tag.", {"type": "string", "maxLength": LONGEST_SEARCH}),
    Parameter("short_id", "The one with this short id.", _TEXT),
    Parameter("tags", "JSON array of tags: with any of them.", _TEXT),
    Parameter("user", "One's own only, whatever its value.", _SWITCH),
    Parameter("order", f"One of {', '.join(InsightSort)}; a minus before it turns it round.", _TEXT),
)
_READ = (
    Parameter("filters_override", "JSON object that is laid over the query for this time.", _TEXT),
    FORMAT,
    Parameter("from_dashboard", "There are no dashboards; nothing comes of it.", {"type": "integer"}),
    REFRESH,
    Parameter("variables_override", "JSON object with values of the query's variables for this time.", _TEXT),
)


class TagsWishBody(TypedDict):
    ids: Annotated[list[Whole], Field(min_length=1, max_length=MOST_AT_ONCE)]
    action: Literal["add", "remove", "set"]
    tags: list[str]


class TaggedInsightBody(TypedDict):
    id: int
    tags: list[str]


class SkippedInsightBody(TypedDict):
    id: int
    reason: str


class TagsBody(TypedDict):
    updated: list[TaggedInsightBody]
    skipped: list[SkippedInsightBody]


_WRITE, _WISH = TypeAdapter(InsightWriteBody), TypeAdapter(TagsWishBody)


async def list_insights(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_READ), asked.wants_csv(request)
    limit, offset = asked.limit_and_offset(request)
    wanted, order, is_basic = _filter(ctx, request), _order(request), asked.switch(request, "basic")
    found = await resolvers.insights.list_insights(ctx, wanted, order, limit, offset)
    bodies = await (_basics(ctx, found.items) if is_basic else _wholes(ctx, found.items, asked.refresh(request)))
    body = asked.page_body(ctx, request, limit, offset, found.total, bodies)
    return asked.answer(as_csv, body, lambda: csv.rows(bodies))


def _filter(ctx: Context, request: Request) -> InsightFilter:
    """There are no dashboards: whoever asks for what is on some is shown nothing."""
    on_dashboards = asked.numbers(request, "dashboards")
    mine = (ctx.caller.user_id,) if "user" in request.query_params else None
    return InsightFilter(
        type=_type(request),
        saved=asked.switch(request, "saved"),
        favorited=True if "favorited" in request.query_params else None,
        created_by=() if on_dashboards else mine,
        author_numbers=asked.numbers(request, "created_by"),
        tags=_tags(request),
        search=_search(request),
        short_id=asked.text(request, "short_id"),
        created=_span(ctx, request, "created_date"),
        modified=_span(ctx, request, "date"),
        viewed=_span(ctx, request, "last_viewed_date"),
    )


def _type(request: Request) -> InsightType | None:
    given = asked.text(request, "insight")
    if given is None:
        return None
    if given not in set(InsightType):
        raise wrong("insight", f"one of {', '.join(InsightType)} is wanted")
    return InsightType(given)


def _tags(request: Request) -> tuple[str, ...] | None:
    """As tags are kept."""
    given = asked.texts(request, "tags")
    return None if given is None else tuple(tag.strip().lower() for tag in given)


def _search(request: Request) -> str | None:
    given = asked.text(request, "search")
    if given is not None and len(given) > LONGEST_SEARCH:
        raise wrong("search", f"{LONGEST_SEARCH} characters are the most")
    return given


def _span(ctx: Context, request: Request, name: str) -> Span:
    return Span(asked.date(ctx, request, f"{name}_from"), asked.date(ctx, request, f"{name}_to"))


def _order(request: Request) -> InsightOrder:
    given = asked.text(request, "order")
    if given is None:
        return InsightOrder()
    name = given.removeprefix("-")
    if name not in set(InsightSort):
        raise wrong("order", f"one of {', '.join(InsightSort)} is wanted, or a minus and one of them")
    return InsightOrder(InsightSort(name), given != name)


async def _users(ctx: Context, insights: Iterable[SavedInsight], alerts: Iterable[Alert] = ()) -> Users:
    """Who made and modified them and follows their alerts, in one statement."""
    ids = list[UserId](
        {id for one in insights for id in (one.created_by, one.last_modified_by)}
        | {id for alert in alerts for id in (alert.created_by, *alert.subscribers)}
    )
    found = await ctx.loaders.author.load_many(ids)
    return {id: user for id, user in zip(ids, found, strict=True) if user is not None}


async def _basics(ctx: Context, insights: Sequence[SavedInsight]) -> list[dict[str, object]]:
    users = await _users(ctx, insights)
    return [cast("dict[str, object]", basic(one, users)) for one in insights]


async def _wholes(ctx: Context, insights: Sequence[SavedInsight], refresh: Refresh) -> list[dict[str, object]]:
    return await _bodies(ctx, await resolvers.insight_results.results_of(ctx, insights, refresh))


async def _bodies(ctx: Context, shown: Sequence[Shown]) -> list[dict[str, object]]:
    """In two statements, however many they are."""
    alerts = await resolvers.alerts.alerts_of_many(ctx, [one.insight.id for one in shown])
    users = await _users(ctx, (one.insight for one in shown), chain.from_iterable(alerts))
    wholes = (
        whole(one, its, users, ctx.caller.environment_id, ctx.caller.time_zone)
        for one, its in zip(shown, alerts, strict=True)
    )
    return [cast("dict[str, object]", one) for one in wholes]


async def get_insight(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_READ), asked.wants_csv(request)
    filters, variables = (asked.json_object(request, f"{name}_override") for name in ("filters", "variables"))
    color = _from_dashboard(request)
    found = await resolvers.insights.view_insight(ctx, request.path_params["id"])
    if asked.switch(request, "basic"):
        [body] = await _basics(ctx, [found])
        return asked.answer(as_csv, body, lambda: asked.one_row(body))
    shown = await resolvers.insight_results.result_of(ctx, found, asked.refresh(request), filters, variables)
    [body] = await _bodies(ctx, [shown])
    return asked.answer(as_csv, {**body, **color}, lambda: _result_rows(shown))


def _from_dashboard(request: Request) -> dict[str, object]:
    """How it looks on a dashboard: there are none."""
    if "from_dashboard" not in request.query_params:
        return {}
    asked.number(request, Parameter("from_dashboard", "", {}), 0, asked.MOST_OFFSET, 0)
    return {"color": None, "layouts": None}


def _result_rows(shown: Shown) -> str:
    """The rows of its result; nothing while there is none."""
    result = shown.outcome.result
    return "" if result is None else csv.table(*csv_table(result))


async def create_insight(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_WRITE), asked.wants_csv(request)
    made = await resolvers.insights.create_insight(ctx, await _wish(request))
    return await _written(ctx, made, as_csv, 201)


async def update_insight(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_WRITE), asked.wants_csv(request)
    changed = await resolvers.insights.update_insight(ctx, request.path_params["id"], await _wish(request))
    return await _written(ctx, changed, as_csv)


async def _wish(request: Request) -> InsightChange:
    body = await read_body(request, _WRITE)
    return InsightChange(
        name=body.get("name", UNSET),
        derived_name=body.get("derived_name", UNSET),
        description=body.get("description", UNSET),
        query=cast("JsonObject | None", body["query"]) if "query" in body else UNSET,
        filters=cast("JsonObject", body["filters"]) if "filters" in body else UNSET,
        order=body.get("order", UNSET),
        saved=body.get("saved", UNSET),
        favorited=body.get("favorited", UNSET),
        deleted=body.get("deleted", UNSET),
        folder=body.get("_create_in_folder", UNSET),
        tags=tuple(body["tags"]) if "tags" in body else UNSET,
        dashboards=tuple(body.get("dashboards", ())),
    )


async def _written(ctx: Context, insight: SavedInsight, as_csv: bool, status: int = 200) -> Response:
    """With what is kept of its result, for who may read it."""
    shown = Shown(insight, NOTHING)
    if ctx.caller.may(Scope.INSIGHT_READ):
        [shown] = await resolvers.insight_results.results_of(ctx, [insight], Refresh.FORCE_CACHE)
    [body] = await _bodies(ctx, [shown])
    return asked.answer(as_csv, body, lambda: asked.one_row(body), status)


async def refuse_deletion(request: Request) -> Response:
    """Insights are hidden, never deleted: by a change of `deleted`."""
    context(request, Scope.INSIGHT_WRITE)
    return Response(status_code=405, headers={"allow": "GET, HEAD, OPTIONS, PATCH"})


async def bulk_update_tags(request: Request) -> Response:
    ctx, as_csv = context(request, Scope.INSIGHT_WRITE), asked.wants_csv(request)
    wish = await read_body(request, _WISH)
    ids = [InsightId(id) for id in wish["ids"]]
    found = await resolvers.insights.bulk_update_tags(ctx, ids, TagAction(wish["action"]), wish["tags"])
    body = _tags_body(found)
    return asked.answer(as_csv, body, lambda: csv.rows([*map(dict, body["updated"]), *map(dict, body["skipped"])]))


def _tags_body(found: TagsUpdated) -> TagsBody:
    return {
        "updated": [{"id": one.id, "tags": list(one.tags)} for one in found.updated],
        "skipped": [{"id": one.id, "reason": one.reason} for one in found.skipped],
    }


LISTS = (
    operation("GET", "/insights", list_insights, "Insights of the organisation", {200: InsightPageBody},
              errors=(400,), query=_LISTED, also=asked.CSV),
    operation("POST", "/insights", create_insight, "Make an insight", {201: InsightBody}, body=InsightWriteBody,
              query=(FORMAT,), also=asked.CSV),
    operation("POST", "/insights/bulk_update_tags", bulk_update_tags, "Change the tags of many insights",
              {200: TagsBody}, body=TagsWishBody, query=(FORMAT,), also=asked.CSV),
)  # fmt: skip
ONE = (
    operation("GET", "/insights/{id}", get_insight, "An insight", {200: InsightBody}, errors=(400,),
              path_parameters=(INSIGHT,), query=_READ, also=asked.CSV),
    operation("PATCH", "/insights/{id}", update_insight, "Change an insight, hide it, or bring it back",
              {200: InsightBody}, body=InsightWriteBody, path_parameters=(INSIGHT,), query=(FORMAT,), also=asked.CSV),
    operation("DELETE", "/insights/{id}", refuse_deletion, "Never done: hide it by a change instead", {405: None},
              path_parameters=(INSIGHT,), query=(FORMAT,)),
)  # fmt: skip
"""Their path takes whatever stands where the literal ones do, so they come last."""
