"""What workers do with the queue: claim a job with a lease and a fence token, keep it alive, end it or hand it back.

A job is finished in the transaction that stores its results, and only by who still holds it.
"""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL

from domain.jobs import Job, JobKind, JobState, Lane, LeaseLost
from domain.values import OrgId, UserId
from persistence.database import Row, Writing
from persistence.jobs import POISONED, jobs, locked

MAX_ATTEMPTS = 3

_NEXT_TRY = sa.literal_column("now() + jobs.attempts * interval '2 s'", sa.DateTime(timezone=True))
_NEXT_RUN = sa.literal_column("now() + 3 * (now() - jobs.changed_at)", sa.DateTime(timezone=True))


# What is live goes before what is in the background, whoever's it is. Within a lane organisations take turns: the
# oldest due job of each before the second of any; what is sent has hands of its own. `busy` hops from one organisation
# with queued jobs to the next along the index.
_CLAIM = sa.text(
    "WITH RECURSIVE busy AS ("
    "  (SELECT org_id FROM jobs WHERE state = 'queued' ORDER BY org_id LIMIT 1)"
    "  UNION ALL"
    "  SELECT (SELECT j.org_id FROM jobs j WHERE j.state = 'queued' AND j.org_id > busy.org_id"
    "          ORDER BY j.org_id LIMIT 1)"
    "  FROM busy WHERE busy.org_id IS NOT NULL"
    "), due AS ("
    f"  SELECT first.* FROM busy CROSS JOIN (VALUES ({Lane.LIVE}, CAST(:limit AS integer)),"
    f"   ({Lane.BACKGROUND}, CAST(:limit AS integer)), ({Lane.SENT}, CAST(:sending AS integer))) AS lanes (lane, most)"
    "  CROSS JOIN LATERAL ("
    "    SELECT j.org_id, j.kind, j.key, j.lane, j.run_after FROM jobs j"
    "    WHERE j.org_id = busy.org_id AND j.lane = lanes.lane AND j.state = 'queued' AND j.run_after <= now()"
    "    ORDER BY j.run_after LIMIT lanes.most FOR UPDATE SKIP LOCKED) first"
    "), turn AS ("
    "  SELECT *, row_number() OVER (PARTITION BY org_id, lane ORDER BY run_after) AS place FROM due"
    "), chosen AS ("
    f"  SELECT org_id, kind, key FROM (SELECT *, row_number() OVER (PARTITION BY lane = {Lane.SENT}"
    "    ORDER BY lane, place, run_after) AS number FROM turn) AS first"
    f"  WHERE number <= CASE lane WHEN {Lane.SENT} THEN CAST(:sending AS integer) ELSE CAST(:limit AS integer) END"
    ") UPDATE jobs job SET state = 'running', attempts = job.attempts + 1, token = job.token + 1, run_after = NULL,"
    "  lease_until = now() + :lease, version = :version, changed_at = now()"
    "  FROM chosen WHERE (job.org_id, job.kind, job.key) = (chosen.org_id, chosen.kind, chosen.key)"
    "  RETURNING job.org_id, job.kind, job.key, job.user_id, job.revision, job.token, job.attempts"
).bindparams(sa.bindparam("lease", type_=INTERVAL))


async def claim(db: Writing, limit: int, lease: timedelta, version: str, sending: int = 0) -> list[Job]:
    """Up to `limit` due jobs of any organisation, and up to `sending` of those that send, for this worker alone while
    the lease lasts; in `jobs.scope`.

    Counts the attempt now, so that a job which kills its worker is not tried for ever.
    """
    rows = await db.rows(_CLAIM, {"limit": limit, "lease": lease, "version": version, "sending": sending})
    return [_job(row) for row in rows]


def _job(row: Row) -> Job:
    return Job(
        org_id=OrgId(row["org_id"]),
        kind=JobKind(row["kind"]),
        key=row["key"],
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        revision=row["revision"],
        token=row["token"],
        attempt=row["attempts"],
    )


def _held(job: Job) -> sa.ColumnElement[bool]:
    """The row of `job` as long as this claim of it stands."""
    return sa.and_(
        jobs.c.org_id == job.org_id,
        jobs.c.kind == job.kind,
        jobs.c.key == job.key,
        jobs.c.token == job.token,
        jobs.c.state == JobState.RUNNING,
    )


async def beat(db: Writing, job: Job, lease: timedelta) -> bool:
    """Prolongs the lease; False when it is lost. In `jobs.scope`."""
    held = sa.update(jobs).where(_held(job)).values(lease_until=sa.func.now() + lease)
    return await db.row(held.returning(jobs.c.key)) is not None


async def finish(db: Writing, job: Job) -> None:
    """Ends the job in the transaction that stores its results; raises LeaseLost, which must roll that back.

    What was asked meanwhile runs after three times as long as this run took: a session that never falls silent
    takes a quarter of a worker at most.
    """
    asked = jobs.c.run_after.is_not(None)
    done = (
        sa.update(jobs)
        .where(_held(job))
        .values(
            state=sa.case((asked, JobState.QUEUED), else_=JobState.IDLE),
            run_after=sa.case((asked, sa.func.greatest(jobs.c.run_after, _NEXT_RUN))),
            done_revision=sa.func.greatest(jobs.c.done_revision, job.revision),
            attempts=0,
            lease_until=None,
            last_error=None,
            changed_at=sa.func.now(),
        )
    )
    if await db.row(done.returning(jobs.c.key)) is None:
        raise LeaseLost(job.key)


async def end(db: Writing, job: Job) -> None:
    """As `finish`, for what is done once and for all: the row goes, whatever was asked meanwhile."""
    if await db.row(sa.delete(jobs).where(_held(job)).returning(jobs.c.key)) is None:
        raise LeaseLost(job.key)


async def fail(db: Writing, job: Job, error: str) -> list[Job]:
    """This try went wrong: another one later, or `failed` after the last: then it is returned. In `jobs.scope`. `error`
    holds no user's text."""
    return await _give_up(db, _held(job), error)


async def reap(db: Writing) -> list[Job]:
    """Takes jobs from workers that stopped answering, and returns those that were their last try. In `jobs.scope`."""
    dead = sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < sa.func.now())
    return await _give_up(db, locked(dead, skip=True), "the worker stopped answering")


async def _give_up(db: Writing, which: sa.ColumnElement[bool], error: str) -> list[Job]:
    last = jobs.c.attempts >= MAX_ATTEMPTS
    given_up = (
        sa.update(jobs)
        .where(which)
        .values(
            state=sa.case((last, JobState.FAILED), else_=JobState.QUEUED),
            run_after=sa.case((last, None), else_=_NEXT_TRY),
            lease_until=None,
            last_error=error[:500],
            changed_at=sa.func.now(),
        )
    )
    rows = await db.rows(given_up.returning(*jobs.c))
    return [_job(row) for row in rows if row["state"] == JobState.FAILED]


_DUTIES = (
    JobKind.ERASE,
    JobKind.EXPIRE_SESSIONS,
    JobKind.DELIVER_WEBHOOK,
    JobKind.FORGET_WEBHOOKS,
    JobKind.RUN_SCHEDULES,
)


async def revive(db: Writing) -> None:
    """Tries anew what nobody will ask for again but must be done, such as an erasure that failed some minutes ago. In
    `jobs.scope`."""
    resting = jobs.c.changed_at < sa.func.now() - POISONED
    dead = sa.and_(jobs.c.state == JobState.FAILED, jobs.c.kind.in_(_DUTIES), resting)
    again = sa.update(jobs).where(locked(dead, skip=True))
    await db.execute(again.values(state=JobState.QUEUED, attempts=0, run_after=sa.func.now()))


async def release(db: Writing, job: Job, pause: timedelta = timedelta()) -> bool:
    """Hands an unfinished job back uncounted: the worker stops, its connection was cut, or its next try is due later.

    False when the lease is lost.
    """
    back = (
        sa.update(jobs)
        .where(_held(job))
        .values(
            state=JobState.QUEUED,
            run_after=sa.func.now() + pause,
            attempts=sa.func.greatest(jobs.c.attempts - 1, 0),
            lease_until=None,
            changed_at=sa.func.now(),
        )
    )
    return await db.row(back.returning(jobs.c.key)) is not None
