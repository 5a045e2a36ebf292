"""What the tools of Codex did, in every form in which it was written."""

import json

import pytest

from domain.ingest.codex_calls import Answer, answer_of, asked, script_of
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.rollout import (
    call,
    completed,
    event,
    events_of,
    item,
    meta,
    output,
    patch,
    patched,
    ran,
    turn,
    wrapped,
)
from tests.domain.ingest.transcript import of_kind, only

BODY = "*** Begin Patch\n*** Update File: a.py\n@@ def f\n-x = 1\n+x = 2\n+y = 3\n*** End Patch"


def of_turn(*lines: JsonObject) -> list[Event]:
    return events_of(meta(), *turn(), *lines)


def kinds(events: list[Event]) -> list[Kind]:
    return [event.kind for event in events]


def test_a_command_has_its_output_its_exit_code_and_its_duration() -> None:
    asked = call("exec_command", {"cmd": "git commit -m x", "workdir": "sub"})
    events = of_turn(asked, output(ran("[main abcdef1] x\n", wall="1.5")))
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.COMMAND, Kind.GIT_ACTION]
    command = only(events, Kind.COMMAND)
    assert (command.call_id, command.tool, command.exit_code, command.duration_ms) == (
        "call_1",
        "exec_command",
        0,
        1500,
    )
    assert command.data == {
        "command": "git commit -m x",
        "stdout": "[main abcdef1] x\n",
        "stderr": "",
        "cwd": "/home/dev/app/sub",
        "exitCode": 0,
        "durationMs": 1500,
    }
    assert only(events, Kind.GIT_ACTION).data["commit"] == "abcdef1"


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("Exit code: 2\nWall time: 0.9 seconds\nOutput:\nno", Answer("no", 2, 900, None, True, "exit_code")),
        ("Command: /bin/zsh -lc 'ls'\n" + ran("a"), Answer("a", 0, 500)),
        (
            "Chunk ID: 1\nWall time: 1.0 seconds\nProcess running with session ID 7\nOutput:\n",
            Answer("", None, 1000, "7"),
        ),
        ("Wall time: 5.0 seconds\naborted by user", Answer("Wall time: 5.0 seconds\naborted by user")),
        (
            "Exit code: 124\nWall time: 9 seconds\nOutput:\ncommand timed out after 9000 milliseconds",
            Answer("command timed out after 9000 milliseconds", 124, 9000, None, True, "timeout"),
        ),
        (
            '{"output":"x","metadata":{"exit_code":0,"duration_seconds":0.25}}',
            Answer("x", 0, 250),
        ),
        ({"content": "no", "success": False}, Answer("no", None, None, None, True)),
        ([{"type": "input_text", "text": "Script completed\nWall time 2 seconds\nOutput:\n"}], Answer("", None, 2000)),
        (
            "Script failed\nWall time 0.1 seconds\nOutput:\nTypeError",
            Answer("TypeError", None, 100, None, True, "other"),
        ),
        ("apply_patch verification failed: no such lines", None),
        ("plain", Answer("plain")),
        (None, Answer("")),
        ({"content": [1]}, Answer("")),
        ('{"output":', Answer('{"output":')),
        ("Exit code: 99999999999\nOutput:\nx", Answer("x")),
    ],
)
def test_answers_are_read_in_every_form(output: JsonValue, answer: Answer | None) -> None:
    expected = answer or Answer(str(output), None, None, None, True, "tool_use_error")
    assert answer_of(output) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("exec command rejected by user", "rejected"),
        ("patch rejected by user", "rejected"),
        ("exec command rejected: blocked by policy", "permission"),
        ("aborted by user after 5.0s", "other"),
        ("failed to parse function arguments: x", "tool_use_error"),
    ],
)
def test_failures_without_exit_code_are_told_by_their_words(text: str, error: str) -> None:
    events = of_turn(call("exec_command", {"cmd": "rm -r x"}), output(text))
    result = only(events, Kind.TOOL_RESULT)
    assert (result.succeeded, result.data["errorClass"]) == (False, error)
    assert bool(of_kind(events, Kind.COMMAND)) == (error == "other")


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("ls -l", "ls -l"),
        (["bash", "-lc", "ls | wc"], "ls | wc"),
        (["/bin/zsh", "-c", "ls"], "ls"),
        (["C:\\Windows\\powershell.exe", "-NoProfile", "-Command", "dir"], "dir"),
        (["git", "commit", "-m", "a b"], "git commit -m 'a b'"),
        (["bash"], "bash"),
        ([1, None], ""),
        (None, ""),
    ],
)
def test_scripts_are_unwrapped(command: JsonValue, script: str) -> None:
    assert script_of(command) == script


def test_a_command_that_runs_on_counts_when_it_ends() -> None:
    running = "Chunk ID: 1\nWall time: 1.0 seconds\nProcess running with session ID 807\nOutput:\n"
    begun = [call("exec_command", {"cmd": "npm test"}), output(running)]
    poll = [
        call("write_stdin", {"session_id": 807, "chars": ""}, "call_2", 30),
        output(ran("1 failed", 1), "call_2", 33),
    ]
    assert of_kind(of_turn(*begun), Kind.COMMAND) == []
    events = of_turn(*begun, *poll)
    command = only(events, Kind.COMMAND)
    assert (command.data["command"], command.call_id, command.exit_code) == ("npm test", "call_1", 1)
    assert (command.duration_ms, command.data["stdout"]) == (30_000, "1 failed")
    note = event("exec_command_end", 20, call_id="call_1", process_id="807", exit_code=1, aggregated_output="1 failed")
    noted = of_turn(*begun, note, *poll)
    assert only(noted, Kind.COMMAND).id == command.id


def test_what_the_session_notes_of_a_known_call_is_not_told_twice() -> None:
    note = event("exec_command_end", call_id="call_1", exit_code=0, command=["bash", "-lc", "ls"])
    server: JsonObject = {"server": "docs", "tool": "find", "arguments": {}}
    failed = event("mcp_tool_call_end", 4, call_id="call_m", invocation=server, result={"Err": "no such page"})
    events = of_turn(
        call("exec_command", {"cmd": "ls"}),
        note,
        output(ran("a")),
        call("mcp__docs__find", {"q": "x"}, "call_m"),
        failed,
        output("no such page", "call_m"),
    )
    assert kinds(events) == [
        Kind.TOOL_USE,
        Kind.TOOL_RESULT,
        Kind.COMMAND,
        Kind.TOOL_USE,
        Kind.MCP_CALL,
        Kind.TOOL_RESULT,
    ]
    assert events[-1].succeeded is False
    assert events[4].data == {"server": "docs", "toolName": "find"}


@pytest.mark.parametrize(
    ("named", "tool"),
    [
        ({"name": "find", "namespace": "mcp__docs__"}, "mcp__docs__find"),
        ({"name": "docs__find"}, "mcp__docs__find"),
        ({"name": "spawn_agent", "namespace": "collaboration"}, "spawn_agent"),
    ],
)
def test_tools_of_servers_have_one_name(named: JsonObject, tool: str) -> None:
    asked = wrapped("response_item", {"type": "function_call", "arguments": "{}", "call_id": "c"} | named)
    assert of_turn(asked)[0].tool == tool


def test_calls_without_an_answer_of_their_own_are_whole() -> None:
    search = item("web_search_call", status="completed", action={"type": "search", "query": "x"})
    later = search | {"timestamp": "2026-04-01T10:00:30.000Z"}
    local = item("local_shell_call", call_id="c", status="completed", action={"type": "exec", "command": ["ls"]})
    events = of_turn(search, later, local, output(ran("a"), "c"))
    assert [(e.tool, e.kind) for e in events] == [
        ("web_search", Kind.TOOL_USE),
        ("web_search", Kind.TOOL_RESULT),
        ("web_search", Kind.TOOL_USE),
        ("web_search", Kind.TOOL_RESULT),
        ("local_shell", Kind.TOOL_USE),
        ("local_shell", Kind.TOOL_RESULT),
        ("local_shell", Kind.COMMAND),
    ]
    assert len({e.call_id for e in events}) == 3


# --- patches ---


def test_a_patch_is_an_edit_of_each_file() -> None:
    change = only(of_turn(patch(BODY), patched()), Kind.FILE_DIFF)
    assert (change.path, change.lines_added, change.lines_removed) == ("/home/dev/app/a.py", 2, 1)
    assert (change.call_id, change.tool) == ("call_p", "apply_patch")


def test_what_the_session_noted_of_a_patch_says_more() -> None:
    changes: JsonObject = {
        "/home/dev/app/a.py": {"type": "update", "unified_diff": "@@ -7 +7,2 @@\n-x = 1\n+x = 2\n+y = 3\n"},
        "/home/dev/app/old.py": {"type": "delete", "content": "a\nb\n"},
    }
    note = event("patch_apply_end", 6, call_id="call_p", success=True, changes=changes)
    events = of_turn(patch(BODY), note, patched())
    assert only(events, Kind.FILE_DIFF).data["diff"] == "@@ -7 +7,2 @@\n-x = 1\n+x = 2\n+y = 3"
    assert only(events, Kind.FILE_DELETE).lines_removed == 2


@pytest.mark.parametrize(
    "asked",
    [
        call("shell", {"command": ["apply_patch", BODY]}, "call_p"),
        call("shell", {"command": ["bash", "-lc", f"apply_patch <<'EOF'\n{BODY}\nEOF"]}, "call_p"),
        call("exec_command", {"cmd": f"cd . && apply_patch <<'EOF'\n{BODY}\nEOF"}, "call_p"),
        call("apply_patch", {"input": BODY}, "call_p"),
    ],
)
def test_patches_come_in_many_ways(asked: JsonObject) -> None:
    events = of_turn(asked, patched())
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.FILE_DIFF]
    assert events[0].path == "/home/dev/app/a.py"


@pytest.mark.parametrize(
    "lines",
    [
        [patched("apply_patch verification failed: no")],
        [item("custom_tool_call_output", call_id="call_p", output="patch rejected by user")],
        [event("patch_apply_end", call_id="call_p", success=False, changes={}), patched("error")],
    ],
)
def test_a_patch_that_failed_changed_nothing(lines: list[JsonObject]) -> None:
    said = [json.loads(json.dumps(line).replace('\\"exit_code\\": 0', '\\"exit_code\\": 1')) for line in lines]
    events = of_turn(patch(BODY), *said)
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT]
    assert events[1].succeeded is False


# --- tools called from within a script ---

SCRIPT = 'const r = await tools.exec_command({cmd:"npm test", "workdir":"/w"});\ntext(r.output);'
HEAD: JsonValue = {"type": "input_text", "text": "Script completed\nWall time 2.0 seconds\nOutput:\n"}


def script(text: str = SCRIPT, printed: str = "1 failed") -> list[JsonObject]:
    blocks: JsonValue = [HEAD, {"type": "input_text", "text": printed}]
    return [
        item("custom_tool_call", 3, name="exec", call_id="call_s", input=text),
        item("custom_tool_call_output", 9, call_id="call_s", output=blocks),
    ]


def test_what_ran_within_a_script_is_part_of_its_call() -> None:
    asked, answered = script()
    note = completed(
        "CommandExecution",
        5,
        id="exec-1",
        command=["/bin/zsh", "-lc", "npm test"],
        cwd="file:///w",
        exit_code=1,
        aggregated_output="1 failed",
        duration={"secs": 2, "nanos": 500_000_000},
    )
    changes: JsonObject = {"/w/a.py": {"type": "add", "content": "x\n"}}
    change = completed("FileChange", 6, id="exec-2", status="completed", changes=changes)
    server = completed("McpToolCall", 7, id="exec-3", server="docs", tool="find", status="completed")
    events = of_turn(asked, note, change, server, answered)
    assert kinds(events) == [Kind.TOOL_USE, Kind.COMMAND, Kind.FILE_CREATE, Kind.MCP_CALL, Kind.TOOL_RESULT]
    assert {e.call_id for e in events} == {"call_s"}
    command = only(events, Kind.COMMAND)
    assert (command.data["command"], command.exit_code, command.duration_ms) == ("npm test", 1, 2500)
    assert command.data["cwd"] == "/w"
    old = event("patch_apply_end", 6, call_id="exec-2", success=True, changes=changes)
    assert only(of_turn(asked, old, answered), Kind.FILE_CREATE).id == only(events, Kind.FILE_CREATE).id


def test_where_nothing_else_tells_the_script_itself_is_read() -> None:
    patches = f"text(await tools.apply_patch({json.dumps(BODY)}));"
    events = of_turn(*script(SCRIPT + patches))
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.COMMAND, Kind.FILE_DIFF]
    command = only(events, Kind.COMMAND)
    assert (command.data["command"], command.exit_code) == ("npm test", None)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("tools.exec_command({cmd: 'a \\'b\\''})", ["a 'b'"]),
        ("tools.exec_command({\"cmd\": `a\nb`, note: 'c'})", ["a\nb"]),
        ('[tools.shell_command({command:"a\\u0062"}), tools.exec_command({cmd: "c\\\\n"})]', ["ab", "c\\n"]),
        ("tools.exec_command({cmd: build()})", []),
        ("tools.exec_command({cmd: 'never ends", []),
        ("const cmd = 'x'; // it's", []),
    ],
)
def test_commands_are_found_in_scripts(text: str, commands: list[str]) -> None:
    assert list(asked(text).commands) == commands


def test_raw_templates_are_patches_as_they_stand() -> None:
    (found,) = asked("tools.apply_patch(String.raw`*** Begin Patch\n+\\n\n*** End Patch`)").patches
    assert found == "*** Begin Patch\n+\\n\n*** End Patch"
