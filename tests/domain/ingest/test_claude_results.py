from datetime import timedelta

import pytest

from domain.ingest.outcomes import OUTPUT_CHARS
from domain.timeline import Attribution, Event, Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.transcript import OTHER, SESSION, call, events_of, kinds, line, of_kind, only, result, user

PATCH: JsonObject = {
    "filePath": "/home/dev/app/a.py",
    "structuredPatch": [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}],
}


def shell(script: str, answer: str = "", outcome: JsonValue = None, *, failed: bool = False) -> list[Event]:
    return events_of(call("Bash", {"command": script}), result(answer, outcome, failed=failed))


def test_a_call_and_its_result_are_joined() -> None:
    events = events_of(call("Read", {"file_path": "/home/dev/app/a.py"}), result("1\ttext"))
    use, answer = only(events, Kind.TOOL_USE), only(events, Kind.TOOL_RESULT)
    assert (use.tool, use.path, use.call_id, use.actor) == ("Read", "/home/dev/app/a.py", "toolu_1", "ai")
    assert use.data == {"toolName": "Read", "input": {"file_path": "/home/dev/app/a.py"}}
    assert (answer.tool, answer.call_id, answer.succeeded, answer.duration_ms) == ("Read", "toolu_1", True, 2000)
    assert answer.data == {"success": True, "text": "1\ttext", "toolName": "Read", "durationMs": 2000}


@pytest.mark.parametrize(
    ("outcome", "duration"),
    [({"durationMs": 12}, 12), ({"totalDurationMs": 99.6}, 100), ({"durationSeconds": 1.5}, 1500), ({}, 2000)],
)
def test_the_duration_is_the_tools_own_if_it_tells(outcome: JsonObject, duration: int) -> None:
    events = events_of(call("Agent", {}), result("ok", outcome))
    assert only(events, Kind.TOOL_RESULT).duration_ms == duration


def test_a_result_before_its_call_finds_it() -> None:
    lines = [call("Bash", {"command": "ls"}), result("a.py")]
    assert set(map(str, events_of(*lines))) == set(map(str, events_of(*lines[::-1])))


def test_a_result_without_a_call_still_counts() -> None:
    lost = only(events_of(result("Exit code 2\nno", failed=True)), Kind.TOOL_RESULT)
    assert (lost.tool, lost.succeeded, lost.data["errorClass"]) == (None, False, "exit_code")
    assert kinds(events_of(result("ok", PATCH))) == [Kind.TOOL_RESULT, Kind.FILE_DIFF]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("Exit code 1\nfailed", "exit_code"),
        ("<returncode>4</returncode>\n<output>", "exit_code"),
        ("<tool_use_error>String to replace not found", "tool_use_error"),
        ("The user doesn't want to proceed with this tool use.", "rejected"),
        ("The user doesn't want to take this action right now.", "rejected"),
        ("[Request interrupted by user for tool use]", "rejected"),
        ("Claude requested permissions to use WebSearch, but you haven't granted it yet.", "permission"),
        ("This command requires approval", "permission"),
        ("ls in '/etc' was blocked. For security, Claude Code may only list files in", "permission"),
        ("Permission to use Bash with command rm has been denied.", "permission"),
        ("Command timed out after 2m 0.0s", "timeout"),
        ("Exit code 143\nCommand timed out after 2m", "timeout"),
        ("Request failed with status code 404", "other"),
        ("", "other"),
    ],
)
def test_errors_have_a_class(answer: str, error: str) -> None:
    failed = only(events_of(call("Bash", {}), result(answer, failed=True)), Kind.TOOL_RESULT)
    assert (failed.data["errorClass"], failed.data["success"], failed.succeeded) == (error, False, False)


@pytest.mark.parametrize(("kind", "error"), [("user-rejected", "rejected"), ("automode-unavailable", "permission")])
def test_new_versions_say_why_a_call_was_denied(kind: str, error: str) -> None:
    denied = result("no", failed=True, toolDenialKind=kind, userFeedback="use make")
    answer = only(events_of(call("Bash", {}), denied), Kind.TOOL_RESULT)
    assert answer.data["errorClass"] == error
    assert answer.data.get("userFeedback") == ("use make" if error == "rejected" else None)


def test_what_the_person_said_when_refusing_is_kept() -> None:
    text = (
        "The user doesn't want to proceed with this tool use. To tell you how to proceed, the user said:\nnot there\n\n"
    )
    answer = events_of(call("Edit", {}), result(text + "Note: The user's next message may…", failed=True))
    assert only(answer, Kind.TOOL_RESULT).data["userFeedback"] == "not there"


def test_large_results_are_kept_as_excerpts() -> None:
    answer: JsonValue = [{"type": "text", "text": "x" * 10**6}, {"type": "image", "source": {"data": "y" * 10**6}}]
    events = events_of(call("Bash", {"command": "z" * 10**6}), result(answer))
    assert all(len(str(event.data)) < 60_000 for event in events)
    text = only(events, Kind.TOOL_RESULT).data["text"]
    assert isinstance(text, str)
    assert len(text) < OUTPUT_CHARS + 100
    assert text.endswith("[image]")


# --- edits ---


def test_an_edit_is_a_diff_of_a_file() -> None:
    events = events_of(call("Edit", {"file_path": "/home/dev/app/a.py"}), result("updated", PATCH))
    edit = only(events, Kind.FILE_DIFF)
    assert (edit.path, edit.lines_added, edit.lines_removed, edit.tool) == ("/home/dev/app/a.py", 1, 1, "Edit")
    assert edit.data["diff"] == "@@ -1,1 +1,1 @@\n-a\n+b"
    assert edit.provenance.attribution is Attribution.LIKELY_AI


def test_an_edit_changed_by_hand_says_so() -> None:
    events = events_of(call("Edit", {}), result("updated", PATCH | {"userModified": True}))
    assert only(events, Kind.FILE_DIFF).provenance.attribution is Attribution.AI_REVISED_BY_HUMAN


def test_a_new_file_is_created() -> None:
    outcome: JsonObject = {"type": "create", "filePath": "/n.py", "content": "a\nb\n", "structuredPatch": []}
    created = only(events_of(call("Write", {}), result("ok", outcome)), Kind.FILE_CREATE)
    assert (created.path, created.lines_added, created.data["sizeBytes"]) == ("/n.py", 2, 4)


def test_an_edit_that_failed_changed_nothing() -> None:
    events = events_of(call("Edit", {"file_path": "/a", "old_string": "a"}), result("<tool_use_error>", failed=True))
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT]


def test_the_structured_result_of_a_line_with_two_results_is_neithers() -> None:
    blocks: JsonValue = [{"type": "tool_result", "tool_use_id": id, "content": "ok"} for id in ("toolu_1", "toolu_2")]
    calls = [call("Edit", {"file_path": f"/{id}"}, id, id) for id in ("toolu_1", "toolu_2")]
    events = events_of(*calls, user(blocks, toolUseResult=PATCH))
    assert [event.path for event in of_kind(events, Kind.FILE_DIFF)] == ["/toolu_1", "/toolu_2"]


# --- commands ---


def test_a_command_has_its_outputs_and_exit_code() -> None:
    command = only(shell("make", "ok", {"stdout": "ok", "stderr": "warn"}), Kind.COMMAND)
    assert command.data == {
        "command": "make",
        "stdout": "ok",
        "stderr": "warn",
        "cwd": "/home/dev/app",
        "exitCode": 0,
        "durationMs": 2000,
    }
    assert (command.exit_code, command.succeeded, command.duration_ms, command.tool) == (0, True, 2000, "Bash")


def test_a_command_knows_where_its_call_was_made() -> None:
    moved = result("", at=3, cwd="/home/dev/app/sub")
    assert only(events_of(call("Bash", {"command": "cd sub"}), moved), Kind.COMMAND).data["cwd"] == "/home/dev/app"
    nowhere = call("Bash", {"command": "ls"}) | {"cwd": None}
    assert "cwd" not in only(events_of(nowhere, result("")), Kind.COMMAND).data


@pytest.mark.parametrize(
    ("answer", "outcome", "failed", "code"),
    [
        ("Exit code 128\nfatal", "Error: Exit code 128", True, 128),
        ("<returncode>1</returncode>\n<output>", None, True, 1),
        ("Traceback", "Error: Traceback", True, None),
        ("ok", {"stdout": "ok", "interrupted": True}, False, None),
        ("running", {"stdout": "", "backgroundTaskId": "b1"}, False, None),
        ("Exit code 99999999999", None, True, None),
    ],
)
def test_an_exit_code_is_told_or_unknown(answer: str, outcome: JsonValue, failed: bool, code: int | None) -> None:
    assert only(shell("make", answer, outcome, failed=failed), Kind.COMMAND).exit_code == code


def test_a_failed_command_has_its_output_behind_the_exit_code() -> None:
    assert only(shell("make", "Exit code 2\nboom", failed=True), Kind.COMMAND).data["stdout"] == "boom"


@pytest.mark.parametrize(
    "answer", ["<tool_use_error>Sibling", "This command requires approval", "The user doesn't want to"]
)
def test_a_command_that_never_ran_is_no_command(answer: str) -> None:
    assert kinds(shell("make", answer, failed=True)) == [Kind.TOOL_USE, Kind.TOOL_RESULT]


def test_git_actions_of_a_command_come_behind_it() -> None:
    events = shell('git commit -m "x" && git push', "[main 1a2b3c4] x\n   aaaa1..bbbb2  main -> main")
    actions = of_kind(events, Kind.GIT_ACTION)
    assert [action.data for action in actions] == [
        {"action": "commit", "ref": "main", "commit": "1a2b3c4", "message": "x"},
        {"action": "push", "ref": "main"},
    ]
    assert len({action.id for action in actions}) == 2
    order = sorted(events, key=lambda event: (event.ts, event.ordinal))
    assert kinds(order)[1:] == [Kind.TOOL_RESULT, Kind.COMMAND, Kind.GIT_ACTION, Kind.GIT_ACTION]


def test_what_the_tool_noticed_of_git_is_not_counted_twice() -> None:
    operation: JsonObject = {"stdout": "ok", "gitOperation": {"commit": {"sha": "c0ffee12", "kind": "committed"}}}
    shown = of_kind(shell("git commit -qm x", "ok", operation), Kind.GIT_ACTION)
    hidden = of_kind(shell("make release", "ok", operation), Kind.GIT_ACTION)
    assert [event.data for event in shown] == [{"action": "commit", "commit": "c0ffee12", "message": "x"}]
    assert [event.data for event in hidden] == [{"action": "commit", "commit": "c0ffee12"}]


def pull_request(url: str, name: str = "link", session: str = SESSION) -> JsonObject:
    return {"type": "pr-link", "sessionId": session, "prUrl": url, "prNumber": 1, "timestamp": "2026-02-01T10:09:00Z"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_pull_request_counts_once_however_it_shows(order: int) -> None:
    url = "https://github.com/o/r/pull/1"
    lines = [call("Bash", {"command": "gh pr create -t x"}), result(url), pull_request(url), pull_request(url)]
    request = only(events_of(*lines[::order]), Kind.GIT_ACTION)
    assert request.data == {"action": "pull_request", "message": "x", "url": url}


def test_a_linked_pull_request_counts_for_its_session() -> None:
    url = "https://github.com/o/r/pull/1"
    events = events_of(pull_request(url), pull_request(url), pull_request(url, session=OTHER))
    assert [event.session_id for event in events] == [SESSION, OTHER]
    assert [event.data for event in events] == [{"action": "pull_request", "url": url}] * 2


# --- other tools ---


def test_a_plan_is_proposed_and_then_accepted_or_not() -> None:
    proposal = call("ExitPlanMode", {"plan": "# Plan"})
    accepted = of_kind(events_of(proposal, result("approved")), Kind.PLANNING)
    rejected = of_kind(events_of(proposal, result("The user doesn't want to", failed=True)), Kind.PLANNING)
    assert [event.data for event in accepted] == [{"phase": "proposed", "plan": "# Plan"}, {"phase": "accepted"}]
    assert rejected[1].data == {"phase": "rejected"}


def test_a_call_of_an_mcp_tool_counts_once_as_a_call() -> None:
    events = events_of(call("mcp__linear__create_issue", {"title": "x"}), result("ok"))
    assert kinds(events) == [Kind.TOOL_USE, Kind.MCP_CALL, Kind.TOOL_RESULT]
    assert only(events, Kind.MCP_CALL).data == {"server": "linear", "toolName": "create_issue"}


def test_a_result_that_seems_to_come_before_its_call_has_no_duration() -> None:
    events = events_of(call("Read", {}, at=9), result("x", at=3))
    answer = only(events, Kind.TOOL_RESULT)
    assert answer.duration_ms is None
    assert answer.ts - only(events, Kind.TOOL_USE).ts == timedelta(seconds=-6)


def test_lines_that_are_no_conversation_give_nothing() -> None:
    assert (
        events_of(line("progress", data={"type": "bash_progress", "output": "x"}), line("file-history-snapshot")) == []
    )
