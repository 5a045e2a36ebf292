"""Hooks of Codex: Claude Code's shape with Codex's tools, beside the rollout of the same session."""

import pytest

from domain.ingest.codex_hooks import CODEX
from domain.ingest.witnesses import UNNAMED
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest import rollout
from tests.domain.ingest.hooked import batch, kinds, told

PATCH = "*** Begin Patch\n*** Add File: a.py\n+one\n+two\n*** Update File: b.py\n@@\n-old\n+new\n*** End Patch"


def hook(event: str, **more: JsonValue) -> JsonObject:
    known: JsonObject = {"session_id": rollout.THREAD, "turn_id": rollout.TURN, "transcript_path": None}
    return known | {"cwd": "/home/dev/app", "hook_event_name": event, "model": "gpt-5.4"} | more


def call(event: str, tool: str, input: JsonValue, id: str | None = "call_1", **more: JsonValue) -> JsonObject:
    return hook(event, tool_name=tool, tool_input=input, tool_use_id=id, **more)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (hook("SessionStart", source="startup"), {"session_start": 1}),
        (hook("UserPromptSubmit", prompt="fix it"), {"prompt": 1}),
        (hook("UserPromptSubmit", prompt="fix it", permission_mode="plan"), {"prompt": 1, "planning": 1}),
        (hook("UserPromptSubmit", prompt="<environment_context>…"), {}),
        (hook("UserPromptSubmit", prompt="look", agent_id="a"), {}),
        (hook("UserPromptSubmit"), {}),
        (hook("PreToolUse"), {}),
        (call("PreToolUse", "Bash", {"command": "ls"}), {"tool_use": 1}),
        (call("PreToolUse", "mcp__docs__find", {"q": "x"}), {"tool_use": 1, "mcp_call": 1}),
        (call("PermissionRequest", "Bash", {"command": "ls"}, None), {}),
        (call("PostToolUse", "Bash", {"command": "ls"}, tool_response="a.py"),
         {"tool_use": 1, "tool_result": 1, "command": 1}),
        (call("PostToolUse", "exec_command", {"cmd": "ls"}, tool_response="a.py"),
         {"tool_use": 1, "tool_result": 1, "command": 1}),
        (call("PostToolUse", "apply_patch", {"command": PATCH}, tool_response="Done!"),
         {"tool_use": 1, "tool_result": 1, "file_create": 1, "file_diff": 1}),
        (call("PostToolUse", "apply_patch", PATCH, tool_response="Done!"),
         {"tool_use": 1, "tool_result": 1, "file_create": 1, "file_diff": 1}),
        (call("PostToolUse", "apply_patch", {"command": PATCH}, tool_response="apply_patch verification failed: x"),
         {"tool_use": 1, "tool_result": 1}),
        (call("PostToolUse", "Bash", {"command": "ls"}, None, tool_response="a"), {"tool_result": 1, "command": 1}),
        (hook("Stop", last_assistant_message="Done."), {"ai_response": 1}),
        (hook("Stop", last_assistant_message=None), {}),
        (hook("SubagentStart", agent_id="a"), {}),
        (hook("SubagentStop", agent_id="a", last_assistant_message="Found."), {"ai_response": 1}),
        (hook("StopFailure", error="overloaded", error_details=None), {"api_error": 1}),
        (hook("Interrupt"), {"interruption": 1}),
        (hook("PreCompact", trigger="auto"), {"context_compact": 1}),
        (hook("PostCompact", trigger="auto"), {}),
        (hook("SessionEnd", reason="other"), {"session_end": 1}),
        (hook("SomethingNew"), {}),
    ],
)  # fmt: skip
def test_an_event_tells_what_counts_and_is_kept_in_any_case(payload: JsonObject, expected: dict[str, int]) -> None:
    assert kinds(told(CODEX, payload)) == expected
    assert len(batch(CODEX, payload).raw) == 1


def names(events: list[Event]) -> set[tuple[str, str]]:
    """By what hooks and rollouts call the same."""
    named = {Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.COMMAND, Kind.FILE_CREATE, Kind.FILE_DIFF}
    calls = {(event.kind.value, str(event.call_id)) for event in events if event.kind in named}
    return calls | {("prompt", str(event.data["promptId"])) for event in events if event.kind is Kind.PROMPT}


def test_hooks_and_rollout_call_the_same_by_the_same_names() -> None:
    lines = [
        rollout.meta(), *rollout.turn(), rollout.prompt("fix it"),
        rollout.call("exec_command", {"cmd": "pytest"}), rollout.output(rollout.ran("1 failed", 1)),
        rollout.patch(PATCH), rollout.output("Done!", "call_p"),
    ]  # fmt: skip
    hooks = told(
        CODEX,
        hook("UserPromptSubmit", prompt="fix it"),
        call("PreToolUse", "Bash", {"command": "pytest"}),
        call("PostToolUse", "Bash", {"command": "pytest"}, tool_response="1 failed"),
        call("PostToolUse", "apply_patch", {"command": PATCH}, "call_p", tool_response="Done!"),
    )
    assert names(hooks) == names(rollout.events_of(*lines))
    said = {event.kind: event.data["command"] for event in hooks if event.kind is Kind.COMMAND}
    assert said == {Kind.COMMAND: "pytest"}


def test_whether_a_command_worked_is_not_known_without_its_exit_code() -> None:
    payload = call("PostToolUse", "Bash", {"command": "pytest"}, tool_response="1 failed")
    [command] = [event for event in told(CODEX, payload) if event.kind is Kind.COMMAND]
    assert (command.succeeded, command.exit_code, command.duration_ms) == (None, None, None)


def test_a_prompt_typed_while_the_turn_runs_is_another_one() -> None:
    first, second = hook("UserPromptSubmit", prompt="fix it"), hook("UserPromptSubmit", prompt="and test it")
    assert kinds(told(CODEX, first, second, first)) == {"prompt": 2}


def test_what_is_called_from_within_a_script_is_a_part_of_the_call_that_runs_it() -> None:
    id = "exec-0b9c6f0e-1111-4222-8333-444455556666"
    before = call("PreToolUse", "Bash", {"command": "ls"}, id)
    events = told(CODEX, before, call("PostToolUse", "Bash", {"command": "ls"}, id, tool_response="a.py"))
    assert kinds(events) == {"command": 1}
    assert str(events[0].call_id).startswith(UNNAMED)


def test_the_session_knows_its_model_and_project() -> None:
    [facts] = batch(CODEX, hook("Stop")).sessions.values()
    assert (facts.source_service, facts.project, facts.metadata) == ("codex", "/home/dev/app", {"model": "gpt-5.4"})
