"""Hooks of Cursor: of one call a general and a special one, no times, ids that may span lines."""

import json

import pytest

from domain.ingest.cursor_hooks import CURSOR
from domain.ingest.hook_agents import AGENTS, speaker
from domain.ingest.witnesses import ASIDE
from domain.timeline import Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.hooked import batch, kinds, told


def hook(event: str, **more: JsonValue) -> JsonObject:
    known: JsonObject = {"conversation_id": "c", "generation_id": "g", "model": "m-1", "cursor_version": "3.1.0"}
    return known | {"hook_event_name": event, "workspace_roots": ["/w"], "user_email": "kim@example.org"} | more


def call(event: str, tool: str = "Shell", input: JsonValue = None, **more: JsonValue) -> JsonObject:
    given = {"command": "npm test"} if input is None else input
    return hook(event, tool_name=tool, tool_input=given, tool_use_id="call_1\nfc_2") | more


RAN = call("postToolUse", tool_output=json.dumps({"exitCode": 1, "stdout": "1 failed"}), duration=40.4)
RAN_ASIDE = hook("afterShellExecution", command="npm test", output="1 failed", duration=41)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (hook("sessionStart", session_id="c", composer_mode="agent"), {"session_start": 1}),
        (hook("sessionEnd", session_id="c", reason="completed", duration_ms=1), {"session_end": 1}),
        (hook("beforeSubmitPrompt", prompt="fix it", attachments=[{"type": "file", "filePath": "a"}]), {"prompt": 1}),
        (hook("beforeSubmitPrompt", prompt=" "), {}),
        (call("preToolUse"), {"tool_use": 1}),
        (hook("preToolUse"), {}),
        (RAN, {"tool_use": 1, "tool_result": 1, "command": 1}),
        (call("postToolUse", "Read", {"file_path": "a.py"}, tool_output="text"), {"tool_use": 1, "tool_result": 1}),
        (call("postToolUse", "Write", {"path": "a.py"}, tool_output="{}"), {"tool_use": 1, "tool_result": 1}),
        (call("postToolUse", "Delete", {"path": "a.py"}, tool_output="{}"),
         {"tool_use": 1, "tool_result": 1, "file_delete": 1}),
        (call("postToolUse", "MCP:find", '{"q": 1}', tool_output="[]"), {"tool_use": 1, "tool_result": 1}),
        (call("postToolUseFailure", error_message="no", failure_type="permission_denied"),
         {"tool_use": 1, "tool_result": 1}),
        (call("postToolUseFailure", error_message="late", failure_type="timeout", is_interrupt=True),
         {"tool_use": 1, "tool_result": 1, "command": 1, "interruption": 1}),
        (hook("beforeShellExecution", command="ls", cwd="/w"), {}),
        (RAN_ASIDE, {"command": 1}),
        (hook("afterShellExecution"), {}),
        (hook("beforeMCPExecution", tool_name="find", tool_input="{}"), {}),
        (hook("afterMCPExecution", tool_name="find", mcp_server_name="docs", result_json="{}"), {"mcp_call": 1}),
        (hook("beforeReadFile", file_path="/w/.env", content="TOKEN=1"), {}),
        (hook("afterFileEdit", file_path="/w/a.py", edits=[{"old_string": "a", "new_string": "b"}]), {"file_diff": 1}),
        (hook("afterFileEdit", file_path="/w/a.py", edits=[{"old_string": "", "new_string": "b"}]), {"file_create": 1}),
        (hook("afterFileEdit", edits="no"), {}),
        (hook("afterTabFileEdit", file_path="/w/a.py", edits=[]), {}),
        (hook("afterAgentResponse", text="Done."), {"ai_response": 1}),
        (hook("afterAgentThought", text="hm"), {}),
        (hook("subagentStart", subagent_id="a", task="look"), {}),
        (hook("subagentStop", status="completed", summary="Found.", agent_transcript_path="/x/a-1.jsonl"),
         {"ai_response": 1}),
        (hook("subagentStop", status="completed", summary="Found."), {}),
        (hook("preCompact", trigger="auto"), {"context_compact": 1}),
        (hook("stop", status="completed", loop_count=0), {}),
        (hook("stop", status="aborted", loop_count=0), {"interruption": 1}),
        (hook("stop", status="error", loop_count=0), {"api_error": 1}),
        (hook("workspaceOpen"), {}),
    ],
)  # fmt: skip
def test_an_event_tells_what_counts_and_is_kept_in_any_case(payload: JsonObject, expected: dict[str, int]) -> None:
    assert kinds(told(CURSOR, payload)) == expected
    assert len(batch(CURSOR, payload).raw) == 1


def test_what_is_named_counts_once_however_often_it_is_told() -> None:
    prompt, answer = hook("beforeSubmitPrompt", prompt="fix it"), hook("afterAgentResponse", text="Done.")
    begun, stopped = call("preToolUse"), hook("stop", status="aborted", loop_count=0)
    started, ended = hook("sessionStart", session_id="c"), hook("sessionEnd", session_id="c", duration_ms=5)
    compacted = hook("preCompact", trigger="auto", message_count=9)
    all = [started, prompt, begun, RAN, answer, stopped, compacted, ended]
    kinds_told = kinds(told(CURSOR, *all, *reversed(all)))
    assert set(kinds_told.values()) == {1}
    assert len(kinds_told) == 9


def test_a_call_is_known_by_the_first_line_of_its_id() -> None:
    assert {event.call_id for event in told(CURSOR, call("preToolUse"), RAN)} == {"call_1"}


def test_a_command_tells_how_it_ended() -> None:
    [command] = [event for event in told(CURSOR, RAN) if event.kind is Kind.COMMAND]
    assert (command.exit_code, command.succeeded, command.duration_ms) == (1, False, 40)
    assert (command.data["stdout"], command.data["cwd"]) == ("1 failed", "/w")


def test_the_special_hook_says_that_it_only_tells_again() -> None:
    [command] = told(CURSOR, RAN_ASIDE)
    assert command.source == {"channel": "hook", "integration": "cursor", "witness": ASIDE}
    assert (command.succeeded, command.data["command"]) == (None, "npm test")


def test_an_edit_names_its_file_and_counts_its_lines() -> None:
    edits: JsonValue = [{"old_string": "a\nb", "new_string": "a\nc\nd"}, {"old_string": "x", "new_string": ""}]
    [edit] = told(CURSOR, hook("afterFileEdit", file_path="src/a.py", edits=edits))
    assert (edit.path, edit.lines_added, edit.lines_removed) == ("/w/src/a.py", 2, 2)


def test_what_is_about_the_person_is_not_kept() -> None:
    kept = batch(CURSOR, hook("stop", status="completed"))
    assert "kim@example.org" not in kept.raw[0].body
    assert [facts.metadata for facts in kept.sessions.values()] == [{"model": "m-1", "version": "3.1.0"}]
    assert [facts.project for facts in kept.sessions.values()] == ["/w"]


def test_a_sub_agent_belongs_to_the_conversation_it_works_for() -> None:
    payload = hook("subagentStop", parent_conversation_id="p", subagent_id="a", summary="Found.")
    [said] = told(CURSOR, payload)
    assert (said.session_id, said.agent_id) == ("p", "a")


def test_tokens_are_not_read_from_hooks() -> None:
    [said] = told(CURSOR, hook("afterAgentResponse", text="Done.", input_tokens=5, output_tokens=6))
    assert said.tokens is None


def test_hooks_that_cursor_runs_for_claude_code_are_its_own() -> None:
    assert speaker(AGENTS["claude-code"], call("preToolUse")) is CURSOR
    assert speaker(AGENTS["claude-code"], {"session_id": "s"}) is AGENTS["claude-code"]
    assert speaker(AGENTS["claude-code"], []) is AGENTS["claude-code"]
