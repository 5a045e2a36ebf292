"""What exports of OpenCode sessions tell."""

import json
from decimal import Decimal

import pytest

from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.transcript import of_kind, only
from tests.domain.ingest.whole_files import events_of_file, known, lines_read

SESSION = "ses_1111111111111111"
ROOT = "/home/dev/app"
BORN = 1_776_100_000_000


def time(at: int, **more: int) -> JsonObject:
    return {"created": BORN + at * 1000, **{name: BORN + s * 1000 for name, s in more.items()}}


def info(**more: JsonValue) -> JsonObject:
    told: JsonObject = {"id": SESSION, "directory": ROOT, "version": "1.4.3", "title": "Fix the parser"}
    return {**told, "time": time(0, updated=900), "summary": {"additions": 1}, **more}


def message(role: str, at: int, *parts: JsonObject, **more: JsonValue) -> JsonObject:
    told: JsonObject = {"id": f"msg_{role}_{at}", "sessionID": SESSION, "role": role, "time": time(at)}
    numbered: list[JsonValue] = [{"id": f"prt_{role}_{at}_{number}", **part} for number, part in enumerate(parts)]
    return {"info": {**told, **more}, "parts": numbered}


def said(*parts: JsonObject, at: int = 1, **more: JsonValue) -> JsonObject:
    return message("user", at, *parts, agent="build", **more)


def answered(*parts: JsonObject, at: int = 2, **more: JsonValue) -> JsonObject:
    known: JsonObject = {"modelID": "gpt-5.4", "providerID": "openai", "time": time(at, completed=at + 6)}
    return message("assistant", at, *parts, **{**known, **more})


def text(said: str, **more: JsonValue) -> JsonObject:
    return {"type": "text", "text": said, **more}


def used(tokens: JsonObject, cost: float = 0) -> JsonObject:
    return {"type": "step-finish", "reason": "stop", "tokens": tokens, "cost": cost}


def tokens(*counts: int, total: bool = True) -> JsonObject:
    input, output, reasoning, read, write = counts
    told: JsonObject = {"input": input, "output": output, "reasoning": reasoning}
    told |= {"cache": {"read": read, "write": write}}
    return told | ({"total": sum(counts)} if total else {})


def tool(
    name: str, input: JsonObject, output: str = "", metadata: JsonObject | None = None, **more: JsonValue
) -> JsonObject:
    span: JsonObject = {"start": BORN + 3000, "end": BORN + 5000}
    state: JsonObject = {
        "status": "completed",
        "input": input,
        "output": output,
        "metadata": metadata or {},
        "time": span,
    }
    return {"type": "tool", "tool": name, "callID": "call_1", "state": {**state, **more}}


def export(*messages: JsonObject, **more: JsonValue) -> bytes:
    return json.dumps({"info": info(**more), "messages": list(messages)}, indent=2).encode()


def events_of(*messages: JsonObject) -> list[Event]:
    return events_of_file(export(*messages))


COUNTS = tokens(100, 20, 5, 70, 3)
MESSAGES = (
    said(text("fix the parser")),
    answered(text("Looking."), tool("bash", {"command": "ls"}, "a.py", {"exit": 0}), used(COUNTS), tokens=COUNTS),
    said(text("now commit"), at=20),
    answered(text("Done."), used(COUNTS), at=21, tokens=COUNTS, modelID="claude-sonnet-4.5"),
)


@pytest.mark.parametrize("kept", range(1, len(MESSAGES)))
def test_a_file_that_grew_adds_only_what_is_new(kept: int) -> None:
    longer: JsonObject = {"additions": 900}
    before, after = lines_read(export(*MESSAGES[:kept])), lines_read(export(*MESSAGES, summary=longer, time=time(0)))
    assert [read.digest for read in before] == [read.digest for read in after][: kept + 1]
    ids = [event.id for read in before for event in read.events]
    assert ids == [event.id for read in after for event in read.events][: len(ids)]
    assert len(ids) == len(set(ids))


def test_what_a_step_used_is_not_counted_again_for_its_message() -> None:
    events = events_of(answered(used(COUNTS, 0.5), used(COUNTS, 0.25), tokens=COUNTS, cost=0.75))
    requests = of_kind(events, Kind.API_REQUEST)
    assert [event.tokens for event in requests] == [Tokens(100, 25, 70, 3)] * 2
    assert [event.cost_usd for event in requests] == [Decimal("0.5"), Decimal("0.25")]


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        (COUNTS, Tokens(100, 25, 70, 3)),
        (tokens(100, 20, 5, 70, 3, total=False), Tokens(100, 20, 70, 3)),
        ({**COUNTS, "total": 193}, Tokens(100, 20, 70, 3)),
        (tokens(0, 0, 0, 0, 0), None),
        ({"input": "x"}, None),
    ],
)
def test_reasoning_is_output_where_it_is_told_beside_it(told: JsonObject, counted: Tokens | None) -> None:
    requests = of_kind(events_of(answered(tokens=told, cost=0)), Kind.API_REQUEST)
    assert [(event.tokens, event.cost_usd) for event in requests] == ([(counted, None)] if counted else [])


def test_models_change_from_message_to_message() -> None:
    models = [event.model for event in of_kind(events_of(*MESSAGES), Kind.API_REQUEST)]
    assert models == ["gpt-5.4", "claude-sonnet-4.5"]


def test_a_fork_leaves_what_it_copied_to_the_session_it_comes_from() -> None:
    fork = events_of_file(export(*MESSAGES, id="ses_fork", time=time(10)))
    assert [event.kind for event in fork if event.ts.timestamp() * 1000 < BORN + 10_000] == []
    assert [event.data["text"] for event in of_kind(fork, Kind.PROMPT)] == ["now commit"]
    assert len(of_kind(fork, Kind.API_REQUEST)) == 1


def test_a_sub_agent_belongs_to_the_session_that_called_it() -> None:
    child = events_of_file(export(*MESSAGES, id="ses_child", parentID=SESSION))
    assert {(event.session_id, event.agent_id) for event in child} == {(SESSION, "ses_child")}
    assert {event.kind for event in child}.isdisjoint({Kind.PROMPT, Kind.SESSION_TITLE})
    parent = events_of(answered(tool("task", {"prompt": "look"}, "found", {"sessionId": "ses_child"})))
    assert only(parent, Kind.TOOL_RESULT).data["subAgentId"] == "ses_child"


@pytest.mark.parametrize(
    ("parts", "prompt"),
    [
        ([text("fix it")], "fix it"),
        ([text("fix"), text("it")], "fix\nit"),
        ([text("Called the Read tool", synthetic=True), text("fix it")], "fix it"),
        ([text("Continue if you have next steps", synthetic=True)], None),
        ([text("x", ignored=True)], None),
        ([{"type": "file", "url": "data:"}], None),
        ([], None),
    ],
)
def test_prompts_are_what_a_person_typed(parts: list[JsonObject], prompt: str | None) -> None:
    prompts = of_kind(events_of(said(*parts)), Kind.PROMPT)
    assert [event.data["text"] for event in prompts] == ([prompt] if prompt else [])


def test_prompts_in_plan_mode_plan() -> None:
    assert only(events_of(message("user", 1, text("how?"), agent="plan")), Kind.PLANNING).data == {"phase": "prompt"}


@pytest.mark.parametrize(
    ("output", "metadata", "code", "error"),
    [
        ("ok", {"exit": 0}, 0, None),
        ("no", {"exit": 1}, 1, "exit_code"),
        ("x\n(Command timed out after 60000 ms)", {"exit": None}, None, "timeout"),
        ("x\n(Command was aborted)", {"exit": None}, None, "other"),
    ],
)
def test_commands_end_as_told(output: str, metadata: JsonObject, code: int | None, error: str | None) -> None:
    events = events_of(answered(tool("bash", {"command": "make", "workdir": "sub"}, output, metadata)))
    command, result = only(events, Kind.COMMAND), only(events, Kind.TOOL_RESULT)
    assert (command.exit_code, command.duration_ms, command.data["cwd"]) == (code, 2000, f"{ROOT}/sub")
    assert (result.succeeded, result.data.get("errorClass")) == (error is None, error)


@pytest.mark.parametrize(
    ("name", "said", "error"),
    [
        ("edit", "The user rejected permission to use this specific tool call.", "rejected"),
        ("question", "The user dismissed this question", "rejected"),
        ("bash", "The user has specified a rule which prevents you from using this", "permission"),
        ("edit", "oldString not found in content", "tool_use_error"),
        ("docs_search", "down", "other"),
        ("read", "Tool execution aborted", "other"),
    ],
)
def test_failed_calls_say_why(name: str, said: str, error: str) -> None:
    events = events_of(answered(tool(name, {"filePath": "a"}, status="error", output="", error=said)))
    result = only(events, Kind.TOOL_RESULT)
    assert (result.succeeded, result.data["errorClass"]) == (False, error)
    assert not of_kind(events, Kind.FILE_DIFF)


def test_a_call_that_goes_on_has_no_result() -> None:
    events = events_of(answered(tool("bash", {"command": "sleep 9"}, status="running")))
    assert [event.kind for event in events if event.kind is not Kind.SESSION_TITLE] == [Kind.TOOL_USE]


PATCH = "Index: a.py\n====\n--- a.py\n+++ a.py\n@@ -1,1 +1,2 @@\n-x\n+y\n+z\n"
FILE: JsonObject = {"filePath": f"{ROOT}/a.py", "patch": PATCH}
APPLIED = "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n+z\n*** End Patch"


@pytest.mark.parametrize(
    ("part", "kinds", "counts"),
    [
        (tool("edit", {"filePath": "a.py", "oldString": "x"}, "", {"filediff": FILE}), ["file_diff"], (2, 1)),
        (tool("edit", {"filePath": "a.py", "oldString": "x", "newString": "y\nz"}), ["file_diff"], (2, 1)),
        (tool("edit", {"filePath": "a.py", "newString": "y\nz"}), ["file_create"], (2, 0)),
        (tool("write", {"filePath": "a.py", "content": "y\nz\n"}, "", {"exists": False}), ["file_create"], (2, 0)),
        (tool("write", {"filePath": "a.py", "content": "y\nz\n"}, "", {"exists": True}), ["file_diff"], (2, 0)),
        (tool("write", {"filePath": "a.py"}, "", {"exists": True, "diff": PATCH}), ["file_diff"], (2, 1)),
        (tool("apply_patch", {"patchText": APPLIED}), ["file_diff"], (2, 1)),
        (tool("apply_patch", {"patchText": ""}, "", {"files": [{**FILE, "type": "add"}]}), ["file_create"], (2, 1)),
        (tool("apply_patch", {"patchText": ""}, "", {"files": [{**FILE, "type": "delete"}]}), ["file_delete"], (2, 1)),
        (tool("apply_patch", {}, "", {"files": [{**FILE, "movePath": "b"}]}), ["file_delete", "file_create"], (2, 1)),
        (tool("multiedit", {"filePath": "a.py", "edits": [{"oldString": "x"}]}), ["file_diff"], (0, 1)),
    ],
)
def test_edits_count_their_lines(part: JsonObject, kinds: list[str], counts: tuple[int, int]) -> None:
    edits = [event for event in events_of(answered(part)) if event.kind.startswith("file_")]
    assert [event.kind for event in edits] == kinds
    assert (sum(event.lines_added or 0 for event in edits), sum(event.lines_removed or 0 for event in edits)) == counts
    assert edits[0].path == f"{ROOT}/a.py"


def test_tools_of_servers_are_named_alike() -> None:
    event = only(events_of(answered(tool("docs_search_all", {}))), Kind.MCP_CALL)
    assert (event.tool, event.data) == ("mcp__docs__search_all", {"server": "docs", "toolName": "search_all"})
    assert not of_kind(events_of(answered(tool("apply_patch", {}))), Kind.MCP_CALL)


def test_equal_call_ids_are_told_apart() -> None:
    uses = of_kind(events_of(answered(tool("read", {"filePath": "a"}), tool("read", {"filePath": "b"}))), Kind.TOOL_USE)
    assert len({event.call_id for event in uses}) == len({event.id for event in uses}) == 2


def test_a_command_that_a_person_ran_is_no_call() -> None:
    asked = said(text("The following tool was executed by the user", synthetic=True), at=1)
    ran = answered(tool("bash", {"command": "git status"}, "clean", {"exit": 0}), parentID="msg_user_1")
    events = events_of(asked, ran)
    command = only(events, Kind.COMMAND)
    assert (command.actor, command.exit_code, command.data["human"]) == ("human", 0, True)
    assert not of_kind(events, Kind.TOOL_USE)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (answered(error={"name": "MessageAbortedError", "data": {"message": "aborted"}}), Kind.INTERRUPTION),
        (answered(error={"name": "APIError", "data": {"message": "quota", "statusCode": 429}}), Kind.API_ERROR),
        (answered({"type": "retry", "attempt": 1, "error": {"name": "APIError", "data": {}}}), Kind.API_ERROR),
        (said({"type": "compaction", "auto": True}), Kind.CONTEXT_COMPACT),
        (answered({"type": "reasoning", "text": "secret"}, {"type": "patch", "files": ["a"]}), None),
        (answered(text("## Goal"), summary=True), None),
        (answered(text("half an ans"), time=time(2)), None),
    ],
)
def test_what_else_happens(told: JsonObject, kind: Kind | None) -> None:
    events = [event for event in events_of(told) if event.kind is not Kind.SESSION_TITLE]
    assert [event.kind for event in events] == ([kind] if kind else [])


def test_untitled_sessions_have_no_title() -> None:
    assert not events_of_file(export(title="New session - 2026-04-14T10:00:00.000Z"))
    assert only(events_of(), Kind.SESSION_TITLE).data["title"] == "Fix the parser"


@pytest.mark.parametrize("broken", ["info", "messages", "version", "directory"])
def test_other_objects_are_no_exports(broken: str) -> None:
    told = {"info": info(), "messages": list(MESSAGES)}
    for holder in (told, told["info"]):
        if isinstance(holder, dict):
            holder.pop(broken, None)
    assert known(json.dumps(told).encode()) is None
