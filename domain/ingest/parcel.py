"""A batch on its way from the machine of a developer to a server: packed there, checked and redacted anew here.

What the reader of a transcript made of it travels, not the file: the server need not know how an agent writes.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal, NotRequired, cast

import orjson
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from domain.errors import Invalid
from domain.ingest import fields
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.clean import MAX_DEPTH
from domain.ingest.envelope import EventTime, ShortText, WireUuid, whole_number
from domain.ingest.facts import TITLE_CHARS
from domain.ingest.reading import Redact
from domain.timeline import Attribution, Event, Kind, Observability, Provenance, Tokens
from domain.values import EventId, JsonObject, JsonValue, SessionId

MOST_BYTES = 16 * 2**20
"""So large may a parcel be, unpacked."""
MOST_EVENTS = 10_000
"""And so many events or raw lines may it hold."""
MOST_LEVELS = MAX_DEPTH + 16
"""And so deep: what a line or what is read of it may be, with what stands around it."""
_MOST_SESSIONS = 1_000
_MOST_FAULTS = 20
_MOST_MEMBERS = 64
_OPEN = frozenset(("data", "record"))
"""Of events and lines."""

_CLOSED = ConfigDict(extra="forbid", strict=True)
_DIGEST = r"^[0-9a-f]{64}$"
_MONEY = r"^[0-9]{1,9}(\.[0-9]{1,40})?$"
_FORMAT = r"^[a-z0-9][a-z0-9-]{0,63}$"

_Name = Annotated[str, Field(min_length=1, max_length=fields.NAME_CHARS)]
_Path = Annotated[str, Field(min_length=1, max_length=fields.PATH_CHARS)]
_FromZero, _FromBelow = Field(ge=0, le=fields.LARGEST), Field(ge=-fields.LARGEST, le=fields.LARGEST)
_Whole = Annotated[int, _FromZero, BeforeValidator(whole_number, json_schema_input_type=Annotated[int, _FromZero])]
_Code = Annotated[int, _FromBelow, BeforeValidator(whole_number, json_schema_input_type=Annotated[int, _FromBelow])]
_Digest = Annotated[str, Field(pattern=_DIGEST)]
_Fact = Annotated[str, Field(max_length=8_192)]


@with_config(_CLOSED)
class ParcelTokens(TypedDict, total=False):
    input: _Whole
    output: _Whole
    cache_read: _Whole
    cache_write: _Whole


@with_config(_CLOSED)
class ParcelProvenance(TypedDict):
    attribution: Annotated[Attribution, Field(strict=False)]
    confidence: Annotated[float, Field(ge=0, le=1)]
    observability: Annotated[Observability, Field(strict=False)]


@with_config(_CLOSED)
class ParcelSource(TypedDict):
    channel: Literal["import"]
    integration: NotRequired[ShortText]
    emitter: NotRequired[ShortText]
    witness: NotRequired[ShortText]


@with_config(_CLOSED)
class ParcelEvent(TypedDict):
    """An event of the session below which it stands; what is not known is left out."""

    id: WireUuid
    ts: EventTime
    kind: Annotated[Kind, Field(strict=False)]
    ordinal: NotRequired[_Whole]
    agent_id: NotRequired[_Name]
    call_id: NotRequired[_Name]
    request_id: NotRequired[_Name]
    tool: NotRequired[_Name]
    path: NotRequired[_Path]
    exit_code: NotRequired[_Code]
    succeeded: NotRequired[bool]
    duration_ms: NotRequired[_Whole]
    model: NotRequired[_Name]
    tokens: NotRequired[ParcelTokens]
    cost_usd: NotRequired[Annotated[str, Field(pattern=_MONEY)]]
    lines_added: NotRequired[_Whole]
    lines_removed: NotRequired[_Whole]
    actor: NotRequired[Literal["ai", "human", "system", "unknown"]]
    provenance: NotRequired[ParcelProvenance]
    source: ParcelSource
    data: dict[str, object]
    raw_digest: NotRequired[_Digest]


@with_config(_CLOSED)
class ParcelLine(TypedDict):
    """A line of the transcript, redacted; the digest is that of the line before."""

    digest: _Digest
    position: _Whole
    record: dict[str, object]


@with_config(_CLOSED)
class ParcelSession(TypedDict, total=False):
    """What is new of a session."""

    source_service: Annotated[str, Field(min_length=1, max_length=128)]
    project: _Path
    branch: _Name
    title: Annotated[str, Field(min_length=1, max_length=TITLE_CHARS)]
    metadata: Annotated[dict[_Name, _Fact], Field(max_length=64)]
    events: Annotated[list[ParcelEvent], Field(max_length=MOST_EVENTS, fail_fast=True)]
    raw: Annotated[list[ParcelLine], Field(max_length=MOST_EVENTS, fail_fast=True)]


@with_config(_CLOSED)
class ParcelBody(TypedDict):
    """`format` names the reader that made the events; sessions stand by their ids."""

    format: Annotated[str, Field(pattern=_FORMAT)]
    sessions: Annotated[dict[_Name, ParcelSession], Field(min_length=1, max_length=_MOST_SESSIONS)]


_PARCEL: TypeAdapter[ParcelBody] = TypeAdapter(ParcelBody)


def unpack(body: JsonValue, redact: Redact) -> Batch:
    """The batch in a parcel, whoever packed it. Raises Invalid, with a detail for each place that is wrong, of a list
    for the first one: to tell of millions would take gigabytes.

    It is redacted before it is looked at: the sender may not have done so, or not as thoroughly.
    """
    _check_members(body)
    try:
        parcel = _PARCEL.validate_python(_redacted(body, redact))
    except ValidationError as error:
        raise Invalid("Invalid request body", tuple(_faults(error))) from None
    sessions = {SessionId(id): session for id, session in parcel["sessions"].items()}
    batch = Batch(
        parcel["format"],
        {id: _facts(session) for id, session in sessions.items()},
        tuple(_event(id, event) for id, session in sessions.items() for event in session.get("events", ())),
        tuple(_raw(id, line) for id, session in sessions.items() for line in session.get("raw", ())),
    )
    if max(len(batch.events), len(batch.raw)) > MOST_EVENTS:
        raise Invalid("Invalid request body", (f"sessions: more than {MOST_EVENTS} events or raw lines in all",))
    return batch


def _check_members(value: JsonValue, most: int = _MOST_MEMBERS, open: Collection[str] = ()) -> None:
    """Of what may hold a few members only: a million others would each be told of. `open`: which may hold any."""
    if isinstance(value, list):
        for item in value:
            _check_members(item, open=_OPEN)
    elif isinstance(value, dict):
        if len(value) > most:
            raise Invalid("Invalid request body", (f"body: an object with more than {most} members",))
        for name, member in value.items():
            if name not in open:
                _check_members(member, _MOST_SESSIONS if name == "sessions" else _MOST_MEMBERS)


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_FAULTS]:
        yield f"{'.'.join(map(str, fault['loc']))[:200] or 'body'}: {fault['msg']}"


def _redacted(body: JsonValue, redact: Redact) -> JsonValue:
    """Each event is marked by itself. What has another shape is left as it is: it will be refused."""
    if not isinstance(body, dict) or not isinstance(sessions := body.get("sessions"), dict):
        return body
    return {**body, "sessions": {id: _redacted_session(session, redact) for id, session in sessions.items()}}


def _redacted_session(session: JsonValue, redact: Redact) -> JsonValue:
    if not isinstance(session, dict):
        return session
    events, raw = session.get("events"), session.get("raw")
    facts, _ = redact({name: value for name, value in session.items() if name not in ("events", "raw")})
    assert isinstance(facts, dict)
    if "events" in session:
        facts["events"] = [_marked(*redact(event)) for event in events] if isinstance(events, list) else events
    if "raw" in session:
        facts["raw"] = [redact(line)[0] for line in raw] if isinstance(raw, list) else raw
    return facts


def _marked(event: JsonValue, found: Sequence[str]) -> JsonValue:
    if not found or not isinstance(event, dict) or not isinstance(data := event.get("data"), dict):
        return event
    before = fields.strings(data.get("redactedNames"))
    names: list[JsonValue] = [*sorted({*before, *found})]
    return {**event, "data": {**data, "redacted": True, "redactedNames": names}}


def _facts(session: ParcelSession) -> SessionFacts:
    return SessionFacts(
        session.get("source_service"),
        session.get("project"),
        session.get("branch"),
        session.get("title"),
        dict(session.get("metadata", {})),
    )


def _raw(session_id: SessionId, line: ParcelLine) -> RawLine:
    body = orjson.dumps(line["record"]).decode()
    return RawLine(session_id, bytes.fromhex(line["digest"]), line["position"], body)


def _event(session_id: SessionId, told: ParcelEvent) -> Event:
    digest, cost = told.get("raw_digest"), told.get("cost_usd")
    return Event(
        id=EventId(told["id"]),
        session_id=session_id,
        ts=told["ts"],
        kind=told["kind"],
        ordinal=told.get("ordinal", 0),
        agent_id=told.get("agent_id"),
        call_id=told.get("call_id"),
        request_id=told.get("request_id"),
        tool=told.get("tool"),
        path=told.get("path"),
        exit_code=told.get("exit_code"),
        succeeded=told.get("succeeded"),
        duration_ms=told.get("duration_ms"),
        model=told.get("model"),
        tokens=Tokens(**told["tokens"]) if "tokens" in told else None,
        cost_usd=None if cost is None else Decimal(cost),
        lines_added=told.get("lines_added"),
        lines_removed=told.get("lines_removed"),
        actor=told.get("actor", "unknown"),
        provenance=Provenance(**told["provenance"]) if "provenance" in told else Provenance(),
        source=cast("JsonObject", told["source"]),
        data=cast("JsonObject", told["data"]),  # it came out of a JSON text
        raw_digest=None if digest is None else bytes.fromhex(digest),
    )
