"""Telemetry as agents send it, once decoded."""

from datetime import UTC, datetime, timedelta

from domain.ingest import otlp_logs, otlp_metrics, otlp_spans
from domain.ingest.otlp import Export, Record
from domain.ingest.reading import keep_all
from domain.timeline import Event
from domain.values import JsonObject, JsonValue

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = AT + timedelta(hours=1)
SESSION = "0d5cbd5a-2f4e-4c50-9ec1-5d7b1b2b3c4d"
CLAUDE: JsonObject = {"service.name": "claude-code", "service.version": "2.1.219", "host.name": "ada-laptop"}


def nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 10**9


def log(name: str, sequence: int = 1, **attributes: JsonValue) -> Record:
    """A log record of Claude Code; dots are written as two underscores."""
    told: JsonObject = {
        "session.id": SESSION,
        "event.name": name,
        "event.timestamp": (AT + timedelta(seconds=sequence)).isoformat(),
        "event.sequence": sequence,
        "user.email": "ada@example.org",
        "user.account_uuid": "0f0f",
    }
    told |= {key.replace("__", "."): value for key, value in attributes.items()}
    return Record((name, f"claude_code.{name}"), told, CLAUDE, (nanoseconds(AT),))


def of_agent(service: str, session: str, name: str, **attributes: JsonValue) -> Record:
    told: JsonObject = {session: SESSION, "event.name": name, "event.timestamp": AT.isoformat()}
    return Record(
        (name,), told | {key.replace("__", "."): value for key, value in attributes.items()}, {"service.name": service}
    )


def point(name: str, value: float | None, temporality: str = "delta", **attributes: JsonValue) -> Record:
    told: JsonObject = {"session.id": SESSION, **{key.replace("__", "."): one for key, one in attributes.items()}}
    own: JsonObject = {"startTimeUnixNano": nanoseconds(AT), "value": value, "temporality": temporality}
    return Record((f"claude_code.{name}",), told, CLAUDE, (nanoseconds(AT) + 60 * 10**9,), own)


def span(name: str, *, failed: bool = False, **attributes: JsonValue) -> Record:
    told: JsonObject = {"session.id": SESSION, **{key.replace("__", "."): one for key, one in attributes.items()}}
    own: JsonObject = {
        "traceId": "ab" * 16,
        "spanId": "cd" * 8,
        "endTimeUnixNano": nanoseconds(AT) + 10**9,
        "failed": failed,
    }
    return Record((f"claude_code.{name}",), told, CLAUDE, (nanoseconds(AT), nanoseconds(AT) + 10**9), own)


def logs(*records: Record) -> Export:
    return otlp_logs.read(records, NOW, keep_all)


def metrics(*records: Record) -> Export:
    return otlp_metrics.read(records, NOW, keep_all)


def spans(*records: Record) -> Export:
    return otlp_spans.read(records, NOW, keep_all)


def events(export: Export) -> list[Event]:
    return list(export.batch.events)


def kinds(export: Export) -> list[str]:
    return [str(event.kind) for event in export.batch.events]
