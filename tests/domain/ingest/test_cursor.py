"""What transcripts of Cursor's agent tell."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.transcript import of_kind, only
from tests.domain.ingest.whole_files import WRITTEN_AT, events_of_file, known, lines_read

SESSION = "55555555-5555-4555-8555-555555555555"
FOLDER = "/home/dev/.cursor/projects/home-dev-app/agent-transcripts"


def text(said: str) -> JsonObject:
    return {"type": "text", "text": said}


def use(name: str, input: JsonValue) -> JsonObject:
    return {"type": "tool_use", "name": name, "input": input}


def line(role: str, *content: JsonObject) -> JsonObject:
    return {"role": role, "message": {"content": list(content)}}


def asked(said: str, at: str = "") -> JsonObject:
    stamp = f"<timestamp>{at}</timestamp>\n" if at else ""
    return line("user", text(f"{stamp}<user_query>\n{said}\n</user_query>"))


def file(*lines: JsonObject) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in lines).encode()


def events_of(*lines: JsonObject) -> list[Event]:
    return events_of_file(file(*lines), f"{FOLDER}/{SESSION}.jsonl")


LINES = (
    asked("fix it"),
    line("assistant", text("Looking."), use("Shell", {"command": "ls"}), use("Shell", {"command": "ls"})),
    asked("fix it"),
    line("assistant", text("Looking."), use("Delete", {"path": "/home/dev/app/a.py"})),
)


@pytest.mark.parametrize("kept", range(1, len(LINES)))
def test_what_is_appended_changes_no_earlier_id(kept: int) -> None:
    later = datetime(2026, 8, 9, tzinfo=UTC)
    before, after = lines_read(file(*LINES[:kept])), lines_read(file(*LINES), at=later)
    assert [[event.id for event in read.events] for read in before] == [
        [event.id for event in read.events] for read in after[:kept]
    ]


def test_what_is_said_and_done_twice_happened_twice() -> None:
    events = events_of(*LINES)
    assert len(of_kind(events, Kind.PROMPT)) == len(of_kind(events, Kind.AI_RESPONSE)) == 2
    assert len(of_kind(events, Kind.COMMAND)) == 2
    assert len({event.call_id for event in of_kind(events, Kind.TOOL_USE)}) == 3


def test_the_order_is_that_of_the_lines() -> None:
    told = [event.kind for event in events_of(*LINES)]
    assert told == [
        "prompt",
        "ai_response",
        *["tool_use", "command"] * 2,
        "prompt",
        "ai_response",
        "tool_use",
        "file_delete",
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("Sunday, Aug 2, 2026, 3:51 AM (UTC-7)", datetime(2026, 8, 2, 10, 51, tzinfo=UTC)),
        ("Sunday, August 2, 2026, 3:51 PM (UTC+5:30)", datetime(2026, 8, 2, 10, 21, tzinfo=UTC)),
        ("Sunday, Aug 2, 2026, 12:05 AM (UTC)", datetime(2026, 8, 2, 0, 5, tzinfo=UTC)),
        ("yesterday", WRITTEN_AT),
        ("Sunday, Aug 42, 2026, 3:51 AM (UTC-7)", WRITTEN_AT),
        ("", WRITTEN_AT),
    ],
)
def test_times_are_those_before_prompts_or_that_of_the_file(at: str, expected: datetime) -> None:
    events = events_of(asked("fix it", at), line("assistant", text("Done.")))
    assert {event.ts.replace(microsecond=0) for event in events} == {expected}
    assert only(events, Kind.PROMPT).data["text"] == "fix it"


def test_times_never_go_back() -> None:
    stamps = ("Monday, Aug 3, 2026, 3:51 AM (UTC)", "Sunday, Aug 2, 2026, 3:51 AM (UTC)")
    events = events_of(asked("one", stamps[0]), asked("two", stamps[1]))
    assert [event.data["text"] for event in events] == ["one", "two"]
    assert events[1].ts - events[0].ts == timedelta(milliseconds=2)


@pytest.mark.parametrize(
    ("said", "prompt"),
    [
        ("<user_query>\nfix it\n</user_query>", "fix it"),
        ("<open_files>\na.py\n</open_files>\n<user_query>fix it</user_query>", "fix it"),
        ("fix it", "fix it"),
        ("<system_reminder>be brief</system_reminder>", None),
        ("<user_query></user_query>", None),
        ("[Image]", "[Image]"),
    ],
)
def test_prompts_are_unwrapped(said: str, prompt: str | None) -> None:
    prompts = of_kind(events_of(line("user", text(said)), line("assistant", text("Hello."))), Kind.PROMPT)
    assert [event.data["text"] for event in prompts] == ([prompt] if prompt else [])


def test_how_commands_end_is_not_known() -> None:
    given: JsonObject = {"command": "pytest -q && git commit -m fix", "working_directory": "/home/dev/app"}
    events = events_of(LINES[0], line("assistant", use("Shell", given), use("StrReplace", {"path": "a.py"})))
    command = only(events, Kind.COMMAND)
    assert (command.exit_code, command.succeeded, command.data["cwd"]) == (None, None, "/home/dev/app")
    assert only(events, Kind.GIT_ACTION).data["action"] == "commit"
    assert not of_kind(events, Kind.TOOL_RESULT)
    assert only(events, Kind.FILE_DIFF).path == "/home/dev/app/a.py"


PATCH = "*** Begin Patch\n*** Add File: /app/a.py\n+x\n*** End Patch"


@pytest.mark.parametrize(
    ("call", "kind", "counts"),
    [
        (use("Write", {"path": "/app/a.py", "contents": "x\ny\n"}), Kind.FILE_CREATE, (2, 0)),
        (use("StrReplace", {"path": "/app/a.py", "old_string": "x", "new_string": "y\nz"}), Kind.FILE_DIFF, (2, 1)),
        (use("MultiStrReplace", {"file_path": "/app/a.py", "edits": [{"old_string": "x"}]}), Kind.FILE_DIFF, (0, 1)),
        (use("Delete", {"path": "/app/a.py"}), Kind.FILE_DELETE, (0, 0)),
        (use("ApplyPatch", PATCH), Kind.FILE_CREATE, (1, 0)),
    ],
)
def test_edits_are_those_that_were_asked_for(call: JsonObject, kind: Kind, counts: tuple[int, int]) -> None:
    edit = only(events_of(LINES[0], line("assistant", call)), kind)
    assert (edit.path, edit.lines_added, edit.lines_removed) == ("/app/a.py", *counts)


def test_tools_of_servers_are_named_alike() -> None:
    call = use("CallMcpTool", {"server": "docs", "toolName": "search", "arguments": {}})
    assert only(events_of(LINES[0], line("assistant", call)), Kind.MCP_CALL).tool == "mcp__docs__search"


def test_thoughts_are_not_kept() -> None:
    events = events_of(LINES[0], line("assistant", text("[REDACTED]"), {"type": "thinking", "thinking": "x"}))
    assert [event.kind for event in events] == [Kind.PROMPT]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"status": "success"}, None),
        ({"status": "error", "error": "User aborted request"}, Kind.INTERRUPTION),
        ({"status": "aborted"}, Kind.INTERRUPTION),
        ({"status": "error", "error": "rate limit"}, Kind.API_ERROR),
    ],
)
def test_turns_end(told: JsonObject, kind: Kind | None) -> None:
    events = events_of(LINES[0], {"type": "turn_ended", **told})
    assert [event.kind for event in events[1:]] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("path", "session", "agent"),
    [
        (f"{FOLDER}/{SESSION}.jsonl", SESSION, None),
        (f"{FOLDER}/{SESSION}/{SESSION}.jsonl", SESSION, None),
        (f"{FOLDER}/{SESSION}/transcript.jsonl", SESSION, None),
        (f"{FOLDER}/{SESSION}/subagents/child.jsonl", SESSION, "child"),
        ("/tmp/copy.jsonl", "copy", None),
    ],
)
def test_the_place_of_a_file_tells_whose_it_is(path: str, session: str, agent: str | None) -> None:
    events = events_of_file(file(*LINES), path)
    assert {(event.session_id, event.agent_id) for event in events} == {(session, agent)}
    assert bool(of_kind(events, Kind.PROMPT)) == (agent is None)


@pytest.mark.parametrize(
    "record",
    [
        {"type": "user", "message": {"role": "user", "content": "hi"}, "uuid": "x", "sessionId": "s"},
        {"role": "user", "content": "hi"},
        {"messages": [{"role": "user", "content": "hi"}]},
        {"role": "system", "message": {"content": []}},
        {"role": "user", "message": {"content": ["hi"]}},
        {"role": "user", "id": "m1", "message": {"content": "hi"}},
    ],
)
def test_other_lines_are_no_transcript(record: JsonObject) -> None:
    found = known(file(record, record))
    assert found is None or not found[0].name.startswith("cursor")
    assert known(file(*LINES, {"x": 1})) is None
