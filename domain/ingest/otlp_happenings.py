"""Events that the telemetry of every agent tells: requests, prompts whose words are withheld, what became of calls."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from math import ceil

from domain.ingest.calls import Call, call_events
from domain.ingest.clean import excerpt
from domain.ingest.hooks import call_id
from domain.ingest.line import LAST_PART, Line
from domain.ingest.otlp import begun, count, known, named
from domain.ingest.outcomes import Outcome, outcome_events
from domain.ingest.witnesses import UNNAMED
from domain.ingest.words import NOTE_CHARS
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

_MOST_USD = 10**6
_FILES = frozenset((Kind.FILE_CREATE, Kind.FILE_DIFF))


def withheld_prompt(line: Line, told: JsonObject, id: str | None) -> Event:
    """A prompt of which only the length is told."""
    characters = count(told, "prompt_length")
    data = known(promptId=id, tokenCount=ceil(characters / 4) if characters else None)
    return line.event(Kind.PROMPT, 0, 1, data=data)


def request_event(
    line: Line,
    tokens: Tokens,
    *,
    id: str | None = None,
    model: str | None = None,
    cost_usd: Decimal | None = None,
    duration_ms: int | None = None,
    **more: str | int | None,
) -> Event:
    """An API request; `more` goes into its data as far as it is known."""
    counts: JsonObject = {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheReadTokens": tokens.cache_read,
        "cacheWriteTokens": tokens.cache_write,
    }
    cost = None if cost_usd is None else float(cost_usd)
    told = known(requestId=id, model=model, durationMs=duration_ms, costUsd=cost, **more)
    return named(line, "request", id).event(
        Kind.API_REQUEST,
        part=LAST_PART,
        data=counts | told,
        request_id=id,
        model=model,
        tokens=tokens,
        cost_usd=cost_usd,
        duration_ms=duration_ms,
    )


def dollars(amount: float | None) -> Decimal | None:
    """An amount as columns hold it; None for what is no cost."""
    if amount is None or not 0 <= amount <= _MOST_USD:
        return None
    return Decimal(str(round(amount, 9)))


def error_event(line: Line, message: str | None, **more: str | int | bool | None) -> Event:
    return line.event(Kind.API_ERROR, data=known(message=message and excerpt(message, NOTE_CHARS), **more))


def call_name(id: str | None, tool: str, arguments: JsonObject) -> str:
    """The agent's id of a call; one that is made up where it tells none."""
    return id or call_id(tool, arguments)


def result_events(call: Call, outcome: Outcome) -> Iterator[Event]:
    """A call and what became of it: telemetry tells of both when the call has ended."""
    started = begun(outcome.line, outcome.duration_ms)
    yield from _findable(call, call_events(replace(call, line=replace(call.line, ts=started.ts))))
    yield from _findable(call, _unmeasured(outcome_events(outcome, call)))


def _unmeasured(events: Iterable[Event]) -> Iterator[Event]:
    """Of an edit only the file is known for sure: arguments are cut short before they are sent."""
    for event in events:
        if event.kind in _FILES:
            told: JsonObject = {"path": event.path}
            event = replace(event, lines_added=None, lines_removed=None, data=told)
        yield event


def _findable(call: Call, events: Iterable[Event]) -> Iterator[Event]:
    """Without an id, what was called is all that joins them to the call in the transcript."""
    for event in events:
        if call.id.startswith(UNNAMED) and event.kind is not Kind.TOOL_USE:
            event = replace(event, data={**event.data, "call": {"toolName": call.tool, "input": call.arguments}})
        yield event
