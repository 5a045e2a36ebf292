"""What workers do with the queue: claim a job with a lease and a fence token, keep it alive, end it or hand it back.

A job is finished in the transaction that stores its results, and only by who still holds it.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL

from domain.jobs import Job, JobKind, JobState, Lane, LeaseLost
from domain.values import OrgId, UserId
from persistence.database import ORG, Row, Writing
from persistence.jobs import POISONED, jobs, locked

MAX_ATTEMPTS = 3

_NEXT_TRY = sa.literal_column("now() + jobs.attempts * interval '2 s'", sa.DateTime(timezone=True))
_NEXT_RUN = sa.literal_column("now() + 3 * (now() - jobs.changed_at)", sa.DateTime(timezone=True))


# What is live goes before what is in the background, whoever's it is. Within a lane organisations take turns: the
# oldest due job of each before the second of any; what is sent, or asked of the database, has hands of its own. `busy`
# hops from one organisation with queued jobs to the next along the index.
_CLAIM = sa.text(
    "WITH RECURSIVE busy AS ("
    "  (SELECT org_id FROM jobs WHERE state = 'queued' ORDER BY org_id LIMIT 1)"
    "  UNION ALL"
    "  SELECT (SELECT j.org_id FROM jobs j WHERE j.state = 'queued' AND j.org_id > busy.org_id"
    "          ORDER BY j.org_id LIMIT 1)"
    "  FROM busy WHERE busy.org_id IS NOT NULL"
    "), due AS ("
    f"  SELECT first.* FROM busy CROSS JOIN (VALUES ({Lane.LIVE}, CAST(:limit AS integer)),"
    f"   ({Lane.BACKGROUND}, CAST(:limit AS integer)), ({Lane.SENT}, CAST(:sending AS integer)),"
    f"   ({Lane.ASKED}, CAST(:asking AS integer))) AS lanes (lane, most)"
    "  CROSS JOIN LATERAL ("
    "    SELECT j.org_id, j.kind, j.key, j.lane, j.run_after FROM jobs j"
    "    WHERE j.org_id = busy.org_id AND j.lane = lanes.lane AND j.state = 'queued' AND j.run_after <= now()"
    "    ORDER BY j.run_after LIMIT lanes.most FOR UPDATE SKIP LOCKED) first"
    "), turn AS ("
    "  SELECT *, row_number() OVER (PARTITION BY org_id, lane ORDER BY run_after) AS place,"
    f"   CASE WHEN lane IN ({Lane.SENT}, {Lane.ASKED}) THEN lane END AS hands FROM due"
    "), chosen AS ("
    "  SELECT org_id, kind, key FROM (SELECT *, row_number() OVER (PARTITION BY hands"
    "    ORDER BY lane, place, run_after) AS number FROM turn) AS first"
    f"  WHERE number <= CASE lane WHEN {Lane.SENT} THEN CAST(:sending AS integer)"
    f"   WHEN {Lane.ASKED} THEN CAST(:asking AS integer) ELSE CAST(:limit AS integer) END"
    ") UPDATE jobs job SET state = 'running', attempts = job.attempts + 1, token = job.token + 1, run_after = NULL,"
    "  lease_until = now() + :lease, version = :version, changed_at = now()"
    "  FROM chosen WHERE (job.org_id, job.kind, job.key) = (chosen.org_id, chosen.kind, chosen.key)"
    "  RETURNING job.org_id, job.kind, job.key, job.user_id, job.revision, job.token, job.attempts"
).bindparams(sa.bindparam("lease", type_=INTERVAL))


async def claim(
    db: Writing, limit: int, lease: timedelta, version: str, sending: int = 0, asking: int = 0
) -> list[Job]:
    """Up to `limit` due jobs of any organisation, and up to `sending` of those that send and `asking` of those that ask
    the database for long, for this worker alone while the lease lasts; in `jobs.scope`.

    Counts the attempt now, so that a job which kills its worker is not tried for ever.
    """
    hands = {"limit": limit, "sending": sending, "asking": asking}
    rows = await db.rows(_CLAIM, {**hands, "lease": lease, "version": version})
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


# The row of a job as long as this claim of it stands.
_HELD = sa.and_(
    jobs.c.org_id == ORG,
    jobs.c.kind == sa.bindparam("job_kind", type_=sa.Text),
    jobs.c.key == sa.bindparam("job_key", type_=sa.Text),
    jobs.c.token == sa.bindparam("job_token", type_=sa.BigInteger),
    jobs.c.state == JobState.RUNNING,
)


def _claimed(job: Job) -> dict[str, object]:
    return {"org_id": job.org_id, "job_kind": job.kind, "job_key": job.key, "job_token": job.token}


_BEAT = (
    sa.update(jobs)
    .where(_HELD)
    .values(lease_until=sa.func.now() + sa.bindparam("lease", type_=INTERVAL))
    .returning(jobs.c.key)
)


async def beat(db: Writing, job: Job, lease: timedelta) -> bool:
    """Prolongs the lease; False when it is lost. In `jobs.scope`."""
    return await db.row(_BEAT, {**_claimed(job), "lease": lease}) is not None


_ASKED = jobs.c.run_after.is_not(None)
_FINISH = (
    sa.update(jobs)
    .where(_HELD)
    .values(
        state=sa.case((_ASKED, JobState.QUEUED), else_=JobState.IDLE),
        run_after=sa.case((_ASKED, sa.func.greatest(jobs.c.run_after, _NEXT_RUN))),
        done_revision=sa.func.greatest(jobs.c.done_revision, sa.bindparam("done", type_=sa.BigInteger)),
        attempts=0,
        lease_until=None,
        last_error=None,
        changed_at=sa.func.now(),
    )
    .returning(jobs.c.key)
)


async def finish(db: Writing, job: Job) -> None:
    """Ends the job in the transaction that stores its results; raises LeaseLost, which must roll that back.

    What was asked meanwhile runs after three times as long as this run took: a session that never falls silent
    takes a quarter of a worker at most.
    """
    if await db.row(_FINISH, {**_claimed(job), "done": job.revision}) is None:
        raise LeaseLost(job.key)


_END = sa.delete(jobs).where(_HELD).returning(jobs.c.key)


async def end(db: Writing, job: Job) -> None:
    """As `finish`, for what is done once and for all: the row goes, whatever was asked meanwhile."""
    if await db.row(_END, _claimed(job)) is None:
        raise LeaseLost(job.key)


_LAST = jobs.c.attempts >= MAX_ATTEMPTS
_GIVE_UP = (
    sa.update(jobs)
    .values(
        state=sa.case((_LAST, JobState.FAILED), else_=JobState.QUEUED),
        run_after=sa.case((_LAST, None), else_=_NEXT_TRY),
        lease_until=None,
        last_error=sa.bindparam("error", type_=sa.Text),
        changed_at=sa.func.now(),
    )
    .returning(*jobs.c)
)
_FAIL = _GIVE_UP.where(_HELD)
_DEAD = sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < sa.func.now())
_REAP = _GIVE_UP.where(locked(_DEAD, skip=True))


async def fail(db: Writing, job: Job, error: str) -> list[Job]:
    """This try went wrong: another one later, or `failed` after the last: then it is returned. In `jobs.scope`. `error`
    holds no user's text."""
    return _failed(await db.rows(_FAIL, {**_claimed(job), "error": error[:500]}))


async def reap(db: Writing) -> list[Job]:
    """Takes jobs from workers that stopped answering, and returns those that were their last try. In `jobs.scope`."""
    return _failed(await db.rows(_REAP, {"error": "the worker stopped answering"}))


def _failed(rows: Sequence[Row]) -> list[Job]:
    return [_job(row) for row in rows if row["state"] == JobState.FAILED]


_DUTIES = (
    JobKind.ERASE,
    JobKind.EXPIRE_SESSIONS,
    JobKind.DELIVER_WEBHOOK,
    JobKind.FORGET_WEBHOOKS,
    JobKind.RUN_SCHEDULES,
    JobKind.CHECK_ALERTS,
    JobKind.COPY_INSIGHTS,
    # Those that failed go with their rows: here are the ones of which nobody could note that.
    JobKind.WRITE_REPORT,
    JobKind.READ_UPLOAD,
    JobKind.RUN_INSIGHT,
)


_RESTED = jobs.c.changed_at < sa.func.now() - POISONED
_NEGLECTED = sa.and_(jobs.c.state == JobState.FAILED, jobs.c.kind.in_(_DUTIES), _RESTED)
_REVIVE = (
    sa.update(jobs)
    .where(locked(_NEGLECTED, skip=True))
    .values(state=JobState.QUEUED, attempts=0, run_after=sa.func.now())
)


async def revive(db: Writing) -> None:
    """Tries anew what nobody will ask for again but must be done, such as an erasure that failed some minutes ago. In
    `jobs.scope`."""
    await db.execute(_REVIVE)


_RELEASE = (
    sa.update(jobs)
    .where(_HELD)
    .values(
        state=JobState.QUEUED,
        run_after=sa.func.now() + sa.bindparam("pause", type_=INTERVAL),
        attempts=sa.func.greatest(jobs.c.attempts - 1, 0),
        lease_until=None,
        changed_at=sa.func.now(),
    )
    .returning(jobs.c.key)
)


async def release(db: Writing, job: Job, pause: timedelta = timedelta()) -> bool:
    """Hands an unfinished job back uncounted: the worker stops, its connection was cut, or its next try is due later.

    False when the lease is lost.
    """
    return await db.row(_RELEASE, {**_claimed(job), "pause": pause}) is not None
