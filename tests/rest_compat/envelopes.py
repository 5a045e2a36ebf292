"""Events as clients post them."""

from datetime import timedelta
from uuid import uuid4

from domain.values import JsonValue
from tests.make import START

INGEST = "/v1/hooks/ingest"


def posted(session: str, minutes: float = 0, kind: str = "planning", **changes: JsonValue) -> dict[str, JsonValue]:
    """An event so many minutes after START, with an id of its own."""
    ts = (START + timedelta(minutes=minutes)).isoformat()
    plain = {"id": str(uuid4()), "sessionId": session, "ts": ts, "kind": kind, "source": "cursor", "v": 1, "data": {}}
    return plain | changes


def new_id() -> str:
    return str(uuid4())
