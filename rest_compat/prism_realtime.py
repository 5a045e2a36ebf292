"""PRISM Score v3.0: goal arcs as they change, told as Server-Sent Events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import orjson
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.live
from domain.judging.changes import ANY_ARC, Change
from domain.live import LiveEvent, Resync
from domain.values import SubSessionId, UserId
from resolvers.context import Context
from rest_compat.dialect import Parameter
from rest_compat.event_streams import EventStream, event, place
from rest_compat.prism_score import DIALECT, Uuid
from rest_compat.wire import Time, plain


class SubSessionEventBody(TypedDict):
    """What changed, by id alone: read the snapshot for the rest. The nil UUID stands for any of the goal arcs."""

    type: Annotated[str, Field(pattern=r"^prism\.score_v3\.sub_session\.[a-z_]+$")]
    sub_session_id: Uuid
    claude_session_id: str | None
    developer_id: Uuid
    ts: Time


LAST_EVENT_ID = Parameter(
    "Last-Event-ID", "Go on after this `id:` of the stream; without it, from now on.", {"type": "string"}
)


async def watch_realtime(request: Request) -> Response:
    ctx = DIALECT.context(request)
    after = request.headers.get("last-event-id") or None
    pages = resolvers.live.watch_own_sub_sessions(ctx, after)
    return EventStream(request, _texts(ctx, pages, after is None))


async def _texts(ctx: Context, pages: AsyncGenerator[list[LiveEvent | Resync]], begins: bool) -> AsyncGenerator[str]:
    async with aclosing(pages):
        async for page in pages:
            yield "".join(place(str(one.cursor)) if begins else _text(ctx, one) for one in page)
            begins = False


def _text(ctx: Context, told: LiveEvent | Resync) -> str:
    if isinstance(told, LiveEvent):
        body = _body(told.name, told.sub_session_id, told.session_id, told.user_id, told.at)
    else:
        body = _body(Change.UPDATED.event_name, ANY_ARC, None, ctx.caller.user_id, ctx.now())
    return event(str(told.cursor), body["type"], orjson.dumps(body).decode())


def _body(name: str, id: SubSessionId, session_id: str | None, user_id: UserId, at: datetime) -> SubSessionEventBody:
    return {
        "type": name,
        "sub_session_id": str(id),
        "claude_session_id": session_id,
        "developer_id": str(user_id),
        "ts": plain(at),
    }
