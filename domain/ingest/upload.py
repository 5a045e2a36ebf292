"""From posted envelopes to a batch of events."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from hashlib import sha256
from math import ceil

import orjson

from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.envelope import Envelope, WireProvenance
from domain.timeline import Attribution, Event, Kind, Observability, Provenance, Tokens
from domain.values import EventId, JsonObject, JsonValue, SessionId

MOST_EVENTS = 1_000
"""So many events fit into one call."""

FORMAT = "promptster-envelope"

PROMOTED = ("assessmentId", "candidateName", "repoUrl", "cwd")
"""Members of a `session_start` that become metadata of its session."""

_BIGINT = 2**63 - 1

Clean = Callable[[JsonValue], tuple[JsonValue, tuple[str, ...]]]
"""Makes a JSON value storable and redacts it; also tells the names of the secrets it took out."""


def read(envelopes: Sequence[Envelope], clean: Clean) -> Batch:
    """The batch that these envelopes make, of equal ids the first; raw bodies are kept as redacted."""
    events: list[Event] = []
    raw: list[RawLine] = []
    told: dict[tuple[SessionId, EventId], SessionFacts] = {}
    for position, envelope in enumerate(envelopes):
        body, names = clean(envelope.model_dump(mode="json"))
        assert isinstance(body, dict)
        text = orjson.dumps(body)
        event = _event(envelope, body, names, sha256(text).digest())
        if (event.session_id, event.id) in told:
            continue
        told[event.session_id, event.id] = _facts(event)
        events.append(event)
        raw.append(RawLine(event.session_id, sha256(text).digest(), position, text.decode()))
    sessions = {event.session_id: SessionFacts() for event in events}
    return Batch(FORMAT, sessions, tuple(events), tuple(raw), told)


def _event(envelope: Envelope, body: JsonObject, names: tuple[str, ...], digest: bytes) -> Event:
    kind = Kind.TOOL_RESULT if envelope.kind == "tool_call" else Kind(envelope.kind)
    data = _prompt(_object(body["data"])) if kind is Kind.PROMPT else _object(body["data"])
    if names:
        data.update({"redacted": True, "redactedNames": list(names)})
    actor = _object(body["actor"])
    return Event(
        id=EventId(envelope.id),
        session_id=SessionId(envelope.sessionId),
        ts=envelope.ts,
        kind=kind,
        agent_id=_text(data, "agentId"),
        call_id=_text(data, "callId") or _text(data, "toolUseId"),
        request_id=_request_id(envelope, kind, data),
        tool=_text(data, "toolName"),
        path=_text(data, "path"),
        exit_code=_int(data, "exitCode"),
        succeeded=_flag(data, "success"),
        duration_ms=_int(data, "durationMs") if "durationMs" in data else _int(data, "elapsedMs"),
        model=_text(data, "model"),
        tokens=_tokens(data),
        cost_usd=_money(data, "costUsd"),
        lines_added=_int(data, "linesAdded"),
        lines_removed=_int(data, "linesRemoved"),
        actor=str(actor.get("type", "unknown")),
        provenance=_provenance(envelope.provenance),
        source=_source(body["source"], actor, _object(body["provenance"])),
        data=data,
        raw_digest=digest,
    )


def _prompt(data: JsonObject) -> JsonObject:
    """`prompt` is an old name of `text`; a missing token count is estimated as a quarter of the characters."""
    text = data.get("text", data.get("prompt"))
    if not isinstance(text, str):
        return data
    return {"tokenCount": ceil(len(text) / 4), **data, "text": text}


def _request_id(envelope: Envelope, kind: Kind, data: JsonObject) -> str | None:
    """Without a request id each API request of a client stands for itself."""
    return _text(data, "requestId") or (str(envelope.id) if kind is Kind.API_REQUEST else None)


def _provenance(given: WireProvenance) -> Provenance:
    return Provenance(
        given.get("attribution", Attribution.UNKNOWN),
        given.get("confidence", 0.5),
        given.get("observability", Observability.PARTIAL),
    )


def _source(source: JsonValue, actor: JsonObject, provenance: JsonObject) -> JsonObject:
    """The published client sends one word; what else actor and provenance say is kept beside it."""
    known = source if isinstance(source, dict) else {"integration": source}
    more = {name: value for name, value in provenance.items() if name not in _PROVENANCE}
    return {**known, **({"actor": actor} if actor else {}), **({"provenance": more} if more else {})}


_PROVENANCE = ("attribution", "confidence", "observability")


def _facts(event: Event) -> SessionFacts:
    """What an event tells of its session."""
    integration = event.source.get("integration")
    service = integration if isinstance(integration, str) else None
    if event.kind is not Kind.SESSION_START:
        return SessionFacts(service)
    promoted: JsonObject = {name: event.data[name] for name in PROMOTED if event.data.get(name) is not None}
    project = _text(promoted, "repoUrl") or _text(promoted, "cwd")
    return SessionFacts(service, project, _text(event.data, "branch"), None, promoted)


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(data: JsonObject, name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and value else None


def _flag(data: JsonObject, name: str) -> bool | None:
    value = data.get(name)
    return value if isinstance(value, bool) else None


def _int(data: JsonObject, name: str) -> int | None:
    """A number the database can hold; anything else stays in the payload only."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _BIGINT // 2:
        return None
    return int(value)


def _tokens(data: JsonObject) -> Tokens | None:
    names = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")
    if not any(name in data for name in names):
        return None
    return Tokens(*(max(0, _int(data, name) or 0) for name in names))


_MOST_USD = 10**9


def _money(data: JsonObject, name: str) -> Decimal | None:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_USD:
        return None
    return Decimal(str(value))
