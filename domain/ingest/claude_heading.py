"""Whether a file is a Claude Code transcript, and whose: told by its content, never by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ingest import fields
from domain.ingest.claude_line import timestamp
from domain.ingest.clean import Unreadable, parse
from domain.values import JsonObject, SessionId


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first lines of a transcript say: its session and the earliest time in them."""

    session_id: SessionId | None
    started_at: datetime | None


def heading(lines: Sequence[bytes]) -> Heading | None:
    """None when none of these lines is one of a conversation."""
    records = [record for line in lines if (record := _record(line)) is not None]
    talk = [record for record in records if _is_talk(record)]
    if not talk:
        return None
    ids = (fields.name(record, "sessionId") for record in talk)
    times = (timestamp(record) for record in talk)
    session_id = next((SessionId(id) for id in ids if id), None)
    return Heading(session_id, min((ts for ts in times if ts is not None), default=None))


def _record(line: bytes) -> JsonObject | None:
    try:
        value = parse(line)
    except Unreadable:
        return None
    return value if isinstance(value, dict) else None


def _is_talk(record: JsonObject) -> bool:
    return record.get("type") in ("user", "assistant") and isinstance(record.get("message"), dict)
