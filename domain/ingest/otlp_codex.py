"""What log records of Codex tell. Prompts bear no id, and neither do responses: they are joined by what they say."""

from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.codex_calls import call_of
from domain.ingest.codex_tools import answered
from domain.ingest.line import Line
from domain.ingest.otlp import Speaker, count, flag, milliseconds, named, whole, words
from domain.ingest.otlp_happenings import call_name, error_event, request_event, result_events, withheld_prompt
from domain.ingest.outcomes import Outcome
from domain.ingest.words import prompt_data
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

_REFUSED = frozenset(("denied", "abort", "timedout", "timed_out"))


def events_of(line: Line, name: str, told: JsonObject) -> Iterator[Event]:
    match name:
        case "conversation_starts":
            yield line.event(Kind.SESSION_START, data={})
        case "user_prompt":
            yield _prompt(line, told)
        case "tool_result":
            yield from _result(line, told)
        case "tool_decision" if fields.name(told, "decision") in _REFUSED:
            yield from _refusal(line, told)
        case "sse_event":
            yield from _response(line, told)
        case "api_request" | "websocket_request" if fields.text(told, "error.message"):
            status = whole(told, "http.response.status_code")
            yield error_event(line, fields.text(told, "error.message"), status=status, attempt=whole(told, "attempt"))
        case _:
            return


def _prompt(line: Line, told: JsonObject) -> Event:
    text = words(told, "prompt")
    if text is None:
        return withheld_prompt(line, told, None)
    data = prompt_data(text)
    return line.event(Kind.PROMPT, 0, 1, data=data)


def _result(line: Line, told: JsonObject) -> Iterator[Event]:
    id = fields.name(told, "call_id")
    item: JsonObject = {
        "type": "function_call",
        "name": told.get("tool_name"),
        "arguments": told.get("arguments"),
        "call_id": id,
    }
    call = call_of(named(line, "call", id), item)
    if call is None:
        return
    call = replace(call, id=call_name(id, call.tool, call.arguments), script=call.script or None)
    outcome = answered(line, call, fields.text(told, "output") or "")
    failed = flag(told, "success") is False or outcome.failed
    lasted = milliseconds(told)
    yield from result_events(
        call,
        replace(
            outcome,
            line=call.line,
            block=1,
            failed=failed,
            error=(outcome.error or "other") if failed else None,
            edits=() if failed else outcome.edits,
            duration_ms=outcome.duration_ms if lasted is None else lasted,
        ),
    )


def _refusal(line: Line, told: JsonObject) -> Iterator[Event]:
    """A call that was not let through; the answer to the model says so in the transcript."""
    id = fields.name(told, "call_id")
    call = call_of(named(line, "call", id), {"type": "function_call", "name": told.get("tool_name"), "call_id": id})
    if call is not None and id is not None:
        error = "rejected" if fields.name(told, "source") == "user" else "permission"
        yield from result_events(
            replace(call, script=None), Outcome(call.line, 1, call.id, "", failed=True, error=error)
        )


def _response(line: Line, told: JsonObject) -> Iterator[Event]:
    """What was read from the cache is part of the input that Codex tells, reasoning is part of the output."""
    message = fields.text(told, "error.message")
    if message is not None:
        yield error_event(line, message)
        return
    cached = count(told, "cached_token_count")
    tokens = Tokens(
        max(count(told, "input_token_count") - cached, 0), count(told, "output_token_count"), cache_read=cached
    )
    if tokens.total:
        model, reasoning = fields.name(told, "model"), count(told, "reasoning_token_count")
        yield request_event(line, tokens, model=model, reasoningTokens=reasoning or None)


CODEX = Speaker("codex", "codex.", events_of)
