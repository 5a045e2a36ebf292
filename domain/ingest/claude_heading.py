"""Whether a file is a Claude Code transcript, and whose: told by its content, never by its name."""

from domain.ingest import fields
from domain.ingest.line import timestamp
from domain.ingest.reading import Heading, Look
from domain.values import JsonObject, SessionId


def heading(look: Look) -> Heading | None:
    """None when none of the first lines is one of a conversation."""
    talk = [record for record in look.records if _is_talk(record)]
    if not talk:
        return None
    ids = (fields.name(record, "sessionId") for record in talk)
    times = (timestamp(record) for record in talk)
    session_id = next((SessionId(id) for id in ids if id), None)
    return Heading(session_id, min((ts for ts in times if ts is not None), default=None))


def _is_talk(record: JsonObject) -> bool:
    return record.get("type") in ("user", "assistant") and isinstance(record.get("message"), dict)
