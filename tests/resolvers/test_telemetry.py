"""Telemetry beside hooks and the transcript: one session, in the words of the transcript, with telemetry's figures."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import uuid4

import pytest

import persistence.timeline
import resolvers.ingest
import resolvers.sessions
from domain.ingest import hooks, otlp_logs, otlp_metrics, otlp_spans
from domain.ingest.batch import Batch, SessionFacts
from domain.ingest.claude_code import ClaudeCodeReader
from domain.ingest.claude_hooks import CLAUDE_CODE
from domain.ingest.hooks import Payload
from domain.ingest.otlp import Record
from domain.ingest.reading import Origin, keep_all
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue, SessionId
from resolvers.context import Context
from resolvers.telemetry import Taken, ingest_telemetry
from tests.domain.ingest.telemetry import log, point, span
from tests.domain.ingest.transcript import assistant, encoded, line, result, user

NOW = datetime(2026, 3, 3, tzinfo=UTC)
COMMAND: JsonObject = {"command": "git commit -m x"}
BASH: dict[str, JsonValue] = {"tool_name": "Bash", "tool_use_id": "toolu_1"}
USAGE: JsonObject = {"input_tokens": 3, "output_tokens": 1, "cache_read_input_tokens": 900}


def transcript(id: SessionId) -> Batch:
    use: JsonValue = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": COMMAND}
    write: JsonValue = {
        "type": "tool_use",
        "id": "toolu_2",
        "name": "Write",
        "input": {"file_path": "/w/a.py", "content": "x\n"},
    }
    lines = [
        user("Commit what you have, please", "prompt", 0, promptId="p1"),
        assistant([use, write], "calls", 2, usage=USAGE, requestId="req_1", version="2.1.30"),
        result("[main 1234567] x", {"stdout": "[main 1234567] x", "stderr": ""}, at=4),
        result("File created", {"type": "create", "filePath": "/w/a.py", "content": "x\n"}, "toolu_2", "written", 4),
        line("system", "end", 6, subtype="turn_duration"),
    ]
    reader = ClaudeCodeReader(Origin(id))
    read = [reader.read(encoded(one | {"sessionId": id}), at) for at, one in enumerate(lines)]
    events = (*(event for one in read for event in one.events), *reader.flush())
    return Batch("claude-code-jsonl", {id: SessionFacts("claude-code")}, events)


def hooked(id: SessionId) -> Batch:
    common: JsonObject = {"session_id": id, "cwd": "/w"}
    bash = common | {"tool_name": "Bash", "tool_use_id": "toolu_1", "tool_input": COMMAND}
    told: list[JsonObject] = [
        common | {"hook_event_name": "UserPromptSubmit", "prompt": "Commit what you have, please", "prompt_id": "p1"},
        bash | {"hook_event_name": "PreToolUse"},
        bash | {"hook_event_name": "PostToolUse", "tool_response": {"stdout": "[main 1234567] x", "stderr": ""}},
    ]
    payloads = [Payload(body, NOW - timedelta(hours=1) + timedelta(seconds=at)) for at, body in enumerate(told)]
    return hooks.read(CLAUDE_CODE, payloads, keep_all)


def records(id: SessionId, *, ids: bool, words: bool) -> list[Record]:
    """What Claude Code logs, with and without what the person must switch on, and as versions without ids do."""
    request: dict[str, JsonValue] = {
        "input_tokens": "3",
        "output_tokens": "57",
        "cache_read_tokens": "900",
        "cost_usd": "0.25",
    }
    prompt: dict[str, JsonValue] = {"prompt_length": 28}
    call, write = dict(BASH), {"tool_name": "Write", "tool_use_id": "toolu_2"}
    if words:
        prompt["prompt"] = "Commit what you have, please"
        call["tool_input"], write["tool_input"] = json.dumps(COMMAND), json.dumps({"file_path": "/w/a.py"})
    if ids:
        prompt["prompt__id"], request["request_id"] = "p1", "req_1"
    told = [
        log("user_prompt", 1, **prompt), log("api_request", 2, **request), log("hook_registered", 3),
        log("tool_result", 4, success="true", duration_ms=9, **call), log("tool_result", 5, success="true", **write),
    ]  # fmt: skip
    return of_session(id, told)


def of_session(id: SessionId, told: Iterable[Record]) -> list[Record]:
    return [replace(one, attributes={**one.attributes, "session.id": id}) for one in told]


async def save(context: Context, batch: Batch) -> int:
    return len((await resolvers.ingest.save_batch(context.services, context.caller, batch)).events)


async def kept(context: Context, id: SessionId) -> list[Event]:
    async with context.services.database.read(context.tenant) as db:
        return await persistence.timeline.events_of_session(db, context.caller.org_id, id)


def logged(records: Iterable[Record]) -> Batch:
    return otlp_logs.read(records, NOW, keep_all).batch


@pytest.mark.parametrize("words", [True, False], ids=["words", "silent"])
@pytest.mark.parametrize("ids", [True, False], ids=["ids", "nameless"])
@pytest.mark.parametrize("order", list(permutations(("hooks", "transcript", "telemetry"))), ids="-".join)
async def test_whoever_comes_first_it_is_one_session(
    context: Context, order: tuple[str, ...], ids: bool, words: bool
) -> None:
    id = SessionId(str(uuid4()))
    told = {"hooks": hooked(id), "transcript": transcript(id), "telemetry": logged(records(id, ids=ids, words=words))}
    for witness in order:
        await save(context, told[witness])
    for witness in order:
        assert await save(context, told[witness]) == 0
    events = await kept(context, id)
    assert sorted(event.kind for event in events) == sorted(event.kind for event in told["transcript"].events)
    assert {event.source["channel"] for event in events} == {"import"}
    by_kind = {event.kind: event for event in events}
    assert by_kind[Kind.PROMPT].text("text") == "Commit what you have, please"
    assert (by_kind[Kind.FILE_CREATE].path, by_kind[Kind.FILE_CREATE].lines_added) == ("/w/a.py", 1)
    request = by_kind[Kind.API_REQUEST]
    assert (request.tokens, request.cost_usd) == (Tokens(3, 57, 900), Decimal("0.25"))
    assert "outputIsLowerBound" not in request.data
    session = await resolvers.sessions.get_session(context, id)
    assert session.event_count == len(events)


async def test_metrics_and_spans_fill_in_where_nothing_else_tells(context: Context) -> None:
    id = SessionId(str(uuid4()))
    points = [
        point("token.usage", 3, type="input", model="a"),
        point("cost.usage", 0.25, model="a"),
        point("commit.count", 1),
    ]
    sums = otlp_metrics.read(of_session(id, points), NOW, keep_all).batch
    traced = of_session(id, [span("llm_request", model="a", input_tokens=3), span("interaction", user_prompt_length=9)])
    spans = otlp_spans.read(traced, NOW, keep_all).batch
    await save(context, sums)
    assert sorted(event.kind for event in await kept(context, id)) == [Kind.API_REQUEST, Kind.GIT_ACTION]
    await save(context, spans)
    assert sorted(event.kind for event in await kept(context, id)) == [Kind.API_REQUEST, Kind.GIT_ACTION, Kind.PROMPT]
    for told in (logged(records(id, ids=True, words=True)), transcript(id), sums, spans):
        await save(context, told)
    assert sorted(event.kind for event in await kept(context, id)) == sorted(one.kind for one in transcript(id).events)


async def test_an_export_may_hold_many_sessions(context: Context) -> None:
    """More than one transaction takes."""
    ids = [SessionId(str(uuid4())) for _ in range(130)]
    told = [one for id in ids for one in of_session(id, [log("compaction")])]
    assert await ingest_telemetry(context, otlp_logs.read, told) == Taken(0, None)
    for id in (ids[0], ids[-1]):
        assert [event.kind for event in await kept(context, id)] == [Kind.CONTEXT_COMPACT]
    assert await ingest_telemetry(context, otlp_logs.read, []) == Taken(0, None)
