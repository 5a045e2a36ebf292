"""What telemetry of agents tells."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.ingest import otlp_logs, otlp_metrics, otlp_spans
from domain.ingest.otlp import Export, Record
from domain.ingest.reading import keep_all
from domain.ingest.witnesses import UNNAMED
from domain.redaction import redact_json
from domain.timeline import Kind, Tokens
from domain.values import JsonObject, JsonValue
from tests.domain.ingest.telemetry import (
    AT,
    NOW,
    SESSION,
    events,
    kinds,
    log,
    logs,
    metrics,
    nanoseconds,
    of_agent,
    point,
    span,
    spans,
)

REQUEST: dict[str, JsonValue] = {
    "model": "claude-sonnet-4-5", "cost_usd": "0.0123", "duration_ms": "2500", "input_tokens": "4",
    "output_tokens": "120", "cache_read_tokens": "900", "cache_creation_tokens": "30", "request_id": "req_1",
    "speed": "normal", "query_source": "main",
}  # fmt: skip
DETAILS = json.dumps({"bash_command": "git", "full_command": "git commit -m 'round half up'"})


def test_a_request_tells_tokens_and_cost() -> None:
    [event] = events(logs(log("api_request", 3, **REQUEST)))
    assert (event.kind, event.ts) == (Kind.API_REQUEST, AT + timedelta(seconds=3))
    assert (event.tokens, event.cost_usd) == (Tokens(4, 120, 900, 30), Decimal("0.0123"))
    assert (event.model, event.duration_ms, event.request_id) == ("claude-sonnet-4-5", 2500, "req_1")
    assert event.data["requestId"] == "req_1"
    assert "speed" not in event.data
    assert event.source == {"channel": "otlp", "integration": "claude-code", "emitter": "claude-code/2.1.219"}


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        ({"cost_usd": 0.5}, Decimal("0.5")), ({"cost_usd_micros": 250_000}, Decimal("0.25")), ({}, None),
        ({"cost_usd": "NaN"}, None), ({"cost_usd": -1}, None), ({"cost_usd": "1e300"}, None), ({"cost_usd": "x"}, None),
        ({"cost_usd": None}, None), ({"cost_usd": True}, None), ({"cost_usd": 0.1 + 0.2}, Decimal("0.3")),
    ],
)  # fmt: skip
def test_a_cost_is_an_amount_or_nothing(told: JsonObject, cost: Decimal | None) -> None:
    assert events(logs(log("api_request", **told)))[0].cost_usd == cost


@pytest.mark.parametrize("count", ["9223372036854775807", -5, 2**63, "1.5", float("inf"), [], {"a": 1}])
def test_a_count_that_is_none_is_nothing(count: JsonValue) -> None:
    assert events(logs(log("api_request", input_tokens=count)))[0].tokens == Tokens()


def test_words_are_told_where_the_person_lets_them() -> None:
    [event] = events(logs(log("user_prompt", prompt="Fix the rounding", prompt_length=16, prompt__id="p1")))
    assert (event.kind, event.data) == (Kind.PROMPT, {"text": "Fix the rounding", "tokenCount": 4, "promptId": "p1"})
    for withheld in ({}, {"prompt": "<REDACTED>"}):
        [event] = events(logs(log("user_prompt", prompt_length="16", prompt__id="p1", **withheld)))
        assert (event.kind, event.data) == (Kind.PROMPT, {"tokenCount": 4, "promptId": "p1"})


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"command_name": "clear"}, ["slash_command", "context_clear"]),
        ({"command_name": "/compact"}, ["slash_command"]),
        ({"command_name": "review", "prompt": "/review all the rounding of the totals"},
         ["slash_command", "prompt"]),
        ({"prompt": "/clear"}, ["slash_command", "context_clear"]),
        ({"prompt": "<task-notification>done</task-notification>"}, []),
    ],
)  # fmt: skip
def test_slash_commands(told: dict[str, JsonValue], expected: list[str]) -> None:
    assert kinds(logs(log("user_prompt", prompt_length=9, prompt__id="p1", **told))) == expected


def test_a_call_that_has_ended_tells_its_beginning_too() -> None:
    told = log(
        "tool_result",
        9,
        tool_name="Bash",
        tool_use_id="toolu_1",
        success="true",
        duration_ms="4000",
        tool_parameters=DETAILS,
    )
    use, result, command, commit = events(logs(told))
    assert [one.kind for one in (use, result, command, commit)] == [
        Kind.TOOL_USE, Kind.TOOL_RESULT, Kind.COMMAND, Kind.GIT_ACTION,
    ]  # fmt: skip
    assert {one.call_id for one in (use, result, command, commit)} == {"toolu_1"}
    assert (use.ts, result.ts) == (AT + timedelta(seconds=5), AT + timedelta(seconds=9))
    assert (result.succeeded, result.duration_ms, result.tool) == (True, 4000, "Bash")
    assert (command.data["command"], commit.git_action) == ("git commit -m 'round half up'", "commit")


def test_a_call_without_details_tells_that_it_was_made() -> None:
    told = log("tool_result", tool_name="Bash", tool_use_id="toolu_1", success="false", error_type="ShellError")
    use, result = events(logs(told))
    assert (use.kind, use.data["input"]) == (Kind.TOOL_USE, {})
    assert (result.succeeded, result.data["text"], result.duration_ms) == (False, "ShellError", None)


@pytest.mark.parametrize("tool", ["Edit", "Write", "MultiEdit", "NotebookEdit"])
def test_of_an_edit_the_file_is_told_but_not_how_much(tool: str) -> None:
    """Arguments are cut short before they are sent."""
    given = json.dumps({"file_path": "/w/a.py", "old_string": "a", "new_string": "b\nc", "content": "x\ny"})
    _, _, edit = events(logs(log("tool_result", tool_name=tool, tool_use_id="t", success="true", tool_input=given)))
    assert (edit.path, edit.lines_added, edit.lines_removed, edit.data) == ("/w/a.py", None, None, {"path": "/w/a.py"})


def test_the_tool_of_a_server_goes_by_its_whole_name() -> None:
    told = json.dumps({"mcp_server_name": "github", "mcp_tool_name": "list_issues"})
    export = logs(log("tool_result", tool_name="mcp_tool", tool_use_id="t", success="true", tool_parameters=told))
    assert kinds(export) == ["tool_use", "mcp_call", "tool_result"]
    assert {event.tool for event in events(export)} == {"mcp__github__list_issues"}


@pytest.mark.parametrize(
    ("source", "error"), [("user_reject", "rejected"), ("user_abort", "rejected"), ("config", "permission")]
)
def test_a_call_that_was_not_let_through_failed(source: str, error: str) -> None:
    export = logs(log("tool_decision", tool_name="Bash", tool_use_id="t", decision="reject", source=source))
    assert kinds(export) == ["tool_use", "tool_result"]
    assert events(export)[1].data["errorClass"] == error
    assert kinds(logs(log("tool_decision", tool_name="Bash", tool_use_id="t", decision="accept"))) == []


def test_errors_and_compactions() -> None:
    [error] = events(logs(log("api_error", error="Overloaded", status_code="529", attempt=3, request_id="req_2")))
    assert error.data == {"message": "Overloaded", "status": 529, "attempt": 3, "requestId": "req_2", "final": True}
    [compaction] = events(logs(log("compaction", trigger="auto", success="true", pre_tokens=150_000)))
    assert compaction.data == {"trigger": "auto", "preTokens": 150_000}
    assert kinds(logs(log("compaction", trigger="auto", success="false"))) == []


def test_what_is_not_known_is_kept_and_tells_nothing() -> None:
    export = logs(log("hook_registered", hook_count=3), log("api_request_body", body="{...}"))
    assert kinds(export) == []
    assert [json.loads(line.body)["name"] for line in export.batch.raw] == ["hook_registered"]


def test_who_the_person_is_is_not_kept() -> None:
    export = logs(log("user_prompt", prompt="hello you", organization__id="org-7", user__id="dev-7", prompt__id="p"))
    assert not any(
        word in line.body for line in export.batch.raw for word in ("ada", "0f0f", "org-7", "dev-7", "laptop")
    )


def test_what_is_sent_again_gives_the_same_events() -> None:
    told = [log("user_prompt", 1, prompt__id="p"), log("api_request", 2, **REQUEST), log("api_error", 3, error="x")]
    first, again = (events(logs(*told)) for _ in range(2))
    assert first == again
    later = [replace(one, times=(0, 17)) for one in told]
    assert [event.id for event in events(logs(*later))[:2]] == [event.id for event in first[:2]]
    assert len({event.id for event in first}) == 3


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=2)])
def test_points_of_a_clock_that_runs_ahead_count_once_too(ahead: timedelta) -> None:
    """What lies ahead of our clock is taken for now, and now is later when they are sent again."""
    told = [point("token.usage", 3, type="input", model="a"), point("commit.count", 1)]
    sent = [replace(one, times=(nanoseconds(AT + ahead),)) for one in told]
    first, again = (otlp_metrics.read(sent, NOW + timedelta(minutes=n), keep_all).batch.events for n in range(2))
    assert [event.id for event in first] == [event.id for event in again]


@pytest.mark.parametrize("read", [otlp_logs.read, otlp_metrics.read, otlp_spans.read])
def test_a_name_may_be_any_text_and_hold_secrets(read: Callable[..., Export]) -> None:
    """A log record that has no name is called by its body."""
    secret = "ghp_" + "aB3dE5fG7h" * 4
    told = replace(log("x"), names=(f"calling with {secret}",), resource={"service.name": "my-tool"})
    export = read([told], NOW, redact_json)
    assert [json.loads(line.body)["name"] for line in export.batch.raw] == ["calling with [redacted:github_token]"]


def test_equal_records_of_another_place_are_others() -> None:
    export = logs(log("api_error", 1, error="x"), log("api_error", 2, error="x"))
    one, other = events(export)
    assert one.id != other.id
    assert one.ordinal < other.ordinal


@pytest.mark.parametrize(
    ("stamp", "times", "expected"),
    [
        ("2026-03-02T09:00:05Z", (), AT + timedelta(seconds=5)),
        ("2026-03-02T10:00:05+01:00", (), AT + timedelta(seconds=5)),
        ("2999-01-01T00:00:00Z", (), NOW),
        ("0001-01-01T00:00:00Z", (1_772_442_001_000_000_000,), AT + timedelta(seconds=1)),
        ("nonsense", (0, 1_772_442_001_000_000_000), AT + timedelta(seconds=1)),
        (None, (0, 0), NOW),
        (None, (2**64 - 1,), NOW),
        (None, (-(2**63), 5), NOW),
        (7, (), NOW),
    ],
)  # fmt: skip
def test_when_it_was(stamp: JsonValue, times: tuple[int, ...], expected: object) -> None:
    told = log("compaction")
    told = replace(told, attributes={**told.attributes, "event.timestamp": stamp}, times=times)
    assert events(logs(told))[0].ts == expected


def test_the_session_may_be_told_once_for_all_that_a_process_sends() -> None:
    told = log("compaction")
    bare = {key: value for key, value in told.attributes.items() if key != "session.id"}
    homeless, at_home = replace(told, attributes=bare), replace(told, attributes=bare, resource={"session.id": "s2"})
    export = logs(homeless, at_home, homeless)
    assert (export.homeless, [event.session_id for event in events(export)]) == (2, ["s2"])
    assert set(export.batch.sessions) == {"s2"}


@pytest.mark.parametrize("id", ["", "x" * 256, 7, None, ["s"]])
def test_a_session_has_a_name(id: JsonValue) -> None:
    assert logs(replace(log("compaction"), attributes={"session.id": id})).homeless == 1


def test_the_session_is_described() -> None:
    export = logs(log("compaction", app__entrypoint="cli"))
    facts = export.batch.sessions[events(export)[0].session_id]
    assert (facts.source_service, facts.metadata) == ("claude-code", {"version": "2.1.219", "entrypoint": "cli"})


def codex(name: str, **told: JsonValue) -> Record:
    return of_agent("codex_cli_rs", "conversation.id", f"codex.{name}", **told)


def test_codex_tells_prompts_calls_and_responses() -> None:
    patch = "*** Begin Patch\n*** Add File: b.py\n+x\n*** End Patch"
    export = logs(
        codex("conversation_starts"),
        codex("user_prompt", prompt_length="3", prompt="[REDACTED]"),
        codex("sse_event", event__kind="response.completed", input_token_count="900", cached_token_count=800,
              output_token_count="50", reasoning_token_count=20, model="gpt-5-codex"),
        codex("sse_event", event__kind="response.created"),
        codex("tool_result", tool_name="shell", call_id="call_1", arguments='{"command": ["bash", "-lc", "ls"]}',
              duration_ms="30", success="true", output="Exit code: 0\nWall time: 0.1 seconds\nOutput:\na.py"),
        codex("tool_result", tool_name="apply_patch", call_id="call_2", arguments=patch, success="true", output="Done"),
        codex("tool_decision", tool_name="shell", call_id="call_3", decision="denied", source="user"),
    )  # fmt: skip
    told = events(export)
    assert kinds(export) == [
        "session_start", "prompt", "api_request", "tool_use", "tool_result", "command",
        "tool_use", "tool_result", "file_create", "tool_use", "tool_result",
    ]  # fmt: skip
    assert told[1].data == {"tokenCount": 1}
    assert (told[2].tokens, told[2].request_id, told[2].model) == (Tokens(100, 50, 800), None, "gpt-5-codex")
    assert (told[5].data["command"], told[5].exit_code, told[5].call_id) == ("ls", 0, "call_1")
    assert (told[8].path, told[8].lines_added) == ("b.py", None)
    assert told[10].data["errorClass"] == "rejected"
    assert export.batch.sessions[told[0].session_id].source_service == "codex"


def gemini(name: str, **told: JsonValue) -> Record:
    return of_agent("gemini-cli", "session.id", f"gemini_cli.{name}", **told)


def test_gemini_tells_prompts_calls_and_responses() -> None:
    export = logs(
        gemini("user_prompt", prompt="Fix it", prompt_length=6, prompt_id=f"{SESSION}########1"),
        gemini("api_response", model="gemini-2.5-pro", input_token_count=1000, cached_content_token_count=600,
               output_token_count=50, thoughts_token_count=10, tool_token_count=5, duration_ms=900),
        gemini("tool_call", function_name="run_shell_command", function_args='{"command": "ls"}', success=True),
        gemini("tool_call", function_name="replace", function_args={"file_path": "/w/a.py"}, success=True),
        gemini("api_error", error="quota", status_code=429),
    )  # fmt: skip
    told = events(export)
    assert kinds(export) == [
        "prompt", "api_request", "tool_use", "tool_result", "command", "tool_use", "tool_result", "file_diff",
        "api_error",
    ]  # fmt: skip
    assert told[0].data == {"text": "Fix it", "tokenCount": 2}
    assert told[1].tokens == Tokens(405, 60, 600)
    assert all(event.call_id and event.call_id.startswith(UNNAMED) for event in told[2:8])
    assert (told[4].data["command"], told[7].path) == ("ls", "/w/a.py")


def test_metrics_stand_for_a_request_to_each_model_and_minute() -> None:
    export = metrics(
        point("token.usage", 40, type="input", model="a"), point("token.usage", 7.0, type="output", model="a"),
        point("token.usage", 900, type="cacheRead", model="a"), point("cost.usage", 0.5, model="a"),
        point("token.usage", 3, type="input", model="b"),
        point("lines_of_code.count", 30, type="added"), point("active_time.total", 60.5, type="cli"),
    )  # fmt: skip
    one, other = events(export)
    assert (one.tokens, one.cost_usd, one.model) == (Tokens(40, 7, 900), Decimal("0.5"), "a")
    assert (other.tokens, other.cost_usd, other.model) == (Tokens(3), None, "b")
    assert one.source["witness"] == "otlp-metric"
    assert len(export.batch.raw) == 7


def test_commits_are_told_one_by_one_and_totals_are_not_read() -> None:
    export = metrics(point("commit.count", 2), point("pull_request.count", 1), point("commit.count", 9, "cumulative"))
    assert [event.git_action for event in events(export)] == ["commit", "commit", "pull_request"]
    assert len({event.id for event in events(export)}) == 3
    assert export.unread == 1


def test_a_few_numbers_are_no_flood_of_events() -> None:
    many = [replace(point("commit.count", 900), times=(nanoseconds(AT) + n,)) for n in range(2)]
    assert len(events(metrics(*many, point("token.usage", 3, type="input")))) == 1_000 + 1


@pytest.mark.parametrize("value", [None, 0, -3, float("nan"), 2**63, 1e300])
def test_a_value_that_is_none_is_nothing(value: float | None) -> None:
    assert events(metrics(point("commit.count", value), point("token.usage", value, type="input"))) == []


def test_spans_tell_what_log_records_do() -> None:
    export = spans(
        span("interaction", user_prompt="Fix it", user_prompt_length=6),
        span("llm_request", model="a", input_tokens=4, output_tokens=9, request_id="req_1"),
        span("tool", tool_name="Bash", tool_use_id="toolu_1", full_command="ls", duration_ms=5),
        span("tool", tool_name="Bash", tool_use_id="toolu_2", failed=True),
        span("tool.blocked_on_user"), span("hook"),
    )  # fmt: skip
    assert kinds(export) == [
        "prompt", "api_request", "tool_use", "tool_result", "command", "tool_use", "tool_result",
    ]  # fmt: skip
    assert {event.source["witness"] for event in events(export)} == {"otlp-span"}
    assert events(export)[-1].succeeded is False


def test_a_span_and_a_record_of_the_same_are_two_accounts() -> None:
    record, told = log("api_request", **REQUEST), span("llm_request", request_id="req_1", input_tokens=4)
    assert events(logs(record))[0].id != events(spans(told))[0].id
