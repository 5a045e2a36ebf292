"""PostHog sharing: whether an insight is shown to whoever has its link, and the passwords of the link."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.sharing
from domain.access import Scope
from domain.errors import NotFound
from domain.insights.sharing import (
    LONGEST_NOTE,
    SHORTEST_PASSWORD,
    SharePassword,
    SharePasswordId,
    Sharing,
    SharingChange,
)
from domain.values import UNSET, JsonObject
from resolvers.context import Context
from rest_compat.dialect import Dialect, Parameter
from rest_compat.posthog.asked import INSIGHT_ID, insight_id, optional_body
from rest_compat.posthog.bodies import Json, Uuid, maybe
from rest_compat.posthog.dialect import DIALECT, context, operation, word_error
from rest_compat.wire import Time, plain, read_body, uuid

PASSWORD_ID = Parameter("password_id", "A password's id.", {"type": "string", "minLength": 1})


class PasswordBody(TypedDict):
    id: Uuid
    created_at: Time
    note: str | None
    created_by_email: str
    is_active: bool


class SharingBody(TypedDict):
    """Never shared: no `created_at`, and no token. The link is /shared/{access_token} of this server."""

    created_at: Time | None
    enabled: bool
    access_token: str | None
    settings: dict[str, Json] | None
    password_required: bool
    share_passwords: list[PasswordBody]


class SharingWriteBody(TypedDict, total=False):
    """What is not given stays; settings that are not known are dropped."""

    enabled: bool
    settings: dict[str, Json] | None
    password_required: bool


class PasswordWriteBody(TypedDict, total=False):
    """Without `raw_password`, or with an empty one, a password is made here. The last three are passed over."""

    raw_password: Annotated[str, Field(json_schema_extra={"minLength": SHORTEST_PASSWORD})]
    note: Annotated[str, Field(json_schema_extra={"maxLength": LONGEST_NOTE})]
    enabled: bool
    settings: Json
    password_required: bool


class NewPasswordBody(TypedDict):
    """`password` is in this answer and in no other."""

    id: Uuid
    password: str
    note: str | None
    created_at: Time
    created_by_email: str


class SimpleErrorBody(TypedDict):
    error: str


_WRITE, _PASSWORD = TypeAdapter(SharingWriteBody), TypeAdapter(PasswordWriteBody)


def _word(status: int, error: Exception) -> Mapping[str, object]:
    """What is wrong with a password is said in fewer words than anything else."""
    said = word_error(status, error)
    return {"error": said["detail"]} if status == 400 else said


PASSWORDS: Dialect = replace(DIALECT, word_error=_word)


async def get_sharing(request: Request) -> Response:
    ctx = context(request, Scope.SHARING_READ)
    return await _answer(ctx, await resolvers.sharing.get_sharing(ctx, insight_id(request)))


async def update_sharing(request: Request) -> Response:
    ctx, id = context(request, Scope.SHARING_WRITE), insight_id(request)
    body = await read_body(request, _WRITE)
    settings: JsonObject | None = body.get("settings")  # pyright: ignore[reportAssignmentType] - it is JSON
    change = SharingChange(
        enabled=body.get("enabled", UNSET),
        settings=settings if "settings" in body else UNSET,
        password_required=body.get("password_required", UNSET),
    )
    return await _answer(ctx, await resolvers.sharing.update_sharing(ctx, id, change))


async def refresh_sharing(request: Request) -> Response:
    """Whatever its body says is passed over."""
    ctx = context(request, Scope.SHARING_WRITE)
    return await _answer(ctx, await resolvers.sharing.refresh_sharing(ctx, insight_id(request)))


async def create_share_password(request: Request) -> Response:
    ctx, id = context(request, Scope.SHARING_WRITE), insight_id(request)
    body = await optional_body(request, _PASSWORD, PasswordWriteBody())
    made = await resolvers.sharing.create_share_password(ctx, id, body.get("raw_password"), body.get("note"))
    return DIALECT.answer(
        {
            "id": str(made.password.id),
            "password": made.clear,
            "note": made.password.note,
            "created_at": plain(made.password.created_at),
            "created_by_email": await _email(ctx, made.password),
        }
    )


async def delete_share_password(request: Request) -> Response:
    ctx, id = context(request, Scope.SHARING_WRITE), insight_id(request)
    password_id = uuid(request.path_params[PASSWORD_ID.name])
    if password_id is None:
        raise NotFound("no such password")
    await resolvers.sharing.delete_share_password(ctx, id, SharePasswordId(password_id))
    return Response(status_code=204)


async def _answer(ctx: Context, sharing: Sharing) -> Response:
    body: SharingBody = {
        "created_at": maybe(sharing.created_at),
        "enabled": sharing.enabled,
        "access_token": sharing.access_token,
        "settings": None if sharing.settings is None else dict[str, Json](sharing.settings),
        "password_required": sharing.password_required,
        "share_passwords": [await _password(ctx, one) for one in sharing.passwords],
    }
    return DIALECT.answer(body)


async def _password(ctx: Context, password: SharePassword) -> PasswordBody:
    return {
        "id": str(password.id),
        "created_at": plain(password.created_at),
        "note": password.note,
        "created_by_email": await _email(ctx, password),
        "is_active": True,
    }


async def _email(ctx: Context, password: SharePassword) -> str:
    """Of who made it; "" once they were erased."""
    user = await ctx.loaders.author.load(password.created_by)
    return "" if user is None else user.email


_OF = (INSIGHT_ID,)
OPERATIONS = (
    operation("GET", "/insights/{insight_id}/sharing", get_sharing, "How an insight is shared", {200: SharingBody},
              path_parameters=_OF),
    operation("PATCH", "/insights/{insight_id}/sharing", update_sharing, "Share an insight, or do so no longer",
              {200: SharingBody}, body=SharingWriteBody, path_parameters=_OF),
    replace(
        operation("POST", "/insights/{insight_id}/sharing/passwords", create_share_password,
                  "Make a password for the link", {200: NewPasswordBody, 400: SimpleErrorBody},
                  body=PasswordWriteBody, body_needed=False, path_parameters=_OF),
        dialect=PASSWORDS, errors=(401, 403, 404, 413, 415, 429),
    ),
    operation("DELETE", "/insights/{insight_id}/sharing/passwords/{password_id}", delete_share_password,
              "Take a password back", {204: None}, path_parameters=(*_OF, PASSWORD_ID)),
    operation("POST", "/insights/{insight_id}/sharing/refresh", refresh_sharing, "Give the link another address",
              {200: SharingBody}, body=Json, body_needed=False, path_parameters=_OF),
)  # fmt: skip
