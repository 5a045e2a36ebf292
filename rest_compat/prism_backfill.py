"""PRISM Score v3.0: judging the goal arcs of a stretch of time again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

import resolvers.backfills
from domain.backfills import Stretch
from domain.values import UserId
from rest_compat.prism_score import DIALECT, Count, Uuid
from rest_compat.wire import Time, moment, plain, read_body, uuid


def _time(sent: object) -> datetime:
    at = moment(sent) if isinstance(sent, str) else None
    if at is None:
        raise PydanticCustomError("time", "must be an RFC 3339 time with an offset")
    return at


def _developer(sent: object) -> UUID | None:
    found = uuid(sent) if isinstance(sent, str) else None
    if found is None and sent is not None:
        raise PydanticCustomError("developer", "must be the UUID of a developer")
    return found


_SentTime = Annotated[datetime, BeforeValidator(_time, json_schema_input_type=Time)]


class BackfillRequestBody(BaseModel):
    """The goal arcs that started at `from` or later and before `to`: of one developer, or without one of everybody."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[_SentTime, Field(alias="from")]
    end: Annotated[_SentTime, Field(alias="to")]
    developer_id: Annotated[UUID | None, BeforeValidator(_developer, json_schema_input_type=Uuid | None)] = None


class BackfillBody(BaseModel):
    """So many goal arcs will be judged again; so many were left alone, as they are judged or wait for it already."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[Time, Field(alias="from")]
    end: Annotated[Time, Field(alias="to")]
    queued: Count
    skipped: Count


BACKFILL = TypeAdapter(BackfillRequestBody)


async def start_backfill(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, BACKFILL)
    user_id = None if body.developer_id is None else UserId(body.developer_id)
    started = await resolvers.backfills.start_backfill(ctx, Stretch(body.start, body.end, user_id))
    shown = {"from": plain(body.start), "to": plain(body.end), "queued": started.total, "skipped": started.skipped}
    return DIALECT.answer(shown, 202)
