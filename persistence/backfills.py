"""Backfills and the sessions that each waits for; the work itself is the queue's.

A session of a backfill is done once its job has got to the revision that the backfill asked for, so progress is read
off the queue and nothing is counted that could be lost with a process. When a backfill is over its counts are written
down and its sessions are forgotten.
"""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.backfills import Backfill, BackfillId, BackfillState, Counts, Stretch
from domain.jobs import JobKind, JobState, Lane
from domain.values import OrgId, SessionId, UserId, Window
from persistence.database import Reading, Row, Writing, metadata
from persistence.identifiers import new_id
from persistence.jobs import jobs
from persistence.pages import newest_first

backfills = sa.Table(
    "backfills",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    # What it came to; NULL while it is not over.
    sa.Column("ended_as", sa.Text),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("failed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("skipped", sa.BigInteger, nullable=False),
    sa.Column("qualifying_before", sa.BigInteger, nullable=False),
    sa.Column("crushed_before", sa.BigInteger, nullable=False),
    sa.Column("qualifying_after", sa.BigInteger),
    sa.Column("crushed_after", sa.BigInteger),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("backfills_recent", "org_id", sa.text("created_at DESC"), sa.text("id DESC")),
    sa.Index("backfills_unfinished", "org_id", "id", postgresql_where=sa.text("finished_at IS NULL")),
)

backfill_sessions = sa.Table(
    "backfill_sessions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("backfill_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("arcs", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    # Of its job, to put it back where the backfill is cancelled.
    sa.Column("state_before", sa.Text, nullable=False),
    sa.Column("run_after_before", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "backfill_id", "session_id"),
)


class Versions(NamedTuple):
    """What results depend on beside the events: the rules, the judge, and all of it in one as the queue keeps it."""

    ruleset: str
    judge: str
    whole: str


class Extent(NamedTuple):
    """How many arcs of a stretch there are, and what of them counts."""

    arcs: int
    counts: Counts


_IN_STRETCH = (
    "arc.org_id = :org_id AND arc.started_at >= :starts_at AND arc.started_at < :ends_at AND arc.state <> 'merged'"
    " AND (CAST(:user_id AS uuid) IS NULL OR arc.user_id = :user_id)"
)
# An arc that the floor left out has no verdict and needs none; one at work gets its verdict when it closes.
_STALE = (
    "(arc.ruleset_version <> :ruleset OR arc.judge_version NOT IN ('', :judge)"
    " OR job.done_version IS DISTINCT FROM :version OR arc.judge_status IN ('error', 'parse_error')"
    " OR (arc.judge_status = 'pending' AND arc.state = 'closed'))"
)
_WAITS = "(job.state = 'running' OR (job.state = 'queued' AND job.revision > job.done_revision))"
_JOB_OF_ARC = (
    f"JOIN jobs job ON job.org_id = :org_id AND job.kind = '{JobKind.DERIVE_SESSION}' AND job.key = arc.session_id"
)


def _text(sql: str, *ids: str) -> sa.TextClause:
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=UUID) for name in ids))


_EXTENT = _text(
    "SELECT count(*) AS arcs, count(*) FILTER (WHERE arc.qualifying) AS qualifying,"
    f" count(*) FILTER (WHERE arc.crushed) AS crushed FROM sub_sessions arc WHERE {_IN_STRETCH}",
    "org_id",
    "user_id",
)


async def extent(db: Reading, org_id: OrgId, stretch: Stretch) -> Extent:
    [row] = await db.rows(_EXTENT, _bounds(org_id, stretch))
    return Extent(row["arcs"], Counts(row["qualifying"], row["crushed"]))


def _bounds(org_id: OrgId, stretch: Stretch) -> dict[str, object]:
    return {"org_id": org_id, "user_id": stretch.user_id, "starts_at": stretch.start, "ends_at": stretch.end}


def _wanted(org_id: OrgId, stretch: Stretch, versions: Versions) -> dict[str, object]:
    by = {"ruleset": versions.ruleset, "judge": versions.judge, "version": versions.whole}
    return {**_bounds(org_id, stretch), **by}


_STALE_SESSIONS = _text(
    f"SELECT arc.session_id, count(*) AS arcs FROM sub_sessions arc {_JOB_OF_ARC}"
    f" WHERE {_IN_STRETCH} AND {_STALE} GROUP BY arc.session_id ORDER BY min(arc.started_at), arc.session_id",
    "org_id",
    "user_id",
)


async def stale(db: Reading, org_id: OrgId, stretch: Stretch, versions: Versions) -> dict[SessionId, int]:
    """The sessions whose arcs are to be judged again, oldest first, and how many arcs of the stretch each has."""
    rows = await db.rows(_STALE_SESSIONS, _wanted(org_id, stretch, versions))
    return {SessionId(row["session_id"]): row["arcs"] for row in rows}


# Locked in the one order that everybody keeps; what came to wait meanwhile is looked at again under the lock.
_ASK = _text(
    f"WITH stale AS (SELECT arc.session_id, count(*) AS arcs FROM sub_sessions arc {_JOB_OF_ARC}"
    f"  WHERE {_IN_STRETCH} AND {_STALE} GROUP BY arc.session_id"
    "), free AS ("
    "  SELECT job.key, job.state, job.run_after, stale.arcs FROM stale JOIN jobs job"
    f"   ON job.org_id = :org_id AND job.kind = '{JobKind.DERIVE_SESSION}' AND job.key = stale.session_id"
    f"  WHERE NOT {_WAITS} ORDER BY job.key FOR UPDATE OF job"
    "), asked AS ("
    "  UPDATE jobs SET state = 'queued', revision = jobs.revision + 1, run_after = now(), attempts = 0,"
    f"  lane = CASE free.state WHEN 'queued' THEN jobs.lane ELSE {Lane.BACKGROUND} END FROM free"
    f"  WHERE jobs.org_id = :org_id AND jobs.kind = '{JobKind.DERIVE_SESSION}' AND jobs.key = free.key"
    "  RETURNING jobs.key, jobs.revision, free.state, free.run_after, free.arcs"
    ") INSERT INTO backfill_sessions (org_id, backfill_id, session_id, arcs, revision, state_before, run_after_before)"
    " SELECT :org_id, :backfill_id, key, arcs, revision, state, run_after FROM asked RETURNING arcs",
    "org_id",
    "user_id",
    "backfill_id",
)


async def save(db: Writing, org_id: OrgId, stretch: Stretch, versions: Versions, by: UserId) -> Backfill:
    """A new backfill, with its sessions asked for; one that finds nothing to do is done at once.

    Needs a scope of the organisation.
    """
    id = BackfillId(new_id())
    there = await extent(db, org_id, stretch)
    asked = await db.rows(_ASK, {**_wanted(org_id, stretch, versions), "backfill_id": id})
    total = sum(row["arcs"] for row in asked)
    new = sa.insert(backfills).values(
        org_id=org_id,
        id=id,
        user_id=stretch.user_id,
        starts_at=stretch.start,
        ends_at=stretch.end,
        total=total,
        skipped=there.arcs - total,
        qualifying_before=there.counts.qualifying,
        crushed_before=there.counts.crushed,
        created_by=by,
    )
    await db.execute(new)
    await settle(db, org_id, id)
    return await _stored(db, org_id, id)


_ASKED = backfill_sessions.c
_JOB_OF_ASKED = sa.and_(
    jobs.c.org_id == _ASKED.org_id, jobs.c.kind == JobKind.DERIVE_SESSION, jobs.c.key == _ASKED.session_id
)
_IS_DONE = sa.or_(jobs.c.key.is_(None), jobs.c.done_revision >= _ASKED.revision)  # a session may be gone
_HAS_FAILED = sa.and_(jobs.c.state == JobState.FAILED, jobs.c.done_revision < _ASKED.revision)


def _arcs(which: sa.ColumnElement[bool], name: str) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(_ASKED.arcs).filter(which), 0), sa.BigInteger).label(name)


_PROGRESS = (
    sa.select(
        _arcs(_IS_DONE, "done_now"),
        _arcs(_HAS_FAILED, "failed_now"),
        sa.func.coalesce(sa.func.bool_or(jobs.c.state == JobState.RUNNING), sa.false()).label("any_runs"),
    )
    .select_from(backfill_sessions.outerjoin(jobs, _JOB_OF_ASKED))
    .where(_ASKED.org_id == backfills.c.org_id, _ASKED.backfill_id == backfills.c.id)
    .lateral("progress")
)
_SHOWN = sa.select(backfills, _PROGRESS).select_from(backfills.join(_PROGRESS, sa.true()))
_UNFINISHED = backfills.c.finished_at.is_(None)


def _backfill(row: Row) -> Backfill:
    """While it is not over, its progress is that of its sessions; afterwards it has none and its counts are stored."""
    ended_as, after = row["ended_as"], None
    if row["qualifying_after"] is not None:
        after = Counts(row["qualifying_after"], row["crushed_after"])
    return Backfill(
        id=BackfillId(row["id"]),
        stretch=Stretch(row["starts_at"], row["ends_at"], row["user_id"]),
        state=_state_now(row) if ended_as is None else BackfillState(ended_as),
        total=row["total"],
        done=row["done"] + row["done_now"],
        failed=row["failed"] + row["failed_now"],
        skipped=row["skipped"],
        before=Counts(row["qualifying_before"], row["crushed_before"]),
        after=after,
        created_by=UserId(row["created_by"]),
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )


def _state_now(row: Row) -> BackfillState:
    begun = row["any_runs"] or row["done_now"] or row["failed_now"]
    return BackfillState.RUNNING if begun else BackfillState.QUEUED


async def find(db: Reading, org_id: OrgId, id: BackfillId) -> Backfill | None:
    row = await db.row(_SHOWN.where(backfills.c.org_id == org_id, backfills.c.id == id))
    return None if row is None else _backfill(row)


Place = tuple[datetime, BackfillId]
"""When a backfill was asked for, and which one it is."""


async def page(db: Reading, org_id: OrgId, window: Window[Place]) -> list[Backfill]:
    """Newest first: those of the window, and one more if there are more."""
    query = _SHOWN.where(backfills.c.org_id == org_id)
    return [_backfill(row) for row in await newest_first(db, query, backfills.c.created_at, backfills.c.id, window)]


async def count(db: Reading, org_id: OrgId) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(backfills).where(backfills.c.org_id == org_id)
    return (await db.rows(query))[0]["n"]


async def settle(db: Writing, org_id: OrgId, only: BackfillId | None = None) -> bool:
    """Writes down what backfills came to whose sessions are all done or given up; says whether any go on."""
    query = _SHOWN.where(backfills.c.org_id == org_id, _UNFINISHED).order_by(backfills.c.id)
    if only is not None:
        query = query.where(backfills.c.id == only)
    going = [_backfill(row) for row in await db.rows(query.with_for_update(of=backfills))]
    over = [one for one in going if one.done + one.failed >= one.total]
    for one in over:
        await _end(db, org_id, one, BackfillState.FAILED if one.failed else BackfillState.DONE)
    return len(over) < len(going)


async def _end(db: Writing, org_id: OrgId, backfill: Backfill, state: BackfillState) -> None:
    counts = (await extent(db, org_id, backfill.stretch)).counts
    ended = sa.update(backfills).where(backfills.c.org_id == org_id, backfills.c.id == backfill.id)
    await db.execute(
        ended.values(
            ended_as=state,
            done=backfill.done,
            failed=backfill.failed,
            qualifying_after=counts.qualifying,
            crushed_after=counts.crushed,
            finished_at=sa.func.now(),
        )
    )
    asked = sa.and_(_ASKED.org_id == org_id, _ASKED.backfill_id == backfill.id)
    await db.execute(sa.delete(backfill_sessions).where(asked))


# A job goes back to what it was before the backfill asked for it, unless it runs, is done, or somebody else asked for
# it as well. Nothing had changed in its session, so what was up to date is so at the revision that was added.
_TAKE_BACK = _text(
    "WITH waiting AS ("
    "  SELECT job.key, asked.state_before, asked.run_after_before FROM backfill_sessions asked JOIN jobs job"
    f"   ON job.org_id = :org_id AND job.kind = '{JobKind.DERIVE_SESSION}' AND job.key = asked.session_id"
    "  WHERE asked.org_id = :org_id AND asked.backfill_id = :backfill_id AND job.state = 'queued'"
    "   AND job.revision = asked.revision AND job.done_revision < asked.revision ORDER BY job.key FOR UPDATE OF job"
    ") UPDATE jobs SET state = waiting.state_before, run_after = waiting.run_after_before, attempts = 0,"
    "  done_revision = CASE jobs.done_revision WHEN jobs.revision - 1 THEN jobs.revision ELSE jobs.done_revision END"
    f" FROM waiting WHERE jobs.org_id = :org_id AND jobs.kind = '{JobKind.DERIVE_SESSION}' AND jobs.key = waiting.key",
    "org_id",
    "backfill_id",
)


async def cancel(db: Writing, org_id: OrgId, id: BackfillId) -> Backfill | None:
    """Ends a backfill and takes back what has not begun; None for one that is over already."""
    mine = _SHOWN.where(backfills.c.org_id == org_id, backfills.c.id == id, _UNFINISHED)
    row = await db.row(mine.with_for_update(of=backfills))
    if row is None:
        return None
    # Counted before: what is taken back is at its revision, too.
    await db.execute(_TAKE_BACK, {"org_id": org_id, "backfill_id": id})
    await _end(db, org_id, _backfill(row), BackfillState.CANCELLED)
    return await _stored(db, org_id, id)


async def _stored(db: Reading, org_id: OrgId, id: BackfillId) -> Backfill:
    found = await find(db, org_id, id)
    assert found is not None
    return found
