"""What log records of Gemini CLI tell. Its calls bear no id, and its prompts another one than in its own files."""

import re
from collections.abc import Iterator
from dataclasses import replace

from domain.ingest import fields
from domain.ingest.calls import Call
from domain.ingest.clean import excerpt
from domain.ingest.edits import Edit, edit
from domain.ingest.gemini_calls import REPLACERS, WRITE, call_of
from domain.ingest.line import Line
from domain.ingest.otlp import Speaker, count, flag, milliseconds, named, record_in, whole, words
from domain.ingest.otlp_happenings import (
    call_name,
    error_event,
    request_event,
    result_events,
    withheld_prompt,
)
from domain.ingest.outcomes import Outcome, Ran
from domain.ingest.words import NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

_SLASH = re.compile(r"/([\w:-]{1,64})(?:\s+(.*))?", re.DOTALL)


def events_of(line: Line, name: str, told: JsonObject) -> Iterator[Event]:
    match name:
        case "config":
            yield line.event(Kind.SESSION_START, data={})
        case "user_prompt":
            yield _prompt(line, told)
        case "tool_call":
            yield from _call(line, told)
        case "api_response":
            yield from _response(line, told)
        case "api_error":
            message = words(told, "error") or words(told, "error.message") or words(told, "error_message")
            yield error_event(line, message, status=whole(told, "status_code"))
        case "chat_compression":
            yield line.event(Kind.CONTEXT_COMPACT, data={})
        case _:
            return


def _prompt(line: Line, told: JsonObject) -> Event:
    line = named(line, "prompt", fields.name(told, "prompt_id"))
    text = words(told, "prompt")
    if text is None or not text.strip():
        return withheld_prompt(line, told, None)
    if (command := _SLASH.fullmatch(text.strip())) is not None:
        arguments: JsonObject = {"name": command[1], "args": excerpt(command[2] or "", NOTE_CHARS)}
        return line.event(Kind.SLASH_COMMAND, data=arguments)
    data = prompt_data(text)
    return line.event(Kind.PROMPT, 0, 1, data=data)


def _call(line: Line, told: JsonObject) -> Iterator[Event]:
    tool, arguments = fields.name(told, "function_name"), record_in(told, "function_args")
    id = fields.name(told, "call_id")
    item: JsonObject = {"id": call_name(id, tool or "", arguments), "name": tool, "args": arguments}
    call = call_of(named(line, "call", id), item, 0)
    if call is None:
        return
    failed = flag(told, "success") is False
    refused = told.get("decision") == "reject"
    outcome = Outcome(
        line=call.line,
        block=1,
        call_id=call.id,
        answer=fields.text(told, "error") or fields.text(told, "error.message") or "",
        failed=failed,
        error=("rejected" if refused else "other") if failed else None,
        duration_ms=milliseconds(told),
        ran=Ran() if call.script and not refused else None,
        edits=() if failed else _edits(call),
    )
    yield from result_events(replace(call, script=call.script or None), outcome)


def _edits(call: Call) -> tuple[Edit, ...]:
    editing = call.tool == WRITE or call.tool in REPLACERS
    return (edit(call.path, ()),) if editing and call.path is not None else ()


def _response(line: Line, told: JsonObject) -> Iterator[Event]:
    """Input told includes what was read from the cache; thoughts are told beside the output, and what tools put into
    the prompt beside the input."""
    given = count(told, "input_token_count")
    cached = min(count(told, "cached_content_token_count"), given)
    tokens = Tokens(
        given - cached + count(told, "tool_token_count"),
        count(told, "output_token_count") + count(told, "thoughts_token_count"),
        cached,
    )
    if tokens.total:
        yield request_event(line, tokens, model=fields.name(told, "model"), duration_ms=milliseconds(told))


GEMINI_CLI = Speaker("gemini-cli", "gemini_cli.", events_of)
