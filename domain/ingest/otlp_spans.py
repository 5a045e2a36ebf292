"""Spans of Claude Code: they tell of prompts, requests and calls what its log records tell, for who sends spans only.

They are the lesser witness: where anybody else tells of the same, or of a session at all what spans tell of without
naming it, the span adds nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from domain.ingest.line import Line
from domain.ingest.otlp import Ear, Export, Heard, Record, batch_of, hear, known
from domain.ingest.otlp_claude import CLAUDE_CODE, call_events, prompt_events, request_of
from domain.ingest.reading import Redact
from domain.timeline import Event
from domain.values import JsonObject

FORMAT = "otlp-traces"
WITNESS = "otlp-span"


def read(records: Iterable[Record], now: datetime, redact: Redact) -> Export:
    """What these spans tell."""
    heard, homeless = hear(records, Ear((_SPANS,), now, redact, WITNESS))
    return Export(batch_of(FORMAT, heard, (event for one in heard for event in _events(one))), homeless)


def _events(one: Heard) -> Iterator[Event]:
    if one.speaker is not None:
        failed = known(success=False) if one.own.get("failed") is True else {}
        yield from one.speaker.events(one.line, one.name, one.told | failed)


def _of_name(line: Line, name: str, told: JsonObject) -> Iterator[Event]:
    match name:
        case "interaction":
            prompt = {"prompt": told.get("user_prompt"), "prompt_length": told.get("user_prompt_length")}
            yield from prompt_events(line, told | prompt)
        case "llm_request" if told.get("success") not in (False, "false"):
            event = request_of(line, told)
            if event.tokens and event.tokens.total:
                yield event
        case "tool":
            yield from call_events(line, told)
        case _:
            return


_SPANS = replace(CLAUDE_CODE, events=_of_name)
