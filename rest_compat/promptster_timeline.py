"""`/v1/sessions/{id}/timeline`: what happened in a session, and which decisions were taken in it."""

from typing import Annotated

from pydantic import Field, JsonValue, with_config
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.timeline
from domain.errors import Invalid
from domain.timeline import Attribution, Observability, StoredEvent
from domain.values import EventId
from rest_compat.dialect import Parameter
from rest_compat.promptster import CLOSED, DIALECT, NUMBER, Name, number, session_id
from rest_compat.wire import Time, milliseconds, uuid


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


@with_config(CLOSED)
class TimelineBody(TypedDict):
    """`hasMore` is true exactly when another event follows the last one given."""

    events: list[TimelineEventBody]
    hasMore: bool


@with_config(CLOSED)
class DecisionsBody(TypedDict):
    """Events of kind `decision_event`, by `ts`, all of them."""

    decisions: list[TimelineEventBody]


EVENT_LIMIT = Parameter("limit", "From 1 to 2000; another number is moved there.", {**NUMBER, "default": 500})
AFTER = Parameter("after", "Id of the last event received.", {"type": "string", "format": "uuid"})


async def list_timeline(request: Request) -> Response:
    ctx = DIALECT.context(request)
    limit = number(request, EVENT_LIMIT, 1, resolvers.timeline.MOST_EVENTS)
    after = _cursor(request.query_params.get(AFTER.name))
    page = await resolvers.timeline.list_timeline(ctx, session_id(request), limit, after)
    return DIALECT.answer({"events": [_event(item) for item in page.items], "hasMore": page.has_next})


def _cursor(text: str | None) -> EventId | None:
    if text is None:
        return None
    id = uuid(text)
    if id is None:
        raise Invalid("Invalid cursor")
    return EventId(id)


async def list_decisions(request: Request) -> Response:
    ctx = DIALECT.context(request)
    found = await resolvers.timeline.list_decisions(ctx, session_id(request))
    return DIALECT.answer({"decisions": [_event(stored) for stored in found]})


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
