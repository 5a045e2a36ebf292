"""Telemetry: log records, data points and spans that agents send by OpenTelemetry (event formats reference, section 3).

What an attribute tells may be written as text or as a number, depending on the agent and its version. What is about the
person and their accounts is nobody's business here: it is not kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import isfinite

import orjson

from domain.ingest import fields
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.clean import Unreadable, bounded, parse, storable
from domain.ingest.line import Line, instant
from domain.ingest.reading import Redact
from domain.timeline import Event
from domain.values import JsonObject, JsonValue, SessionId

CHANNEL = "otlp"
RAW_CHARS = 64 * 2**10
_SESSION = ("session.id", "conversation.id")
_PRIVATE = ("user.", "enduser.", "organization.", "installation.", "host.", "process.")
_PRIVATE_PARTS = ("email", "user_id", "account_id", "account_uuid", "organization_id")
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_NS = 10**9 * 60 * 60 * 24 * 365 * 200
_LAST_PLACE = 2**25
_WITHHELD = frozenset(("<REDACTED>", "[REDACTED]"))


@dataclass(frozen=True, slots=True)
class Record:
    """A log record, a data point or a span, whichever way it was encoded.

    `names` says what it may be called, the surest first; `times` are nanoseconds since 1970, the best first, 0 where
    none is told; `own` is what it holds beside its attributes.
    """

    names: tuple[str, ...]
    attributes: JsonObject
    resource: JsonObject
    times: tuple[int, ...] = ()
    own: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Speaker:
    """An agent: how the names of its records begin, and what a record tells."""

    service: str
    prefix: str
    events: Callable[[Line, str, JsonObject], Iterator[Event]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A record that names its session; `told` are its attributes, cleaned and redacted, `at` its nanoseconds since 1970
    as they were told, 0 for none."""

    line: Line
    speaker: Speaker | None
    name: str
    told: JsonObject
    own: JsonObject
    raw: RawLine
    facts: SessionFacts
    at: int


@dataclass(frozen=True, slots=True)
class Export:
    """What an export tells. `homeless` records name no session, so there is nowhere to put them; `unread` ones count in
    a way that is not read."""

    batch: Batch
    homeless: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Ear:
    """How records are heard: who may speak, when that is, what is taken out; `witness` as `domain.ingest.witnesses` has
    it, where it is not just telemetry."""

    speakers: tuple[Speaker, ...]
    now: datetime
    redact: Redact
    witness: str | None = None


def hear(records: Iterable[Record], ear: Ear) -> tuple[list[Heard], int]:
    """The records that name a session, and how many name none."""
    heard: list[Heard] = []
    homeless = 0
    for position, record in enumerate(records):
        session = session_of(record)
        if session is None:
            homeless += 1
        else:
            heard.append(_heard(record, session, ear, position))
    return heard, homeless


def batch_of(format: str, heard: Iterable[Heard], events: Iterable[Event]) -> Batch:
    """The batch that these records and the events they told make."""
    sessions: dict[SessionId, SessionFacts] = {}
    raw: list[RawLine] = []
    for one in heard:
        id = one.line.session_id
        sessions[id] = sessions[id].then(one.facts) if id in sessions else one.facts
        raw.append(one.raw)
    return Batch(format, sessions, tuple(events), tuple(raw))


def session_of(record: Record) -> SessionId | None:
    """The session that a record, or all that its process sends, belongs to."""
    for source in (record.attributes, record.resource):
        for key in _SESSION:
            if (id := fields.name(source, key)) is not None:
                return SessionId(str(storable(id)))
    return None


def _heard(record: Record, session: SessionId, ear: Ear, position: int) -> Heard:
    speaker, called = _speaker(record, ear.speakers)
    public = storable({key: value for key, value in record.attributes.items() if not _private(key)})
    own = storable(record.own)
    said = [session, storable(called[: fields.NAME_CHARS]), public, own, str(record.times[:1])]
    digest = sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()
    told, redacted = ear.redact(public)
    name = _name(called, ear.redact)
    assert isinstance(told, dict)
    assert isinstance(own, dict)
    line = Line(
        session_id=session,
        agent_id=fields.name(told, "agent_id"),
        ts=_moment(record, ear.now),
        key=f"{ear.witness or CHANNEL}/{session}/{digest.hex()}",
        digest=digest,
        source=_source(record, speaker) | known(witness=ear.witness),
        cwd=fields.path(told, "cwd"),
        redacted=redacted,
        place=min(max(whole(told, "event.sequence") or 0, 0), _LAST_PLACE),
    )
    body = {"name": name, "at": line.ts, "attributes": bounded(told, RAW_CHARS), **own}
    raw = RawLine(session, digest, position, orjson.dumps(body).decode())
    return Heard(line, speaker, name, told, own, raw, _facts(record, speaker, told), next(iter(record.times), 0))


def _private(key: str) -> bool:
    low = key.lower()
    return low.startswith(_PRIVATE) or any(part in low for part in _PRIVATE_PARTS)


def _speaker(record: Record, speakers: tuple[Speaker, ...]) -> tuple[Speaker | None, str]:
    """Who tells it, and its name without the part that says so."""
    for name in record.names:
        for speaker in speakers:
            if name.startswith(speaker.prefix):
                return speaker, name.removeprefix(speaker.prefix)
    service = fields.name(record.resource, "service.name") or ""
    speaker = next((one for one in speakers if service.startswith(one.service)), None)
    return speaker, record.names[0] if record.names else ""


def _name(called: str, redact: Redact) -> str:
    """As it may be kept: what has no name is called by its text, of whatever kind that is."""
    name, _ = redact(storable(called))
    return str(name)[: fields.NAME_CHARS]


def _source(record: Record, speaker: Speaker | None) -> JsonObject:
    service = speaker.service if speaker else fields.name(record.resource, "service.name")
    source: JsonObject = {"channel": CHANNEL}
    if service:
        source["integration"] = str(storable(service))[:128]
    version = _version(record)
    if service and version:
        source["emitter"] = f"{source['integration']}/{version}"[:128]
    return source


def _version(record: Record) -> str | None:
    version = fields.name(record.attributes, "app.version") or fields.name(record.resource, "service.version")
    return None if version is None else str(storable(version))


def _facts(record: Record, speaker: Speaker | None, told: JsonObject) -> SessionFacts:
    """Where the session works is mostly not told; a version and how it was begun are."""
    described = {"version": _version(record), "entrypoint": fields.name(told, "app.entrypoint")}
    metadata: JsonObject = {name: value for name, value in described.items() if value is not None}
    return SessionFacts(speaker.service if speaker else None, fields.path(told, "cwd"), metadata=metadata)


def _moment(record: Record, now: datetime) -> datetime:
    """When it happened: never later than now, and now where no time that makes sense is told."""
    written = (instant(fields.name(record.attributes, "event.timestamp")), *map(since_1970, record.times))
    return min(next((at for at in written if at is not None and at >= _EARLIEST), now), now)


def since_1970(nanoseconds: int) -> datetime | None:
    """The moment; None for 0, which stands for none, and for what no calendar holds."""
    if not 0 < nanoseconds < _LATEST_NS:
        return None
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def named(line: Line, what: str, id: str | None) -> Line:
    """The line, known by what the agent calls the thing it tells of, if it does: so whoever tells of it again, in a
    record of another kind, tells of the same."""
    if id is None:
        return line
    return replace(line, key=f"{line.source.get('witness', CHANNEL)}/{line.session_id}/{what}/{id}")


def begun(line: Line, lasted_ms: int | None) -> Line:
    """The line at the time at which what it tells began: records are written when something has ended."""
    if line.ts is None or lasted_ms is None or lasted_ms <= 0:
        return line
    return replace(line, ts=max(line.ts - timedelta(milliseconds=lasted_ms), _EARLIEST))


def number(told: JsonObject, key: str) -> float | None:
    """The number under `key`, also if it is written as text, up to fields.LARGEST."""
    value = told.get(key)
    if isinstance(value, str) and 0 < len(value) <= 32:
        try:
            read = float(value)
        except ValueError:
            return None
        return read if isfinite(read) and abs(read) <= fields.LARGEST else None
    return fields.number(told, key)


def whole(told: JsonObject, key: str) -> int | None:
    """The number under `key` if it is a whole one."""
    value = number(told, key)
    return int(value) if value is not None and value == int(value) else None


def count(told: JsonObject, key: str) -> int:
    """The count under `key`; 0 for what is none."""
    return max(whole(told, key) or 0, 0)


def milliseconds(told: JsonObject, key: str = "duration_ms") -> int | None:
    value = number(told, key)
    return round(value) if value is not None and value >= 0 else None


def flag(told: JsonObject, key: str) -> bool | None:
    """True or false, also as text; None for anything else."""
    value = told.get(key)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def words(told: JsonObject, key: str) -> str | None:
    """The text under `key`; None where the person has not switched text on."""
    text = fields.text(told, key)
    return None if text in _WITHHELD else text


def record_in(told: JsonObject, key: str) -> JsonObject:
    """The object under `key`, also if it is written as JSON."""
    value = told.get(key)
    if isinstance(value, str):
        try:
            value = parse(value.encode("utf-8", "surrogatepass"))
        except Unreadable:
            return {}
    return value if isinstance(value, dict) else {}


def known(**facts: JsonValue) -> JsonObject:
    return {name: value for name, value in facts.items() if value is not None}
