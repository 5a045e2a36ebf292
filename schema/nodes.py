"""Global ids: opaque, unique over all types, good for `node` and for the caches of clients."""

import base64
import binascii
from typing import Annotated, NamedTuple
from uuid import UUID

import strawberry

from domain.errors import Invalid
from domain.insights.alerts import AlertId, ThresholdId
from domain.insights.saved import InsightId
from domain.timeline import Event
from domain.values import AssessmentId, EventId, KeyId, SessionId, SubSessionId, UserId


class GlobalId(NamedTuple):
    """What an id says: the type of the object and what its table calls it."""

    type: str
    key: str


def encode(type: str, key: object) -> str:
    return base64.urlsafe_b64encode(f"{type}:{key}".encode()).decode().rstrip("=")


def _decode(id: str) -> GlobalId | None:
    try:
        padded = id.encode("ascii") + b"=" * (-len(id) % 4)
        type, colon, key = base64.b64decode(padded, b"-_", validate=True).decode().partition(":")
    except (UnicodeError, binascii.Error):
        return None
    return GlobalId(type, key) if colon and type in TYPES else None


TYPES = {
    "Session",
    "SubSession",
    "Event",
    "Prompt",
    "Flag",
    "Developer",
    "Viewer",
    "ApiKey",
    "Backfill",
    "Erasure",
    "Assessment",
    "Candidate",
    "WebhookDelivery",
    "Report",
    "ReportSchedule",
    "Insight",
    "InsightThreshold",
    "InsightAlert",
}
"""What can be asked for by `node`."""


def decode(id: str) -> GlobalId:
    """Raises Invalid for text that is no id of this server."""
    found = _decode(id)
    if found is None:
        raise Invalid("no id of this server")
    return found


def _key(id: str, type: str) -> str:
    """The key in a global id of that type; other text stands for itself, so that raw ids are taken too."""
    found = _decode(id)
    if found is None:
        return id
    if found.type != type:
        raise Invalid(f"this is the id of another type: {found.type}, not {type}")
    return found.key


def uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("no id of this server") from None


def session_id(id: str) -> SessionId:
    """From a global id or the agent's own. Raises Invalid for the id of something else."""
    return SessionId(_key(id, "Session"))


def sub_session_id(id: str) -> SubSessionId:
    return SubSessionId(uuid(_key(id, "SubSession")))


def user_id(id: str) -> UserId:
    return UserId(uuid(_key(id, "Developer")))


def assessment_id(id: str) -> AssessmentId:
    return AssessmentId(uuid(_key(id, "Assessment")))


def candidate_id(id: str) -> KeyId:
    return KeyId(uuid(_key(id, "Candidate")))


def key_id(id: str) -> KeyId:
    return KeyId(uuid(_key(id, "ApiKey")))


def backfill_key(id: str) -> UUID:
    return uuid(_key(id, "Backfill"))


def report_key(id: str) -> UUID:
    return uuid(_key(id, "Report"))


def report_schedule_key(id: str) -> UUID:
    return uuid(_key(id, "ReportSchedule"))


def insight_key(id: str) -> str:
    """The number of an insight, or its short id."""
    return _key(id, "Insight")


def insight_number(id: str) -> InsightId:
    """From a global id or the number itself. Raises Invalid."""
    key = _key(id, "Insight")
    if not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise Invalid("no id of this server")
    return InsightId(int(key))


def threshold_id(id: str) -> ThresholdId:
    return ThresholdId(uuid(_key(id, "InsightThreshold")))


def alert_id(id: str) -> AlertId:
    return AlertId(uuid(_key(id, "InsightAlert")))


def webhook_key(id: str) -> UUID:
    return uuid(_key(id, "WebhookDelivery"))


def erasure_key(id: str) -> UUID:
    return uuid(_key(id, "Erasure"))


def event_key(event: Event) -> str:
    return f"{event.id}:{event.session_id}"


def event_place(key: str) -> tuple[SessionId, EventId]:
    """From what `event_key` made. Raises Invalid."""
    id, _, session = key.partition(":")
    return SessionId(session), EventId(uuid(id))


def event_id(id: str) -> EventId:
    """From the global id of an event or a prompt, or the id that it was sent with. Raises Invalid."""
    found = _decode(id)
    if found is not None and found.type not in ("Event", "Prompt"):
        raise Invalid(f"this is the id of another type: {found.type}, not Event or Prompt")
    return EventId(uuid(id)) if found is None else event_place(found.key)[1]


Id = Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]


@strawberry.interface(description="An object with an id that is unique over all types.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque; give it back to `node`, or where an id is asked for.")
