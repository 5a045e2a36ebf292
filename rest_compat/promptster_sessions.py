"""`/v1/sessions`: register, list, read, update, delete."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.erasure
import resolvers.sessions
from domain.ingest.envelope import EventTime, UuidText
from domain.sessions import Session, SessionFilter
from domain.values import UNSET, AssessmentId, SessionId
from rest_compat.dialect import Parameter
from rest_compat.promptster import CLOSED, DIALECT, NUMBER, Count, Name, number, session_id, text
from rest_compat.wire import Time, milliseconds, read_body, uuid


@with_config(CLOSED)
class ConflictBody(TypedDict):
    error: Literal["Session already exists"]
    id: str


class SessionBody(TypedDict):
    """A recorded session. `startedAt` and `lastActivityAt` are null before its first event, `endedAt` until it is ended
    by `session_end`: however long it rests, it may go on.
    """

    id: Name
    orgId: str
    sourceService: str | None
    startedAt: Time | None
    endedAt: Time | None
    lastActivityAt: Time | None
    eventCount: Count
    decisionFlagCount: Count
    aiAttributionPct: Annotated[float, Field(ge=0, le=100)] | None
    metadata: dict[str, JsonValue]
    totalCostUsd: Annotated[float, Field(ge=0)]
    createdAt: Time
    updatedAt: Time


@with_config(CLOSED)
class SessionEnvelopeBody(TypedDict):
    session: SessionBody


@with_config(CLOSED)
class SessionListBody(TypedDict):
    """`limit` and `offset` are those in force, `total` counts all matches."""

    sessions: list[SessionBody]
    total: Count
    limit: Annotated[int, Field(ge=1, le=100)]
    offset: Count


@with_config(CLOSED)
class CreateBody(TypedDict, total=False):
    """Without `id` the server makes one. Events name their session by the same text."""

    id: UuidText
    sourceService: Annotated[str, Field(min_length=1, max_length=128)]
    metadata: dict[str, JsonValue]


_TIME: TypeAdapter[datetime] = TypeAdapter(EventTime)


def _end(sent: object) -> datetime | None:
    """Read on its own: a strict body takes no time as text."""
    try:
        return None if sent is None else _TIME.validate_python(sent)
    except ValidationError as error:
        raise PydanticCustomError("time", "{text}", {"text": error.errors(include_url=False)[0]["msg"]}) from None


@with_config(ConfigDict(extra="forbid", strict=True, json_schema_extra={"minProperties": 1}))
class UpdateBody(TypedDict, total=False):
    """What is left out keeps its value. `endedAt` null: the session goes on. `metadata` replaces all that was there."""

    endedAt: Annotated[datetime | None, BeforeValidator(_end, json_schema_input_type=EventTime | None)]
    metadata: dict[str, JsonValue]


@with_config(CLOSED)
class MetadataBody(TypedDict):
    """Top-level keys overwrite those of the same name, also with null; other keys stay."""

    metadata: dict[str, JsonValue]


@with_config(CLOSED)
class DeletedBody(TypedDict):
    ok: Literal[True]
    id: str


def _not_empty(body: UpdateBody) -> UpdateBody:
    if not body:
        raise PydanticCustomError("empty", "endedAt or metadata is required")
    return body


CREATE = TypeAdapter(CreateBody)
UPDATE = TypeAdapter[UpdateBody](Annotated[UpdateBody, AfterValidator(_not_empty)])
METADATA = TypeAdapter(MetadataBody)

ASSESSMENT = Parameter("assessmentId", "Sessions whose candidate key belongs to this assessment.", {"type": "string"})
SERVICE = Parameter("sourceService", "Sessions of this tool; `-` and `_` are alike.", {"type": "string"})
LIMIT = Parameter("limit", "From 1 to 100; another number is moved there.", {**NUMBER, "default": 20})
OFFSET = Parameter("offset", "How many sessions to leave out, from 0.", {**NUMBER, "default": 0})

_MOST_OFFSET = 10**15


async def create_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, CREATE)
    id = SessionId(body["id"]) if "id" in body else None
    session = await resolvers.sessions.create_session(ctx, id, body.get("sourceService"), body.get("metadata", {}))
    return DIALECT.answer({"session": _session(session)}, 201)


async def list_sessions(request: Request) -> Response:
    ctx = DIALECT.context(request)
    limit = number(request, LIMIT, 1, 100)
    offset = number(request, OFFSET, 0, _MOST_OFFSET)
    wanted = SessionFilter(source_service=text(request, SERVICE), assessment_id=_assessment(request))
    found, total = await resolvers.sessions.list_sessions_at(ctx, wanted, limit, offset)
    sessions = [_session(session) for session in found]
    return DIALECT.answer({"sessions": sessions, "total": total, "limit": limit, "offset": offset})


def _assessment(request: Request) -> AssessmentId | None:
    """What is no id at all is that of no assessment, whose sessions are none."""
    given = text(request, ASSESSMENT)
    return None if given is None else AssessmentId(uuid(given) or UUID(int=0))


async def get_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    session = await resolvers.sessions.get_session(ctx, session_id(request))
    return DIALECT.answer({"session": _session(session)})


async def update_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, UPDATE)
    ended_at, metadata = body.get("endedAt", UNSET), body.get("metadata", UNSET)
    session = await resolvers.sessions.update_session(ctx, session_id(request), ended_at=ended_at, metadata=metadata)
    return DIALECT.answer({"session": _session(session)})


async def merge_metadata(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, METADATA)
    session = await resolvers.sessions.merge_metadata(ctx, session_id(request), body["metadata"])
    return DIALECT.answer({"session": _session(session)})


async def delete_session(request: Request) -> Response:
    id = session_id(request)
    await resolvers.erasure.delete_session(DIALECT.context(request), id)
    return DIALECT.answer({"ok": True, "id": id})


def _session(session: Session) -> SessionBody:
    return {
        "id": session.id,
        "orgId": str(session.org_id),
        "sourceService": session.source_service,
        "startedAt": session.started_at and milliseconds(session.started_at),
        "endedAt": session.stopped_at and milliseconds(session.stopped_at),
        "lastActivityAt": session.last_activity_at and milliseconds(session.last_activity_at),
        "eventCount": session.event_count,
        "decisionFlagCount": session.decision_count,
        "aiAttributionPct": session.ai_attribution_pct,
        "metadata": session.metadata,
        "totalCostUsd": float(session.cost_usd or 0),
        "createdAt": milliseconds(session.created_at),
        "updatedAt": milliseconds(session.updated_at),
    }
