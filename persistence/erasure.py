"""Erasing recorded sessions with everything that was made of them.

What names a session by `session_id` is found among the tables themselves, so that a new one is erased as well; what
names only its arcs, or holds its id in another way, is listed here. The test of erasure walks PostgreSQL's catalogue
and finds whatever is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

import persistence.activity
import persistence.arc_texts
import persistence.artifacts
import persistence.clusters
import persistence.cohorts
import persistence.composite
import persistence.erasures
import persistence.idempotency
import persistence.insights.alert_changes
import persistence.insights.alerts
import persistence.insights.cache
import persistence.insights.events
import persistence.insights.outbox
import persistence.insights.runs
import persistence.insights.saved
import persistence.insights.sharing
import persistence.insights.sql
import persistence.link_secrets
import persistence.live
import persistence.report_schedules
import persistence.reports
import persistence.score_days
import persistence.session_figures
import persistence.session_parts
import persistence.session_texts
import persistence.summaries
import persistence.uploads
import persistence.webhooks
import persistence.witnesses
from domain.ingest.witnesses import Witness
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
from persistence.reports import reports
from persistence.sessions import id_digest, session_ids, sessions
from persistence.timeline import events


class Remainder(NamedTuple):
    """What went, and what is to be derived anew now: others that depended on it, and whether what is compared across
    the organisation has changed."""

    sessions: int = 0
    events: int = 0
    related: tuple[tuple[SessionId, UserId], ...] = ()
    scored: bool = False


async def erase_sessions(db: Writing, org_id: OrgId, ids: Sequence[SessionId], whole: bool = False) -> Remainder:
    """Erases sessions in one transaction; those that are not there are passed over. Needs a scope of the organisation.

    With `whole` their developers go altogether: their days, their other sessions and who follows them do not matter.
    Large sessions are to be made smaller first, see `erase_part`.
    """
    users = await _owners(db, org_id, ids)
    await persistence.clusters.lock(db, org_id, users)
    ids = [SessionId(row["id"]) for row in await db.rows(_LOCK, {"org_id": org_id, "ids": sorted(ids)})]
    arcs = await _arcs(db, org_id, ids)
    related = await _related(db, org_id, users, ids, () if whole else arcs)
    await _erase_by_hand(db, org_id, users, ids, arcs)
    await db.execute(_ASKED, {"org_id": org_id, "session_ids": ids})
    gone = {
        table: (await db.execute(each, {"org_id": org_id, "session_ids": ids})).rowcount for table, each in _BY_SESSION
    }
    await persistence.insights.events.erase(db, org_id, ids)
    await _erase_elsewhere(db, org_id, users, ids)
    await db.execute(_ERASE, {"org_id": org_id, "ids": ids})
    await persistence.insights.cache.forget(db, org_id)
    if whole:
        return Remainder(len(ids), gone[events], related)
    await _tell(db, org_id, arcs)
    return Remainder(len(ids), gone[events], related, any(arc.state == State.SCORED for arc in arcs))


# Tables are known once their modules are imported; of these nothing else is needed here.
_WITH_TABLES = (
    persistence.activity,
    persistence.arc_texts,
    persistence.artifacts,
    persistence.cohorts,
    persistence.composite,
    persistence.erasures,
    persistence.idempotency,
    persistence.insights.alert_changes,
    persistence.insights.alerts,
    persistence.insights.runs,
    persistence.insights.saved,
    persistence.insights.sharing,
    persistence.insights.sql,
    persistence.link_secrets,
    persistence.report_schedules,
    persistence.reports,
    persistence.session_figures,
    persistence.session_parts,
    persistence.session_texts,
    persistence.summaries,
    persistence.uploads,
    persistence.webhooks,
    persistence.witnesses,
)
TENANTS = [table for table in reversed(metadata.sorted_tables) if "org_id" in table.c]
"""Every table of theirs, those that refer to others first."""

_SESSION_IDS = sa.bindparam("session_ids", type_=ARRAY(sa.Text))
_USERS = sa.bindparam("users", type_=ARRAY(UUID))

_OWNERS = sa.select(sessions.c.user_id).distinct().where(sessions.c.org_id == ORG, among(sessions.c.id))
_LOCK = (
    sa.select(sessions.c.id).where(sessions.c.org_id == ORG, among(sessions.c.id)).order_by(sessions.c.id)
).with_for_update()
_ERASE = sa.delete(sessions).where(sessions.c.org_id == ORG, among(sessions.c.id))

# Those that name the session otherwise as well, or cannot be found by it alone.
_OTHERWISE = {
    api_keys,
    backfill_sessions,
    live_events,
    persistence.insights.outbox.insight_outbox,
    *persistence.insights.events.TABLES,
}
_BY_SESSION = [
    (table, sa.delete(table).where(table.c.org_id == ORG, table.c.session_id == sa.any_(_SESSION_IDS)))
    for table in TENANTS
    if "session_id" in table.c and table not in _OTHERWISE
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


def _others(mine: str) -> sa.TextClause:
    """Sessions besides `:session_ids` that hold one of the events `mine`, also where it was told better there.

    OFFSET 0 has each id looked up in the index: see persistence.ingest_rows.
    """
    held = (
        f"SELECT other.session_id FROM mine CROSS JOIN LATERAL (SELECT session_id FROM {table} held WHERE"
        "  held.org_id = :org_id AND held.id = mine.id AND held.session_id <> ALL (:session_ids) OFFSET 0) AS other"
        for table in ("events", "retold_events")
    )
    return sa.text(f"WITH mine AS ({mine}) {' UNION '.join(held)}").bindparams(_ORG_ID, _SESSION_IDS)


_ORG_ID = sa.bindparam("org_id", type_=UUID)
_IDS = sa.bindparam("ids", type_=ARRAY(UUID))

# An event that was told better goes by the id under which it was first told; copies know it by its own.
_OF_THESE = "WHERE org_id = :org_id AND session_id = ANY (:session_ids)"
_MINE = f"SELECT id FROM events {_OF_THESE} UNION SELECT id FROM retold_events {_OF_THESE}"
_SHARING = _others(_MINE)

_REWORKED = sa.text(
    "SELECT DISTINCT session_id FROM sub_sessions"
    " WHERE org_id = :org_id AND user_id = ANY (:users) AND reworked_by_id = ANY (:arcs)"
).bindparams(sa.bindparam("org_id", type_=UUID), _USERS, sa.bindparam("arcs", type_=ARRAY(UUID)))


async def _related(
    db: Reading, org_id: OrgId, users: Sequence[UserId], ids: Sequence[SessionId], arcs: Sequence[_Arc]
) -> tuple[tuple[SessionId, UserId], ...]:
    """Other sessions that hold the same events; and whose arcs rest on these, as merged with or reworked by them."""
    found = {SessionId(row["session_id"]) for row in await db.rows(_SHARING, {"org_id": org_id, "session_ids": ids})}
    if arcs:
        found |= await persistence.clusters.kin(db, org_id, ids)
        wanted = {"org_id": org_id, "users": users, "arcs": [arc.id for arc in arcs]}
        found |= {SessionId(row["session_id"]) for row in await db.rows(_REWORKED, wanted)}
    return await _with_owners(db, org_id, found - set(ids))


_OWNED = (sa.select(sessions.c.id, sessions.c.user_id).where(sessions.c.org_id == ORG, among(sessions.c.id))).order_by(
    sessions.c.id
)


async def _with_owners(db: Reading, org_id: OrgId, ids: Iterable[SessionId]) -> tuple[tuple[SessionId, UserId], ...]:
    """In the order of the ids, as the queue wants them."""
    rows = await db.rows(_OWNED, {"org_id": org_id, "ids": sorted(ids)})
    return tuple((SessionId(row["id"]), UserId(row["user_id"])) for row in rows)


_PART_OF_EVENTS = sa.text(
    "WITH gone AS (DELETE FROM events WHERE ctid = ANY (ARRAY("
    "  SELECT ctid FROM events WHERE org_id = :org_id AND session_id = :session_id LIMIT :limit)) RETURNING id"
    "), shown AS (UPDATE sessions SET event_count = greatest(event_count - (SELECT count(*) FROM gone), 0)"
    "  WHERE org_id = :org_id AND id = :session_id"
    ") SELECT id FROM gone"
).bindparams(sa.bindparam("org_id", type_=UUID))
_PART_OF_RAW = sa.text(
    "DELETE FROM raw_payloads WHERE ctid = ANY (ARRAY("
    " SELECT ctid FROM raw_payloads WHERE org_id = :org_id AND session_id = :session_id LIMIT :limit))"
).bindparams(sa.bindparam("org_id", type_=UUID))
_PART_OF_RETOLD = sa.text(
    "DELETE FROM retold_events WHERE ctid = ANY (ARRAY("
    " SELECT ctid FROM retold_events WHERE org_id = :org_id AND session_id = :session_id LIMIT :limit)) RETURNING id"
).bindparams(sa.bindparam("org_id", type_=UUID))
_HOLDING = _others("SELECT unnest(:ids) AS id").bindparams(_IDS)


async def erase_part(db: Writing, org_id: OrgId, id: SessionId, limit: int) -> Remainder:
    """Erases so many events of a session, so many of the lines they came from, whichever, and all that so many events
    can have been told as, with what was said of arcs that began with them. What was derived stays until the session
    goes."""
    values = {"org_id": org_id, "session_id": id, "limit": limit}
    gone = [EventId(row["id"]) for row in await db.rows(_PART_OF_EVENTS, values)]
    await db.execute(_PART_OF_RAW, values)
    retold = await db.rows(_PART_OF_RETOLD, {**values, "limit": limit * len(Witness)})
    ids = list({*gone, *(EventId(row["id"]) for row in retold)})
    await _unsay(db, org_id, [id], await _said(db, org_id, await _owners(db, org_id, [id])), set(map(begun_with, ids)))
    others = await db.rows(_HOLDING, {"org_id": org_id, "session_ids": [id], "ids": ids})
    related = await _with_owners(db, org_id, {SessionId(row["session_id"]) for row in others})
    return Remainder(events=len(gone), related=related)


# An arc may have begun with an event that another one took in later.
_EVENT_IDS = sa.text(_MINE).bindparams(_ORG_ID, _SESSION_IDS)

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


_ELSEWHERE = sa.select(sub_sessions.c.id).where(
    sub_sessions.c.org_id == ORG, among(sub_sessions.c.id), sub_sessions.c.session_id != sa.all_(_SESSION_IDS)
)


async def _erase_by_hand(
    db: Writing, org_id: OrgId, users: Sequence[UserId], ids: Sequence[SessionId], arcs: Iterable[_Arc]
) -> None:
    """What people said and did. A join with an arc of another session goes whole."""
    await db.execute(_EDITS, {"org_id": org_id, "users": users, "session_ids": ids})
    known: set[UUID_] = {arc.id for arc in arcs}
    said = await _said(db, org_id, users)
    if any(found - known for found in said.values()):
        rows = await db.rows(_EVENT_IDS, {"org_id": org_id, "session_ids": ids})
        known |= {begun_with(EventId(row["id"])) for row in rows}
    await _unsay(db, org_id, ids, said, known)


async def _said(db: Reading, org_id: OrgId, users: Sequence[UserId]) -> dict[sa.Table, set[UUID_]]:
    """The arcs of which these developers have said something."""
    return {
        table: {row["sub_session_id"] for row in await db.rows(query, {"org_id": org_id, "users": users})}
        for table, query in _SAID_OF.items()
    }


async def _unsay(
    db: Writing, org_id: OrgId, ids: Sequence[SessionId], said: Mapping[sa.Table, set[UUID_]], arcs: set[UUID_]
) -> None:
    """Erases what was said of these arcs, but for those that begin with the same event in another session."""
    asked = sorted(arcs & {id for found in said.values() for id in found})
    if not asked:
        return
    rows = await db.rows(_ELSEWHERE, {"org_id": org_id, "ids": asked, "session_ids": ids})
    gone = set(asked) - {row["id"] for row in rows}
    for table, found in said.items():
        await db.execute(_UNSAY[table], {"org_id": org_id, "ids": sorted(found & gone)})


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
_REPORTED = sa.delete(reports).where(reports.c.org_id == ORG, reports.c.session_ids.op("&&")(_SESSION_IDS))
# Also those that failed, were cancelled or wait: they say what was asked of it. An upload's row goes with its session.
_ASKED = sa.text(
    "DELETE FROM reports WHERE org_id = :org_id AND kind = 'media' AND scope = ANY (:session_ids || ARRAY("
    " SELECT 'media_' || replace(id::text, '-', '') FROM uploads"
    " WHERE org_id = :org_id AND session_id = ANY (:session_ids)))"
).bindparams(_ORG_ID, _SESSION_IDS)
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
    """Live events, the queue, backfills, reports that name them; the key of a candidate stays without its session, and
    the ids are free."""
    values = {"org_id": org_id, "session_ids": ids}
    await db.execute(_TOLD, {**values, "users": users})
    for statement in (_BACKFILLED, _QUEUED, _TIED, _REPORTED):
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
