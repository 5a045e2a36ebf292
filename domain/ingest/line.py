"""Where events are read from, whichever agent wrote it: what all events of a line share, and how they get their ids."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID, uuid5

from domain.ingest import fields
from domain.ingest.clean import Reason, Unreadable
from domain.timeline import Attribution, Event, Kind, Observability, Provenance, Tokens
from domain.values import EventId, JsonObject, SessionId

_NAMESPACE = UUID("6f1f5c1e-2a0b-5c0e-9d0a-0b5f6a3c7e11")
LAST_PART = 31
"""One block of a message yields fewer events: a command with its git actions are the most."""

BY_HUMAN = Provenance(Attribution.LIKELY_HUMAN, 0.9, Observability.HIGH)
_AI = Provenance(Attribution.LIKELY_AI, 0.9, Observability.HIGH)
_SYSTEM = Provenance(Attribution.SYSTEM_GENERATED, 0.9, Observability.HIGH)

_ACTORS: dict[Kind, tuple[str, Provenance]] = {
    **dict.fromkeys(
        (Kind.PROMPT, Kind.SLASH_COMMAND, Kind.CONTEXT_CLEAR, Kind.INTERRUPTION),
        ("human", BY_HUMAN),
    ),
    **dict.fromkeys(
        (Kind.TOOL_RESULT, Kind.CONTEXT_COMPACT, Kind.API_ERROR, Kind.SESSION_TITLE, Kind.SESSION_START),
        ("system", _SYSTEM),
    ),
}


class Hot(TypedDict, total=False):
    """The facts of an event that have a field of their own."""

    call_id: str | None
    request_id: str | None
    tool: str | None
    path: str | None
    exit_code: int | None
    succeeded: bool | None
    duration_ms: int | None
    model: str | None
    tokens: Tokens | None
    cost_usd: Decimal | None
    lines_added: int | None
    lines_removed: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """Where events come from. `key` names the line in every copy of it: an id that it bears, else what it says.

    `place` orders lines of the same time, where a format writes many in one millisecond or writes no times.
    """

    session_id: SessionId
    agent_id: str | None
    ts: datetime | None
    key: str
    digest: bytes
    source: JsonObject
    cwd: str | None
    redacted: tuple[str, ...]
    place: int = 0

    def event(
        self,
        kind: Kind,
        block: int = 0,
        part: int = 0,
        *,
        data: JsonObject,
        id: EventId | None = None,
        ts: datetime | None = None,
        actor: str | None = None,
        provenance: Provenance | None = None,
        **hot: Unpack[Hot],
    ) -> Event:
        """The `part`-th event of the `block`-th block. Raises Unreadable without any time stamp."""
        when = ts or self.ts
        if when is None:
            raise Unreadable(Reason.NO_TIMESTAMP)
        who, whose = _ACTORS.get(kind, ("ai", _AI))
        return Event(
            id=id or event_id(self.key, str(block), kind, str(part)),
            session_id=self.session_id,
            ts=when,
            kind=kind,
            ordinal=(self.place + block) * (LAST_PART + 1) + min(part, LAST_PART),
            agent_id=self.agent_id,
            actor=actor or who,
            provenance=provenance or whose,
            source=self.source,
            data=self._marked(data),
            raw_digest=self.digest,
            **hot,
        )

    def until(self, later: "Line") -> int | None:
        """The milliseconds from this line to a later one; None where they make no sense."""
        if self.ts is None or later.ts is None:
            return None
        waited = round((later.ts - self.ts).total_seconds() * 1000)
        return waited if 0 <= waited <= fields.LARGEST else None

    def _marked(self, data: JsonObject) -> JsonObject:
        if not self.redacted:
            return data
        return {**data, "redacted": True, "redactedNames": list(self.redacted)}


def event_id(*parts: str) -> EventId:
    """The same for the same parts, in every process and on every import."""
    return EventId(uuid5(_NAMESPACE, "\x1f".join(parts)))


def timestamp(record: JsonObject) -> datetime | None:
    """`timestamp` in UTC; a stamp without an offset is taken as UTC; None if there is none that makes sense."""
    return instant(fields.name(record, "timestamp"))


def instant(written: str | None) -> datetime | None:
    """As `timestamp`, for the text of one."""
    if written is None:
        return None
    try:
        when = datetime.fromisoformat(written)
        return sensible(when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def sensible(at: datetime) -> datetime | None:
    """The time if it has room around it: days are counted from it, and what comes later begins later. The year 1 is
    what some programs write for none."""
    return at if 2 <= at.year <= 9998 else None
