"""Builders of transcript lines, and a reader that takes them all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import NAMESPACE_OID, uuid5

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.reading import LineRead, Origin
from domain.timeline import Event, Kind
from domain.values import EventId, JsonObject, JsonValue, SessionId

Line: TypeAlias = "JsonValue | bytes"

SESSION = SessionId("11111111-1111-4111-8111-111111111111")
OTHER = SessionId("22222222-2222-4222-8222-222222222222")


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


def line(type: str, name: str = "line", at: int = 0, **more: JsonValue) -> JsonObject:
    """A conversation line `at` seconds after ten o'clock; `name` becomes its uuid."""
    return {
        "type": type,
        "uuid": uuid_of(name),
        "parentUuid": None,
        "sessionId": SESSION,
        "timestamp": f"2026-02-01T10:{at // 60:02}:{at % 60:02}.000Z",
        "isSidechain": False,
        "cwd": "/home/dev/app",
        "gitBranch": "main",
        "version": "2.1.100",
    } | more


def user(content: JsonValue, name: str = "user", at: int = 0, **more: JsonValue) -> JsonObject:
    return line("user", name, at, message={"role": "user", "content": content}, **more)


def assistant(
    content: JsonValue,
    name: str = "assistant",
    at: int = 0,
    *,
    message_id: str = "msg_1",
    usage: Mapping[str, JsonValue] | None = None,
    model: str = "claude-opus-4-6",
    **more: JsonValue,
) -> JsonObject:
    counts: JsonObject = dict(usage) if usage else {"input_tokens": 3, "output_tokens": 5}
    message: JsonObject = {"role": "assistant", "id": message_id, "model": model, "content": content, "usage": counts}
    return line("assistant", name, at, message=message, **more)


def call(tool: str, arguments: JsonObject, id: str = "toolu_1", name: str = "call", at: int = 1) -> JsonObject:
    return assistant([{"type": "tool_use", "id": id, "name": tool, "input": arguments}], name, at)


def result(
    answer: JsonValue,
    outcome: JsonValue = None,
    id: str = "toolu_1",
    name: str = "result",
    at: int = 3,
    *,
    failed: bool = False,
    **more: JsonValue,
) -> JsonObject:
    block: JsonObject = {"type": "tool_result", "tool_use_id": id, "content": answer}
    if failed:
        block["is_error"] = True
    extra = more if outcome is None else {"toolUseResult": outcome} | more
    return user([block], name, at, **extra)


def encoded(record: JsonValue) -> bytes:
    return json.dumps(record).encode() + b"\n"


def read_lines(lines: Iterable[Line], reader: ClaudeCodeReader | None = None) -> list[LineRead]:
    reader = reader or ClaudeCodeReader(Origin(SESSION))
    raw = (line if isinstance(line, bytes) else encoded(line) for line in lines)
    return [reader.read(line, number) for number, line in enumerate(raw, 1)]


def is_read_or_reported(read: LineRead, raw: bytes) -> bool:
    """Whether a line is kept, or told to be wrong, but not both; nothing is said of a blank one."""
    if not raw or raw.isspace():
        return read.record is None and read.error is None
    return (read.record is None) is (read.error is not None)


def events_of(*lines: Line, reader: ClaudeCodeReader | None = None) -> list[Event]:
    """Every event of the lines, those that wait for the end included; of equal ids the first."""
    reader = reader or ClaudeCodeReader(Origin(SESSION))
    found: dict[EventId, Event] = {}
    for read in read_lines(lines, reader):
        assert read.error is None, read.error
        for event in read.events:
            found.setdefault(event.id, event)
    for event in reader.flush():
        found.setdefault(event.id, event)
    return list(found.values())


def of_kind(events: Sequence[Event], kind: Kind) -> list[Event]:
    return [event for event in events if event.kind is kind]


def only(events: Sequence[Event], kind: Kind) -> Event:
    (event,) = of_kind(events, kind)
    return event


def kinds(events: Sequence[Event]) -> list[Kind]:
    return [event.kind for event in events if event.kind is not Kind.API_REQUEST]
