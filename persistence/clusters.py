"""Which sessions are derived together: those whose fragments may be merged, and those that copied from one another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.jobs import JobKind
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.database import Reading, Writing
from persistence.jobs import jobs
from persistence.sessions import sessions


@dataclass(frozen=True, slots=True)
class Head:
    """What decides how a session is derived, beside its events. `revision` counts its changes; `done_revision`,
    `done_version` and `idle_ended_at` say from which of them, by which rules and with which end by rest its arcs were
    derived."""

    id: SessionId
    user_id: UserId
    project: str | None
    started_at: datetime | None
    ended_at: datetime | None
    last_activity_at: datetime | None
    revision: int
    done_revision: int
    done_version: str | None
    idle_ended_at: datetime | None
    source_service: str | None


_HEADS = (
    sa.select(
        sessions.c.id,
        sessions.c.user_id,
        sessions.c.project,
        sessions.c.started_at,
        sessions.c.ended_at,
        sessions.c.last_activity_at,
        sa.func.coalesce(jobs.c.revision, 0).label("revision"),
        sa.func.coalesce(jobs.c.done_revision, 0).label("done_revision"),
        jobs.c.done_version,
        sessions.c.idle_ended_at,
        sessions.c.source_service,
    )
    .select_from(
        sessions.outerjoin(
            jobs,
            sa.and_(
                jobs.c.org_id == sessions.c.org_id,
                jobs.c.kind == JobKind.DERIVE_SESSION,
                jobs.c.key == sessions.c.id,
            ),
        )
    )
    .order_by(sessions.c.id)
)


async def heads(db: Reading, org_id: OrgId, ids: Iterable[SessionId]) -> dict[SessionId, Head]:
    """The sessions of `ids` that exist."""
    query = _HEADS.where(sessions.c.org_id == org_id, sessions.c.id.in_(list(ids)))
    return {SessionId(row["id"]): Head(**row) for row in await db.rows(query)}


@dataclass(frozen=True, slots=True)
class Copy:
    """An event that two sessions hold: a resumed or forked session begins with lines of the older one."""

    session_id: SessionId
    id: EventId
    other_id: SessionId


# An event that was told better goes by the id under which it was first told; copies know it by its own.
_COPIES = sa.text(
    "WITH mine AS ("
    "  SELECT id, id AS told_as FROM events WHERE org_id = :org_id AND session_id = :session_id UNION ALL"
    "  SELECT id, told_as FROM retold_events WHERE org_id = :org_id AND session_id = :session_id)"
    " SELECT mine.told_as AS id, other.session_id AS other_id FROM mine"
    " JOIN events other ON other.org_id = :org_id AND other.id = mine.id AND other.session_id <> :session_id"
    " UNION SELECT mine.told_as, other.session_id FROM mine JOIN retold_events other"
    " ON other.org_id = :org_id AND other.id = mine.id AND other.session_id <> :session_id"
).bindparams(sa.bindparam("org_id", type_=UUID))


async def copies(db: Reading, org_id: OrgId, session_id: SessionId) -> list[Copy]:
    """The events of a session that other sessions of the organisation hold too."""
    rows = await db.rows(_COPIES, {"org_id": org_id, "session_id": session_id})
    return [Copy(session_id, row["id"], row["other_id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the fragments of a cluster begin, and where they close so that another may follow on."""

    user_id: UserId
    project: str
    starts: tuple[datetime, ...]
    closes: tuple[datetime, ...]


# The bounds of time are computed before: row-level security keeps sums from being looked up in an index.
# An arc elsewhere can join ours if it starts soon after one of our closes, or closes soon before one of our starts.
# The close of a fragment that another followed is not stored; the start of that other lies as near.
_NEIGHBOURS = sa.text(
    "SELECT s.session_id FROM unnest(CAST(:closes AS timestamptz[]), CAST(:after_closes AS timestamptz[])) AS w (a, b)"
    "  JOIN sub_sessions s ON s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project"
    "  AND s.started_at BETWEEN w.a AND w.b"
    " UNION"
    " SELECT s.session_id FROM"
    "  unnest(CAST(:before_starts AS timestamptz[]), CAST(:starts AS timestamptz[])) AS w (a, b)"
    "  JOIN sub_sessions s ON s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project"
    "  AND s.ended_at BETWEEN w.a AND w.b AND s.close_reason IN ('clear', 'session_end')"
    " UNION"
    " SELECT s.session_id FROM"
    "  unnest(CAST(:before_starts AS timestamptz[]), CAST(:after_starts AS timestamptz[])) AS w (a, b)"
    "  JOIN sub_sessions s ON s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project"
    "  AND s.started_at BETWEEN w.a AND w.b AND s.state = 'merged'"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))


async def neighbours(db: Reading, org_id: OrgId, edges: Edges, gap: timedelta) -> set[SessionId]:
    """Sessions of the same developer and project whose stored arcs lie within `gap` of `edges`; these included."""
    return {SessionId(row["session_id"]) for row in await db.rows(_NEIGHBOURS, _windows(org_id, edges, gap))}


# Sessions whose arcs are not stored yet can only be told by their own begin and end.
_UPCOMING = sa.text(
    "WITH near AS MATERIALIZED ("
    "  SELECT s.id FROM unnest(CAST(:closes AS timestamptz[]), CAST(:after_closes AS timestamptz[])) AS w (a, b)"
    "    JOIN sessions s ON s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project"
    "    AND s.started_at BETWEEN w.a AND w.b"
    "  UNION SELECT s.id FROM unnest(CAST(:before_starts AS timestamptz[]), CAST(:starts AS timestamptz[]),"
    "      CAST(:days_before AS timestamptz[])) AS w (a, b, day_before)"
    "    JOIN sessions s ON s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project"
    "    AND s.started_at BETWEEN w.day_before AND w.b AND coalesce(s.ended_at, s.last_activity_at) BETWEEN w.a AND w.b"
    ") SELECT near.id FROM near CROSS JOIN LATERAL (SELECT FROM jobs"
    "    WHERE org_id = :org_id AND kind = :kind AND key = near.id AND revision > done_revision LIMIT 1) AS waiting"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))


async def upcoming(db: Reading, org_id: OrgId, edges: Edges, gap: timedelta) -> set[SessionId]:
    """Sessions that wait to be derived themselves and may well turn out to be neighbours."""
    values = {**_windows(org_id, edges, gap), "kind": JobKind.DERIVE_SESSION}
    values["days_before"] = [at - timedelta(days=1) for at in edges.starts]
    return {SessionId(row["id"]) for row in await db.rows(_UPCOMING, values)}


def _windows(org_id: OrgId, edges: Edges, gap: timedelta) -> dict[str, object]:
    return {
        "org_id": org_id,
        "user_id": edges.user_id,
        "project": edges.project,
        "closes": list(edges.closes),
        "after_closes": [at + gap for at in edges.closes],
        "before_starts": [at - gap for at in edges.starts],
        "starts": list(edges.starts),
        "after_starts": [at + gap for at in edges.starts],
    }


_KIN = sa.text(
    "WITH mine AS (SELECT merged_into_id, fragment_ids FROM sub_sessions"
    "  WHERE org_id = :org_id AND session_id = ANY (:ids)),"
    " parts AS (SELECT unnest(fragment_ids) AS id FROM mine"
    "  UNION SELECT unnest(head.fragment_ids) FROM mine"
    "    JOIN sub_sessions head ON head.org_id = :org_id AND head.id = mine.merged_into_id)"
    " SELECT DISTINCT s.session_id FROM parts JOIN sub_sessions s ON s.org_id = :org_id AND s.id = parts.id"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))


async def kin(db: Reading, org_id: OrgId, ids: Iterable[SessionId]) -> set[SessionId]:
    """Sessions that share a merged arc with one of `ids` as stored now."""
    return {SessionId(row["session_id"]) for row in await db.rows(_KIN, {"org_id": org_id, "ids": list(ids)})}


# Whoever is stopped while holding the lock must not keep the developer's other sessions waiting for ever.
_LOCK = sa.text("SELECT set_config('idle_in_transaction_session_timeout', '30s', true), pg_advisory_xact_lock(:key)")


async def lock(db: Writing, org_id: OrgId, user_ids: Iterable[UserId]) -> None:
    """Lets one transaction at a time write arcs of a developer; several are locked in order."""
    for user_id in sorted(set(user_ids)):
        key = int.from_bytes((org_id.int ^ user_id.int).to_bytes(16)[8:], signed=True)
        await db.execute(_LOCK, {"key": key})
