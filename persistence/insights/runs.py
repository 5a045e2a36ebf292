"""Runs of queries: one row for each that is computed, and one for each name under which a developer asked for it.

Of one key at most one run is computed at a time, in all processes, and at most one waits. A run is somebody's while its
lease lasts; then whoever comes first may take it over. `now()` is the database's clock, which all processes share.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, INTERVAL, JSONB, UUID

from domain.errors import TooMany
from domain.insights.errors import InsightFault
from domain.insights.runs import CANCELLED, DIED, KEPT_FOR, RunFailure, RunId, RunState, RunStatus
from domain.values import JsonObject, OrgId, UserId
from persistence.database import Reading, Row, Tenant, Writing, metadata
from persistence.identifiers import new_id

LEASE = timedelta(seconds=20)
PATIENCE = timedelta(minutes=10)
"""So long a run waits for somebody to compute it."""
MOST_GOING = 500
"""So many runs of an organisation may wait or be computed at a time."""

_TOGETHER = timedelta(seconds=1)
"""Who asks for a new run so soon after one began shares it."""
_GRACE = timedelta(minutes=1)
"""So long after its lease a run may be taken over before it counts as failed."""
_SWEPT = 100

insight_runs = sa.Table(
    "insight_runs",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("key", BYTEA, nullable=False),
    # Whose events are counted; NULL: everybody's.
    sa.Column("user_id", UUID),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("query", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("began_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("fault", sa.Text),
    sa.Column("message", sa.Text),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("insight_runs_running", "org_id", "key", unique=True, postgresql_where=sa.text("state = 'running'")),
    sa.Index("insight_runs_waiting", "org_id", "key", unique=True, postgresql_where=sa.text("state = 'waiting'")),
    sa.Index("insight_runs_old", "org_id", "created_at"),
    sa.Index("insight_runs_of_user", "org_id", "user_id"),
)

insight_run_names = sa.Table(
    "insight_run_names",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    # Who asked.
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("run_id", UUID, nullable=False),
    sa.Column("query_async", sa.Boolean, nullable=False),
    sa.Column("insight_id", sa.BigInteger),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "user_id", "name"),
    sa.ForeignKeyConstraint(["org_id", "run_id"], ["insight_runs.org_id", "insight_runs.id"], ondelete="CASCADE"),
    sa.Index("insight_run_names_of_run", "org_id", "run_id"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be computed: a query that is kept under `key`, over the events of `tenant`."""

    tenant: Tenant
    key: bytes
    time_zone: str
    query: JsonObject


@dataclass(frozen=True, slots=True)
class Name:
    """By which `user_id` asks after a run."""

    user_id: UserId
    name: str
    query_async: bool
    insight_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A run that is the caller's to compute while its lease lasts. `token` is this claim's fence."""

    id: RunId
    token: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Going:
    """A run of others that is not over. `old`: it began to read a while ago."""

    id: RunId
    old: bool


_BINDS = (
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("run_id", type_=UUID),
    sa.bindparam("insight_id", type_=sa.BigInteger),
    sa.bindparam("key", type_=BYTEA),
    sa.bindparam("query", type_=JSONB),
    sa.bindparam("state", type_=sa.Text),
    sa.bindparam("whatever", type_=sa.Boolean),
    sa.bindparam("together", _TOGETHER, type_=INTERVAL),
    sa.bindparam("grace", _GRACE, type_=INTERVAL),
    sa.bindparam("lease", LEASE, type_=INTERVAL),
    sa.bindparam("kept", KEPT_FOR, type_=INTERVAL),
)


def _text(sql: str) -> sa.TextClause:
    return sa.text(sql).bindparams(*(bind for bind in _BINDS if re.search(rf":{bind.key}\b", sql)))


_LOCK = sa.text("SELECT pg_advisory_xact_lock(:lock)")


async def lock(db: Writing, org_id: OrgId, key: bytes) -> None:
    """Lets one transaction at a time decide about the runs of a key."""
    digest = hashlib.sha256(b"insight run" + org_id.bytes + key).digest()
    await db.rows(_LOCK, {"lock": int.from_bytes(digest[:8], signed=True)})


_GOING = _text(
    "SELECT id, state, lease_until < now() AS lapsed, coalesce(began_at < now() - :together, false) AS old"
    " FROM insight_runs WHERE org_id = :org_id AND key = :key AND state IN ('running', 'waiting') ORDER BY state"
)


async def going(db: Reading, wanted: Wanted) -> tuple[Going | None, RunId | None]:
    """The run that is computed right now, and the one that anybody may compute. Needs the key's lock."""
    rows = await db.rows(_GOING, {"org_id": wanted.tenant.org_id, "key": wanted.key})
    running = next((row for row in rows if row["state"] == RunState.RUNNING), None)
    waiting = next((RunId(row["id"]) for row in rows if row["state"] == RunState.WAITING), None)
    if running is None:
        return None, waiting
    if running["lapsed"]:
        return None, RunId(running["id"])
    return Going(RunId(running["id"]), running["old"]), waiting


_JUST_NOW = _text("SELECT FROM insight_runs WHERE org_id = :org_id AND id = :id AND began_at >= now() - :together")


async def began_just_now(db: Reading, org_id: OrgId, id: RunId) -> bool:
    return await db.row(_JUST_NOW, {"org_id": org_id, "id": id}) is not None


_COUNT = _text("SELECT count(*) AS n FROM insight_runs WHERE org_id = :org_id AND state IN ('running', 'waiting')")
_NEW = _text(
    "INSERT INTO insight_runs (org_id, id, key, user_id, time_zone, query, state, token, began_at, lease_until)"
    " VALUES (:org_id, :id, :key, :user_id, :time_zone, :query, CAST(:state AS text),"
    "  CASE :state WHEN 'running' THEN 1 ELSE 0 END, CASE :state WHEN 'running' THEN now() END, now() + :lease)"
    " RETURNING token"
)


async def add(db: Writing, wanted: Wanted, state: RunState) -> Lead:
    """A new run, RUNNING as the caller's or WAITING for anybody. Needs the key's lock. Raises TooMany."""
    org_id = wanted.tenant.org_id
    await _sweep(db, org_id)
    if (await db.rows(_COUNT, {"org_id": org_id}))[0]["n"] >= MOST_GOING:
        raise TooMany(f"{MOST_GOING} queries of this organisation are waiting already", retry_after_s=10)
    id = RunId(new_id())
    new = {
        "org_id": org_id,
        "id": id,
        "key": wanted.key,
        "user_id": wanted.tenant.user_id,
        "time_zone": wanted.time_zone,
        "query": wanted.query,
        "state": state,
        "lease": LEASE if state is RunState.RUNNING else PATIENCE,
    }
    [row] = await db.rows(_NEW, new)
    return Lead(id, row["token"], wanted)


_SWEEP = _text(
    "DELETE FROM insight_runs WHERE org_id = :org_id AND id IN (SELECT id FROM insight_runs WHERE org_id = :org_id"
    " AND created_at < now() - :kept AND lease_until < now() ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED)"
)


async def _sweep(db: Writing, org_id: OrgId) -> None:
    """Called for each new run, it forgets faster than they come."""
    await db.rows(_SWEEP, {"org_id": org_id, "most": _SWEPT})


_TAKE = _text(
    "UPDATE insight_runs SET state = 'running', token = token + 1, began_at = now(), lease_until = now() + :lease,"
    " cancel_requested = false WHERE org_id = :org_id AND id = :id"
    " AND (state = 'waiting' OR state = 'running' AND lease_until < now()) RETURNING token"
)


async def take(db: Writing, wanted: Wanted, id: RunId) -> Lead | None:
    """Makes a run that waits, or whose lease has lapsed, the caller's. Needs the key's lock, and that none runs."""
    row = await db.row(_TAKE, {"org_id": wanted.tenant.org_id, "id": id})
    return None if row is None else Lead(id, row["token"], wanted)


_NAME = _text(
    "INSERT INTO insight_run_names (org_id, user_id, name, run_id, query_async, insight_id)"
    " VALUES (:org_id, :user_id, :name, :run_id, :query_async, :insight_id)"
    " ON CONFLICT (org_id, user_id, name) DO UPDATE SET run_id = excluded.run_id, query_async = excluded.query_async,"
    " insight_id = excluded.insight_id, asked_at = now(), withdrawn_at = NULL"
)


async def name(db: Writing, org_id: OrgId, run_id: RunId, name: Name) -> None:
    """From here on the name stands for this run, whatever it stood for before."""
    called = {field: getattr(name, field) for field in Name.__slots__}
    await db.rows(_NAME, {"org_id": org_id, "run_id": run_id, **called})


_HELD = " WHERE org_id = :org_id AND id = :id AND token = :token AND state = 'running'"
_BEAT = _text(f"UPDATE insight_runs SET lease_until = now() + :lease{_HELD} RETURNING cancel_requested")
_LET_GO = _text(f"UPDATE insight_runs SET lease_until = now() - interval '1 ms'{_HELD}")
_END = _text(
    "UPDATE insight_runs SET state = CAST(:state AS text), ended_at = clock_timestamp(), fault = :fault,"
    f" message = :message{_HELD} RETURNING id"
)


def _held(lead: Lead) -> dict[str, object]:
    return {"org_id": lead.wanted.tenant.org_id, "id": lead.id, "token": lead.token}


async def beat(db: Writing, lead: Lead) -> bool | None:
    """Prolongs the lease and says whether nobody wants the run any more; None when the lease is lost."""
    row = await db.row(_BEAT, _held(lead))
    return None if row is None else row["cancel_requested"]


async def let_go(db: Writing, lead: Lead) -> None:
    """Leaves an unfinished run to whoever wants it."""
    await db.rows(_LET_GO, _held(lead))


async def end(db: Writing, lead: Lead, state: RunState, failure: RunFailure | None = None) -> bool:
    """False when the lease is lost: then nothing of this run may be stored."""
    said = {"state": state, "fault": failure and failure.code, "message": failure and failure.message}
    return await db.row(_END, {**_held(lead), **said}) is not None


_FAIL = _text(
    "UPDATE insight_runs SET state = 'failed', ended_at = clock_timestamp(), fault = :fault, message = :message"
    " WHERE org_id = :org_id AND id = :id AND state IN ('running', 'waiting')"
    " AND (:whatever OR lease_until < now() - :grace) RETURNING id"
)


async def fail_overdue(db: Writing, org_id: OrgId, id: RunId, whatever: bool = False) -> bool:
    """Ends a run that nobody computes any more, or with `whatever` any: whether it did."""
    said = {"fault": DIED.code, "message": DIED.message, "whatever": whatever}
    return await db.row(_FAIL, {"org_id": org_id, "id": id, **said}) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A run as it stands. `lapsed`: whoever comes first may take it over; `overdue`: nobody came."""

    id: RunId
    wanted: Wanted
    state: RunState
    failure: RunFailure | None
    lapsed: bool
    overdue: bool


_LATE = (
    "state IN ('running', 'waiting') AND lease_until < now() AS lapsed,"
    " state IN ('running', 'waiting') AND lease_until < now() - :grace AS overdue"
)
_FIND = _text(
    "SELECT id, key, user_id, time_zone, query, state, fault, message,"
    f" {_LATE} FROM insight_runs WHERE org_id = :org_id AND id = :id"
)


async def find(db: Reading, org_id: OrgId, id: RunId) -> Found | None:
    row = await db.row(_FIND, {"org_id": org_id, "id": id})
    return None if row is None else _found(org_id, row)


def _found(org_id: OrgId, row: Row) -> Found:
    user_id = None if row["user_id"] is None else UserId(row["user_id"])
    wanted = Wanted(Tenant(org_id, user_id), row["key"], row["time_zone"], row["query"])
    state = RunState(row["state"])
    return Found(RunId(row["id"]), wanted, state, _failure(row), row["lapsed"], row["overdue"])


def _failure(row: Row) -> RunFailure | None:
    return None if row["fault"] is None else RunFailure(InsightFault(row["fault"]), row["message"])


_NAMED = _text(
    "SELECT run.id, key, run.user_id, time_zone, query, state, fault, message, query_async, insight_id, asked_at,"
    f" withdrawn_at, began_at, ended_at, {_LATE}"
    " FROM insight_run_names AS named JOIN insight_runs AS run ON (run.org_id, run.id) = (named.org_id, named.run_id)"
    " WHERE named.org_id = :org_id AND named.user_id = :user_id AND named.name = :name"
    " AND asked_at > now() - :kept"
)


@dataclass(frozen=True, slots=True)
class Named:
    run: Found
    status: RunStatus


async def find_named(db: Reading, org_id: OrgId, user_id: UserId, name: str) -> Named | None:
    """The run that a developer asked for by this name; withdrawn, it counts as cancelled."""
    row = await db.row(_NAMED, {"org_id": org_id, "user_id": user_id, "name": name})
    return None if row is None else Named(_found(org_id, row), _status(name, row))


def _status(name: str, row: Row) -> RunStatus:
    withdrawn: datetime | None = row["withdrawn_at"]
    state = RunState(row["state"])
    cancelled = withdrawn is not None and state is not RunState.COMPLETED
    return RunStatus(
        id=name,
        query_async=row["query_async"],
        state=RunState.CANCELLED if cancelled else state,
        failure=CANCELLED if cancelled or state is RunState.CANCELLED else _failure(row),
        started_at=row["asked_at"],
        picked_up_at=row["began_at"],
        ended_at=row["ended_at"] or withdrawn,
        expires_at=row["asked_at"] + KEPT_FOR,
        insight_id=row["insight_id"],
    )


_WITHDRAW = _text(
    "UPDATE insight_run_names SET withdrawn_at = now() WHERE org_id = :org_id AND user_id = :user_id AND name = :name"
    " AND withdrawn_at IS NULL AND EXISTS (SELECT FROM insight_runs AS run WHERE run.org_id = :org_id"
    "  AND run.id = run_id AND run.state IN ('running', 'waiting')) RETURNING run_id"
)
_STOP = _text(
    "UPDATE insight_runs SET cancel_requested = true,"
    " ended_at = CASE WHEN state = 'waiting' OR lease_until < now() THEN clock_timestamp() END,"
    " state = CASE WHEN state = 'waiting' OR lease_until < now() THEN 'cancelled' ELSE state END"
    " WHERE org_id = :org_id AND id = :id AND state IN ('running', 'waiting') AND NOT EXISTS"
    " (SELECT FROM insight_run_names WHERE org_id = :org_id AND run_id = :id AND withdrawn_at IS NULL)"
    " RETURNING id"
)
_KEY_OF = _text("SELECT key FROM insight_runs WHERE org_id = :org_id AND id = :id")


async def withdraw(db: Writing, org_id: OrgId, user_id: UserId, name: str) -> bytes | None:
    """A developer wants a run no longer; it ends unless somebody else asked for it by name. Its key, where there was
    something to withdraw. Needs a scope of the organisation."""
    withdrawn = await db.row(_WITHDRAW, {"org_id": org_id, "user_id": user_id, "name": name})
    if withdrawn is None:
        return None
    run = {"org_id": org_id, "id": withdrawn["run_id"]}
    await db.rows(_STOP, run)
    row = await db.row(_KEY_OF, run)
    return None if row is None else row["key"]
