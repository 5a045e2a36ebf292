"""Hooks of Claude Code: which events tell something, and what."""

import pytest

from domain.ingest.claude_hooks import CLAUDE_CODE
from domain.timeline import Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.hooked import batch, kinds, told


def hook(event: str, /, **more: JsonValue) -> JsonObject:
    return {"session_id": "s", "transcript_path": "/t.jsonl", "cwd": "/w", "hook_event_name": event} | more


def call(event: str, tool: str = "Bash", id: str = "toolu_1", **more: JsonValue) -> JsonObject:
    return hook(event, tool_name=tool, tool_input={"command": "ls"}, tool_use_id=id) | more


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (hook("SessionStart", source="startup"), {"session_start": 1}),
        (hook("SessionStart", source="clear"), {"session_start": 1, "context_clear": 1}),
        (hook("SessionStart", source="compact"), {}),
        (hook("Setup", trigger="init"), {}),
        (hook("InstructionsLoaded", file_path="/w/CLAUDE.md", memory_type="Project"), {}),
        (hook("UserPromptSubmit", prompt="fix it"), {"prompt": 1}),
        (hook("UserPromptSubmit", prompt="fix it", permission_mode="plan"), {"prompt": 1, "planning": 1}),
        (hook("UserPromptSubmit", prompt="fix it", source="loop_wakeup"), {}),
        (hook("UserPromptSubmit", prompt="look here", agent_id="a1"), {}),
        (hook("UserPromptSubmit", prompt="/compact"), {"slash_command": 1}),
        (hook("UserPromptSubmit", prompt="/tmp/a.py is broken"), {"prompt": 1}),
        (hook("UserPromptExpansion", command_name="review", command_args="", prompt_id="p"), {"slash_command": 1}),
        (hook("UserPromptExpansion", command_name="review", command_args=""), {}),
        (call("PreToolUse"), {"tool_use": 1}),
        (call("PermissionRequest"), {}),
        (call("PermissionDenied", reason="blocked"), {"tool_use": 1, "tool_result": 1}),
        (call("PostToolUse", tool_response={"stdout": "a"}), {"tool_use": 1, "tool_result": 1, "command": 1}),
        (call("PostToolUseFailure", error="Exit code 2"), {"tool_use": 1, "tool_result": 1, "command": 1}),
        (call("PostToolUseFailure", "Read", error="no", is_interrupt=True),
         {"tool_use": 1, "tool_result": 1, "interruption": 1}),
        (hook("Notification", message="waiting", notification_type="idle_prompt"), {}),
        (hook("MessageDisplay", delta="He", index=0, final=False), {}),
        (hook("SubagentStart", agent_id="a1", agent_type="Explore"), {}),
        (hook("SubagentStop", stop_hook_active=False), {}),
        (hook("TaskCreated", task_id="1", task_subject="x"), {}),
        (hook("TeammateIdle", teammate_name="t", team_name="n"), {}),
        (hook("Stop", stop_hook_active=False), {}),
        (hook("Stop", last_assistant_message="Done."), {"ai_response": 1}),
        (hook("StopFailure", error="rate_limit"), {"api_error": 1}),
        (hook("PreCompact", trigger="auto"), {"context_compact": 1}),
        (hook("PostCompact", trigger="auto", compact_summary="…"), {}),
        (hook("PostModelSwitch", from_model="a", to_model="b"), {}),
        (hook("ConfigChange", source="user_settings"), {}),
        (hook("FileChanged", file_path="/w/a", event="change"), {}),
        (hook("WorktreeCreate", name="x"), {}),
        (hook("Elicitation", mcp_server_name="m", message="?"), {}),
        (hook("SessionEnd", reason="other"), {"session_end": 1}),
    ],
)  # fmt: skip
def test_an_event_tells_what_counts_and_is_kept_in_any_case(payload: JsonObject, expected: dict[str, int]) -> None:
    assert kinds(told(CLAUDE_CODE, payload)) == expected
    assert len(batch(CLAUDE_CODE, payload).raw) == 1


def test_what_a_sub_agent_says_last_is_its_own() -> None:
    [said] = told(CLAUDE_CODE, hook("SubagentStop", agent_id="a1", last_assistant_message="Found it."))
    assert (said.kind, said.agent_id, said.text("text")) == (Kind.AI_RESPONSE, "a1", "Found it.")


def test_a_typed_command_counts_once_whichever_hook_tells_of_it() -> None:
    typed = hook("UserPromptSubmit", prompt="/review the tests of the parser, please", prompt_id="p1")
    grown = hook(
        "UserPromptExpansion", expansion_type="slash_command", command_name="review", prompt_id="p1",
        command_args="the tests of the parser, please", prompt="/review the tests of the parser, please",
    )  # fmt: skip
    for payloads in ((typed, grown), (grown, typed), (typed,), (grown,)):
        events = told(CLAUDE_CODE, *payloads)
        assert kinds(events) == {"slash_command": 1, "prompt": 1}
        [prompt] = [event for event in events if event.kind is Kind.PROMPT]
        assert prompt.text("text") == "the tests of the parser, please"


def test_of_a_batch_only_calls_that_fire_nothing_else_are_told() -> None:
    ran = call("PostToolUse", id="toolu_1", tool_response={"stdout": "a"})
    refused: JsonObject = {"tool_name": "Edit", "tool_input": {"file_path": "/w/a"}, "tool_use_id": "toolu_2"}
    calls: list[JsonValue] = [
        {"tool_name": "Bash", "tool_input": {"command": "ls"}, "tool_use_id": "toolu_1", "tool_response": "a"},
        refused | {"tool_response": "<tool_use_error>File has not been read yet.</tool_use_error>"},
        "nonsense",
    ]
    events = told(CLAUDE_CODE, ran, hook("PostToolBatch", tool_calls=calls))
    assert kinds(events) == {"tool_use": 2, "tool_result": 2, "command": 1}
    [result] = [event for event in events if event.kind is Kind.TOOL_RESULT and event.call_id == "toolu_2"]
    assert (result.succeeded, result.text("errorClass")) == (False, "tool_use_error")


def test_a_denied_call_says_so() -> None:
    events = told(CLAUDE_CODE, call("PreToolUse"), call("PermissionDenied", reason="not allowed"))
    [result] = [event for event in events if event.kind is Kind.TOOL_RESULT]
    assert (result.text("errorClass"), result.succeeded) == ("permission", False)
    assert kinds(events) == {"tool_use": 1, "tool_result": 1}


def test_a_session_moves_with_its_directory() -> None:
    moved = batch(CLAUDE_CODE, hook("CwdChanged", old_cwd="/w", new_cwd="/other"))
    assert [facts.project for facts in moved.sessions.values()] == ["/other"]
