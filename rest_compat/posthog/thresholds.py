"""PostHog thresholds: bounds that belong to an insight, and the alerts that watch over them; made in the graph."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.thresholds
from domain.access import Scope
from domain.errors import NotFound
from domain.insights.alerts import Guarded, ThresholdId, ThresholdType
from domain.values import UserId
from resolvers.context import Context
from rest_compat.dialect import Parameter
from rest_compat.posthog import asked
from rest_compat.posthog.asked import INSIGHT_ID, LIMIT, OFFSET, insight_id
from rest_compat.posthog.bodies import AlertBody, Users, Uuid, alert_body
from rest_compat.posthog.dialect import DIALECT, context, operation
from rest_compat.wire import Time, plain, uuid

_ID = Parameter("id", "A threshold's id.", {"type": "string", "format": "uuid"})


class BoundsBody(TypedDict):
    lower: float | None
    upper: float | None


class ConfigurationBody(TypedDict):
    type: ThresholdType
    bounds: BoundsBody


class ThresholdBody(TypedDict):
    id: Uuid
    created_at: Time
    name: str
    configuration: ConfigurationBody
    alerts: list[AlertBody]


class ThresholdPageBody(TypedDict):
    """`next` and `previous` are whole addresses."""

    count: Annotated[int, Field(ge=0)]
    next: str | None
    previous: str | None
    results: list[ThresholdBody]


async def list_thresholds(request: Request) -> Response:
    ctx, id = context(request, Scope.ALERT_READ), insight_id(request)
    limit, offset = asked.limit_and_offset(request)
    found, total = await resolvers.thresholds.list_thresholds(ctx, id, limit, offset)
    users = await _users(ctx, found)
    bodies = [_threshold(one, users) for one in found]
    return DIALECT.answer(asked.page_body(ctx, request, limit, offset, total, bodies))


async def get_threshold(request: Request) -> Response:
    ctx, id = context(request, Scope.ALERT_READ), uuid(request.path_params[_ID.name])
    if id is None:
        raise NotFound("no such threshold")
    found = await resolvers.thresholds.get_threshold(ctx, insight_id(request), ThresholdId(id))
    return DIALECT.answer(_threshold(found, await _users(ctx, [found])))


async def _users(ctx: Context, found: list[Guarded]) -> Users:
    alerts = [alert for one in found for alert in one.alerts]
    ids = list[UserId]({id for alert in alerts for id in (alert.created_by, *alert.subscribers)})
    users = await ctx.loaders.author.load_many(ids)
    return {id: user for id, user in zip(ids, users, strict=True) if user is not None}


def _threshold(found: Guarded, users: Users) -> ThresholdBody:
    one = found.threshold
    return {
        "id": str(one.id),
        "created_at": plain(one.created_at),
        "name": one.name,
        "configuration": {"type": one.type, "bounds": {"lower": one.bounds.lower, "upper": one.bounds.upper}},
        "alerts": [alert_body(alert, users) for alert in found.alerts],
    }


_LIST = "/insights/{insight_id}/thresholds"
OPERATIONS = (
    operation("GET", _LIST, list_thresholds, "Thresholds of an insight", {200: ThresholdPageBody}, errors=(400,),
              path_parameters=(INSIGHT_ID,), query=(LIMIT, OFFSET)),
    operation("GET", f"{_LIST}/{{id}}", get_threshold, "A threshold", {200: ThresholdBody},
              path_parameters=(INSIGHT_ID, _ID)),
)  # fmt: skip
