"""From posted envelopes to a batch of events."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from hashlib import sha256
from math import ceil
from typing import NamedTuple

import orjson

from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.clean import written
from domain.ingest.envelope import Envelope, WireProvenance
from domain.timeline import Event, Kind, Provenance, Tokens
from domain.values import EventId, JsonObject, JsonValue, SessionId

MOST_EVENTS = 1_000
"""So many events fit into one call."""

FORMAT = "promptster-envelope"

PROMOTED = ("assessmentId", "candidateName", "repoUrl", "cwd")
"""Members of a `session_start` that become metadata of its session."""

_BIGINT = 2**63 - 1

Clean = Callable[[JsonValue], tuple[JsonValue, tuple[str, ...]]]
"""Makes a JSON value storable and redacts it; also tells the names of the secrets it took out."""


class Posted(NamedTuple):
    """An envelope that was checked, and what it was read from; `text` is its JSON."""

    envelope: Envelope
    body: JsonObject
    text: bytes


def check(item: JsonValue) -> Posted:
    """Raises pydantic's ValidationError for what is no envelope."""
    body, text = written(item)
    envelope = Envelope.model_validate_json(text)
    return Posted(envelope, _object(body), text)


def read(posted: Sequence[Posted], clean: Clean) -> Batch:
    """The batch that these envelopes make, of equal ids the first; raw bodies are kept as redacted."""
    events: list[Event] = []
    raw: list[RawLine] = []
    told: dict[tuple[SessionId, EventId], SessionFacts] = {}
    plain: dict[JsonValue, SessionFacts] = {}
    for position, (envelope, whole, text) in enumerate(posted):
        key = SessionId(envelope.sessionId), EventId(envelope.id)
        if key in told:
            continue
        body, names = clean(whole)
        if names:
            text = orjson.dumps(body)
        digest = sha256(text).digest()
        event = _event(envelope, _object(body), names, digest)
        told[key] = _facts(event, plain)
        events.append(event)
        raw.append(RawLine(event.session_id, digest, position, text.decode()))
    sessions = {event.session_id: SessionFacts() for event in events}
    return Batch(FORMAT, sessions, tuple(events), tuple(raw), told)


_KINDS = {kind.value: kind for kind in Kind} | {"tool_call": Kind.TOOL_RESULT}
_PROMPT, _API_REQUEST, _START = Kind.PROMPT, Kind.API_REQUEST, Kind.SESSION_START


def _event(envelope: Envelope, body: JsonObject, names: tuple[str, ...], digest: bytes) -> Event:
    kind = _KINDS[envelope.kind]
    data: JsonObject = _object(body["data"])
    if kind is _PROMPT:
        data = _prompt(data)
    if names:
        found: list[JsonValue] = [*names]
        data = {**data, "redacted": True, "redactedNames": found}
    actor = _object(body.get("actor"))
    get = data.get
    return Event(
        id=EventId(envelope.id),
        session_id=SessionId(envelope.sessionId),
        ts=envelope.ts,
        kind=kind,
        agent_id=_text(get("agentId")),
        call_id=_text(get("callId")) or _text(get("toolUseId")),
        request_id=_request_id(envelope, kind, data),
        tool=_text(get("toolName")),
        path=_text(get("path")),
        exit_code=_int(get("exitCode")),
        succeeded=_flag(get("success")),
        duration_ms=_int(get("durationMs") if "durationMs" in data else get("elapsedMs")),
        model=_text(get("model")),
        tokens=_tokens(data),
        cost_usd=_money(get("costUsd")),
        lines_added=_int(get("linesAdded")),
        lines_removed=_int(get("linesRemoved")),
        actor=str(actor.get("type", "unknown")),
        provenance=_provenance(envelope.provenance),
        source=_source(body["source"], actor, _object(body.get("provenance"))),
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
    return _text(data.get("requestId")) or (str(envelope.id) if kind is _API_REQUEST else None)


_UNKNOWN = Provenance()


def _provenance(given: WireProvenance) -> Provenance:
    if not given:
        return _UNKNOWN
    return Provenance(
        given.get("attribution", _UNKNOWN.attribution),
        given.get("confidence", _UNKNOWN.confidence),
        given.get("observability", _UNKNOWN.observability),
    )


def _source(source: JsonValue, actor: JsonObject, provenance: JsonObject) -> JsonObject:
    """The published client sends one word; what else actor and provenance say is kept beside it."""
    known: JsonObject = source if isinstance(source, dict) else {"integration": source}
    if not actor and not provenance:
        return known
    more = {name: value for name, value in provenance.items() if name not in _PROVENANCE}
    return {**known, **({"actor": actor} if actor else {}), **({"provenance": more} if more else {})}


_PROVENANCE = ("attribution", "confidence", "observability")


def _facts(event: Event, plain: dict[JsonValue, SessionFacts]) -> SessionFacts:
    """What an event tells of its session; of most it is their service alone, which is kept in `plain`."""
    integration = event.source.get("integration")
    service = integration if isinstance(integration, str) else None
    if event.kind is not _START:
        return plain.get(service) or plain.setdefault(service, SessionFacts(service))
    promoted: JsonObject = {name: event.data[name] for name in PROMOTED if event.data.get(name) is not None}
    project = _text(promoted.get("repoUrl")) or _text(promoted.get("cwd"))
    return SessionFacts(service, project, _text(event.data.get("branch")), None, promoted)


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _flag(value: JsonValue) -> bool | None:
    return value if isinstance(value, bool) else None


def _int(value: JsonValue) -> int | None:
    """A number the database can hold; anything else stays in the payload only."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _BIGINT // 2:
        return None
    return int(value)


_TOKENS = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")


def _tokens(data: JsonObject) -> Tokens | None:
    if data.keys().isdisjoint(_TOKENS):
        return None
    return Tokens(*(max(0, _int(data.get(name)) or 0) for name in _TOKENS))


_MOST_USD = 10**9


def _money(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_USD:
        return None
    return Decimal(str(value))
