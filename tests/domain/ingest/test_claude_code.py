from datetime import UTC, datetime
from hashlib import sha256

import pytest

from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.clean import Reason
from domain.ingest.reading import Origin
from domain.timeline import Kind, Tokens
from domain.values import JsonObject, JsonValue, SessionId
from tests.domain.ingest.transcript import (
    OTHER,
    SESSION,
    assistant,
    call,
    encoded,
    events_of,
    kinds,
    line,
    only,
    read_lines,
    result,
    user,
    uuid_of,
)

TEN = datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_a_prompt_carries_its_text_and_its_origin() -> None:
    prompt = only(events_of(user("fix it", permissionMode="default", promptId="p1", planContent="# Plan")), Kind.PROMPT)
    assert prompt.data == {
        "text": "fix it",
        "tokenCount": 2,
        "permissionMode": "default",
        "promptId": "p1",
        "handsOverPlan": True,
    }
    assert (prompt.session_id, prompt.ts, prompt.actor, prompt.agent_id) == (SESSION, TEN, "human", None)
    assert prompt.source == {"channel": "import", "integration": "claude-code", "emitter": "claude-code/2.1.100"}


def test_every_event_knows_the_line_it_came_from() -> None:
    raw = encoded(user("fix it"))
    digest = sha256(raw.rstrip(b"\n")).digest()
    read = ClaudeCodeReader(Origin(SESSION)).read(raw, 7)
    assert (read.line, read.digest, read.session_id) == (7, digest, SESSION)
    assert [event.raw_digest for event in read.events] == [digest]
    assert read.record == user("fix it")


def test_copies_in_another_session_have_the_same_ids() -> None:
    there = events_of(user("fix it"), call("Bash", {"command": "ls"}), result("a"))
    copied = [
        record | {"sessionId": OTHER} for record in (user("fix it"), call("Bash", {"command": "ls"}), result("a"))
    ]
    here = events_of(*copied)
    assert [event.id for event in here] == [event.id for event in there]
    assert {event.session_id for event in here} == {OTHER}


def test_a_prompt_in_plan_mode_is_planning_too() -> None:
    assert kinds(events_of(user("how?", permissionMode="plan"))) == [Kind.PROMPT, Kind.PLANNING]


def test_clear_is_a_command_that_clears_the_context() -> None:
    events = events_of(user("<command-name>/clear</command-name>\n<command-args></command-args>"))
    assert kinds(events) == [Kind.SLASH_COMMAND, Kind.CONTEXT_CLEAR]
    assert events[0].data == {"name": "clear", "args": ""}


def test_a_long_argument_of_a_command_is_a_prompt_too() -> None:
    text = "<command-name>/build</command-name><command-args>the page of the {} please</command-args>"
    short, long = events_of(user(text.format("user"))), events_of(user(text.format("user and the admin")))
    assert kinds(short) == [Kind.SLASH_COMMAND, Kind.PROMPT]
    assert kinds(events_of(user(text.format("")))) == [Kind.SLASH_COMMAND]
    assert only(long, Kind.PROMPT).data["command"] == "build"


def test_a_local_command_of_new_versions_is_a_slash_command() -> None:
    record = line("system", subtype="local_command", content="<command-name>/clear</command-name>")
    assert kinds(events_of(record)) == [Kind.SLASH_COMMAND, Kind.CONTEXT_CLEAR]


def test_a_shell_line_of_the_person_is_a_command_by_hand() -> None:
    command = only(events_of(user("<bash-input>make test</bash-input>")), Kind.COMMAND)
    assert command.data == {"command": "make test", "human": True, "cwd": "/home/dev/app"}
    assert (command.actor, command.tool, command.exit_code) == ("human", None, None)


def test_an_interruption_is_no_prompt() -> None:
    events = events_of(user([{"type": "text", "text": "[Request interrupted by user for tool use]"}]))
    assert [(e.kind, e.data, e.actor) for e in events] == [(Kind.INTERRUPTION, {"duringTool": True}, "human")]


def test_words_beside_a_tool_result_are_a_prompt() -> None:
    block: JsonValue = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "no"}
    events = events_of(call("Bash", {"command": "x"}), user([block, {"type": "text", "text": "do y"}]))
    assert only(events, Kind.PROMPT).data["text"] == "do y"
    assert only(events, Kind.PROMPT).ordinal > only(events, Kind.TOOL_RESULT).ordinal


def test_a_compaction_counts_once_with_its_summary() -> None:
    boundary = line("system", "b", subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 9})
    summary = user("Summary", "s", 1, isCompactSummary=True, parentUuid=uuid_of("b"))
    command = user("<command-name>/compact</command-name>", "c", 2)
    events = events_of(boundary, summary, command)
    assert kinds(events) == [Kind.CONTEXT_COMPACT, Kind.SLASH_COMMAND]
    assert events[0].data == {"trigger": "auto", "preTokens": 9}


def test_a_compaction_of_old_versions_shows_in_its_summary_alone() -> None:
    text = "This session is being continued from a previous conversation that ran out of context."
    assert kinds(events_of(user(text))) == [Kind.CONTEXT_COMPACT]


def test_queued_prompts_count_where_they_reached_the_model() -> None:
    queue = [
        {"type": "queue-operation", "operation": operation, "content": "also y", "sessionId": SESSION}
        for operation in ("enqueue", "remove")
    ]
    handed: JsonValue = {"type": "queued_command", "prompt": "also y", "commandMode": "prompt"}
    notice: JsonValue = {"type": "queued_command", "prompt": "a task ended", "commandMode": "task-notification"}
    assert events_of(*(dict[str, JsonValue](record) for record in queue)) == []
    assert kinds(events_of(line("attachment", attachment=handed))) == [Kind.PROMPT]
    assert events_of(line("attachment", attachment=notice)) == []


def test_answers_are_kept_and_thoughts_are_not() -> None:
    content: JsonValue = [
        {"type": "thinking", "thinking": "secretly", "signature": "x"},
        {"type": "text", "text": "Done."},
        {"type": "text", "text": " "},
    ]
    answer = only(events_of(assistant(content)), Kind.AI_RESPONSE)
    assert answer.data == {"text": "Done.", "model": "claude-opus-4-6"}
    assert (answer.model, answer.request_id, answer.actor) == ("claude-opus-4-6", "msg_1", "ai")


def test_a_response_in_several_lines_counts_its_tokens_once() -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    lines = [
        assistant([{"type": "text", "text": str(at)}], f"a{at}", at, usage=usage | {"output_tokens": output})
        for at, output in enumerate((1, 250, 1))
    ]
    request = only(events_of(*lines), Kind.API_REQUEST)
    assert request.tokens == Tokens(input=3, output=250, cache_read=100, cache_write=20)
    assert (request.ts, request.request_id, request.model) == (TEN, "msg_1", "claude-opus-4-6")
    assert "outputIsLowerBound" not in request.data


def test_output_tokens_of_old_versions_are_a_lower_bound() -> None:
    request = only(events_of(assistant([], version="2.0.76")), Kind.API_REQUEST)
    assert request.data["outputIsLowerBound"] is True


def test_what_the_price_of_a_response_depends_on_is_kept() -> None:
    told: JsonObject = {"input_tokens": 3, "output_tokens": 5, "cache_creation_input_tokens": 90}
    kept: JsonObject = {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 70}
    usage: JsonObject = {**told, "cache_creation": kept, "speed": "fast"}
    [request] = events_of(assistant([], usage=usage))
    assert (request.data["cacheWrite1hTokens"], request.data["speed"]) == (70, "fast")
    usual: JsonObject = {**told, "cache_creation": {**kept, "ephemeral_1h_input_tokens": 0}, "speed": "standard"}
    [request] = events_of(assistant([], usage=usual))
    assert not {"cacheWrite1hTokens", "speed"} & request.data.keys()


def test_text_the_tool_made_in_the_name_of_the_model_costs_nothing() -> None:
    content: JsonValue = [{"type": "text", "text": "No response requested."}]
    assert events_of(assistant(content, model="<synthetic>")) == []


def test_an_api_error_ends_a_turn_or_is_tried_again() -> None:
    text: JsonValue = [{"type": "text", "text": "API Error: 529"}]
    final = assistant(text, model="<synthetic>", isApiErrorMessage=True, apiErrorStatus=529)
    tried = line("system", subtype="api_error", error={"status": 500, "message": "no"}, retryAttempt=1, maxRetries=10)
    assert [event.data for event in events_of(final, tried)] == [
        {"message": "API Error: 529", "final": True, "status": 529},
        {"status": 500, "message": "no", "attempt": 1, "maxRetries": 10},
    ]


def test_hooks_of_one_start_witness_one_start() -> None:
    def hook(name: str, at: int, trigger: str) -> dict[str, JsonValue]:
        data: JsonValue = {"type": "hook_progress", "hookEvent": "SessionStart", "hookName": f"SessionStart:{trigger}"}
        return line("progress", name, at, data=data, toolUseID=trigger)

    events = events_of(
        hook("1", 0, "startup"), hook("2", 1, "startup"), hook("3", 9, "resume"), hook("4", 9, "compact")
    )
    assert [event.data["source"] for event in events] == ["startup", "resume"]
    attached: JsonValue = {"type": "hook_success", "hookName": "SessionStart:startup", "toolUseID": "startup"}
    assert events_of(line("attachment", attachment=attached))[0].id == events[0].id


# --- sub-agents ---


def test_lines_of_sub_agents_are_never_prompts() -> None:
    inline = events_of(
        user("look around", isSidechain=True),
        call("Read", {"file_path": "/a"}) | {"isSidechain": True},
        result("text") | {"isSidechain": True},
    )
    assert kinds(inline) == [Kind.TOOL_USE, Kind.TOOL_RESULT]
    assert {event.agent_id for event in inline} == {"inline"}
    own_file = ClaudeCodeReader(Origin(SESSION, agent_id="a1"))
    assert events_of(user("look around"), user("[Request interrupted by user]", "i"), reader=own_file) == []
    named = ClaudeCodeReader(Origin(SESSION, agent_id="a1"))
    assert events_of(assistant("hi", agentId="b2"), reader=named)[0].agent_id == "b2"


def progress_of(agent: str, message: dict[str, JsonValue]) -> dict[str, JsonValue]:
    inner = {key: message[key] for key in ("type", "uuid", "timestamp", "message")}
    data: JsonValue = {"type": "agent_progress", "agentId": agent, "prompt": "look", "message": inner}
    return line("progress", f"progress of {message['uuid']}", 50, data=data)


def test_progress_stands_in_for_the_missing_file_of_a_sub_agent() -> None:
    lines = [user("look"), call("Bash", {"command": "ls"}), result("a.py")]
    shown = events_of(*(progress_of("a1", message) for message in lines))
    own_file = events_of(*lines, reader=ClaudeCodeReader(Origin(SESSION, agent_id="a1")))
    assert [e.id for e in shown] == [e.id for e in own_file]
    assert [(e.kind, e.ts, e.agent_id) for e in shown] == [(e.kind, e.ts, "a1") for e in own_file]
    assert Kind.COMMAND in kinds(shown)


def test_progress_is_left_to_the_file_of_the_sub_agent() -> None:
    reader = ClaudeCodeReader(Origin(SESSION, agents_with_files=frozenset({"a1"})))
    assert events_of(progress_of("a1", call("Bash", {"command": "ls"})), reader=reader) == []


# --- what a line may lack ---


def test_a_bad_line_costs_that_line_only() -> None:
    reads = read_lines([b'{"type":"user"}{"type":"user"}\n', b"\n", b"[1]\n", user("go on")])
    assert [read.error and (read.error.line, read.error.reason) for read in reads] == [
        (1, Reason.NOT_JSON),
        None,
        (3, Reason.NOT_AN_OBJECT),
        None,
    ]
    assert kinds(reads[3].events) == [Kind.PROMPT]


def test_a_half_written_last_line_is_told_apart() -> None:
    whole = encoded(user("fix it"))
    reader = ClaudeCodeReader(Origin(SESSION))
    assert reader.read(whole[:-20], 1).error is not None
    assert reader.read(whole[:-20], 1).error == reader.read(whole[:-20].decode(), 1).error
    broken = reader.read(whole[:-20], 1).error
    assert broken is not None
    assert broken.reason is Reason.HALF_WRITTEN
    without_newline = reader.read(whole[:-1], 1)
    assert without_newline.events == reader.read(whole, 1).events
    assert without_newline.digest == reader.read(whole, 1).digest


def test_a_missing_time_is_that_of_the_line_before() -> None:
    untimed = user("and then", "u2")
    del untimed["timestamp"]
    assert [event.ts for event in events_of(user("first", "u1", 5), untimed)] == [TEN.replace(second=5)] * 2
    alone = read_lines([untimed | {"timestamp": "yesterday"}])[0]
    assert alone.error is not None
    assert alone.error.reason is Reason.NO_TIMESTAMP


def test_an_answer_without_a_time_costs_its_own_line_not_the_end_of_the_file() -> None:
    untimed = result("done")
    del untimed["timestamp"]
    reader = ClaudeCodeReader(Origin(SESSION))
    answer, prompt = read_lines([untimed, user("go on", "u2", 5)], reader)
    assert answer.error is not None
    assert answer.error.reason is Reason.NO_TIMESTAMP
    assert [event.kind for event in (*prompt.events, *reader.flush())] == [Kind.PROMPT]


@pytest.mark.parametrize("stamp", ["2026-02-01T11:00:00+01:00", "2026-02-01T10:00:00", "2026-02-01 10:00:00.000Z"])
def test_times_are_utc(stamp: str) -> None:
    assert events_of(user("x", timestamp=stamp))[0].ts == TEN


def test_lines_without_a_uuid_are_named_by_session_and_content() -> None:
    record = user("fix it")
    del record["uuid"]
    (one,), (again,), (there,) = events_of(record), events_of(record), events_of(record | {"sessionId": OTHER})
    assert one.id == again.id
    assert one.id != there.id


def test_each_line_belongs_to_the_session_it_names() -> None:
    old, new = user("old", "u1") | {"sessionId": OTHER}, user("new", "u2", 1)
    assert [event.session_id for event in events_of(old, new)] == [OTHER, SESSION]
    nameless = user("x")
    del nameless["sessionId"]
    assert events_of(nameless, reader=ClaudeCodeReader(Origin(SessionId("file"))))[0].session_id == "file"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"type": 7},
        {"type": "user"},
        {"type": "user", "message": "text"},
        {"type": "user", "message": {"content": {"a": 1}}},
        {"type": "user", "message": {"content": [None, 4, {"type": "tool_result"}, {"type": None}]}},
        {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": 5}], "usage": 3}},
        {"type": "progress", "data": []},
        {"type": "progress", "data": {"type": "agent_progress", "agentId": "a", "message": 1}},
        {"type": "system", "subtype": "compact_boundary2"},
        {"type": "attachment", "attachment": {"type": "queued_command", "prompt": {"x": 1}}},
        {"type": "summary", "summary": 1, "leafUuid": []},
        {"type": "pr-link", "prUrl": None},
        {"type": "something-new", "payload": [1, 2]},
    ],
)
def test_odd_lines_give_nothing_and_harm_nothing(record: dict[str, JsonValue]) -> None:
    assert events_of({"timestamp": "2026-02-01T10:00:00Z", "sessionId": SESSION} | record) == []


# --- redaction ---


def test_redaction_comes_before_everything_else() -> None:
    def redact(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
        return _without_secret(value), ("password",) if "hunter2" in str(value) else ()

    reader = ClaudeCodeReader(Origin(SESSION), redact)
    events = events_of(call("Bash", {"command": "login hunter2"}), result("ok"), user("thanks"), reader=reader)
    assert "hunter2" not in repr(events)
    command, answer = only(events, Kind.COMMAND), only(events, Kind.PROMPT)
    assert (command.data["redacted"], command.data["redactedNames"]) == (True, ["password"])
    assert "redacted" not in answer.data


def _without_secret(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.replace("hunter2", "***")
    if isinstance(value, list):
        return [_without_secret(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_secret(item) for key, item in value.items()}
    return value


# --- what no key of a table would take ---


def test_names_too_long_for_a_key_are_not_taken() -> None:
    long = "x" * 5000
    lines = [
        user("a", uuid=long, sessionId=long, cwd=long, gitBranch=long, version=long),
        call("Read", {"file_path": long}, name="c"),
        call("Read", {}, id=long),
        call(long, {}, id="toolu_2"),
        assistant("hi", "a", message_id=long, model=long),
        result("x", id=long),
        {"type": "custom-title", "customTitle": long, "sessionId": SESSION},
    ]
    events = events_of(*lines)
    assert kinds(events) == [Kind.PROMPT, Kind.TOOL_USE, Kind.AI_RESPONSE, Kind.SESSION_TITLE]
    assert {event.session_id for event in events} == {SESSION}
    hot = [(e.path, e.call_id, e.tool, e.model, e.request_id, str(e.source)) for e in events]
    assert max(len(value) for row in hot for value in row if value) < 256
    title = only(events, Kind.SESSION_TITLE).data["title"]
    assert title == "x" * 500


def test_numbers_no_column_would_take_are_not_taken() -> None:
    usage = {"input_tokens": 2**40, "output_tokens": -5, "cache_read_input_tokens": 7}
    assert only(events_of(assistant([], usage=usage)), Kind.API_REQUEST).tokens == Tokens(cache_read=7)
