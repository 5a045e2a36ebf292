"""Promptster sessions: camelCase, `{error, details?}`, reviewer keys as Bearer, candidate keys as X-API-Key."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.ingest
import resolvers.sessions
import resolvers.timeline
from domain.access import KeyKind
from domain.errors import Conflict, Invalid
from domain.ingest.clean import storable
from domain.ingest.envelope import UuidText
from domain.sessions import Session, SessionFilter
from domain.timeline import Attribution, Observability, StoredEvent
from domain.values import EventId, SessionId
from resolvers.ingest import IngestResult, Receipt
from rest_compat.dialect import Dialect, Limit, Parameter, address, key_or_address
from rest_compat.wire import Time, milliseconds, read_body, read_json, uuid, whole_number

Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
_CLOSED = ConfigDict(extra="forbid", strict=True)


class PromptsterErrorBody(TypedDict):
    """`details` names the places that are wrong, one entry each."""

    error: Name
    details: NotRequired[list[str]]


@with_config(_CLOSED)
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


@with_config(_CLOSED)
class SessionEnvelopeBody(TypedDict):
    session: SessionBody


@with_config(_CLOSED)
class SessionListBody(TypedDict):
    """`limit` and `offset` are those in force, `total` counts all matches."""

    sessions: list[SessionBody]
    total: Count
    limit: Annotated[int, Field(ge=1, le=100)]
    offset: Count


@with_config(_CLOSED)
class CreateBody(TypedDict, total=False):
    """Without `id` the server makes one. Events name their session by the same text."""

    id: UuidText
    sourceService: Annotated[str, Field(min_length=1, max_length=128)]
    metadata: dict[str, JsonValue]


class ProvenanceBody(TypedDict):
    attribution: Attribution
    confidence: Annotated[float, Field(ge=0, le=1)]
    observability: Observability


class TimelineEventBody(TypedDict):
    id: Name
    sessionId: str
    kind: Name
    ts: Time
    data: dict[str, JsonValue]
    provenance: ProvenanceBody
    createdAt: Time


@with_config(_CLOSED)
class TimelineBody(TypedDict):
    """`hasMore` is true exactly when another event follows the last one given."""

    events: list[TimelineEventBody]
    hasMore: bool


@with_config(_CLOSED)
class AcceptedBody(TypedDict):
    ok: Literal[True]
    id: str


@with_config(_CLOSED)
class SkippedBody(TypedDict):
    """The event was known already; nothing changed."""

    ok: Literal[True]
    skipped: Literal[True]


@with_config(_CLOSED)
class ItemBody(TypedDict):
    """What became of one event of an array: `id` of a good one, `skipped` if it was known, `errors` of a bad one."""

    ok: bool
    id: NotRequired[str]
    skipped: NotRequired[Literal[True]]
    errors: NotRequired[list[str]]


@with_config(_CLOSED)
class BatchBody(TypedDict):
    """One result for each event of an array, in their order; `ok` if none was refused."""

    ok: bool
    results: list[ItemBody]


Events = Annotated[
    list[JsonValue],
    Field(min_length=1, max_length=1000, description="Events like a single one; each is taken or refused by itself."),
]
CREATE = TypeAdapter(CreateBody)

# A value that is no number counts as absent and one out of bounds is moved, so any value is good.
_NUMBER = {"type": ["integer", "string"]}
ASSESSMENT = Parameter("assessmentId", "Sessions whose candidate key belongs to this assessment.", {"type": "string"})
SERVICE = Parameter("sourceService", "Sessions of this tool; `-` and `_` are alike.", {"type": "string"})
LIMIT = Parameter("limit", "From 1 to 100; another number is moved there.", {**_NUMBER, "default": 20})
OFFSET = Parameter("offset", "How many sessions to leave out, from 0.", {**_NUMBER, "default": 0})
EVENT_LIMIT = Parameter("limit", "From 1 to 2000; another number is moved there.", {**_NUMBER, "default": 500})
AFTER = Parameter("after", "Id of the last event received.", {"type": "string", "format": "uuid"})
ID = Parameter("id", "Id of the session.", {"type": "string", "minLength": 1})

_MOST_OFFSET = 10**15


def _word_error(status: int, error: Exception) -> dict[str, object]:
    body: dict[str, object] = {"error": str(error)}
    if isinstance(error, Invalid) and error.details:
        body["details"] = list(error.details)
    if isinstance(error, Conflict) and error.id is not None:
        body["id"] = error.id
    return body


DIALECT = Dialect(
    title="Promptster sessions",
    kinds=frozenset({KeyKind.REVIEWER, KeyKind.CANDIDATE}),
    word_error=_word_error,
    error_body=PromptsterErrorBody,
    refusals=dict.fromkeys(("missing", "prefix", "unknown", "inactive"), "Invalid or missing API key"),
    limit=Limit("promptster", 300, address),
)
INGEST = replace(
    DIALECT,
    kinds=frozenset({KeyKind.CANDIDATE, KeyKind.DEVELOPER}),
    limit=Limit("promptster ingest", 100, key_or_address),
)
"""Ingest takes candidates' keys, as the old system does, and developers', whose hooks post here."""


async def create_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    body = await read_body(request, CREATE)
    id = SessionId(body["id"]) if "id" in body else None
    session = await resolvers.sessions.create_session(ctx, id, body.get("sourceService"), body.get("metadata", {}))
    return DIALECT.answer({"session": _session(session)}, 201)


async def list_sessions(request: Request) -> Response:
    ctx = DIALECT.context(request)
    limit = _number(request, LIMIT, 1, 100)
    offset = _number(request, OFFSET, 0, _MOST_OFFSET)
    wanted = SessionFilter(source_service=_text(request, SERVICE), assessment_id=_text(request, ASSESSMENT))
    found, total = await resolvers.sessions.list_sessions_at(ctx, wanted, limit, offset)
    sessions = [_session(session) for session in found]
    return DIALECT.answer({"sessions": sessions, "total": total, "limit": limit, "offset": offset})


def _number(request: Request, parameter: Parameter, least: int, most: int) -> int:
    default = parameter.schema["default"]
    assert isinstance(default, int)
    number = whole_number(request.query_params.get(parameter.name, ""), least, most)
    return default if number is None else number


def _text(request: Request, parameter: Parameter) -> str | None:
    """As stored text is spelled, which never holds a NUL."""
    text = request.query_params.get(parameter.name)
    return None if text is None else str(storable(text))


async def get_session(request: Request) -> Response:
    ctx = DIALECT.context(request)
    session = await resolvers.sessions.get_session(ctx, SessionId(request.path_params["id"]))
    return DIALECT.answer({"session": _session(session)})


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


async def list_timeline(request: Request) -> Response:
    ctx = DIALECT.context(request)
    limit = _number(request, EVENT_LIMIT, 1, resolvers.timeline.MOST_EVENTS)
    after = _cursor(request.query_params.get(AFTER.name))
    page = await resolvers.timeline.list_timeline(ctx, SessionId(request.path_params["id"]), limit, after)
    return DIALECT.answer({"events": [_event(item) for item in page.items], "hasMore": page.has_next})


def _cursor(text: str | None) -> EventId | None:
    if text is None:
        return None
    id = uuid(text)
    if id is None:
        raise Invalid("Invalid cursor")
    return EventId(id)


def _event(stored: StoredEvent) -> TimelineEventBody:
    event = stored.event
    return {
        "id": str(event.id),
        "sessionId": event.session_id,
        "kind": event.kind,
        "ts": milliseconds(event.ts),
        "data": event.data,
        "provenance": {
            "attribution": event.provenance.attribution,
            "confidence": event.provenance.confidence,
            "observability": event.provenance.observability,
        },
        "createdAt": milliseconds(stored.created_at),
    }


async def ingest(request: Request) -> Response:
    """One event answers as the old system does; an array of up to 1,000 answers with a result each."""
    ctx = INGEST.context(request)
    sent = await read_json(request)
    results = await resolvers.ingest.ingest_events(ctx, sent if isinstance(sent, list) else [sent])
    return _many(results) if isinstance(sent, list) else _one(results[0])


def _one(result: IngestResult) -> Response:
    match result.receipt:
        case Receipt.ACCEPTED:
            return INGEST.answer({"ok": True, "id": str(result.id)}, 201)
        case Receipt.SKIPPED:
            return INGEST.answer({"ok": True, "skipped": True})
        case Receipt.REFUSED:
            raise Invalid("Invalid request body", result.errors)


def _many(results: Sequence[IngestResult]) -> Response:
    """201 when something is new, else 200."""
    receipts = {result.receipt for result in results}
    body = {"ok": Receipt.REFUSED not in receipts, "results": [_item(result) for result in results]}
    return INGEST.answer(body, 201 if Receipt.ACCEPTED in receipts else 200)


def _item(result: IngestResult) -> ItemBody:
    match result.receipt:
        case Receipt.ACCEPTED:
            return {"ok": True, "id": str(result.id)}
        case Receipt.SKIPPED:
            return {"ok": True, "id": str(result.id), "skipped": True}
        case Receipt.REFUSED:
            return {"ok": False, "errors": list(result.errors)}
