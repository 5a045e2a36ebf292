"""What an erasure takes next, in transactions of bounded size, and how it ends.

Sessions go first, a few at a time; then what belongs to the developer or the organisation itself, table by table.
Which tables there are is read off the tables themselves, as in `persistence.erasure`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

import persistence.clusters
import persistence.live
from domain.erasure import MOST_SESSIONS, Batch, batch
from domain.jobs import JobKind
from domain.judging.changes import erased
from domain.values import OrgId, SessionId, UserId
from persistence.access import api_keys, orgs, users
from persistence.database import ORG, Reading, Row, Writing
from persistence.erasure import TENANTS
from persistence.erasures import erasures
from persistence.jobs import jobs
from persistence.live import live_events
from persistence.score_days import score_days
from persistence.sessions import sessions
from persistence.webhooks import webhook_deliveries

NOBODY = UserId(UUID_(int=0))
"""Stands where a developer stood who was erased, in what belongs to others."""

ROWS_AT_ONCE = 10_000

_USER = sa.bindparam("user_id", type_=UUID)
_CUTOFF = sa.bindparam("cutoff", type_=sa.DateTime(timezone=True))
_FOUND = sa.select(sessions.c.id, sessions.c.event_count).where(sessions.c.org_id == ORG).limit(MOST_SESSIONS)

# Each along an index of its own. A session begins before its last activity, so old ones are found by their start.
_OF_ORG = _FOUND.order_by(sessions.c.id)
_OF_DEVELOPER = _FOUND.where(sessions.c.user_id == _USER).order_by(
    sessions.c.started_at.desc().nulls_last(), sessions.c.id
)
_OLD = _FOUND.where(sessions.c.started_at < _CUTOFF, sessions.c.last_activity_at < _CUTOFF).order_by(
    sessions.c.started_at.nulls_first(), sessions.c.id.desc()
)
_OLD_AND_EMPTY = _FOUND.where(sessions.c.started_at.is_(None), sessions.c.created_at < _CUTOFF)


async def next_of_org(db: Reading, org_id: OrgId) -> Batch | None:
    return _batch(await db.rows(_OF_ORG, {"org_id": org_id}))


async def next_of_developer(db: Reading, org_id: OrgId, user_id: UserId) -> Batch | None:
    return _batch(await db.rows(_OF_DEVELOPER, {"org_id": org_id, "user_id": user_id}))


async def next_old(db: Reading, org_id: OrgId, cutoff: datetime) -> Batch | None:
    """Of those whose last activity lies before `cutoff`; one without any event counts from when it was registered."""
    values = {"org_id": org_id, "cutoff": cutoff}
    return _batch(await db.rows(_OLD, values)) or _batch(await db.rows(_OLD_AND_EMPTY, values))


async def next_of_session(db: Reading, org_id: OrgId, id: SessionId) -> Batch | None:
    return _batch(await db.rows(_ONE, {"org_id": org_id, "id": id}))


_ONE = _FOUND.where(sessions.c.id == sa.bindparam("id", type_=sa.Text))


def _batch(rows: Sequence[Row]) -> Batch | None:
    return batch([(SessionId(row["id"]), row["event_count"]) for row in rows])


def _begins_with(table: sa.Table, *names: str) -> bool:
    """Whether the table can be looked up by these columns."""
    keys = [list(table.primary_key.columns), *(list(index.expressions) for index in table.indexes)]
    return any([getattr(part, "name", None) for part in key[: len(names)]] == list(names) for key in keys)


def _chunk(table: sa.Table, *names: str) -> sa.TextClause:
    mine = " AND ".join(f"{name} = :{name}" for name in names)
    given = [sa.bindparam(name, type_=UUID) for name in names]
    return sa.text(
        f"DELETE FROM {table.name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table.name} WHERE {mine} LIMIT :limit))"
    ).bindparams(*given)


# The end of an erasure takes these itself.
_LAST = {users, api_keys, sessions, jobs, erasures}

# Early, so that no batch of sessions looks through them again, and no score is shown of what is half gone.
_EARLY = [live_events, score_days]
_EARLY_OF_DEVELOPER = [_chunk(table, "org_id", "user_id") for table in _EARLY]
_EARLY_OF_ORG = [_chunk(table, "org_id") for table in _EARLY]
# Nor is anything derived any more of what is about to go.
_EARLY_OF_ORG.append(
    sa.text(
        "DELETE FROM jobs WHERE ctid = ANY (ARRAY("
        f"SELECT ctid FROM jobs WHERE org_id = :org_id AND kind = '{JobKind.DERIVE_SESSION}' LIMIT :limit))"
    ).bindparams(sa.bindparam("org_id", type_=UUID))
)
# What names a session and cannot be looked up by developer went with the session.
_REST_OF_DEVELOPER = [
    _chunk(table, "org_id", "user_id")
    for table in TENANTS
    if "user_id" in table.c and table not in _LAST
    if "session_id" not in table.c or _begins_with(table, "org_id", "user_id")
]
_REST_OF_ORG = [_chunk(table, "org_id") for table in TENANTS if table not in {jobs, erasures}]


async def sweep_early(db: Writing, org_id: OrgId, user_id: UserId | None) -> bool:
    """Takes some of what would be in the way; says whether there was any."""
    return await _sweep(db, _EARLY_OF_ORG if user_id is None else _EARLY_OF_DEVELOPER, org_id, user_id)


async def sweep(db: Writing, org_id: OrgId, user_id: UserId | None) -> bool:
    """Once the sessions are gone, takes some of the rest; says whether there was any."""
    return await _sweep(db, _REST_OF_ORG if user_id is None else _REST_OF_DEVELOPER, org_id, user_id)


async def _sweep(db: Writing, statements: Iterable[sa.TextClause], org_id: OrgId, user_id: UserId | None) -> bool:
    values: dict[str, object] = {"org_id": org_id} if user_id is None else {"org_id": org_id, "user_id": user_id}
    left = ROWS_AT_ONCE
    for statement in statements:
        if left > 0:
            left -= (await db.execute(statement, {**values, "limit": left})).rowcount
    return left < ROWS_AT_ONCE


_LOCK = sa.select(users.c.id).where(users.c.org_id == ORG, users.c.id == _USER).with_for_update()
_MADE_BY = [
    sa.text(f"UPDATE {table.name} SET {name} = :nobody WHERE org_id = :org_id AND {name} = :user_id").bindparams(
        sa.bindparam("org_id", type_=UUID), _USER, sa.bindparam("nobody", NOBODY, type_=UUID)
    )
    for table in TENANTS
    for name in ("created_by", "last_modified_by")
    if name in table.c
]
# What was wrong with a number may name whose it was; so does what receivers were told.
_UNSAID = [
    *(
        sa.text(f"UPDATE {name} SET reason = NULL WHERE org_id = :org_id").bindparams(
            sa.bindparam("org_id", type_=UUID)
        )
        for name in ("insight_alerts", "insight_alert_changes")
    ),
    sa.delete(webhook_deliveries).where(
        webhook_deliveries.c.org_id == ORG,
        webhook_deliveries.c.type.startswith("alert."),
        webhook_deliveries.c.finished_at.is_not(None),
    ),
]
_ENDS = [
    *_MADE_BY,
    *_UNSAID,
    sa.delete(jobs).where(jobs.c.org_id == ORG, jobs.c.user_id == _USER),
    sa.delete(api_keys).where(api_keys.c.org_id == ORG, api_keys.c.user_id == _USER),
    sa.delete(users).where(users.c.org_id == ORG, users.c.id == _USER),
]


async def end_developer(db: Writing, org_id: OrgId, user_id: UserId) -> bool:
    """Erases a developer with the last rows of theirs; False when a session came meanwhile, which has to go first.

    From the lock on nobody begins a session of theirs. Those who follow the organisation are told to look anew.
    """
    values = {"org_id": org_id, "user_id": user_id}
    await db.rows(_LOCK, values)
    await persistence.clusters.lock(db, org_id, [user_id])
    if await db.rows(_OF_DEVELOPER, values):
        return False
    while await sweep(db, org_id, user_id):
        pass
    for statement in _ENDS:
        await db.execute(statement, values)
    await persistence.live.append(db, org_id, [erased(NOBODY)])
    return True


_END_OF_ORG = [
    sa.delete(jobs).where(jobs.c.org_id == ORG),
    sa.delete(orgs).where(orgs.c.id == ORG),
    sa.delete(erasures).where(erasures.c.org_id == ORG),
]


async def end_org(db: Writing, org_id: OrgId) -> None:
    """Erases the organisation itself, once all of it is swept."""
    for statement in _END_OF_ORG:
        await db.execute(statement, {"org_id": org_id})
