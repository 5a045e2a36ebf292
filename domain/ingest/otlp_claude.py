"""What log records and spans of Claude Code tell (event formats reference, section 3).

Names that are not here are kept as they are and tell nothing: counts of hooks, plugins and servers, decisions that let
a call pass, and what says in other words what a record here says.
"""

from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.claude_messages import user_events
from domain.ingest.claude_results import SHELLS, Result, claude_call, outcome_of
from domain.ingest.clean import excerpt
from domain.ingest.line import Line
from domain.ingest.otlp import (
    Speaker,
    count,
    flag,
    known,
    milliseconds,
    named,
    number,
    record_in,
    whole,
    words,
)
from domain.ingest.otlp_happenings import (
    call_name,
    dollars,
    error_event,
    request_event,
    result_events,
    withheld_prompt,
)
from domain.ingest.outcomes import Outcome
from domain.ingest.words import ANSWER_CHARS
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

SERVICE = "claude-code"
_BY_PERSON = ("user_", "user-")
_MICRO = 1_000_000


def events_of(line: Line, name: str, told: JsonObject) -> Iterator[Event]:
    match name:
        case "user_prompt":
            yield from prompt_events(line, told)
        case "assistant_response":
            yield from _answer(line, told)
        case "tool_result":
            yield from call_events(line, told)
        case "tool_decision" if told.get("decision") == "reject":
            yield from _refusal(line, told)
        case "api_request":
            yield request_of(line, told)
        case "api_error" | "api_refusal":
            yield _error(line, told)
        case "compaction" if flag(told, "success") is not False:
            data = known(trigger=fields.name(told, "trigger"), preTokens=whole(told, "pre_tokens"))
            yield line.event(Kind.CONTEXT_COMPACT, data=data)
        case _:
            return


def prompt_events(line: Line, told: JsonObject) -> Iterator[Event]:
    """A prompt or a slash command. Of a command the name is told even where words are not."""
    id = fields.name(told, "prompt.id")
    line = replace(named(line, "prompt", id), agent_id=None)
    text = words(told, "prompt")
    command = (fields.name(told, "command_name") or "").removeprefix("/")
    if command:
        arguments = (text or "").removeprefix(f"/{command}").strip()
        text = f"<command-name>/{command}</command-name><command-args>{arguments}</command-args>"
    if text is None:
        yield withheld_prompt(line, told, id)
    else:
        yield from user_events(line, {"promptId": id}, text)


def _answer(line: Line, told: JsonObject) -> Iterator[Event]:
    text, model = words(told, "response"), fields.name(told, "model")
    if text is not None and text.strip():
        line = named(line, "answer", fields.name(told, "message.uuid"))
        data = known(text=excerpt(text, ANSWER_CHARS), model=model, requestId=fields.name(told, "request_id"))
        yield line.event(Kind.AI_RESPONSE, data=data, model=model)


def call_events(line: Line, told: JsonObject) -> Iterator[Event]:
    """A call that has ended, and how."""
    call = _call(line, told)
    if call is not None:
        yield from result_events(call, _outcome(call, told))


def _call(line: Line, told: JsonObject) -> Call | None:
    tool = fields.name(told, "tool_name")
    if tool is None:
        return None
    id, arguments = fields.name(told, "tool_use_id"), _arguments(told)
    details = record_in(told, "tool_parameters")
    server, name = fields.name(details, "mcp_server_name"), fields.name(details, "mcp_tool_name")
    if server and name and not tool.startswith("mcp__"):
        tool = f"mcp__{server}__{name}"[: fields.NAME_CHARS]
    call = claude_call(named(line, "call", id), 0, call_name(id, tool, arguments), tool, arguments)
    return replace(call, script=call.script or None)


def _arguments(told: JsonObject) -> JsonObject:
    """What the tool was given, if the person lets details be told: whole or by its most telling parts."""
    arguments = record_in(told, "tool_input") or record_in(told, "tool_input_json")
    details = record_in(told, "tool_parameters")
    command = (
        fields.text(arguments, "command")
        or fields.text(details, "full_command")
        or fields.text(told, "full_command")
        or fields.text(details, "bash_command")
    )
    path = fields.path(arguments, "file_path") or fields.path(details, "file_path") or fields.path(told, "file_path")
    shell = fields.name(told, "tool_name") in SHELLS
    return {**arguments, **known(command=command if shell else None, file_path=path)}


def _outcome(call: Call, told: JsonObject) -> Outcome:
    failed = flag(told, "success") is False
    error = fields.text(told, "error") or fields.name(told, "error_type") or ""
    lasted: JsonObject = known(durationMs=milliseconds(told))
    result = Result(call.line, 1, call.id, error if failed else "", failed, lasted)
    # When it began follows from how long it took, never the other way round.
    return outcome_of(result, replace(call, line=replace(call.line, ts=None)))


def _refusal(line: Line, told: JsonObject) -> Iterator[Event]:
    """A call that was not let through; it has no result of its own."""
    call = _call(line, told)
    if call is None:
        return
    source = fields.name(told, "source") or ""
    error = "rejected" if source.startswith(_BY_PERSON) else "permission"
    yield from result_events(call, Outcome(call.line, 1, call.id, "", failed=True, error=error))


def request_of(line: Line, told: JsonObject) -> Event:
    return request_event(
        line,
        Tokens(
            count(told, "input_tokens"),
            count(told, "output_tokens"),
            count(told, "cache_read_tokens"),
            count(told, "cache_creation_tokens"),
        ),
        id=fields.name(told, "request_id"),
        model=fields.name(told, "model"),
        cost_usd=dollars(_cost(told)),
        duration_ms=milliseconds(told),
        speed=_unusual(fields.name(told, "speed")),
        effort=fields.name(told, "effort"),
        querySource=fields.name(told, "query_source"),
        agentName=fields.name(told, "agent.name"),
    )


def _cost(told: JsonObject) -> float | None:
    cost, micros = number(told, "cost_usd"), number(told, "cost_usd_micros")
    return micros / _MICRO if cost is None and micros is not None else cost


def _unusual(speed: str | None) -> str | None:
    return None if speed in ("standard", "normal") else speed


def _error(line: Line, told: JsonObject) -> Event:
    return error_event(
        line,
        words(told, "error") or fields.name(told, "category"),
        status=whole(told, "status_code"),
        attempt=whole(told, "attempt"),
        requestId=fields.name(told, "request_id"),
        final=True,
    )


CLAUDE_CODE = Speaker(SERVICE, "claude_code.", events_of)
