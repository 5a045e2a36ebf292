"""Telemetry of agents: kept at once, judged later."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from domain.access import Scope
from domain.errors import Forbidden
from domain.ingest.batch import Batch
from domain.ingest.otlp import Export, Record
from domain.ingest.reading import Redact
from domain.redaction import redact_json
from domain.values import SessionId
from resolvers.context import Context
from resolvers.ingest import keep, save_batch

SESSIONS = 100
"""So many sessions of an export are stored in one transaction."""
_TRIES = 4

Read = Callable[[Iterable[Record], datetime, Redact], Export]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an export: how many of its records were not stored, and why, in one line; None: all were."""

    rejected: int
    reason: str | None


async def ingest_telemetry(ctx: Context, read: Read, records: Sequence[Record]) -> Taken:
    """Keeps what an export tells; returns once it is committed. One that is sent again adds nothing.

    Raises Forbidden where every session in it is somebody else's.
    """
    ctx.caller.require(Scope.EVENTS_WRITE)
    redact = redact_json if ctx.caller.settings.redaction else keep
    # Large exports take their time: others are served meanwhile.
    export = await asyncio.to_thread(read, records, ctx.services.now(), redact)
    refused = {id for part in _parts(export.batch) for id in await _store(ctx, part)}
    if refused and refused == set(export.batch.sessions):
        raise Forbidden("these sessions belong to somebody else")
    foreign = sum(line.session_id in refused for line in export.batch.raw)
    return Taken(export.homeless + export.unread + foreign, _reason(export, foreign))


def _reason(export: Export, foreign: int) -> str | None:
    why = (
        (export.homeless, "name no session (session.id)"),
        (export.unread, "are running totals: let the exporter prefer delta temporality"),
        (foreign, "belong to sessions of somebody else"),
    )
    return "; ".join(f"{count} {what}" for count, what in why if count) or None


def _parts(batch: Batch) -> Iterator[Batch]:
    """The batch, some sessions at a time."""
    ids = iter(sorted(batch.sessions))
    while some := list(islice(ids, SESSIONS)):
        yield _of(batch, frozenset(some))


def _of(batch: Batch, ids: frozenset[SessionId]) -> Batch:
    if len(ids) == len(batch.sessions):
        return batch
    return replace(
        batch,
        sessions={id: facts for id, facts in batch.sessions.items() if id in ids},
        events=tuple(event for event in batch.events if event.session_id in ids),
        raw=tuple(line for line in batch.raw if line.session_id in ids),
    )


async def _store(ctx: Context, batch: Batch) -> frozenset[SessionId]:
    """Stores what may be stored. Returns the sessions that are somebody else's."""
    mine = frozenset(batch.sessions)
    for _ in range(_TRIES):
        places = {id: place for place, id in enumerate(sorted(mine))}
        try:
            if mine:
                await save_batch(ctx.services, ctx.caller, _of(batch, mine), places)
            return frozenset(batch.sessions) - mine
        except Forbidden as error:
            mine -= _named(error, places)
    return frozenset(batch.sessions)


def _named(error: Forbidden, places: dict[SessionId, int]) -> frozenset[SessionId]:
    """The sessions that a refusal speaks of."""
    told = {fault.field[1] for fault in error.faults if fault.field is not None and len(fault.field) > 1}
    return frozenset(id for id, place in places.items() if str(place) in told)
