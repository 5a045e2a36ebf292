"""API responses: several lines each, counted once with the largest output (event formats reference, section 1.4)."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from domain.ingest import fields
from domain.ingest.clean import Reason, Unreadable
from domain.ingest.line import LAST_PART, Line, event_id
from domain.ingest.recent import Recent
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, SessionId

SYNTHETIC = "<synthetic>"
"""The model of text that Claude Code wrote itself: it cost no tokens."""
OPEN_RESPONSES = 256
_SOUND_OUTPUT = (2, 1, 60)
"""Before this version `output_tokens` is often a value from the start of the stream: a lower bound."""
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


@dataclass(frozen=True, slots=True)
class _Response:
    line: Line
    id: str
    model: str | None
    tokens: Tokens
    stop_reason: str | None
    lower_bound: bool
    cache_write_1h: int
    """Of the tokens written into the cache, those to be kept for an hour, which cost more."""
    speed: str | None
    request: str | None

    def event(self) -> Event:
        tokens = self.tokens
        counts = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_write)
        data: JsonObject = {
            "inputTokens": tokens.input,
            "outputTokens": tokens.output,
            "cacheReadTokens": tokens.cache_read,
            "cacheWriteTokens": tokens.cache_write,
        }
        told = (
            ("model", self.model),
            ("stopReason", self.stop_reason),
            ("cacheWrite1hTokens", self.cache_write_1h),
            ("speed", self.speed),
            ("requestId", self.request),
        )
        data |= {name: value for name, value in told if value}
        if self.lower_bound:
            data["outputIsLowerBound"] = True
        return self.line.event(
            Kind.API_REQUEST,
            part=LAST_PART,
            data=data,
            id=event_id("response", self.id, *map(str, counts)),
            request_id=self.id,
            model=self.model,
            tokens=tokens,
        )


class Responses:
    """The API responses whose lines may still go on."""

    def __init__(self) -> None:
        self._open: Recent[tuple[SessionId, str], _Response] = Recent(OPEN_RESPONSES)

    def note(self, line: Line, record: JsonObject, message: JsonObject) -> list[Event]:
        """Takes the usage on an assistant line in. Returns the events of responses that had to be closed for it."""
        usage = fields.record(message, "usage")
        if line.ts is None:
            raise Unreadable(Reason.NO_TIMESTAMP)
        if not usage or message.get("model") == SYNTHETIC:
            return []
        id = fields.name(message, "id") or line.key
        response = _Response(
            line=replace(line, redacted=()),
            id=id,
            model=fields.name(message, "model"),
            tokens=_tokens(usage),
            stop_reason=fields.name(message, "stop_reason"),
            lower_bound=_before(fields.name(record, "version"), _SOUND_OUTPUT),
            cache_write_1h=max(
                fields.whole(fields.record(usage, "cache_creation"), "ephemeral_1h_input_tokens") or 0, 0
            ),
            speed=_unusual(fields.name(usage, "speed")),
            request=fields.name(record, "requestId"),
        )
        known = self._open.get((line.session_id, id))
        closed = self._open.put((line.session_id, id), _larger(known, response) if known else response)
        return [old.event() for old in closed]

    def flush(self) -> list[Event]:
        return [response.event() for response in self._open.drain()]


def _larger(one: _Response, other: _Response) -> _Response:
    """The one with the larger counts, from when the response began; the same whichever came first."""
    larger = max(one, other, key=lambda response: (_rank(response.tokens), response.line.key))
    return replace(
        larger,
        line=replace(larger.line, ts=_earlier(one.line.ts, other.line.ts)),
        stop_reason=one.stop_reason or other.stop_reason,
        request=one.request or other.request,
    )


def _rank(tokens: Tokens) -> tuple[int, int, int, int]:
    return tokens.output, tokens.input, tokens.cache_write, tokens.cache_read


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _tokens(usage: JsonObject) -> Tokens:
    counts = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return Tokens(*(max(fields.whole(usage, count) or 0, 0) for count in counts))


def _unusual(speed: str | None) -> str | None:
    """None for the speed of nearly all responses, and where none is told."""
    return None if speed == "standard" else speed


def _before(version: str | None, limit: tuple[int, int, int]) -> bool:
    """Whether a version such as 2.1.33 is older than `limit`; False for what is no such version."""
    found = _VERSION.match(version or "")
    return found is not None and tuple(map(int, found.groups())) < limit
