"""What a Codex rollout tells: prompts, answers, plans, facts, and what is told in several forms."""

import json

import pytest

from domain.ingest.codex import CodexReader, heading
from domain.ingest.line import instant
from domain.ingest.reading import Heading, Look, Origin
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId
from tests.domain.ingest.rollout import (
    THREAD,
    TURN,
    answer,
    call,
    completed,
    counted,
    event,
    events_of,
    item,
    meta,
    output,
    prompt,
    ran,
    stamp,
    turn,
    uuid7,
    wrapped,
)
from tests.domain.ingest.transcript import only


def of_turn(*lines: JsonObject) -> list[Event]:
    return events_of(meta(), *turn(), *lines)


def kinds(events: list[Event]) -> list[Kind]:
    return [event.kind for event in events]


def test_a_prompt_is_what_the_event_says_and_not_what_went_to_the_model() -> None:
    injected = item("message", role="user", content=[{"type": "input_text", "text": "<environment_context>…"}])
    sent = item("message", role="user", content=[{"type": "input_text", "text": "fix it"}])
    (asked,) = of_turn(injected, prompt("fix it\n", images=["a.png"]), sent)
    assert asked.data == {"text": "fix it", "tokenCount": 2, "promptId": TURN, "images": 1}
    assert (asked.kind, asked.session_id, asked.actor, asked.agent_id) == (Kind.PROMPT, THREAD, "human", None)
    assert asked.source == {"channel": "import", "integration": "codex", "emitter": "codex/0.118.0"}


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("# Context from my IDE setup:\n\n## Active file: a.py\n\n## My request for Codex:\nfix it", {}, "fix it"),
        ("<environment_context>\n  <cwd>/x</cwd>\n</environment_context>", {}, None),
        ("# AGENTS.md instructions for /x\n\nBe kind.", {}, None),
        ("Be kind.", {"kind": "user_instructions"}, None),
        ("fix it", {"kind": "plain"}, "fix it"),
        ("  \n", {}, None),
    ],
)
def test_what_editors_and_codex_say_is_no_prompt(text: str, more: JsonObject, told: str | None) -> None:
    asked = wrapped("event_msg", {"type": "user_message", "message": text} | more)
    events = of_turn(asked)
    assert [event.data["text"] for event in events] == ([] if told is None else [told])


def test_what_newer_versions_say_in_two_forms_counts_once() -> None:
    content: JsonValue = [{"type": "text", "text": "fix it"}]
    told = [prompt("fix it"), answer("Done."), event("context_compacted")]
    items = [completed("UserMessage", content=content), completed("AgentMessage", content=[{"text": "Done."}])]
    compacted = [wrapped("compacted", {"message": "All so far"}), completed("ContextCompaction")]
    both = of_turn(*told, *items, *compacted)
    assert kinds(both) == [Kind.PROMPT, Kind.AI_RESPONSE, Kind.CONTEXT_COMPACT]
    assert {event.id for event in of_turn(*items, *compacted)} == {event.id for event in both}


def test_the_same_words_said_twice_are_two_prompts() -> None:
    texts = [event.data["text"] for event in of_turn(prompt("go on", 2), prompt("go on", 9))]
    assert texts == ["go on", "go on"]


def test_answers_are_kept_and_thoughts_are_not() -> None:
    said = of_turn(event("agent_reasoning", text="secretly"), item("reasoning", summary=[]), answer("Done."))
    assert [(one.kind, one.data) for one in said] == [(Kind.AI_RESPONSE, {"text": "Done.", "model": "gpt-5.4"})]


def test_plan_mode_shows_in_prompts_and_plans() -> None:
    planning: JsonObject = {"mode": "plan", "settings": {}}
    told = events_of(
        meta(), *turn(collaboration_mode=planning), prompt("how?"), completed("Plan", text="# Plan\n1. Do it")
    )
    assert kinds(told) == [Kind.PROMPT, Kind.PLANNING, Kind.PLANNING]
    assert [one.data["phase"] for one in told[1:]] == ["prompt", "proposed"]


def test_what_a_person_did_beside_talking() -> None:
    by_hand = "<user_shell_command>\n<command>\nmake test\n</command>\n<result>\nExit code: 2\n</result>"
    events = of_turn(
        item("message", role="user", content=[{"type": "input_text", "text": by_hand}]),
        event("turn_aborted", turn_id=TURN, reason="interrupted"),
        event("turn_aborted", 3, turn_id=TURN, reason="replaced"),
        event("entered_review_mode", user_facing_hint="current changes"),
    )
    assert kinds(events) == [Kind.COMMAND, Kind.INTERRUPTION, Kind.SLASH_COMMAND]
    assert events[0].data == {"command": "make test", "human": True, "cwd": "/home/dev/app", "exitCode": 2}
    assert {event.actor for event in events} == {"human"}


def test_errors_end_a_turn_or_are_tried_again() -> None:
    told = of_turn(event("error", message="usage limit"), event("stream_error", message="reconnecting 1/5"))
    assert [event.data for event in told] == [
        {"message": "usage limit", "final": True},
        {"message": "reconnecting 1/5"},
    ]


def test_a_rollout_tells_of_its_session() -> None:
    reader = CodexReader(Origin(SessionId("by-name")))
    named = event("thread_name_updated", thread_id=THREAD, thread_name="Fix the cart")
    lines = [meta(), *turn(), prompt("fix it"), named]
    facts = [reader.read(json.dumps(line).encode(), 1).facts.get(THREAD) for line in lines]
    last = next(fact for fact in reversed(facts) if fact is not None)
    assert (last.source_service, last.project, last.branch, last.title) == (
        "codex",
        "/home/dev/app",
        "main",
        "Fix the cart",
    )
    assert last.metadata == {
        "repository": "https://github.com/o/r.git",
        "commit": "abc1234",
        "version": "0.118.0",
        "originator": "codex_cli_rs",
        "entrypoint": "cli",
        "model": "gpt-5.4",
    }


def test_lines_of_one_moment_keep_their_order() -> None:
    events = of_turn(prompt("one", 2), answer("two", 2), call("exec_command", {"cmd": "ls"}, at=2))
    assert [event.kind for event in sorted(events, key=lambda e: (e.ts, e.ordinal))] == kinds(events)
    assert len({event.ordinal for event in events}) == 3


def test_redaction_changes_no_ids() -> None:
    def redact(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
        text = json.dumps(value)
        return json.loads(text.replace("hunter2", "***")), ("password",) if "hunter2" in text else ()

    lines = [meta(), *turn(), prompt("login hunter2"), prompt("login ***", 4)]
    hidden = events_of(*lines, reader=CodexReader(Origin(THREAD), redact))
    assert [event.id for event in hidden] == [event.id for event in events_of(*lines)]
    assert "hunter2" not in repr(hidden)
    assert hidden[0].data["redactedNames"] == ["password"]


# --- the middle of 2025 ---


def bare_file() -> list[JsonObject]:
    context = "<environment_context>\n<cwd>/home/dev/old</cwd>\n</environment_context>"
    shell = json.dumps({"command": ["bash", "-lc", "pytest -q"]})
    old = json.dumps({"output": "1 failed", "metadata": {"exit_code": 1, "duration_seconds": 1.5}})
    return [
        {"id": "old-1", "timestamp": "2025-06-01T10:00:00.000Z", "instructions": None, "git": {"branch": "dev"}},
        {"record_type": "state"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": context}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
        {"type": "function_call", "name": "shell", "arguments": shell, "call_id": "call_1"},
        {"type": "function_call_output", "call_id": "call_1", "output": old},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
    ]


def test_bare_files_are_read_in_their_order_at_their_one_time() -> None:
    events = events_of(*bare_file())
    assert kinds(events) == [
        Kind.PROMPT,
        Kind.TOOL_USE,
        Kind.TOOL_RESULT,
        Kind.COMMAND,
        Kind.AI_RESPONSE,
        Kind.PROMPT,
    ]
    assert {(event.session_id, event.ts) for event in events} == {("old-1", instant("2025-06-01T10:00:00Z"))}
    assert [event.ordinal for event in events] == sorted({event.ordinal for event in events})
    command = only(events, Kind.COMMAND)
    assert (command.exit_code, command.duration_ms, command.data["cwd"]) == (1, 1500, "/home/dev/old")


# --- headings ---


def head(*records: JsonValue) -> Heading | None:
    return heading(Look([json.dumps(record).encode() for record in records]))


def test_a_rollout_is_known_by_its_lines() -> None:
    assert head(meta(at=5), prompt("hi", 9)) == Heading(THREAD, instant(stamp(5)))
    assert head(*bare_file()) == Heading(SessionId("old-1"), instant("2025-06-01T10:00:00Z"))
    assert head(prompt("hi", 9)) == Heading(None, instant(stamp(9)))
    spawned: JsonObject = {"subagent": {"thread_spawn": {"parent_thread_id": THREAD, "depth": 1}}}
    of_agent = head(meta(uuid7(50), 50, source=spawned))
    assert of_agent is not None
    assert of_agent.session_id == THREAD


@pytest.mark.parametrize(
    "record",
    [
        {"type": "thread.started", "thread_id": "x"},
        {"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": "4"}},
        {"type": "turn.completed", "usage": {"input_tokens": 1}},
        {"type": "user", "message": {"content": "hi"}, "uuid": "x", "timestamp": stamp(0)},
        {"type": "user.message", "data": {"content": "hi"}, "id": "x", "parentId": None},
        {"type": "event_msg", "payload": "x"},
        {"id": "x", "timestamp": stamp(0), "role": "user"},
        {},
    ],
)
def test_anything_else_is_no_rollout(record: JsonObject) -> None:
    assert head(record) is None


@pytest.mark.parametrize(
    "record",
    [
        wrapped("session_meta", {"id": None}),
        wrapped("response_item", {}),
        event("token_count", info=None),
        event("token_count", info={"total_token_usage": {"input_tokens": "many"}}),
        event("user_message", message=None),
        event("item_completed", item=[]),
        event("exec_command_end"),
        event("patch_apply_end", changes=[]),
        event("mcp_tool_call_end", invocation={"server": 1}),
        event("something_new", text="x"),
        item("function_call", name=None),
        item("function_call_output", output="lost"),
        item("message", role=["user"], content="x"),
        wrapped("token_usage_record", {"response_id": "r", "usage": {"input_tokens": 5}}),
        wrapped("world_state", {"x": 1}),
        {"timestamp": stamp(0), "type": ["event_msg"], "payload": {}},
    ],
)
def test_odd_lines_give_nothing_of_weight_and_harm_nothing(record: JsonObject) -> None:
    weighty = {Kind.PROMPT, Kind.API_REQUEST, Kind.TOOL_USE, Kind.FILE_DIFF}
    assert not weighty & set(kinds(of_turn(record)))
    assert kinds(of_turn(record, prompt("hi")))[-1] is Kind.PROMPT


def test_names_and_numbers_no_column_would_take_are_not_taken() -> None:
    long = "x" * 5000
    events = events_of(
        meta(id=long),
        *turn(model=long, id=long),
        prompt("hi"),
        call(long, {}),
        call("exec_command", {"cmd": "ls"}, id=long),
        output(ran("a"), id=long),
        counted(2**40, 5, (2**40, 5)),
    )
    hot = [(e.session_id, e.call_id, e.tool, e.model, e.request_id) for e in events]
    assert max(len(value) for row in hot for value in row if value) < 256
    used = only(events, Kind.API_REQUEST).tokens
    assert used is not None
    assert (used.input, used.output) == (0, 5)
