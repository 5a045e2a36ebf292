"""Storing a batch: every event once, its session brought up to date, in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID, insert
from sqlalchemy.exc import IntegrityError

import persistence.witnesses
from domain.errors import Unauthenticated
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.witnesses import CHANNELS, channels
from domain.timeline import Event, Kind
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.database import ORG, Writing, among
from persistence.sessions import id_digest, session_ids, sessions


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch changed: the events that were new, and every session that must be derived again.

    `touched` holds more sessions than the batch where a line was copied from another session: which of the two
    it counts for may have changed.
    """

    events: frozenset[tuple[SessionId, EventId]]
    touched: tuple[SessionId, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Why a batch was not stored: these sessions of it belong to another developer."""

    sessions: tuple[SessionId, ...]


async def save(db: Writing, org_id: OrgId, user_id: UserId, batch: Batch) -> Saved | Taken:
    """Stores what is new of `batch`, or nothing when one of its sessions belongs to another developer."""
    ids = sorted(batch.sessions)
    opened = await _open_sessions(db, org_id, user_id, ids)
    if taken := tuple(id for id in ids if id not in opened):
        return Taken(taken)
    new = await _insert_events(db, org_id, user_id, batch.events)
    fresh = [event for event in batch.events if (event.session_id, event.id) in new]
    mixed = _told_by_several(opened, batch)
    gone = await persistence.witnesses.reconcile(db, org_id, user_id, mixed, {e.kind for e in fresh}, new)
    await _insert_raw(db, org_id, user_id, batch.format, _raw_of_new(batch, fresh))
    await _update_sessions(db, org_id, batch, fresh, gone)
    await persistence.witnesses.measure(db, org_id, mixed)
    shared = await _sessions_sharing(db, org_id, [event.id for event in fresh])
    touched = sorted({event.session_id for event in fresh} | shared)
    return Saved(new - gone, tuple(touched))


def _told_by_several(opened: Mapping[SessionId, Sequence[str] | None], batch: Batch) -> list[SessionId]:
    """The sessions of which not only one witness has told; of what an earlier version stored that is not known."""
    told: dict[SessionId, set[str]] = {id: set(CHANNELS if known is None else known) for id, known in opened.items()}
    for event in batch.events:
        told[event.session_id] |= channels(event)
    return [id for id, witnesses in told.items() if len(witnesses) > 1]


def _raw_of_new(batch: Batch, fresh: Sequence[Event]) -> list[RawLine]:
    """Without the lines behind events that were known: a repeated event may come with another body."""
    mine = {(event.session_id, event.raw_digest) for event in fresh}
    known = {(event.session_id, event.raw_digest) for event in batch.events} - mine
    return [line for line in batch.raw if (line.session_id, line.digest) not in known]


def _facts(batch: Batch, id: SessionId, fresh: Sequence[Event]) -> SessionFacts:
    facts = batch.sessions[id]
    for event in fresh:
        if (told := batch.told.get((id, event.id))) is not None:
            facts = facts.then(told)
    return facts


async def _open_sessions(
    db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]
) -> dict[SessionId, Sequence[str] | None]:
    """Makes the missing sessions and locks them all, always in the order of their ids so that no two wait in a ring.

    Until the commit nobody else stores events in them, which those who follow their arrivals rely on.
    Returns those that belong to this developer, and the channels of those who told of them.
    """
    if not ids:
        return {}
    found = await _locked_sessions(db, org_id, user_id, ids)
    if len(found) < len(ids):  # somebody else's, or erased between the making and the locking
        found = await _locked_sessions(db, org_id, user_id, ids)
    return found


async def _locked_sessions(
    db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId]
) -> dict[SessionId, Sequence[str] | None]:
    await db.execute(_TAKE_IDS, [{"digest": digest} for digest in sorted(id_digest(id) for id in ids)])
    try:
        await db.execute(_MAKE_SESSIONS, [{"org_id": org_id, "id": id, "user_id": user_id} for id in ids])
    except IntegrityError as error:  # the developer was erased after their key was looked at
        raise Unauthenticated("inactive") from error
    rows = await db.rows(_LOCK_SESSIONS, {"org_id": org_id, "user_id": user_id, "ids": ids})
    return {SessionId(row["id"]): row["witnesses"] for row in rows}


_TAKE_IDS = insert(session_ids).on_conflict_do_nothing()
_MAKE_SESSIONS = insert(sessions).on_conflict_do_nothing()
_LOCK_SESSIONS = (
    sa.select(sessions.c.id, sessions.c.witnesses)
    .where(sessions.c.org_id == ORG, sessions.c.user_id == sa.bindparam("user_id"), among(sessions.c.id))
    .order_by(sessions.c.id)
    .with_for_update()
)

_COLUMNS = (
    "session_id text, ts timestamptz, id uuid, kind text, ordinal integer, agent_id text, call_id text,"
    " request_id text, tool text, path text, exit_code bigint, succeeded boolean, duration_ms bigint, model text,"
    " input_tokens bigint, output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,"
    " cost_usd numeric, lines_added bigint, lines_removed bigint, actor text, attribution text,"
    " confidence double precision, observability text, source jsonb, data jsonb, raw_digest bytea"
)
_NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(", "))

# The sessions are locked, so a repeated id that comes with another time stamp is seen by NOT EXISTS;
# the key takes care of everything else. OFFSET 0 has each id looked up in the index: about an organisation that is
# new since the last ANALYZE, PostgreSQL believes that it has hardly any events, and would read all of them to join.
_INSERT_EVENTS = sa.text(
    f"INSERT INTO events (org_id, user_id, {_NAMES})"
    f" SELECT :org_id, :user_id, {_NAMES} FROM json_to_recordset(CAST(:rows AS json)) AS row ({_COLUMNS})"
    " WHERE NOT EXISTS (SELECT FROM events e"
    "   WHERE e.org_id = :org_id AND e.id = row.id AND e.session_id = row.session_id OFFSET 0)"
    " AND NOT EXISTS (SELECT FROM retold_events r"
    "   WHERE r.org_id = :org_id AND r.id = row.id AND r.session_id = row.session_id OFFSET 0)"
    " ON CONFLICT DO NOTHING RETURNING session_id, id"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))


async def _insert_events(
    db: Writing, org_id: OrgId, user_id: UserId, batch: Sequence[Event]
) -> frozenset[tuple[SessionId, EventId]]:
    if not batch:
        return frozenset()
    rows = orjson.dumps([_row(event) for event in batch]).decode()
    new = await db.rows(_INSERT_EVENTS, {"org_id": org_id, "user_id": user_id, "rows": rows})
    return frozenset((SessionId(row["session_id"]), EventId(row["id"])) for row in new)


def _row(event: Event) -> dict[str, object]:
    tokens = event.tokens
    return {
        "session_id": event.session_id,
        "ts": event.ts,
        "id": event.id,
        "kind": event.kind,
        "ordinal": event.ordinal,
        "agent_id": event.agent_id,
        "call_id": event.call_id,
        "request_id": event.request_id,
        "tool": event.tool,
        "path": event.path,
        "exit_code": event.exit_code,
        "succeeded": event.succeeded,
        "duration_ms": event.duration_ms,
        "model": event.model,
        "input_tokens": tokens and tokens.input,
        "output_tokens": tokens and tokens.output,
        "cache_read_tokens": tokens and tokens.cache_read,
        "cache_write_tokens": tokens and tokens.cache_write,
        "cost_usd": None if event.cost_usd is None else str(event.cost_usd),
        "lines_added": event.lines_added,
        "lines_removed": event.lines_removed,
        "actor": event.actor,
        "attribution": event.provenance.attribution,
        "confidence": event.provenance.confidence,
        "observability": event.provenance.observability,
        "source": event.source,
        "data": event.data,
        "raw_digest": None if event.raw_digest is None else f"\\x{event.raw_digest.hex()}",
    }


_INSERT_RAW = sa.text(
    "INSERT INTO raw_payloads (org_id, user_id, format, session_id, digest, position, body)"
    " SELECT :org_id, :user_id, :format, session_id, digest, position, body FROM"
    " json_to_recordset(CAST(:rows AS json)) AS row (session_id text, digest bytea, position bigint, body text)"
    " ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))


async def _insert_raw(db: Writing, org_id: OrgId, user_id: UserId, format: str, raw: Sequence[RawLine]) -> None:
    if not raw:
        return
    lines = [
        {
            "session_id": line.session_id,
            "digest": f"\\x{line.digest.hex()}",
            "position": line.position,
            "body": line.body,
        }
        for line in raw
    ]
    rows = orjson.dumps(lines).decode()
    await db.execute(_INSERT_RAW, {"org_id": org_id, "user_id": user_id, "format": format, "rows": rows})


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
    sa.bindparam("ids", type_=sa.ARRAY(sa.Text)),
    sa.bindparam("all", sorted(CHANNELS), sa.ARRAY(sa.Text)),
)


async def _update_sessions(
    db: Writing, org_id: OrgId, batch: Batch, fresh: Sequence[Event], gone: Collection[tuple[SessionId, EventId]]
) -> None:
    """Counts the new events in, each once, those that are gone out, and stores what is told of their sessions."""
    by_session: dict[SessionId, dict[EventId, Event]] = {id: {} for id in batch.sessions}
    for event in fresh:
        by_session[event.session_id][event.id] = event
    mine = {id: list(each.values()) for id, each in by_session.items()}
    facts = {id: _facts(batch, id, events) for id, events in mine.items()}
    changes = [
        _change(id, facts[id], mine[id], sum(of == id for of, _ in gone))
        for id in mine
        if mine[id] or facts[id] != SessionFacts()
    ]
    if changes:
        ids = [change["id"] for change in changes]
        await db.execute(_UPDATE_SESSIONS, {"org_id": org_id, "ids": ids, "rows": orjson.dumps(changes).decode()})


def _change(id: SessionId, facts: SessionFacts, fresh: Sequence[Event], gone: int) -> dict[str, object]:
    times = [event.ts for event in fresh]
    return {
        "id": id,
        "source_service": facts.source_service,
        "project": facts.project,
        "branch": facts.branch,
        "title": facts.title,
        "metadata": facts.metadata,
        "started_at": min(times, default=None),
        "last_activity_at": max(times, default=None),
        "ended_at": _end(fresh),
        "event_count": len(fresh) - gone,
        "decision_count": sum(event.kind is Kind.DECISION_EVENT for event in fresh),
        "witnesses": sorted({channel for event in fresh for channel in channels(event)}),
    }


def _end(fresh: Sequence[Event]) -> datetime | None:
    return min((event.ts for event in fresh if event.kind is Kind.SESSION_END), default=None)


_SHARING = sa.text(
    "SELECT session_id FROM events WHERE org_id = :org_id AND id = ANY (:ids)"
    " UNION SELECT session_id FROM retold_events WHERE org_id = :org_id AND id = ANY (:ids)"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=sa.ARRAY(UUID)))


async def _sessions_sharing(db: Writing, org_id: OrgId, ids: Sequence[EventId]) -> set[SessionId]:
    """Other sessions that hold one of these events too."""
    if not ids:
        return set()
    return {SessionId(row["session_id"]) for row in await db.rows(_SHARING, {"org_id": org_id, "ids": list(ids)})}
