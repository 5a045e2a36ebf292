"""Taking events in: checked, redacted, stored once, acknowledged after commit, judged later."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

import persistence.candidates
import persistence.ingest
import persistence.jobs
import persistence.sessions
from domain.access import Caller, KeyKind, Scope
from domain.errors import Fault, Forbidden, Invalid
from domain.ingest import upload
from domain.ingest.batch import Batch
from domain.ingest.faults import IngestErrorCode, faults, readable_id
from domain.ingest.reading import Redact
from domain.ingest.upload import Posted
from domain.redaction import redact_json
from domain.timeline import Kind, StoredEvent
from domain.values import EventId, JsonValue, SessionId
from persistence.bus import JOBS, session_channel
from persistence.candidates import Tied
from persistence.database import Tenant, Writing
from persistence.ingest import Saved
from resolvers.aside import aside
from resolvers.context import Context, Services


class Receipt(StrEnum):
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of the event at the place `index` of those that were posted.

    `errors` and `faults` both say what is wrong with a refused one, in the words of the old systems and for programs;
    its id is None where it could not be read, its `session_id` is None in any case.
    """

    index: int
    receipt: Receipt
    id: UUID | None
    session_id: SessionId | None = None
    errors: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


async def ingest_events(ctx: Context, items: Sequence[JsonValue], size: int = 0) -> list[IngestResult]:
    """Stores what is good of `items`, `size` bytes in all, one result each, in their order. Acknowledged means
    committed.

    Raises Invalid for none or more than 1,000 items, Forbidden for a session that is not the caller's to write.
    """
    ctx.caller.require(Scope.EVENTS_WRITE)
    _check_number(len(items))
    read, batch = await aside(size, lambda: _batch(items, redact_json if ctx.caller.settings.redaction else keep))
    if not batch.events:
        return [result for result in read if isinstance(result, IngestResult)]
    saved = await save_batch(ctx.services, ctx.caller, batch, _places(read))
    ctx.loaders.forget()
    return _results(read, {id for _, id in saved.events})


async def event_of(ctx: Context, result: IngestResult) -> StoredEvent | None:
    """The event as it is stored, None where it was refused. Whoever may send into a session sees what it holds, also a
    candidate whose key was tied to it just now."""
    ctx.caller.require(Scope.SESSIONS_READ)
    if result.session_id is None or result.id is None:
        return None
    return await ctx.loaders.event.load((result.session_id, EventId(result.id)))


def _check_number(events: int) -> None:
    if not 1 <= events <= upload.MOST_EVENTS:
        code = IngestErrorCode.TOO_MANY_EVENTS if events else IngestErrorCode.NO_EVENTS
        message = f"send between 1 and {upload.MOST_EVENTS} events"
        raise Invalid(message, faults=(Fault(code, message, ("events",)),))


def _batch(items: Sequence[JsonValue], redact: Redact) -> tuple[list[Posted | IngestResult], Batch]:
    read = [_read(index, item) for index, item in enumerate(items)]
    return read, upload.read([one for one in read if isinstance(one, Posted)], redact)


def _read(index: int, item: JsonValue) -> Posted | IngestResult:
    try:
        return upload.check(item)
    except ValidationError as error:
        details = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}".lstrip(": ") for e in error.errors(include_url=False)]
        wrong = tuple(faults(error, ("events", str(index))))
        return IngestResult(index, Receipt.REFUSED, readable_id(item), None, tuple(details), wrong)


def _places(read: Sequence[Posted | IngestResult]) -> dict[SessionId, int]:
    """Where each session is named first."""
    places: dict[SessionId, int] = {}
    for index, item in enumerate(read):
        if isinstance(item, Posted):
            places.setdefault(SessionId(item.envelope.sessionId), index)
    return places


def keep(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
    """Redaction switched off: the value as it is."""
    return value, ()


def _results(read: Sequence[Posted | IngestResult], new: set[UUID]) -> list[IngestResult]:
    """The first of several equal ids is the one that was accepted."""
    results: list[IngestResult] = []
    for index, item in enumerate(read):
        if isinstance(item, IngestResult):
            results.append(item)
            continue
        id = item.envelope.id
        receipt = _ACCEPTED if id in new else _SKIPPED
        results.append(IngestResult(index, receipt, id, SessionId(item.envelope.sessionId)))
        new.discard(id)
    return results


_ACCEPTED, _SKIPPED = Receipt.ACCEPTED, Receipt.SKIPPED


async def save_batch(
    services: Services, caller: Caller, batch: Batch, places: Mapping[SessionId, int] | None = None
) -> Saved:
    """Stores a batch and queues what must be derived again, in one transaction, which others of the same caller may
    share; then says so to all concerned.

    A session that was registered for somebody, and holds nothing yet, is theirs who send its first events. Raises
    Forbidden when a session belongs to another developer, or is not the one a candidate key is tied to; its faults say
    where in the input those of `places` stand. Raises Unavailable when too much waits to be stored.
    """

    async def store(batches: Sequence[Batch]) -> Sequence[Saved]:
        try:
            return await _save(services, caller, batches, places or {})
        except _SomebodyElses as error:
            if len(batches) > 1:
                raise
            if not await _claim(services, caller, error.sessions):
                raise _forbidden("this session belongs to somebody else", error.sessions, places or {}) from None
            return await _save(services, caller, batches, places or {})

    return await services.intake.save(_binding(caller), batch, store)


def _binding(caller: Caller) -> Hashable:
    """Callers with the same one may share a transaction."""
    key_id = caller.key_id if caller.kind is KeyKind.CANDIDATE else None
    return caller.org_id, caller.user_id, caller.visible_user, key_id


class _SomebodyElses(Exception):
    """Nothing was stored: these sessions belong to another developer."""

    def __init__(self, sessions: Sequence[SessionId]) -> None:
        super().__init__()
        self.sessions = sessions


async def _save(
    services: Services, caller: Caller, batches: Sequence[Batch], places: Mapping[SessionId, int]
) -> Sequence[Saved]:
    async with services.database.write(Tenant(caller.org_id, caller.visible_user)) as db:
        saved = await _save_within(db, caller, batches, places, services.now())
    for session_id in {session_id for one in saved for session_id, _ in one.events}:
        services.bus.announce(session_channel(caller.org_id, session_id))
    if any(one.touched for one in saved):
        services.bus.announce(JOBS)
    return saved


async def _save_within(
    db: Writing, caller: Caller, batches: Sequence[Batch], places: Mapping[SessionId, int], now: datetime
) -> Sequence[Saved]:
    org_id = caller.org_id
    ties: list[Tied] = []
    if caller.kind is KeyKind.CANDIDATE:
        ties = [await _tie_candidate(db, caller, sorted(batch.sessions), places, now) for batch in batches]
    saved = await persistence.ingest.save(db, org_id, caller.user_id, batches)
    if isinstance(saved, persistence.ingest.Taken):
        raise _SomebodyElses(saved.sessions)
    for tied in ties:
        if tied.facts:
            await persistence.sessions.describe(db, org_id, tied.session_id, tied.facts)
    await persistence.jobs.enqueue(db, org_id, caller.user_id, sorted({id for one in saved for id in one.touched}))
    if ended := _ended(batches, saved):
        await persistence.candidates.complete(db, org_id, ended, now)
    return saved


def _ended(batches: Sequence[Batch], saved: Sequence[Saved]) -> list[SessionId]:
    """The sessions whose end was told just now."""
    new = {key for one in saved for key in one.events}
    ends = (event for batch in batches for event in batch.events if event.kind is Kind.SESSION_END)
    return sorted({event.session_id for event in ends if (event.session_id, event.id) in new})


async def _claim(services: Services, caller: Caller, ids: Sequence[SessionId]) -> bool:
    """Whether these sessions were registered only, by somebody of the organisation, and are the caller's from now."""
    async with services.database.write(Tenant(caller.org_id)) as db:
        return await persistence.sessions.claim(db, caller.org_id, caller.user_id, ids)


async def _tie_candidate(
    db: Writing, caller: Caller, sessions: Sequence[SessionId], places: Mapping[SessionId, int], now: datetime
) -> Tied:
    tied = await persistence.candidates.tie(db, caller.org_id, caller.key_id, sessions[0], now)
    if tied is None:
        raise _forbidden("this session is another candidate's", sessions[:1], places)
    if others := [id for id in sessions if id != tied.session_id]:
        raise _forbidden("this key is tied to another session", others, places)
    return tied


def _forbidden(message: str, sessions: Sequence[SessionId], places: Mapping[SessionId, int]) -> Forbidden:
    indexes = sorted(places[id] for id in sessions if id in places)
    code = IngestErrorCode.SESSION_FORBIDDEN
    return Forbidden(message, *(Fault(code, message, ("events", str(index), "sessionId")) for index in indexes))
