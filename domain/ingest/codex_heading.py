"""Whether a file is a Codex rollout, and whose: told by its content, never by its name."""

from domain.ingest import fields
from domain.ingest.codex_lines import is_bare_meta
from domain.ingest.codex_threads import thread_of
from domain.ingest.line import timestamp
from domain.ingest.reading import Heading, Look
from domain.values import JsonObject, SessionId

_WRAPPED = frozenset(("session_meta", "turn_context", "event_msg", "response_item", "compacted"))


def heading(look: Look) -> Heading | None:
    """None where no line is one of a rollout. What `codex exec --json` prints is none: it has neither prompts nor
    times, and the same run writes a rollout."""
    lines = [record for record in look.records if _is_wrapped(record) or is_bare_meta(record)]
    if not lines:
        return None
    metas = (fields.record(line, "payload") or line for line in lines if _is_meta(line))
    thread = next((thread for meta in metas if (thread := thread_of(meta)) is not None), None)
    session_id = None if thread is None else SessionId(thread.root or thread.id)
    return Heading(session_id, min((ts for line in lines if (ts := timestamp(line)) is not None), default=None))


def _is_wrapped(record: JsonObject) -> bool:
    return fields.name(record, "type") in _WRAPPED and isinstance(record.get("payload"), dict)


def _is_meta(record: JsonObject) -> bool:
    return record.get("type") == "session_meta" or is_bare_meta(record)
