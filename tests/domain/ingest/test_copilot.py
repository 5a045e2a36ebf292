"""What the events of a Copilot session tell."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ingest.clean import Reason
from domain.ingest.copilot import CopilotReader, heading
from domain.ingest.line import instant
from domain.ingest.reading import Heading, Look, Origin
from domain.timeline import Event, Kind, Tokens
from domain.values import EventId, JsonObject, JsonValue, SessionId
from tests.domain.ingest.test_claude_code_properties import orjson_or_nothing
from tests.domain.ingest.test_clean import ANY_JSON
from tests.domain.ingest.transcript import of_kind, only, uuid_of

SESSION = SessionId("33333333-3333-4333-8333-333333333333")
PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n-x = 1\n+x = 2\n+y = 3\n*** End Patch"


def line(type: str, at: int = 0, name: str = "", **data: JsonValue) -> JsonObject:
    return {
        "type": type,
        "data": data,
        "id": uuid_of(name or f"{type} {at}"),
        "timestamp": f"2026-05-04T15:{at // 60:02}:{at % 60:02}.000Z",
        "parentId": None,
    }


def start(model: str | None = None) -> JsonObject:
    context: JsonObject = {"cwd": "/home/dev/app", "branch": "main", "repository": "o/r", "headCommit": "abc1234"}
    return line("session.start", sessionId=SESSION, copilotVersion="1.0.40", context=context, selectedModel=model)


def call(tool: str, arguments: JsonValue, id: str = "c1", at: int = 5, **more: str) -> JsonObject:
    given: JsonObject = {"toolCallId": id, "toolName": tool, "arguments": arguments, **more}
    return {**line("tool.execution_start", at, f"call {id}"), "data": given}


def result(answer: str = "", id: str = "c1", at: int = 8, *, success: bool = True) -> JsonObject:
    told: JsonObject = {"result": {"content": answer}} if success else {"error": {"message": answer}}
    given: JsonObject = {"toolCallId": id, "success": success, **told}
    return {**line("tool.execution_complete", at, f"result {id} {at}"), "data": given}


def said(output: int, at: int = 4) -> JsonObject:
    return line("assistant.message", at, content="", outputTokens=output, requestId=f"R{at}")


def shutdown(at: int = 100, **models: tuple[int, int, int, int]) -> JsonObject:
    names = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")
    metrics: JsonObject = {
        model: {"requests": {"count": 2}, "usage": dict(zip(names, counts, strict=True))}
        for model, counts in models.items()
    }
    return line("session.shutdown", at, shutdownType="routine", modelMetrics=metrics)


def events_of(*lines: "JsonValue | bytes", reader: CopilotReader | None = None) -> list[Event]:
    reader = reader or CopilotReader(Origin(SESSION))
    found: dict[EventId, Event] = {}
    for number, one in enumerate(lines, 1):
        read = reader.read(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n", number)
        assert read.error is None, read.error
        for event in read.events:
            found.setdefault(event.id, event)
    return [*found.values(), *reader.flush()]


def kinds(events: list[Event]) -> list[Kind]:
    return [event.kind for event in events]


def test_a_prompt_is_what_a_person_typed() -> None:
    sent = line(
        "user.message", content="fix it", transformedContent="<now>fix it", interactionId="i1", attachments=[{}]
    )
    by_skill = line("user.message", 2, content="<skill-context>", source="skill-pdf")
    by_agent = line("user.message", 3, content="look around") | {"agentId": "a1"}
    (asked,) = events_of(start(), sent, by_skill, by_agent)
    assert asked.data == {"text": "fix it", "tokenCount": 2, "promptId": "i1", "attachments": 1}
    assert (asked.kind, asked.session_id, asked.actor) == (Kind.PROMPT, SESSION, "human")
    assert asked.source == {"channel": "import", "integration": "copilot-cli", "emitter": "copilot-cli/1.0.40"}


def test_modes_show_in_what_is_typed() -> None:
    planned = events_of(line("session.mode_changed", newMode="plan"), line("user.message", 1, content="how?"))
    assert kinds(planned) == [Kind.PROMPT, Kind.PLANNING]
    assert planned[0].data["permissionMode"] == "plan"
    (shell,) = events_of(start(), line("user.message", content="make test", agentMode="shell"))
    assert (shell.kind, shell.data) == (
        Kind.COMMAND,
        {"command": "make test", "human": True, "cwd": "/home/dev/app"},
    )


def test_a_session_tells_of_itself() -> None:
    reader = CopilotReader(Origin(SESSION))
    lines = [start("gpt-5.4"), line("session.model_change", 2, newModel="claude-sonnet-4.5")]
    told = [reader.read(json.dumps(one).encode(), 1).facts[SESSION] for one in lines][-1]
    assert (told.source_service, told.project, told.branch) == ("copilot-cli", "/home/dev/app", "main")
    assert told.metadata == {
        "repository": "o/r",
        "commit": "abc1234",
        "version": "1.0.40",
        "model": "claude-sonnet-4.5",
    }


def test_what_else_happens_in_a_session() -> None:
    events = events_of(
        line("assistant.message", content="Done.", model="gpt-5.4"),
        line("abort", 1, reason="user initiated"),
        line("session.compaction_complete", 2, success=True, preCompactionTokens=900),
        line("session.compaction_complete", 3, "failed", success=False),
        line("session.error", 4, message="slow down", statusCode=429, errorType="rate_limit"),
        line("session.title_changed", 5, title="Fix the cart"),
        line("session.info", 6, message="connected"),
    )
    assert [(event.kind, event.data) for event in events] == [
        (Kind.AI_RESPONSE, {"text": "Done.", "model": "gpt-5.4"}),
        (Kind.INTERRUPTION, {}),
        (Kind.CONTEXT_COMPACT, {"preTokens": 900}),
        (Kind.API_ERROR, {"message": "slow down", "final": True, "status": 429, "error": "rate_limit"}),
        (Kind.SESSION_TITLE, {"title": "Fix the cart", "givenBy": "model"}),
    ]


# --- tools ---


@pytest.mark.parametrize(
    ("answer", "code", "printed"),
    [
        ("[main abcdef1] x\n<exited with exit code 0>", 0, "[main abcdef1] x"),
        ("no\n<shellId: 3 completed with exit code 2>", 2, "no"),
        ("cut off", None, "cut off"),
    ],
)
def test_a_command_has_its_output_and_its_exit_code(answer: str, code: int | None, printed: str) -> None:
    events = events_of(start(), call("bash", {"command": "git commit -m x"}), result(answer))
    command, told = only(events, Kind.COMMAND), only(events, Kind.TOOL_RESULT)
    assert (command.exit_code, command.data["stdout"], command.duration_ms) == (code, printed, 3000)
    assert (told.succeeded, told.data.get("errorClass")) == (not code, "exit_code" if code else None)
    assert bool(of_kind(events, Kind.GIT_ACTION)) == (not code)


def test_a_command_that_runs_on_counts_when_it_ends() -> None:
    running = "1 passed\n<command with shellId: 7 is still running after 30 seconds. Use read_bash.>"
    begun = [call("bash", {"command": "npm test"}), result(running)]
    read = [call("read_bash", {"shellId": "7"}, "c2", 40), result("ok\n<exited with exit code 1>", "c2", 45)]
    assert of_kind(events_of(*begun), Kind.COMMAND) == []
    command = only(events_of(*begun, *read), Kind.COMMAND)
    assert (command.data["command"], command.call_id, command.exit_code, command.duration_ms) == (
        "npm test",
        "c1",
        1,
        40_000,
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("apply_patch", PATCH, (Kind.FILE_DIFF, "/home/dev/app/a.py", 2, 1)),
        ("create", {"path": "/w/n.py", "file_text": "a\nb\n"}, (Kind.FILE_CREATE, "/w/n.py", 2, 0)),
        ("edit", {"path": "/w/e.py", "old_str": "a\nb", "new_str": "a\nc"}, (Kind.FILE_DIFF, "/w/e.py", 1, 1)),
        (
            "str_replace_editor",
            {"command": "insert", "path": "/w/i.py", "insert_text": "x"},
            (Kind.FILE_DIFF, "/w/i.py", 1, 0),
        ),
    ],
)
def test_edits_follow_from_what_was_asked(
    tool: str, arguments: JsonValue, expected: tuple[Kind, str, int, int]
) -> None:
    events = events_of(start(), call(tool, arguments), result("Modified 1 file(s)"))
    change = events[-1]
    assert (change.kind, change.path, change.lines_added, change.lines_removed) == expected
    assert events[0].path == change.path
    failed = events_of(start(), call(tool, arguments), result("no such text", success=False))
    assert kinds(failed) == [Kind.TOOL_USE, Kind.TOOL_RESULT]


def test_viewing_a_file_changes_nothing() -> None:
    for tool, arguments in (("view", {"path": "/w/a"}), ("str_replace_editor", {"command": "view", "path": "/w/a"})):
        given: JsonObject = dict(arguments)
        assert kinds(events_of(call(tool, given), result("1. x"))) == [Kind.TOOL_USE, Kind.TOOL_RESULT]


def test_a_plan_is_accepted_or_not() -> None:
    proposed = call("exit_plan_mode", {"summary": "# Plan"})
    for answer, phase in (("Plan approved! Exited plan mode.", "accepted"), ("Add tests first", "rejected")):
        phases = [e.data["phase"] for e in of_kind(events_of(proposed, result(answer)), Kind.PLANNING)]
        assert phases == ["proposed", phase]


@pytest.mark.parametrize(
    ("kind", "error"), [("denied-interactively-by-user", "rejected"), ("denied-by-rules", "permission")]
)
def test_a_denied_call_never_ran(kind: str, error: str) -> None:
    denied = line("permission.completed", 6, toolCallId="c1", result={"kind": kind})
    events = events_of(call("bash", {"command": "rm -r x"}), denied, result("Permission denied", success=False))
    assert kinds(events) == [Kind.TOOL_USE, Kind.TOOL_RESULT]
    assert events[1].data["errorClass"] == error


def test_tools_of_servers_have_one_name() -> None:
    events = events_of(call("docs-find", {"q": "x"}, mcpServerName="docs", mcpToolName="find"), result("ok"))
    assert kinds(events) == [Kind.TOOL_USE, Kind.MCP_CALL, Kind.TOOL_RESULT]
    assert {event.tool for event in events} == {"mcp__docs__find"}


def test_what_sub_agents_do_is_theirs() -> None:
    lines = [call("bash", {"command": "ls"}), result("a\n<exited with exit code 0>"), said(5)]
    events = events_of(*({**one, "agentId": "a1"} for one in lines))
    assert {event.agent_id for event in events} == {"a1"}
    old = events_of(call("view", {"path": "/w/a"}, parentToolCallId="task1"))
    assert [event.agent_id for event in old] == ["task1"]


# --- tokens ---


def tokens(*lines: JsonObject) -> list[tuple[str | None, Tokens | None]]:
    changed = line("session.model_change", newModel="m")
    return [(e.model, e.tokens) for e in of_kind(events_of(changed, *lines), Kind.API_REQUEST)]


def test_input_is_told_at_the_end_alone_and_output_counts_once() -> None:
    used = tokens(said(10, 4), said(20, 9), shutdown(m=(1000, 35, 700, 100), n=(50, 5, 0, 0)))
    assert used == [
        ("m", Tokens(output=10)),
        ("m", Tokens(output=20)),
        ("m", Tokens(input=200, output=5, cache_read=700, cache_write=100)),
        ("n", Tokens(input=50, output=5)),
    ]


def test_without_an_end_the_tokens_are_a_lower_bound() -> None:
    (request,) = of_kind(events_of(said(10)), Kind.API_REQUEST)
    assert request.data["outputIsLowerBound"] is True
    assert request.request_id == "R4"


def test_the_end_counts_when_the_model_was_last_heard_of() -> None:
    events = events_of(line("session.model_change", newModel="m"), said(10, 4), shutdown(3000, m=(100, 10, 0, 0)))
    assert {event.ts for event in events} == {instant("2026-05-04T15:00:04Z")}


@pytest.mark.parametrize(
    ("lines", "rest"),
    [
        ([shutdown(50, m=(100, 10, 0, 0)), shutdown(51, m=(100, 10, 0, 0))], []),
        ([shutdown(50, m=(100, 10, 0, 0)), said(4, 60), shutdown(90, m=(30, 4, 0, 0))], [Tokens(input=30)]),
        ([shutdown(50, m=(100, 10, 0, 0)), said(4, 60), shutdown(90, m=(130, 14, 0, 0))], [Tokens(input=30)]),
        ([shutdown(50, m=(100, 10, 0, 0)), said(20, 60), shutdown(90, m=(300, 20, 0, 0))], [Tokens(input=300)]),
        ([shutdown(50, m=(100, 10, 0, 0)), shutdown(60)], []),
    ],
    ids=["written twice", "from zero again", "counted on", "from zero, and more than before", "nothing told"],
)
def test_several_ends_of_a_resumed_session_add_up(lines: list[JsonObject], rest: list[Tokens]) -> None:
    used = [one for _, one in tokens(said(10, 4), *lines) if one is not None and one.input]
    assert used == [Tokens(input=100), *rest]


# --- headings, copies, robustness ---


def head(*records: JsonValue) -> Heading | None:
    return heading(Look([json.dumps(record).encode() for record in records]))


def test_a_session_is_known_by_its_lines() -> None:
    assert head({"type": "x"}, start(), said(4)) == Heading(SESSION, instant("2026-05-04T15:00:00Z"))
    assert head(said(4)) == Heading(None, instant("2026-05-04T15:00:04Z"))


@pytest.mark.parametrize(
    "record",
    [
        {"type": "thread.started", "thread_id": "x"},
        {"type": "item.completed", "item": {}},
        {"type": "user", "data": {}, "id": "x", "parentId": None},
        {"type": "user.message", "data": "x", "id": "x", "parentId": None},
        {"type": "event_msg", "payload": {}},
        {},
    ],
)
def test_anything_else_is_no_session(record: JsonObject) -> None:
    assert head(record) is None


LINES = [
    start(),
    line("user.message", 1, content="fix it"),
    said(10, 4),
    call("bash", {"command": "git push"}),
    result("ok\n<exited with exit code 0>"),
    call("apply_patch", PATCH, "c2", 20),
    result("Modified", "c2", 22),
    line("abort", 30),
]


@given(st.permutations(LINES), st.lists(st.sampled_from(LINES), max_size=4))
def test_any_order_and_any_copies_give_the_same_ids(lines: list[JsonObject], copies: list[JsonObject]) -> None:
    assert {one.id for one in events_of(*lines, *copies)} == {one.id for one in events_of(*LINES)}


def test_copies_in_another_session_have_the_same_ids() -> None:
    there = events_of(*LINES, reader=CopilotReader(Origin(SessionId("other"))))
    assert [one.id for one in there] == [one.id for one in events_of(*LINES)]


def test_a_half_written_last_line_is_read_at_the_next_time() -> None:
    half = CopilotReader(Origin(SESSION)).read(json.dumps(LINES[1]).encode()[:-9], 1)
    assert half.error is not None
    assert half.error.reason is Reason.HALF_WRITTEN


@given(st.lists(st.binary(max_size=80) | ANY_JSON.map(lambda value: orjson_or_nothing(value)), max_size=8))
def test_no_bytes_raise(lines: list[bytes]) -> None:
    reader = CopilotReader(Origin(SESSION))
    for number, raw in enumerate(lines, 1):
        assert reader.read(raw, number).line == number
    reader.flush()


TYPES = st.sampled_from([str(record["type"]) for record in LINES] + ["session.shutdown", "permission.completed"])
KEYS: st.SearchStrategy[str] = st.sampled_from(
    (
        *(
            "toolCallId",
            "toolName",
            "arguments",
            "result",
            "content",
            "contents",
            "error",
            "message",
            "code",
            "success",
        ),
        *("modelMetrics", "usage", "m", "inputTokens", "outputTokens", "command", "path", "shellId", "context", "cwd"),
        *("source", "agentMode", "attachments", "kind", "exitCode", "type", "requestId", "model", "newModel"),
    )
)
WORDS: st.SearchStrategy[JsonValue] = st.sampled_from(["bash", "create", "c1", PATCH, "x"])
FAMILIAR: st.SearchStrategy[JsonValue] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=16,
)


@given(st.lists(st.tuples(TYPES, st.dictionaries(KEYS, FAMILIAR, max_size=6)), max_size=5))
def test_no_shape_of_a_line_raises(shapes: list[tuple[str, JsonObject]]) -> None:
    reader = CopilotReader(Origin(SESSION))
    for number, (type, data) in enumerate(shapes):
        record: JsonObject = {**line(type, number), "data": data}
        for event in reader.read(orjson_or_nothing(record), 1).events:
            orjson.dumps(event.data)
    reader.flush()
