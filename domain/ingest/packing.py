"""Batches packed into parcels that a server takes; `domain.ingest.parcel` unpacks them there."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.parcel import MOST_BYTES
from domain.timeline import Event
from domain.values import SessionId

_FULL_BYTES = 4 * 2**20
"""A parcel of that size is sent; one item may make it larger."""
_MOST_ITEM_BYTES = MOST_BYTES - _FULL_BYTES - 2**20
"""An item that is larger fits into no parcel: there is room for what stands around it."""
_FULL_ITEMS = 2_000
_FULL_SESSIONS = 200


def pack(batch: Batch) -> Iterator[bytes]:
    """The batch in parcels, as JSON; none for a batch without sessions.

    Each session comes with its facts in the first parcel that names it. What is too large by itself is left out: of a
    line of that size the events remain.
    """
    untold = dict(batch.sessions)
    parcel = _Parcel(batch.format)
    for session_id, is_event, item in _items(batch):
        if len(item) > _MOST_ITEM_BYTES:
            continue
        if parcel.full:
            yield parcel.closed()
            parcel = _Parcel(batch.format)
        parcel.of(session_id, untold).add(is_event, item)
        parcel.size, parcel.items = parcel.size + len(item), parcel.items + 1
    for session_id in list(untold):
        if parcel.full:
            yield parcel.closed()
            parcel = _Parcel(batch.format)
        parcel.of(session_id, untold)
    if parcel.sessions:
        yield parcel.closed()


def fits(line: RawLine) -> bool:
    """Whether some parcel holds the line."""
    return len(_raw(line)) <= _MOST_ITEM_BYTES


def _items(batch: Batch) -> Iterator[tuple[SessionId, bool, bytes]]:
    for event in batch.events:
        yield event.session_id, True, orjson.dumps(_event(event))
    for line in batch.raw:
        yield line.session_id, False, _raw(line)


@dataclass(slots=True)
class _Session:
    head: bytes
    events: list[bytes] = field(default_factory=list[bytes])
    raw: list[bytes] = field(default_factory=list[bytes])

    def add(self, is_event: bool, item: bytes) -> None:
        (self.events if is_event else self.raw).append(item)

    def closed(self) -> bytes:
        parts = [
            *([self.head[1:-1]] if len(self.head) > 2 else []),
            *([b'"events":[' + b",".join(self.events) + b"]"] if self.events else []),
            *([b'"raw":[' + b",".join(self.raw) + b"]"] if self.raw else []),
        ]
        return b"{" + b",".join(parts) + b"}"


@dataclass(slots=True)
class _Parcel:
    format: str
    sessions: dict[SessionId, _Session] = field(default_factory=dict[SessionId, _Session])
    size: int = 0
    items: int = 0

    @property
    def full(self) -> bool:
        return self.size >= _FULL_BYTES or self.items >= _FULL_ITEMS or len(self.sessions) >= _FULL_SESSIONS

    def of(self, id: SessionId, untold: dict[SessionId, SessionFacts]) -> _Session:
        """The session in this parcel; with it go the facts that were not told yet."""
        if id not in self.sessions:
            self.sessions[id] = _Session(orjson.dumps(_facts(untold.pop(id, SessionFacts()))))
            self.size += len(self.sessions[id].head)
        return self.sessions[id]

    def closed(self) -> bytes:
        members = (orjson.dumps(id) + b":" + session.closed() for id, session in self.sessions.items())
        return b'{"format":' + orjson.dumps(self.format) + b',"sessions":{' + b",".join(members) + b"}}"


def _facts(facts: SessionFacts) -> dict[str, object]:
    told = {
        "source_service": facts.source_service,
        "project": facts.project,
        "branch": facts.branch,
        "title": facts.title,
        "metadata": facts.metadata,
    }
    return {name: value for name, value in told.items() if value}


def _raw(line: RawLine) -> bytes:
    head = f'{{"digest":"{line.digest.hex()}","position":{line.position},"record":'
    return head.encode() + line.body.encode() + b"}"


def _event(event: Event) -> dict[str, object]:
    tokens, provenance = event.tokens, event.provenance
    told = {
        "id": event.id,
        "ts": event.ts,
        "kind": event.kind,
        "ordinal": event.ordinal or None,
        "agent_id": event.agent_id,
        "call_id": event.call_id,
        "request_id": event.request_id,
        "tool": event.tool,
        "path": event.path,
        "exit_code": event.exit_code,
        "succeeded": event.succeeded,
        "duration_ms": event.duration_ms,
        "model": event.model,
        "tokens": tokens,
        "cost_usd": None if event.cost_usd is None else f"{event.cost_usd:f}",
        "lines_added": event.lines_added,
        "lines_removed": event.lines_removed,
        "actor": event.actor,
        "provenance": provenance,
        "source": event.source,
        "data": event.data,
        "raw_digest": None if event.raw_digest is None else event.raw_digest.hex(),
    }
    return {name: value for name, value in told.items() if value is not None}
