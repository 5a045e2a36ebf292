"""Erasing recorded sessions with everything that was made of them.

What names a session by `session_id` is found among the tables themselves, so that a new one is erased as well; what
names only its arcs, or holds its id in another way, is listed here. The test of erasure walks PostgreSQL's catalogue
and finds whatever is missing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

import persistence.clusters
import persistence.live
import persistence.score_days
from domain.jobs import JobKind
from domain.judging.changes import erased
from domain.judging.records import State
from domain.judging.segmentation import begun_with
from domain.scores.changes import erased_scores
from domain.values import EventId, OrgId, SessionId, SubSessionId, UserId
from persistence.access import api_keys
from persistence.appeals import verdict_appeals
from persistence.arc_edits import arc_edits
from persistence.backfills import backfill_sessions
from persistence.database import ORG, Reading, Writing, among, metadata
from persistence.jobs import jobs
from persistence.judging import label_edits, sub_sessions
from persistence.live import live_events
from persistence.sessions import id_digest, session_ids, sessions


class Remainder(NamedTuple):
    """What is to be derived anew once sessions are gone: others that depended on them, and whether what is compared
    across the organisation has changed."""

    sessions: tuple[tuple[UserId, SessionId], ...] = ()
    scored: bool = False


async def erase_sessions(db: Writing, org_id: OrgId, ids: Sequence[SessionId]) -> Remainder:
    """Erases sessions in one transaction; those that are not there are passed over. Needs a scope of the organisation.

    Their events have to fit into one transaction: see `erase_events`. Ask for what remains to be derived afterwards.
    """
    users = await _owners(db, org_id, ids)
    await persistence.clusters.lock(db, org_id, users)
    ids = [SessionId(row["id"]) for row in await db.rows(_LOCK, {"org_id": org_id, "ids": sorted(ids)})]
    arcs = await _arcs(db, org_id, ids)
    related = await _related(db, org_id, users, ids, arcs)
    await _erase_by_hand(db, org_id, users, ids, arcs)
    for statement in _BY_SESSION:
        await db.execute(statement, {"org_id": org_id, "session_ids": ids})
    await _erase_elsewhere(db, org_id, users, ids)
    await db.execute(_ERASE, {"org_id": org_id, "ids": ids})
    await _tell(db, org_id, arcs)
    return Remainder(related, any(arc.state == State.SCORED for arc in arcs))


_SESSION_IDS = sa.bindparam("session_ids", type_=ARRAY(sa.Text))
_USERS = sa.bindparam("users", type_=ARRAY(UUID))

_OWNERS = sa.select(sessions.c.user_id).distinct().where(sessions.c.org_id == ORG, among(sessions.c.id))
_LOCK = (
    sa.select(sessions.c.id).where(sessions.c.org_id == ORG, among(sessions.c.id)).order_by(sessions.c.id)
).with_for_update()
_ERASE = sa.delete(sessions).where(sessions.c.org_id == ORG, among(sessions.c.id))

# Those that name the session otherwise as well, or cannot be found by it alone.
_OTHERWISE = {api_keys, backfill_sessions, live_events}
_BY_SESSION = [
    sa.delete(table).where(table.c.org_id == ORG, table.c.session_id == sa.any_(_SESSION_IDS))
    for table in metadata.sorted_tables
    if {"org_id", "session_id"} <= set(table.c.keys()) and table not in _OTHERWISE
]


async def _owners(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[UserId]:
    return [UserId(row["user_id"]) for row in await db.rows(_OWNERS, {"org_id": org_id, "ids": list(ids)})]


class _Arc(NamedTuple):
    id: SubSessionId
    user_id: UserId
    started_at: datetime
    state: str


_ARCS = sa.select(*(sub_sessions.c[name] for name in _Arc._fields)).where(
    sub_sessions.c.org_id == ORG, sub_sessions.c.session_id == sa.any_(_SESSION_IDS)
)


async def _arcs(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[_Arc]:
    return [_Arc(**row) for row in await db.rows(_ARCS, {"org_id": org_id, "session_ids": ids})]


# OFFSET 0 has each event looked up in the index: see persistence.ingest.
_SHARING = sa.text(
    "SELECT DISTINCT other.session_id FROM events mine CROSS JOIN LATERAL ("
    "  SELECT e.session_id FROM events e WHERE e.org_id = :org_id AND e.id = mine.id"
    "  AND e.session_id <> ALL (:session_ids) OFFSET 0) AS other"
    " WHERE mine.org_id = :org_id AND mine.session_id = ANY (:session_ids)"
).bindparams(sa.bindparam("org_id", type_=UUID), _SESSION_IDS)

_REWORKED = sa.text(
    "SELECT DISTINCT session_id FROM sub_sessions"
    " WHERE org_id = :org_id AND user_id = ANY (:users) AND reworked_by_id = ANY (:arcs)"
).bindparams(sa.bindparam("org_id", type_=UUID), _USERS, sa.bindparam("arcs", type_=ARRAY(UUID)))


async def _related(
    db: Reading, org_id: OrgId, users: Sequence[UserId], ids: Sequence[SessionId], arcs: Sequence[_Arc]
) -> tuple[tuple[UserId, SessionId], ...]:
    """Other sessions whose arcs rest on these: merged with theirs, reworked by them, or begun with the same events."""
    found = await persistence.clusters.kin(db, org_id, ids)
    for row in await db.rows(_SHARING, {"org_id": org_id, "session_ids": ids}):
        found.add(SessionId(row["session_id"]))
    if arcs:
        wanted = {"org_id": org_id, "users": users, "arcs": [arc.id for arc in arcs]}
        found |= {SessionId(row["session_id"]) for row in await db.rows(_REWORKED, wanted)}
    heads = await persistence.clusters.heads(db, org_id, sorted(found - set(ids)))
    return tuple((head.user_id, head.id) for head in heads.values())


_EVENT_IDS = sa.text("SELECT id FROM events WHERE org_id = :org_id AND session_id = ANY (:session_ids)").bindparams(
    sa.bindparam("org_id", type_=UUID), _SESSION_IDS
)

# What people said of arcs, by the arc alone: it may have vanished, and come back with another event.
_SAID = [label_edits, verdict_appeals]
_SAID_OF = {
    table: sa.select(table.c.sub_session_id).where(table.c.org_id == ORG, table.c.user_id == sa.any_(_USERS))
    for table in _SAID
}
_UNSAY = {table: sa.delete(table).where(table.c.org_id == ORG, among(table.c.sub_session_id)) for table in _SAID}
_EDITS = sa.delete(arc_edits).where(
    arc_edits.c.org_id == ORG,
    arc_edits.c.user_id == sa.any_(_USERS),
    arc_edits.c.session_ids.op("&&")(_SESSION_IDS),
)


async def _erase_by_hand(
    db: Writing, org_id: OrgId, users: Sequence[UserId], ids: Sequence[SessionId], arcs: Iterable[_Arc]
) -> None:
    """What people said and did. A join with an arc of another session goes whole."""
    await db.execute(_EDITS, {"org_id": org_id, "users": users, "session_ids": ids})
    known = {arc.id for arc in arcs}
    said: dict[sa.Table, set[UUID_]] = {
        table: {row["sub_session_id"] for row in await db.rows(query, {"org_id": org_id, "users": users})}
        for table, query in _SAID_OF.items()
    }
    if any(found - known for found in said.values()):
        rows = await db.rows(_EVENT_IDS, {"org_id": org_id, "session_ids": ids})
        known |= {begun_with(EventId(row["id"])) for row in rows}
    for table, found in said.items():
        await db.execute(_UNSAY[table], {"org_id": org_id, "ids": sorted(found & known)})


_TOLD = sa.delete(live_events).where(
    live_events.c.org_id == ORG,
    live_events.c.user_id == sa.any_(_USERS),
    live_events.c.session_id == sa.any_(_SESSION_IDS),
)
_QUEUED = sa.delete(jobs).where(
    jobs.c.org_id == ORG, jobs.c.kind == JobKind.DERIVE_SESSION, jobs.c.key == sa.any_(_SESSION_IDS)
)
_TIED = sa.text(
    "UPDATE api_keys SET session_id = NULL WHERE org_id = :org_id AND session_id = ANY (:session_ids)"
).bindparams(sa.bindparam("org_id", type_=UUID), _SESSION_IDS)
_TAKEN = sa.delete(session_ids).where(session_ids.c.digest == sa.any_(sa.bindparam("digests", type_=ARRAY(BYTEA))))

# What is gone counts as done. Only the few backfills that go on have rows.
_BACKFILLED = sa.text(
    "WITH gone AS (DELETE FROM backfill_sessions WHERE org_id = :org_id AND session_id = ANY (:session_ids)"
    "  AND backfill_id IN (SELECT id FROM backfills WHERE org_id = :org_id AND finished_at IS NULL)"
    "  RETURNING backfill_id, arcs)"
    " UPDATE backfills SET done = done + of_each.arcs"
    " FROM (SELECT backfill_id, sum(arcs) AS arcs FROM gone GROUP BY backfill_id) AS of_each"
    " WHERE backfills.org_id = :org_id AND backfills.id = of_each.backfill_id"
).bindparams(sa.bindparam("org_id", type_=UUID), _SESSION_IDS)


async def _erase_elsewhere(db: Writing, org_id: OrgId, users: Sequence[UserId], ids: Sequence[SessionId]) -> None:
    """Live events, the queue, backfills; the key of a candidate stays without its session, and the ids are free."""
    values = {"org_id": org_id, "session_ids": ids}
    await db.execute(_TOLD, {**values, "users": users})
    for statement in (_BACKFILLED, _QUEUED, _TIED):
        await db.execute(statement, values)
    await db.execute(_TAKEN, {"digests": [id_digest(id) for id in ids]})


async def _tell(db: Writing, org_id: OrgId, arcs: Iterable[_Arc]) -> None:
    """Adds the days up anew and tells those who follow, without a word of what was erased."""
    starts: dict[UserId, set[datetime]] = {}
    for arc in arcs:
        starts.setdefault(arc.user_id, set()).add(arc.started_at)
    if starts:
        days = await persistence.score_days.forget(db, org_id, starts)
        told = [one for id, begun in days.items() for one in (erased(id), erased_scores(id, begun))]
        await persistence.live.append(db, org_id, told)
