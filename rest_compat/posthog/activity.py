"""PostHog activity: who changed what of an insight, newest first. Its pages count from 1, unlike those of lists."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.activity
from domain.access import Scope, User
from domain.activity import Activity, ActivityKind, Change, ChangeAction
from domain.insights.saved import InsightId
from domain.values import UserId
from rest_compat.dialect import Parameter
from rest_compat.posthog import asked, csv
from rest_compat.posthog.asked import FORMAT
from rest_compat.posthog.bodies import Json, Uuid
from rest_compat.posthog.dialect import context, operation, wrong
from rest_compat.wire import Time, plain, whole_number

_USUAL, _MOST = 10, 1_000
_SCOPE = "Insight"
_POSITIVE = {"type": "integer", "minimum": 1}
_PAGES = (
    FORMAT,
    Parameter("limit", f"So many at most, up to {_MOST}.", {**_POSITIVE, "default": _USUAL}),
    Parameter("page", "Which page, from 1.", {**_POSITIVE, "default": 1}),
)
_ID = Parameter("id", "An insight's number.", _POSITIVE)


class ActorBody(TypedDict):
    """Nobody, without an address, once they were erased."""

    first_name: str
    email: str | None
    is_system: bool


class ChangeBody(TypedDict):
    type: Literal["Insight"]
    action: ChangeAction
    field: str
    before: Json
    after: Json


class DetailBody(TypedDict):
    """`name` and `short_id` are what the insight was called then."""

    id: str
    changes: list[ChangeBody] | None
    merge: None
    trigger: None
    name: str | None
    short_id: str
    type: None


class ActivityBody(TypedDict):
    id: Uuid
    user: ActorBody
    activity: ActivityKind
    scope: Literal["Insight"]
    item_id: str
    detail: DetailBody
    created_at: Time


class ActivityPageBody(TypedDict):
    """`next` and `previous` are whole addresses."""

    results: list[ActivityBody]
    next: str | None
    previous: str | None
    total_count: Annotated[int, Field(ge=0)]


async def list_activity(request: Request) -> Response:
    """Of one insight."""
    return await _page(request, asked.insight_id(request, "id"))


async def list_all_activity(request: Request) -> Response:
    """Of all insights, also of those that are deleted."""
    return await _page(request, None)


async def _page(request: Request, insight_id: InsightId | None) -> Response:
    ctx, as_csv = context(request, Scope.ACTIVITY_READ), asked.wants_csv(request)
    limit, page = _positive(request, "limit", _USUAL, _MOST), _positive(request, "page", 1, asked.MOST_OFFSET // _MOST)
    found = await resolvers.activity.list_activity(ctx, insight_id, limit, page)
    ids = list[UserId]({one.user_id for one in found.items})
    users = dict(zip(ids, await ctx.loaders.author.load_many(ids), strict=True))
    entries = [_entry(one, users.get(one.user_id)) for one in found.items]
    body = {
        "results": entries,
        "next": asked.link(ctx, request, page=page + 1) if page * limit < found.total else None,
        "previous": asked.link(ctx, request, page=page - 1) if page > 1 else None,
        "total_count": found.total,
    }
    return asked.answer(as_csv, body, lambda: csv.rows([_row(entry) for entry in entries]))


def _positive(request: Request, name: str, usual: int, most: int) -> int:
    found = whole_number(request.query_params.get(name, str(usual)), 0, most)
    if not found:
        raise wrong(name, "a whole number from 1 is wanted")
    return found


def _entry(entry: Activity, user: User | None) -> ActivityBody:
    return {
        "id": str(entry.id),
        "user": _actor(user),
        "activity": entry.kind,
        "scope": _SCOPE,
        "item_id": str(entry.insight_id),
        "detail": {
            "id": str(entry.insight_id),
            "changes": _changes(entry.changes),
            "merge": None,
            "trigger": None,
            "name": entry.name,
            "short_id": entry.short_id,
            "type": None,
        },
        "created_at": plain(entry.created_at),
    }


def _actor(user: User | None) -> ActorBody:
    name = "" if user is None else user.email.partition("@")[0]
    return {"first_name": name, "email": None if user is None else user.email, "is_system": False}


def _changes(changes: Sequence[Change]) -> list[ChangeBody] | None:
    found: list[ChangeBody] = [
        {"type": _SCOPE, "action": one.action, "field": one.field, "before": one.before, "after": one.after}
        for one in changes
    ]
    return found or None


def _row(entry: ActivityBody) -> dict[str, object]:
    """With what is inside of it beside the rest."""
    user, detail = entry["user"], entry["detail"]
    return {
        "id": entry["id"],
        "created_at": entry["created_at"],
        "user": user["email"],
        "activity": entry["activity"],
        "scope": entry["scope"],
        "item_id": entry["item_id"],
        "name": detail["name"],
        "short_id": detail["short_id"],
        "changes": detail["changes"],
    }


ALL = operation("GET", "/insights/activity", list_all_activity, "What happened to insights",
                {200: ActivityPageBody}, errors=(400,), query=_PAGES, also=asked.CSV)  # fmt: skip
OF_ONE = operation("GET", "/insights/{id}/activity", list_activity, "What happened to an insight",
                   {200: ActivityPageBody}, errors=(400,), path_parameters=(_ID,), query=_PAGES,
                   also=asked.CSV)  # fmt: skip
