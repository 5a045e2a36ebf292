"""Log records of the agents that send some. What no reader knows is kept and tells nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.ingest.otlp import Ear, Export, Heard, Record, batch_of, hear
from domain.ingest.otlp_claude import CLAUDE_CODE
from domain.ingest.otlp_codex import CODEX
from domain.ingest.otlp_gemini import GEMINI_CLI
from domain.ingest.reading import Redact
from domain.timeline import Event

FORMAT = "otlp-logs"
SPEAKERS = (CLAUDE_CODE, CODEX, GEMINI_CLI)
BODIES = frozenset(("api_request_body", "api_response_body"))
"""Whole conversations, sent again with each request: they are passed over."""


def read(records: Iterable[Record], now: datetime, redact: Redact) -> Export:
    """What these log records tell."""
    heard, homeless = hear(records, Ear(SPEAKERS, now, redact))
    kept = [one for one in heard if one.name not in BODIES]
    return Export(batch_of(FORMAT, kept, (event for one in kept for event in _events(one))), homeless)


def _events(one: Heard) -> Iterator[Event]:
    if one.speaker is not None:
        yield from one.speaker.events(one.line, one.name, one.told)
