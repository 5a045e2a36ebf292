"""Storing batches: every event once, its session brought up to date, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

import persistence.ingest_rows
import persistence.witnesses
from domain.errors import Unauthenticated
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.witnesses import CHANNELS, channels
from domain.timeline import Event, Kind
from domain.values import EventId, JsonObject, OrgId, SessionId, UserId
from persistence.database import Writing
from persistence.sessions import id_digest

Key = tuple[SessionId, EventId]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch changed: the events that were new, and every session that must be derived again.

    `touched` holds more sessions than the batch where a line was copied from another session: which of the two
    it counts for may have changed.
    """

    events: frozenset[Key]
    touched: tuple[SessionId, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Why nothing was stored: these sessions belong to another developer."""

    sessions: tuple[SessionId, ...]


async def save(db: Writing, org_id: OrgId, user_id: UserId, batches: Sequence[Batch]) -> list[Saved] | Taken:
    """Stores what is new of `batches`, as if one after the other, or nothing when one of their sessions belongs to
    another developer."""
    ids = sorted({id for batch in batches for id in batch.sessions})
    opened = await _open_sessions(db, org_id, user_id, ids)
    if taken := tuple(id for id in ids if id not in opened):
        return Taken(taken)
    told = {id: set(CHANNELS if known is None else known) for id, known in opened.items()}
    return [saved for run in _runs(told, batches) for saved in await _store(db, org_id, user_id, told, run)]


def _runs(told: Mapping[SessionId, set[str]], batches: Sequence[Batch]) -> list[Sequence[Batch]]:
    """All together, unless several witnesses tell of a session: which account is kept depends on who was first."""
    if len(batches) == 1:
        return [batches]
    telling = _channels(event for batch in batches for event in batch.events)
    alone = any(len(told[id] | telling[id]) > 1 for id in told)
    return [[batch] for batch in batches] if alone else [batches]


def _channels(events: Iterable[Event]) -> defaultdict[SessionId, set[str]]:
    """The witnesses among those who told these events."""
    found: defaultdict[SessionId, set[str]] = defaultdict(set)
    for event in events:
        found[event.session_id] |= channels(event)
    return found


async def _store(
    db: Writing, org_id: OrgId, user_id: UserId, told: Mapping[SessionId, set[str]], run: Sequence[Batch]
) -> list[Saved]:
    """`told` is who has told of each session, and is brought up to date."""
    known = await persistence.ingest_rows.known(db, org_id, {event.id for batch in run for event in batch.events})
    fresh = _fresh(known, run)
    new = [event for events in fresh for event in events]
    for id, more in _channels(event for batch in run for event in batch.events).items():
        told[id].update(more)
    mixed = [id for id in {id for batch in run for id in batch.sessions} if len(told[id]) > 1]
    await persistence.ingest_rows.insert_events(db, org_id, user_id, new)
    gone = await persistence.witnesses.reconcile(db, org_id, user_id, mixed, {e.kind for e in new}, _keys(new))
    for batch, events in zip(run, fresh, strict=True):
        await persistence.ingest_rows.insert_raw(db, org_id, user_id, batch.format, _raw_of_new(batch, events))
    await _update_sessions(db, org_id, run, fresh, gone)
    await persistence.witnesses.measure(db, org_id, mixed)
    return [_saved(events, known, gone) for events in fresh]


def _keys(events: Sequence[Event]) -> frozenset[Key]:
    return frozenset((event.session_id, event.id) for event in events)


def _fresh(known: Collection[Key], run: Sequence[Batch]) -> list[list[Event]]:
    """The events of each batch that nobody has told before."""
    seen = set(known)
    found: list[list[Event]] = []
    for batch in run:
        mine: list[Event] = []
        for event in batch.events:
            key = event.session_id, event.id
            if key not in seen:
                seen.add(key)
                mine.append(event)
        found.append(mine)
    return found


def _saved(fresh: Sequence[Event], known: Collection[Key], gone: frozenset[Key]) -> Saved:
    """Sessions that held one of the events before have to be derived again, too."""
    keys = _keys(fresh)
    touched = {id for id, _ in keys}
    if known:
        ids = {event.id for event in fresh}
        touched |= {session_id for session_id, id in known if id in ids}
    return Saved(keys - gone, tuple(sorted(touched)))


def _raw_of_new(batch: Batch, fresh: Sequence[Event]) -> Sequence[RawLine]:
    """Without the lines behind events that were known: a repeated event may come with another body."""
    if len(fresh) == len(batch.events):
        return batch.raw
    mine = {(event.session_id, event.raw_digest) for event in fresh}
    known = {(event.session_id, event.raw_digest) for event in batch.events} - mine
    return [line for line in batch.raw if (line.session_id, line.digest) not in known]


async def _open_sessions(
    db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]
) -> dict[SessionId, Sequence[str] | None]:
    """Makes the missing sessions and locks them all, always in the order of their ids so that no two wait in a ring.

    Until the commit nobody else stores events in them, which those who follow their arrivals rely on.
    Returns those that belong to this developer, and the channels of those who told of them.
    """
    found = await _locked(db, _LOCK_WHERE_ALL_ARE, org_id, user_id, ids)
    for _ in range(2):  # twice where one is erased between the making and the locking
        if len(found) < len(ids):
            await _make_sessions(db, org_id, user_id, ids)
            found = await _locked(db, _LOCK, org_id, user_id, ids)
    return found


async def _locked(
    db: Writing, statement: sa.TextClause, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]
) -> dict[SessionId, Sequence[str] | None]:
    rows = await db.rows(statement, {"org_id": org_id, "user_id": user_id, "ids": ids})
    return {SessionId(row["id"]): row["witnesses"] for row in rows}


async def _make_sessions(db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]) -> None:
    await db.rows(_TAKE_IDS, {"digests": sorted(map(id_digest, ids))})
    try:
        await db.rows(_MAKE, {"org_id": org_id, "user_id": user_id, "ids": ids})
    except asyncpg.ForeignKeyViolationError as error:  # the developer was erased after their key was looked at
        raise Unauthenticated("inactive") from error


_OURS = (
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
)
_TAKE_IDS = sa.text(
    "INSERT INTO session_ids (digest) SELECT * FROM unnest(:digests) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("digests", type_=ARRAY(sa.LargeBinary)))
_MAKE = sa.text(
    "INSERT INTO sessions (org_id, user_id, id) SELECT :org_id, :user_id, * FROM unnest(:ids) ON CONFLICT DO NOTHING"
).bindparams(*_OURS)
_FIND = "SELECT id, witnesses FROM sessions WHERE org_id = :org_id AND user_id = :user_id AND id = ANY (:ids)"
_LOCK = sa.text(f"{_FIND} ORDER BY id FOR UPDATE").bindparams(*_OURS)
# Mostly all are there. Where one is missing none may be locked yet: whoever makes another one may wait for it.
_LOCK_WHERE_ALL_ARE = sa.text(
    f"{_FIND} AND (SELECT count(*) FROM ({_FIND}) AS found) = cardinality(:ids) ORDER BY id FOR UPDATE"
).bindparams(*_OURS)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a batch changes of a session; None leaves it as it is."""

    id: SessionId
    source_service: str | None
    project: str | None
    branch: str | None
    title: str | None
    metadata: JsonObject
    started_at: datetime | None
    last_activity_at: datetime | None
    ended_at: datetime | None
    event_count: int
    decision_count: int
    witnesses: list[str]

    def then(self, later: "_Change") -> "_Change":
        """Both in one: the same as the statement below makes of one after the other."""
        return _Change(
            self.id,
            self.source_service or later.source_service,
            self.project or later.project,
            later.branch or self.branch,
            later.title or self.title,
            {**self.metadata, **later.metadata},
            min(filter(None, (self.started_at, later.started_at)), default=None),
            max(filter(None, (self.last_activity_at, later.last_activity_at)), default=None),
            self.ended_at or later.ended_at,
            self.event_count + later.event_count,
            self.decision_count + later.decision_count,
            sorted({*self.witnesses, *later.witnesses}),
        )


# A start moves back, an activity forward, an explicit end never moves.
_UPDATE_SESSIONS = sa.text(
    "UPDATE sessions s SET"
    " source_service = coalesce(s.source_service, new.source_service), project = coalesce(s.project, new.project),"
    " branch = coalesce(new.branch, s.branch), title = coalesce(new.title, s.title),"
    " metadata = s.metadata || new.metadata, started_at = least(s.started_at, new.started_at),"
    " last_activity_at = greatest(s.last_activity_at, new.last_activity_at),"
    " ended_at = coalesce(s.ended_at, new.ended_at), event_count = s.event_count + new.event_count,"
    " decision_count = s.decision_count + new.decision_count, updated_at = now(),"
    " witnesses = ARRAY(SELECT DISTINCT unnest(coalesce(s.witnesses, :all) || new.witnesses))"
    " FROM json_to_recordset(CAST(:rows AS json)) AS new (id text, source_service text, project text, branch text,"
    " title text, metadata jsonb, started_at timestamptz, last_activity_at timestamptz, ended_at timestamptz,"
    " event_count bigint, decision_count bigint, witnesses text[])"
    " WHERE s.org_id = :org_id AND s.id = ANY (:ids) AND s.id = new.id"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("ids", type_=ARRAY(sa.Text)),
    sa.bindparam("all", sorted(CHANNELS), ARRAY(sa.Text)),
)


async def _update_sessions(
    db: Writing, org_id: OrgId, run: Sequence[Batch], fresh: Sequence[Sequence[Event]], gone: Collection[Key]
) -> None:
    """Counts the new events in, those that are gone out, and stores what is told of their sessions."""
    changes: dict[SessionId, _Change] = {}
    for batch, events in zip(run, fresh, strict=True):
        for change in _changes(batch, events, gone):
            changes[change.id] = changes[change.id].then(change) if change.id in changes else change
    if changes:
        rows = orjson.dumps(list(changes.values())).decode()
        await db.rows(_UPDATE_SESSIONS, {"org_id": org_id, "ids": list(changes), "rows": rows})


def _changes(batch: Batch, fresh: Sequence[Event], gone: Collection[Key]) -> Iterable[_Change]:
    of_session: dict[SessionId, list[Event]] = {id: [] for id in batch.sessions}
    for event in fresh:
        of_session[event.session_id].append(event)
    for id, events in of_session.items():
        facts = _facts(batch, id, events)
        if events or facts != SessionFacts():
            yield _change(id, facts, events, sum(of == id for of, _ in gone))


def _facts(batch: Batch, id: SessionId, fresh: Sequence[Event]) -> SessionFacts:
    facts = batch.sessions[id]
    last: SessionFacts | None = None
    for event in fresh if batch.told else ():
        told = batch.told.get((id, event.id))
        if told is not None and told is not last:  # mostly all say the same
            facts = facts.then(told)
            last = told
    return facts


def _change(id: SessionId, facts: SessionFacts, fresh: Sequence[Event], gone: int) -> _Change:
    times = [event.ts for event in fresh]
    kinds = [event.kind for event in fresh]
    return _Change(
        id=id,
        source_service=facts.source_service,
        project=facts.project,
        branch=facts.branch,
        title=facts.title,
        metadata=facts.metadata,
        started_at=min(times, default=None),
        last_activity_at=max(times, default=None),
        ended_at=min((event.ts for event in fresh if event.kind is Kind.SESSION_END), default=None),
        event_count=len(fresh) - gone,
        decision_count=kinds.count(Kind.DECISION_EVENT),
        witnesses=sorted(_channels(fresh)[id]),
    )
