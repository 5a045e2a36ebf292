"""What the responses of Copilot CLI used: each tells its output, and only the end of a session tells the input."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.ingest import fields
from domain.ingest.line import LAST_PART, Line, event_id
from domain.ingest.recent import Recent
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject

MODELS = 64
_COUNTS = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")


@dataclass(slots=True)
class _Model:
    """`output` was counted since the last end of the session, `told` is what that end told."""

    output: int = 0
    last_at: datetime | None = None
    told: tuple[int, ...] = (0, 0, 0, 0)


class Usage:
    """Counts what the responses tell, and at an end of the session what they did not."""

    def __init__(self) -> None:
        self._models: Recent[str, _Model] = Recent(MODELS)

    def response(self, line: Line, data: JsonObject, model: str | None) -> Iterator[Event]:
        """The output of one response, a lower bound of what it used."""
        output = max(fields.whole(data, "outputTokens") or 0, 0)
        if output == 0:
            return
        of_model = self._of(model or "")
        of_model.output += output
        of_model.last_at = line.ts
        id = fields.name(data, "requestId") or fields.name(data, "messageId") or line.key
        told: JsonObject = {"outputIsLowerBound": True}
        yield _event(line, Tokens(output=output), id, model, told)

    def end(self, line: Line, data: JsonObject) -> Iterator[Event]:
        """What each model used beside the output already counted, at the time it was last heard of: the person may
        leave the session open for long."""
        metrics = fields.record(data, "modelMetrics")
        for model in metrics:
            of_model = self._of(model)
            used = fields.record(fields.record(metrics, model), "usage")
            now = tuple(max(fields.whole(used, count) or 0, 0) for count in _COUNTS)
            since = _since(of_model, now)
            tokens = _tokens(since, of_model.output)
            at = of_model.last_at
            self._models.put(model, _Model(told=now))
            if tokens.total:
                id = str(event_id(line.key, model))
                requests = fields.whole(fields.record(fields.record(metrics, model), "requests"), "count")
                told: JsonObject = {} if requests is None else {"requests": requests}
                yield _event(line, tokens, id, model, told, at)

    def _of(self, model: str) -> _Model:
        known = self._models.get(model) or _Model()
        self._models.put(model, known)
        return known


def _since(model: _Model, now: tuple[int, ...]) -> tuple[int, ...]:
    """A session that is resumed counts from zero again; versions that go on counting are told by numbers that
    include all that was told before."""
    goes_on = all(new >= old for new, old in zip(now, model.told, strict=True)) and (
        now[1] >= model.told[1] + model.output
    )
    return tuple(new - old for new, old in zip(now, model.told, strict=True)) if goes_on else now


def _tokens(used: tuple[int, ...], counted: int) -> Tokens:
    """The input told includes what was read from the cache or written into it, the output includes reasoning."""
    told, output, read, written = used
    return Tokens(max(told - read - written, 0), max(output - counted, 0), read, written)


def _event(
    line: Line, tokens: Tokens, id: str, model: str | None, told: JsonObject, at: datetime | None = None
) -> Event:
    data: JsonObject = {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheReadTokens": tokens.cache_read,
        "cacheWriteTokens": tokens.cache_write,
    }
    data |= told | ({"model": model} if model else {})
    of_response = event_id("response", line.key, model or "")
    return line.event(
        Kind.API_REQUEST,
        part=LAST_PART,
        data=data,
        id=of_response,
        ts=at,
        request_id=id,
        model=model,
        tokens=tokens,
    )
