"""Builders of the lines of Codex rollouts, and a reader that takes them all."""

import json
from collections.abc import Sequence
from uuid import UUID

from domain.ingest.codex import CodexReader
from domain.ingest.reading import Origin
from domain.timeline import Event
from domain.values import EventId, JsonObject, JsonValue, SessionId

BORN_MS = 1_775_000_000_000


def uuid7(at_s: int, name: int = 0) -> str:
    """An id that was made `at_s` seconds after the first thread."""
    return str(UUID(int=((BORN_MS + at_s * 1000) << 80) | (7 << 76) | (0b10 << 62) | name))


THREAD = SessionId(uuid7(0))
FORK = SessionId(uuid7(1000))
TURN, LATER_TURN, FORK_TURN = uuid7(1), uuid7(100), uuid7(1001)


def stamp(at: int) -> str:
    return f"2026-04-01T10:{at // 60:02}:{at % 60:02}.000Z"


def wrapped(type: str, body: JsonObject, at: int = 0) -> JsonObject:
    return {"timestamp": stamp(at), "type": type, "payload": body}


def meta(id: str = THREAD, at: int = 0, **more: JsonValue) -> JsonObject:
    git: JsonObject = {"branch": "main", "commit_hash": "abc1234", "repository_url": "https://github.com/o/r.git"}
    known: JsonObject = {"id": id, "timestamp": stamp(at), "cwd": "/home/dev/app", "cli_version": "0.118.0", "git": git}
    return wrapped("session_meta", known | {"originator": "codex_cli_rs", "source": "cli"} | more, at)


def turn(id: str = TURN, at: int = 1, **more: JsonValue) -> list[JsonObject]:
    context: JsonObject = {"turn_id": id, "cwd": "/home/dev/app", "model": "gpt-5.4"}
    return [
        event("task_started", at, turn_id=id),
        wrapped("turn_context", context | more, at),
    ]


def event(type: str, at: int = 2, **more: JsonValue) -> JsonObject:
    return wrapped("event_msg", {"type": type} | more, at)


def item(type: str, at: int = 2, **more: JsonValue) -> JsonObject:
    return wrapped("response_item", {"type": type} | more, at)


def completed(type: str, at: int = 2, **more: JsonValue) -> JsonObject:
    """How newer versions note what happened."""
    return event("item_completed", at, item={"type": type} | more)


def prompt(text: str, at: int = 2, **more: JsonValue) -> JsonObject:
    return event("user_message", at, message=text, **more)


def answer(text: str, at: int = 3) -> JsonObject:
    return event("agent_message", at, message=text)


def call(tool: str, arguments: JsonObject, id: str = "call_1", at: int = 3) -> JsonObject:
    return item("function_call", at, name=tool, arguments=json.dumps(arguments), call_id=id)


def output(text: JsonValue, id: str = "call_1", at: int = 5) -> JsonObject:
    return item("function_call_output", at, call_id=id, output=text)


def ran(text: str, code: int = 0, wall: str = "0.5") -> str:
    return f"Chunk ID: 1a2b3c\nWall time: {wall} seconds\nProcess exited with code {code}\nOutput:\n{text}"


def patch(text: str, id: str = "call_p", at: int = 6) -> JsonObject:
    return item("custom_tool_call", at, name="apply_patch", input=text, call_id=id, status="completed")


def patched(
    text: str = "Success. Updated the following files:\nM a.py\n", id: str = "call_p", at: int = 7
) -> JsonObject:
    given = {"output": text, "metadata": {"exit_code": 0, "duration_seconds": 0.1}}
    return item("custom_tool_call_output", at, call_id=id, output=json.dumps(given))


def counted(input: int, output: int, last: tuple[int, int] | None = None, at: int = 8, cached: int = 0) -> JsonObject:
    """The counters after a response: running totals, and the `last` response if it is told."""
    info: JsonObject = {"total_token_usage": usage(input, output, cached), "model_context_window": 258_400}
    if last is not None:
        info["last_token_usage"] = usage(*last, cached)
    return event("token_count", at, info=info)


def usage(input: int, output: int, cached: int = 0) -> JsonObject:
    return {
        "input_tokens": input,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": output // 2,
        "total_tokens": input + output,
    }


def again(lines: Sequence[JsonObject], at: int) -> list[JsonObject]:
    """The lines as a fork copies them: all with the time of the copy."""
    return [line | {"timestamp": stamp(at)} for line in lines]


def events_of(*lines: "JsonValue | bytes", reader: CodexReader | None = None) -> list[Event]:
    """Every event of the lines, of equal ids the first."""
    reader = reader or CodexReader(Origin(SessionId("by-name")))
    found: dict[EventId, Event] = {}
    for number, line in enumerate(lines, 1):
        read = reader.read(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n", number)
        assert read.error is None, read.error
        for event in read.events:
            found.setdefault(event.id, event)
    for event in reader.flush():
        found.setdefault(event.id, event)
    return list(found.values())
