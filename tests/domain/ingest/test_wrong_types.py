"""What stands at any place of a line or a payload may be of another type than it ever was: nothing raises."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress

import orjson
import pytest

from domain.ingest import hooks
from domain.ingest.clean import Unreadable, parse_strictly
from domain.ingest.formats import FORMATS
from domain.ingest.gathering import Gathered
from domain.ingest.hook_agents import AGENTS
from domain.ingest.hooks import Payload
from domain.ingest.packing import pack
from domain.ingest.parcel import MOST_LEVELS, unpack
from domain.ingest.reading import Format, Look, Origin, keep_all
from domain.values import JsonObject, JsonValue, SessionId
from tests.domain.ingest import rollout, test_copilot, transcript
from tests.domain.ingest.test_whole_files import SAMPLES
from tests.domain.ingest.transcript import is_read_or_reported
from tests.domain.ingest.whole_files import WRITTEN_AT
from tests.make import START

LARGE, YEAR_1, YEAR_9999 = 2**31 - 1, "0001-01-01T00:00:00Z", 253_402_300_799_000
WRONG: tuple[JsonValue, ...] = (
    None,
    True,
    -1.5,
    LARGE,
    YEAR_9999,
    "\n",
    YEAR_1,
    "x" * 250,
    [],
    {},
    [[{}]],
    {"type": []},
)
LINES: dict[str, list[JsonObject]] = {
    "claude-code": [transcript.user("hi"), transcript.call("Bash", {"command": "ls"}), transcript.result("a", {})],
    "codex": [
        rollout.meta(),
        *rollout.turn(),
        rollout.prompt("hi"),
        rollout.item("web_search_call", action={"query": "x"}),
        rollout.item("message", role="user", content=[{"type": "text", "text": "x"}]),
        rollout.completed("CommandExecution", id="c", command="ls", exit_code=0, status="completed"),
    ],
    "copilot": [test_copilot.start(), test_copilot.call("bash", {"command": "ls"}), test_copilot.result("a")],
    "gemini": [orjson.loads(line) for line in SAMPLES["gemini-session-jsonl"].splitlines()],
    "cursor": [orjson.loads(line) for line in SAMPLES["cursor-transcript-jsonl"].splitlines()],
}
ALL: JsonObject = {
    "session_id": "s", "conversation_id": "s", "tool_name": "Bash", "tool_use_id": "c", "tool_input": {"command": "ls"},
    "tool_response": {"stdout": ""}, "tool_output": "{}", "duration_ms": 1, "source": "user", "prompt": "hi",
    "prompt_id": "p", "error": "x", "text": "x", "edits": [{"old_string": ""}], "cwd": "/w", "workspace_roots": ["/w"],
    "generation_id": "g", "file_path": "/w/a",
}  # fmt: skip
EVENTS = (
    *("UserPromptSubmit", "PostToolUse", "PostToolUseFailure", "StopFailure", "SessionStart", "CwdChanged"),
    *("beforeSubmitPrompt", "postToolUse", "postToolUseFailure", "afterFileEdit", "stop", "subagentStop"),
)


def wrong(value: JsonValue) -> Iterator[JsonValue]:
    """Copies of `value`, each with another type at one place."""
    yield from WRONG
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ({**value, name: other} for other in wrong(member))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in wrong(item))


def read_all(raw: bytes) -> None:
    """As the importer reads; a file that nobody knows is read by every reader."""
    look = Look(raw.splitlines(keepends=True), raw)
    for format in FORMATS:
        format.heading(look)
        try:
            pieces = list(format.split(raw)) if format.split else look.lines
        except Unreadable:
            continue
        read_and_sent(format, pieces)


def read_and_sent(format: Format, pieces: Iterable[bytes]) -> None:
    """As the watcher does: one event that a server refuses would cost the whole file."""
    reader, gathered = format.reader(Origin(SessionId("s"), at=WRITTEN_AT), keep_all), Gathered(format.name)
    for number, piece in enumerate(pieces, 1):
        read = reader.read(piece, number)
        assert is_read_or_reported(read, piece)
        gathered.add(read, len(piece))
    gathered.events += reader.flush()
    for parcel in pack(gathered.take()):
        unpack(parse_strictly(parcel, MOST_LEVELS), keep_all)


@pytest.mark.parametrize("agent", LINES)
def test_a_line_with_another_type_anywhere_costs_no_more_than_itself(agent: str) -> None:
    for line in LINES[agent]:
        read_all(b"".join(json.dumps(other).encode() + b"\n" for other in wrong(line)))


@pytest.mark.parametrize("name", ["gemini-session-json", "opencode-export-json"])
def test_a_document_with_another_type_anywhere_is_read_or_refused(name: str) -> None:
    (format,) = (format for format in FORMATS if format.name == name)
    for other in wrong(orjson.loads(SAMPLES[name])):
        raw = orjson.dumps(other)
        format.heading(Look([raw], raw))
        with suppress(Unreadable):
            read_and_sent(format, format.split(raw) if format.split else [raw])


@pytest.mark.parametrize("agent", AGENTS)
def test_a_payload_with_another_type_anywhere_but_in_the_name_of_its_session_is_taken(agent: str) -> None:
    for event in EVENTS:
        for other in wrong({"hook_event_name": event, **ALL}):
            if isinstance(other, dict) and other.get("session_id") == other.get("conversation_id") == "s":
                batch = hooks.read(AGENTS[agent], [Payload(other, START)], keep_all)
                assert {line.session_id for line in batch.raw} == set(batch.sessions) == {"s"}
