"""What the sessions of Gemini CLI tell."""

import json
from hashlib import sha256

import pytest

from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.transcript import of_kind, only
from tests.domain.ingest.whole_files import events_of_file, known, lines_read

SESSION = "44444444-4444-4444-8444-444444444444"
ROOT = "/home/dev/app"
TOKENS: JsonObject = {"input": 1000, "output": 50, "cached": 800, "thoughts": 30, "tool": 7, "total": 1087}


def stamp(at: int) -> str:
    return f"2026-04-14T10:{at // 60:02}:{at % 60:02}.000Z"


def head(**more: JsonValue) -> JsonObject:
    hash = sha256(ROOT.encode()).hexdigest()
    return {"sessionId": SESSION, "projectHash": hash, "startTime": stamp(0), "lastUpdated": stamp(99), **more}


def said(text: JsonValue, at: int = 1, **more: JsonValue) -> JsonObject:
    return {"id": f"u{at}", "timestamp": stamp(at), "type": "user", "content": text, **more}


def answered(text: JsonValue = "", at: int = 2, *calls: JsonObject, **more: JsonValue) -> JsonObject:
    told: JsonObject = {"id": f"g{at}", "timestamp": stamp(at), "type": "gemini", "content": text}
    return {**told, "model": "gemini-3-flash-preview", "toolCalls": list(calls), **more}


def call(name: str, args: JsonObject, answer: str = "", status: str = "success", **more: JsonValue) -> JsonObject:
    response: JsonObject = {"functionResponse": {"name": name, "response": {"output": answer}}}
    told: JsonObject = {"id": f"{name}_1", "name": name, "args": args, "result": [response], "status": status}
    return {**told, "timestamp": stamp(5), **more}


def ran(answer: str, command: str = "npm test", status: str = "success", **more: JsonValue) -> JsonObject:
    return call("run_shell_command", {"command": command}, answer, status, **more)


def whole(*messages: JsonObject, **more: JsonValue) -> bytes:
    return json.dumps({**head(), "messages": list(messages), **more}, indent=2).encode()


def lines(*records: JsonObject) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def events_of(*messages: JsonObject) -> list[Event]:
    return events_of_file(whole(*messages))


NOTHING: dict[str, str] = {}
MESSAGES = (
    said("fix the parser"),
    answered("Looking.", 2, ran("Output: ok\nProcess Group PGID: 7"), tokens=TOKENS),
    said([{"text": "and commit"}], 10),
    answered("Done.", 12, tokens=TOKENS),
)


def test_both_ways_of_writing_a_session_give_the_same_events() -> None:
    object, list = events_of(*MESSAGES), events_of_file(lines(head(), *MESSAGES))
    assert [event.id for event in object] == [event.id for event in list]
    assert {event.session_id for event in object} == {SESSION}


@pytest.mark.parametrize("kept", range(1, len(MESSAGES)))
def test_a_file_that_grew_adds_only_what_is_new(kept: int) -> None:
    before, after = lines_read(whole(*MESSAGES[:kept])), lines_read(whole(*MESSAGES, lastUpdated=stamp(500)))
    assert [read.digest for read in before] == [read.digest for read in after][: kept + 1]
    ids = [event.id for read in after for event in read.events]
    assert [event.id for read in before for event in read.events] == ids[: sum(len(r.events) for r in before)]


def test_a_message_that_is_told_again_with_its_calls_counts_its_tokens_once() -> None:
    first = answered("Looking.", 2, tokens=TOKENS)
    again = answered("Looking.", 2, ran("Output: ok"), tokens=TOKENS)
    events = events_of_file(lines(head(), said("hi"), first, {"$set": {"lastUpdated": stamp(3)}}, again))
    assert only(events, Kind.API_REQUEST).tokens == Tokens(input=207, output=80, cache_read=800)
    assert len(of_kind(events, Kind.TOOL_USE)) == len(of_kind(events, Kind.AI_RESPONSE)) == 1


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        (TOKENS, Tokens(input=207, output=80, cache_read=800)),
        ({"input": 10, "output": 1, "cached": 0, "total": 11}, Tokens(10, 1)),
        ({"input": 10, "output": 1, "cached": 99}, Tokens(0, 1, 10)),
        ({"input": "x", "output": -5, "cached": None}, None),
        (None, None),
    ],
)
def test_cached_input_is_part_of_the_input_and_thoughts_are_output(told: JsonValue, tokens: Tokens | None) -> None:
    requests = of_kind(events_of(answered("", 2, tokens=told)), Kind.API_REQUEST)
    assert [event.tokens for event in requests] == ([tokens] if tokens else [])


@pytest.mark.parametrize(
    ("content", "more", "prompt"),
    [
        ("fix it", NOTHING, "fix it"),
        ([{"text": "fix "}, {"text": "it"}], NOTHING, "fix it"),
        ([{"text": "see @a"}, {"text": "\n--- Content from referenced files ---"}, {"text": "x"}], NOTHING, "see @a"),
        ("see a.txt: its content", {"displayContent": "see @a.txt"}, "see @a.txt"),
        ("/home/dev/app is broken", NOTHING, "/home/dev/app is broken"),
        ("Please continue.", NOTHING, None),
        ("<session_context>today is Monday", NOTHING, None),
        ([{"functionResponse": {"name": "x"}}, {"text": "tool"}], NOTHING, None),
        ([{"inlineData": {"data": "AAAA"}}], NOTHING, None),
        (" \n", NOTHING, None),
        (17, NOTHING, None),
    ],
)
def test_prompts_are_what_a_person_typed(content: JsonValue, more: dict[str, str], prompt: str | None) -> None:
    prompts = of_kind(events_of({**said(content), **more}), Kind.PROMPT)
    assert [event.data["text"] for event in prompts] == ([prompt] if prompt else [])


def test_a_slash_command_is_no_prompt() -> None:
    assert only(events_of(said("/memory add be brief")), Kind.SLASH_COMMAND).data == {
        "name": "memory",
        "args": "add be brief",
    }


@pytest.mark.parametrize(
    ("answer", "code", "printed"),
    [
        ("Output: 3 passed\nProcess Group PGID: 7", 0, "3 passed"),
        ("Output: (empty)\nExit Code: 2\nProcess Group PGID: 7", 2, ""),
        ("Output: x\nSignal: 15\nProcess Group PGID: 7", None, "x"),
        ("Command: npm test\nDirectory: (root)\nStdout: ok\nStderr: (empty)\nError: (none)\nExit Code: 1", 1, "ok"),
        ("Output: Exit Code: 9\nand so on", 0, "Exit Code: 9\nand so on"),
    ],
)
def test_commands_end_as_their_answer_says(answer: str, code: int | None, printed: str) -> None:
    events = events_of(answered("", 2, ran(answer, description="npm test [current working directory /home/dev/app]")))
    command = only(events, Kind.COMMAND)
    assert (command.exit_code, command.data["stdout"], command.data["cwd"]) == (code, printed, ROOT)
    assert only(events, Kind.TOOL_RESULT).succeeded is (code in (None, 0))


@pytest.mark.parametrize(
    ("told", "error", "commands"),
    [
        (ran("[Operation Cancelled] Reason: User denied execution.", status="cancelled"), "rejected", 0),
        (ran("Command was cancelled by user before it could complete.", status="cancelled"), "other", 1),
        (ran("Tool execution denied by policy.", status="error"), "permission", 0),
        (ran("Command was automatically cancelled because it exceeded the timeout of 5", status="error"), "timeout", 1),
        (call("replace", {"file_path": "a"}, "could not find the string", "error"), "tool_use_error", 0),
        (call("x", {}, "down", "error", displayName="search (docs MCP Server)"), "other", 0),
    ],
)
def test_failed_calls_say_why(told: JsonObject, error: str, commands: int) -> None:
    events = events_of(answered("", 2, told))
    result = only(events, Kind.TOOL_RESULT)
    assert (result.succeeded, result.data["errorClass"]) == (False, error)
    assert len(of_kind(events, Kind.COMMAND)) == commands


def test_a_call_that_goes_on_has_no_result() -> None:
    events = events_of(answered("", 2, ran("", status="executing")))
    assert [event.kind for event in events] == [Kind.TOOL_USE]


@pytest.mark.parametrize(
    "told",
    [{"name": "docs_search", "displayName": "search (docs MCP Server)"}, {"name": "mcp_docs_search"}],
)
def test_tools_of_servers_are_named_alike(told: JsonObject) -> None:
    event = only(events_of(answered("", 2, {**call("x", {}), **told})), Kind.MCP_CALL)
    assert (event.tool, event.data) == ("mcp__docs__search", {"server": "docs", "toolName": "search"})


WRITTEN: JsonObject = {"file_path": f"{ROOT}/a.py", "content": "a\nb\n"}
REPLACED: JsonObject = {"file_path": f"{ROOT}/a.py", "old_string": "a", "new_string": "b\nc"}


def shown(new: bool, **more: JsonValue) -> JsonObject:
    patch = "Index: a.py\n====\n--- a.py\tOriginal\n+++ a.py\tWritten\n@@ -1,1 +1,2 @@\n-x\n+y\n+z\n"
    return {"fileDiff": patch, "fileName": "a.py", "filePath": f"{ROOT}/a.py", "isNewFile": new, **more}


@pytest.mark.parametrize(
    ("told", "kind", "counts"),
    [
        (call("replace", {"file_path": "a.py"}, resultDisplay=shown(False)), Kind.FILE_DIFF, (2, 1)),
        (call("write_file", {"file_path": "a.py"}, resultDisplay=shown(True)), Kind.FILE_CREATE, (2, 1)),
        (call("write_file", WRITTEN, "Successfully created and wrote to new file: a.py."), Kind.FILE_CREATE, (2, 0)),
        (call("write_file", WRITTEN, "Successfully overwrote file: a.py."), Kind.FILE_DIFF, (2, 0)),
        (call("replace", REPLACED), Kind.FILE_DIFF, (2, 1)),
    ],
)
def test_edits_count_their_lines(told: JsonObject, kind: Kind, counts: tuple[int, int]) -> None:
    edit = only(events_of(answered("", 2, told)), kind)
    assert (edit.path, edit.lines_added, edit.lines_removed) == (f"{ROOT}/a.py", *counts)


def test_the_project_is_the_folder_that_has_its_hash() -> None:
    reads = lines_read(whole(answered("", 2, call("replace", {"file_path": "src/a.py"}, resultDisplay=shown(False)))))
    assert {facts.project for facts in reads[-1].facts.values()} == {ROOT}
    other = lines_read(whole(answered("", 2, call("read_file", {"file_path": "/etc/hosts"}))))
    assert all(facts.project is None for read in other for facts in read.facts.values())


def test_thoughts_are_not_kept() -> None:
    part: JsonObject = {"text": "secret musing", "thought": True}
    events = events_of(answered([part, {"text": "Hello."}], 2, thoughts=[{"subject": "secret", "description": "x"}]))
    assert only(events, Kind.AI_RESPONSE).data["text"] == "Hello."


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"type": "info", "content": "Request cancelled."}, Kind.INTERRUPTION),
        ({"type": "error", "content": "[API Error: quota]"}, Kind.API_ERROR),
        ({"type": "user", "content": "<state_snapshot>so far</state_snapshot>"}, Kind.CONTEXT_COMPACT),
        ({"type": "info", "content": "An extension has an update."}, None),
        ({"type": "warning", "content": "?"}, None),
    ],
)
def test_what_else_happens(record: JsonObject, kind: Kind | None) -> None:
    events = events_of({"id": "n1", "timestamp": stamp(3), **record})
    assert [event.kind for event in events] == ([kind] if kind else [])


def test_a_session_that_is_told_again_after_a_compaction_adds_the_compaction_alone() -> None:
    told: JsonObject = {"messages": [said("<state_snapshot>so far", 20), answered("Got it.", 21), MESSAGES[3]]}
    before, after = lines(head(), *MESSAGES), lines(head(), *MESSAGES, {"$set": told}, {"$rewindTo": "u10"})
    new = {event.id: event.kind for event in events_of_file(after)}
    for event in events_of_file(before):
        del new[event.id]
    assert list(new.values()) == [Kind.CONTEXT_COMPACT]


def test_a_summary_is_the_title() -> None:
    for raw in (
        whole(*MESSAGES, summary="Parser fixed"),
        lines(head(), *MESSAGES, {"$set": {"summary": "Parser fixed"}}),
    ):
        assert only(events_of_file(raw), Kind.SESSION_TITLE).data["title"] == "Parser fixed"


def test_a_sub_agent_belongs_to_the_session_in_whose_folder_it_lies() -> None:
    raw = lines(head(kind="subagent", sessionId="agent-7"), said("look into it"), answered("Found.", 2, tokens=TOKENS))
    events = events_of_file(raw, f"/home/dev/.gemini/tmp/app/chats/{SESSION}/agent-7.jsonl")
    assert {(event.session_id, event.agent_id) for event in events} == {(SESSION, "agent-7")}
    assert not of_kind(events, Kind.PROMPT)
    assert {event.session_id for event in events_of_file(raw, "/tmp/agent-7.jsonl")} == {"agent-7"}
    main = events_of(answered("", 2, call("investigator", {}, agentId="agent-7")))
    assert only(main, Kind.TOOL_RESULT).data["subAgentId"] == "agent-7"


@pytest.mark.parametrize(
    "told",
    [
        {"sessionId": "s", "messages": []},
        {"sessionId": "s", "projectHash": "h", "startTime": "x", "messages": {}},
        {"id": 1, "messages": [{"type": "user", "content": "hi"}]},
        {"name": "package", "version": "1.0.0"},
    ],
)
def test_other_objects_are_no_sessions(told: JsonObject) -> None:
    assert known(json.dumps(told).encode()) is None
