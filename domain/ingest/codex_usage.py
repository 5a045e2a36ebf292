"""What the API responses of Codex used: its counters run through the whole thread and are told again and again."""

from collections.abc import Iterator

from domain.ingest import fields
from domain.ingest.line import LAST_PART, Line, event_id
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue

_COUNTS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


class Counters:
    """Counts a response when the running total moves: what is told again with the same total was counted before."""

    def __init__(self) -> None:
        self._total: dict[str, int] = {}

    def events(self, line: Line, info: JsonObject, model: str | None) -> Iterator[Event]:
        """The response that moved the counters. Without the numbers of the last one, what the total grew by; a total
        that fell has begun anew. A total that moved without any tokens was only set to the size of the context."""
        total, last = _counts(info, "total_token_usage"), _counts(info, "last_token_usage")
        if not (total or last) or (total and total == self._total):
            return
        before, self._total = self._total, total or self._total
        used = last or _grown(total, before)
        tokens = _tokens(used)
        if tokens.total:
            yield _event(line, tokens, used.get("reasoning_output_tokens", 0), model)


def _counts(info: JsonObject, name: str) -> dict[str, int]:
    """Totals of long threads are in the billions."""
    told = fields.record(info, name)
    return {count: _whole(told.get(count)) for count in _COUNTS} if told else {}


def _whole(count: JsonValue) -> int:
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0


def _grown(total: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    grown = {count: number - before.get(count, 0) for count, number in total.items()}
    return total if any(number < 0 for number in grown.values()) else grown


def _tokens(used: dict[str, int]) -> Tokens:
    """What was read from the cache or written into it is part of the input that Codex tells, reasoning is part of
    the output."""
    told, read, written, output = (
        count if (count := used.get(name, 0)) <= fields.LARGEST else 0
        for name in ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
    )
    return Tokens(max(told - read - written, 0), output, read, written)


def _event(line: Line, tokens: Tokens, reasoning: int, model: str | None) -> Event:
    data: JsonObject = {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheReadTokens": tokens.cache_read,
        "cacheWriteTokens": tokens.cache_write,
    }
    told = (("reasoningTokens", reasoning), ("model", model))
    data |= {name: value for name, value in told if value}
    id = event_id("response", line.key)
    return line.event(
        Kind.API_REQUEST, part=LAST_PART, data=data, id=id, request_id=str(id), model=model, tokens=tokens
    )
