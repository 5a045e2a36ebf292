"""The queue: one row for each thing that is derived, saying what was asked, what is done and who works on it.

A row is asked for here; what workers do with it is in `job_runs`. A tenant's scope sees its own rows; claiming looks
across organisations, in `scope`, under a policy of this table alone. `now()` is the database's clock, which all
workers share.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL, UUID

from domain.insights.runs import RunId
from domain.jobs import JobKind, JobState, Lane, QueueCounts
from domain.reports.records import ReportId
from domain.values import OrgId, SessionId, UserId
from persistence.database import Database, Reading, Tenant, Writing, metadata

QUIET = timedelta(milliseconds=300)
"""A change waits this long before it is worked on, so that a burst of events is one run."""

_QUIET_OF = {
    JobKind.DERIVE_SESSION: QUIET,
    JobKind.FLAG_OUTLIERS: timedelta(seconds=5),
    JobKind.FOLLOW_BACKFILLS: timedelta(seconds=1),
    JobKind.ERASE: timedelta(),
    JobKind.EXPIRE_SESSIONS: timedelta(),
    JobKind.END_TIMED: timedelta(),
    JobKind.WRITE_REPORT: timedelta(),
    JobKind.RUN_SCHEDULES: timedelta(),
    JobKind.CHECK_ALERTS: timedelta(),
    JobKind.READ_UPLOAD: timedelta(),
    JobKind.DELIVER_WEBHOOK: timedelta(),
    JobKind.FORGET_WEBHOOKS: timedelta(),
    JobKind.RUN_INSIGHT: timedelta(),
    JobKind.COPY_INSIGHTS: timedelta(),
}
_LANE_OF = {
    JobKind.DERIVE_SESSION: Lane.LIVE,
    JobKind.FLAG_OUTLIERS: Lane.LIVE,
    JobKind.FOLLOW_BACKFILLS: Lane.BACKGROUND,  # behind what it follows
    JobKind.ERASE: Lane.LIVE,
    JobKind.EXPIRE_SESSIONS: Lane.BACKGROUND,
    JobKind.END_TIMED: Lane.LIVE,
    JobKind.WRITE_REPORT: Lane.BACKGROUND,
    JobKind.RUN_SCHEDULES: Lane.BACKGROUND,
    JobKind.CHECK_ALERTS: Lane.ASKED,
    JobKind.READ_UPLOAD: Lane.LIVE,
    JobKind.DELIVER_WEBHOOK: Lane.SENT,
    JobKind.FORGET_WEBHOOKS: Lane.BACKGROUND,
    JobKind.RUN_INSIGHT: Lane.ASKED,
    JobKind.COPY_INSIGHTS: Lane.BACKGROUND,
}
POISONED = timedelta(minutes=5)
"""A failed job that is asked for again rests this long after its failure: it may have killed its workers."""

_AT_REST = (JobState.IDLE, JobState.FAILED)

_QUEUED = sa.text("state = 'queued'")
_RUNNING = sa.text("state = 'running'")
_FAILED = sa.text("state = 'failed'")

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("user_id", UUID),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("done_revision", sa.BigInteger, nullable=False, server_default="0"),
    # Of the rules and the judge: of the last try, and of the stored results.
    sa.Column("version", sa.Text),
    sa.Column("done_version", sa.Text),
    # When to run next; NULL when nothing was asked since the last claim.
    sa.Column("run_after", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("token", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("last_error", sa.Text),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # A Lane: the lower one goes first.
    sa.Column("lane", sa.SmallInteger, nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("org_id", "kind", "key"),
    sa.Index("jobs_queued", "org_id", "lane", "run_after", postgresql_where=_QUEUED),
    sa.Index("jobs_running", "org_id", "lease_until", postgresql_where=_RUNNING),
    sa.Index("jobs_failed", "org_id", "changed_at", postgresql_where=_FAILED),
)

_FOR_WORKERS = sa.text("SELECT set_config('app.worker', 'on', true)")


@asynccontextmanager
async def scope(database: Database) -> AsyncGenerator[Writing]:
    """A write scope that sees the queue of every organisation and no other tenant's row."""
    async with database.unbound() as db:
        await db.execute(_FOR_WORKERS)
        yield db


# A row that ended may be asked for again: its tokens begin at the clock's microseconds, past all it has given before.
_ENQUEUE = sa.text(
    "INSERT INTO jobs AS job (org_id, kind, key, user_id, state, revision, lane, run_after, token)"
    " VALUES (:org_id, :kind, :key, :user_id, 'queued', :change, :lane, coalesce(:run_after, now() + :quiet),"
    " floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
    " ON CONFLICT (org_id, kind, key) DO UPDATE SET"
    " revision = job.revision + excluded.revision,"
    " run_after = CASE job.state"
    "   WHEN 'failed' THEN greatest(excluded.run_after, job.changed_at + :rest)"
    "   ELSE least(job.run_after, excluded.run_after) END,"
    " attempts = CASE WHEN job.state IN ('idle', 'failed') THEN 0 ELSE job.attempts END,"
    " lane = CASE WHEN job.state IN ('idle', 'failed') THEN excluded.lane ELSE least(job.lane, excluded.lane) END,"
    " state = CASE job.state WHEN 'running' THEN 'running' ELSE 'queued' END"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("run_after", type_=sa.DateTime(timezone=True)),
    sa.bindparam("quiet", type_=INTERVAL),
    sa.bindparam("rest", POISONED, type_=INTERVAL),
)


async def enqueue(
    db: Writing, org_id: OrgId, user_id: UserId, ids: Sequence[SessionId], run_after: datetime | None = None
) -> None:
    """Asks for sessions to be derived because they changed; call it in the transaction of the change.

    However often it is asked before a run begins, it runs once; asked during a run, it runs once more.
    Lock order: after the sessions of the transaction; `ids` are in order, so that no two wait for each other.
    """
    await _ask(db, [_wish(org_id, JobKind.DERIVE_SESSION, id, user_id, 1, run_after) for id in ids])


async def schedule(db: Writing, org_id: OrgId, user_id: UserId, session_id: SessionId, at: datetime) -> None:
    """Asks for a run at `at` at the latest although nothing changed: for the end of a session by rest."""
    await _ask(db, [_wish(org_id, JobKind.DERIVE_SESSION, session_id, user_id, 0, at)])


async def enqueue_outliers(db: Writing, org_id: OrgId) -> None:
    """Asks for the flags that compare each arc with the whole organisation. Needs a scope of the organisation."""
    await _ask(db, [_wish(org_id, JobKind.FLAG_OUTLIERS, "", None, 1, None)])


async def enqueue_follow_up(db: Writing, org_id: OrgId) -> None:
    """Asks for a look, in a second, at how the organisation's backfills are. Needs a scope of the organisation."""
    await _ask(db, [_wish(org_id, JobKind.FOLLOW_BACKFILLS, "", None, 1, None)])


async def enqueue_erasures(db: Writing, org_id: OrgId, run_after: datetime | None = None) -> None:
    """Asks for the erasures of an organisation to go on. Needs a scope of the organisation."""
    await _ask(db, [_wish(org_id, JobKind.ERASE, "", None, 1, run_after)])


async def enqueue_expiry(db: Writing, org_id: OrgId, after: timedelta = timedelta()) -> None:
    """Asks for a look at what an organisation keeps no longer. Needs a scope of the organisation."""
    await _ask(db, [{**_wish(org_id, JobKind.EXPIRE_SESSIONS, "", None, 1, None), "quiet": after}])


async def enqueue_deadline(db: Writing, org_id: OrgId, at: datetime) -> None:
    """Asks for a look, at `at` at the latest, at candidates whose time is up. Needs a scope of the organisation."""
    await _ask(db, [_wish(org_id, JobKind.END_TIMED, "", None, 1, at)])


async def enqueue_report(db: Writing, org_id: OrgId, user_id: UserId | None, id: ReportId, live: bool) -> None:
    """Asks for a report to be written, `live` where somebody waits for it. Without `user_id` it needs a scope of the
    organisation."""
    wish = _wish(org_id, JobKind.WRITE_REPORT, str(id), user_id, 1, None)
    await _ask(db, [{**wish, "lane": Lane.LIVE if live else Lane.BACKGROUND}])


async def forget_report(db: Writing, org_id: OrgId, id: ReportId) -> None:
    """Nobody needs to work on a report any more; who does finds out when it ends."""
    gone = sa.and_(jobs.c.org_id == org_id, jobs.c.kind == JobKind.WRITE_REPORT, jobs.c.key == str(id))
    await db.execute(sa.delete(jobs).where(gone, jobs.c.state != JobState.RUNNING))


async def enqueue_run(db: Writing, tenant: Tenant, id: RunId) -> None:
    """Asks for a query of an insight to be computed; `tenant` is whose events it counts. Needs a scope of the
    organisation."""
    await _ask(db, [_wish(tenant.org_id, JobKind.RUN_INSIGHT, str(id), tenant.user_id, 1, None)])


async def forget_run(db: Writing, org_id: OrgId, id: RunId) -> None:
    """Nobody needs to compute a query any more."""
    gone = sa.and_(jobs.c.org_id == org_id, jobs.c.kind == JobKind.RUN_INSIGHT, jobs.c.key == str(id))
    await db.execute(sa.delete(jobs).where(gone, jobs.c.state != JobState.RUNNING))


EVERYTHING = "everything"
"""What the job of copying is to copy that is not asked for what has changed."""


async def enqueue_copying(db: Writing, org_id: OrgId, key: str = "", after: timedelta = timedelta()) -> None:
    """Asks for rows of insights to be copied, `after` so long at the latest. Needs a scope of the organisation."""
    await _ask(db, [{**_wish(org_id, JobKind.COPY_INSIGHTS, key, None, 1, None), "quiet": after}])


async def forget_copying(db: Writing, org_id: OrgId) -> None:
    """Nothing needs to be copied any more. Needs a scope of the organisation."""
    gone = sa.and_(jobs.c.org_id == org_id, jobs.c.kind == JobKind.COPY_INSIGHTS)
    await db.execute(sa.delete(jobs).where(gone, jobs.c.state != JobState.RUNNING))


_COPY_WAITING = sa.text(
    "INSERT INTO jobs AS job (org_id, kind, key, state, lane, run_after, token)"
    " SELECT org_id, :kind, '', 'queued', :lane, now(),"
    "  floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    " FROM (SELECT DISTINCT org_id FROM insight_outbox) AS waiting ORDER BY org_id"
    " ON CONFLICT (org_id, kind, key) DO UPDATE SET state = 'queued', attempts = 0, run_after = now()"
    " WHERE job.state = 'idle'"
)


async def enqueue_waiting_copies(db: Writing) -> None:
    """Asks for whatever is to be copied, of any organisation, and is not asked for yet; in `scope`. The transactions
    that change something need not: they would wait for each other."""
    await db.rows(_COPY_WAITING, {"kind": JobKind.COPY_INSIGHTS, "lane": Lane.BACKGROUND})


async def enqueue_upload(db: Writing, org_id: OrgId, user_id: UserId, id: UUID_) -> None:
    """Asks for an uploaded file to be read."""
    await _ask(db, [_wish(org_id, JobKind.READ_UPLOAD, str(id), user_id, 1, None)])


async def enqueue_schedules(db: Writing, org_id: OrgId, after: timedelta) -> None:
    """Asks for a look, `after` so long at the latest, at reports that are due. Until the transaction ends nobody else
    asks for it. Needs a scope of the organisation."""
    await _ask(db, [{**_wish(org_id, JobKind.RUN_SCHEDULES, "", None, 0, None), "quiet": after}])


async def enqueue_alerts(db: Writing, org_id: OrgId, after: timedelta = timedelta()) -> None:
    """Asks for a look, `after` so long at the latest, at alerts whose checks are due. Until the transaction ends nobody
    else asks for it. Needs a scope of the organisation."""
    await _ask(db, [{**_wish(org_id, JobKind.CHECK_ALERTS, "", None, 0, None), "quiet": after}])


async def enqueue_webhook(db: Writing, org_id: OrgId, user_id: UserId | None, id: UUID_) -> None:
    """Asks for a webhook to be delivered now. Without `user_id` it needs a scope of the organisation."""
    await _ask(db, [_wish(org_id, JobKind.DELIVER_WEBHOOK, str(id), user_id, 1, None)])


async def enqueue_forgetting(db: Writing, org_id: OrgId, after: timedelta) -> None:
    """Asks for a look, `after` so long at the latest, at deliveries that are kept no longer. Needs a scope of the
    organisation."""
    await _ask(db, [{**_wish(org_id, JobKind.FORGET_WEBHOOKS, "", None, 1, None), "quiet": after}])


def _wish(
    org_id: OrgId, kind: JobKind, key: str, user_id: UserId | None, change: int, at: datetime | None
) -> dict[str, object]:
    return {
        "org_id": org_id,
        "kind": kind,
        "key": key,
        "user_id": user_id,
        "change": change,
        "run_after": at,
        "quiet": _QUIET_OF[kind],
        "lane": _LANE_OF[kind],
    }


async def _ask(db: Writing, wishes: Sequence[Mapping[str, object]]) -> None:
    """In one round trip; most are asked for alone, and go to the driver directly."""
    if len(wishes) == 1:
        await db.rows(_ENQUEUE, wishes[0])
    elif wishes:
        await db.execute(_ENQUEUE, wishes)


async def enqueue_org(db: Writing, org_id: OrgId) -> int:
    """Asks, in the background, for every session of the organisation: a switch that changes what is derived was set."""
    mine = sa.and_(jobs.c.org_id == org_id, jobs.c.kind == JobKind.DERIVE_SESSION)
    return await _enqueue_all(db, locked(mine))


async def enqueue_outdated(db: Writing, version: str) -> int:
    """Asks, in the background, for every session that was last worked on by other rules or another judge; in `scope`.

    Returns how many.
    """
    other = jobs.c.version.is_distinct_from(version)
    outdated = sa.and_(jobs.c.kind == JobKind.DERIVE_SESSION, jobs.c.state.in_(_AT_REST), other)
    return await _enqueue_all(db, locked(outdated, skip=True))  # who holds one is about to ask for it


_KEY = sa.tuple_(jobs.c.org_id, jobs.c.kind, jobs.c.key)


def locked(which: sa.ColumnElement[bool], skip: bool = False) -> sa.ColumnElement[bool]:
    """The rows of `which`, locked in the one order that everybody keeps, or without waiting for any."""
    rows = sa.select(jobs.c.org_id, jobs.c.kind, jobs.c.key).where(which).order_by(*_KEY.clauses)
    return _KEY.in_(rows.with_for_update(skip_locked=skip))


async def _enqueue_all(db: Writing, which: sa.ColumnElement[bool]) -> int:
    running = jobs.c.state == JobState.RUNNING
    at_rest = jobs.c.state.in_(_AT_REST)
    statement = sa.update(jobs).where(which)
    again = statement.values(
        state=sa.case((running, JobState.RUNNING), else_=JobState.QUEUED),
        lane=sa.case((at_rest, Lane.BACKGROUND), else_=jobs.c.lane),
        revision=jobs.c.revision + 1,
        run_after=sa.func.now(),
        attempts=sa.case((running, jobs.c.attempts), else_=0),
    )
    return (await db.execute(again)).rowcount


async def mark_done(db: Writing, org_id: OrgId, revisions: Mapping[SessionId, int], version: str) -> None:
    """Says of sessions from which of their revisions, and by which rules, the stored arcs were derived.

    A revision never goes back. Locks all these jobs in order, so that `finish` may follow in the same transaction.
    """
    of_session = sa.and_(jobs.c.org_id == org_id, jobs.c.kind == JobKind.DERIVE_SESSION)
    stored = sa.select(jobs.c.key, jobs.c.done_revision, jobs.c.done_version)
    mine = stored.where(of_session, jobs.c.key.in_(list(revisions))).order_by(jobs.c.key)
    for row in await db.rows(mine.with_for_update()):
        revision = max(row["done_revision"], revisions[SessionId(row["key"])])
        if (row["done_revision"], row["done_version"]) != (revision, version):
            done = sa.update(jobs).where(of_session, jobs.c.key == row["key"])
            await db.execute(done.values(done_revision=revision, done_version=version))


async def waiting(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> int:
    """How many of these sessions have changes that are still to be derived; failed ones do not wait."""
    query = sa.select(sa.func.count().label("n")).where(
        jobs.c.org_id == org_id,
        jobs.c.kind == JobKind.DERIVE_SESSION,
        jobs.c.key == sa.func.any(sa.cast(list(ids), sa.ARRAY(sa.Text))),
        jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]),
        jobs.c.revision > jobs.c.done_revision,
    )
    row = await db.row(query)
    return 0 if row is None else row["n"]


async def counts(db: Writing) -> QueueCounts:
    """The queue over all organisations, for metrics and the doctor; in `scope`."""
    queued, due = jobs.c.state == JobState.QUEUED, jobs.c.run_after <= sa.func.now()
    oldest = sa.func.extract("epoch", sa.func.now() - sa.func.min(jobs.c.run_after).filter(queued, due))
    query = sa.select(
        sa.func.count().filter(queued, due).label("due"),
        sa.func.count().filter(queued, sa.not_(due)).label("scheduled"),
        sa.func.count().filter(jobs.c.state == JobState.RUNNING).label("running"),
        sa.func.count().filter(jobs.c.state == JobState.FAILED).label("failed"),
        sa.cast(sa.func.coalesce(oldest, 0), sa.Float).label("oldest_due_s"),
    ).where(sa.or_(_QUEUED, _RUNNING, _FAILED))
    row = await db.row(query)
    return QueueCounts() if row is None else QueueCounts(**row)
