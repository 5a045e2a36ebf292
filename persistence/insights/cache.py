"""Results of insights that are kept: one for each query, zone and visible developer, so many bytes an organisation.

Whoever stores one holds the row of the organisation's epoch, so the bound is exact. What is erased begins a new epoch:
a result whose events were read in an older one is not stored, and those that are go.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, INTERVAL, UUID

from domain.insights.runs import VERSION, RunId
from domain.values import JsonObject, OrgId
from persistence.database import BOUND, ORG, Database, Reading, Tenant, Writing, binding, metadata

MOST_BYTES = 4 * 2**20
"""A result that is larger is not kept, and so not given."""
KEPT_BYTES = 64 * 2**20
"""Of an organisation; the least recently read go first."""

_COARSE = timedelta(minutes=10)
"""So exact it is known when a result was last read."""

insight_epochs = sa.Table(
    "insight_epochs",
    metadata,
    sa.Column("org_id", UUID, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)

insight_results = sa.Table(
    "insight_results",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    # SHA-256 of whose events were counted, the zone, the query and the version of results.
    sa.Column("key", BYTEA, nullable=False),
    # Whose events were counted; NULL: everybody's.
    sa.Column("user_id", UUID),
    sa.Column("run_id", UUID, nullable=False),
    sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("cost_ms", sa.Integer, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # JSON, which PostgreSQL compresses.
    sa.Column("payload", BYTEA, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "key"),
    sa.Index("insight_results_read", "org_id", sa.text("read_at DESC"), postgresql_include=["bytes", "key"]),
    sa.Index("insight_results_of_user", "org_id", "user_id"),
)


def key_of(tenant: Tenant, zone: str, query: JsonObject) -> bytes:
    """Under which the result of a query is kept; equal for equal queries, whatever the order of their fields."""
    whose = None if tenant.user_id is None else str(tenant.user_id)
    return hashlib.sha256(orjson.dumps([VERSION, whose, zone, query], option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Kept:
    """`run_id` is the run that computed it, `computed_at` the moment as of which it did."""

    run_id: RunId
    computed_at: datetime
    payload: bytes


# OFFSET 0 has the rows read for the row of `bound`, never before; adding them up to one row would take twice as long.
_FIND = sa.text(
    f"SELECT found.* FROM {BOUND} CROSS JOIN LATERAL (SELECT key, run_id, computed_at, payload,"
    " read_at < now() - :coarse AS unread FROM insight_results"
    " WHERE org_id = bound.org_id AND key = ANY (:keys) OFFSET 0) AS found"
).bindparams(sa.bindparam("keys", type_=sa.ARRAY(BYTEA)), sa.bindparam("coarse", _COARSE, type_=INTERVAL))


async def find(database: Database, tenant: Tenant, keys: Sequence[bytes]) -> dict[bytes, Kept]:
    """What is kept under these keys, in one statement; now and then another one notes that it was read."""
    rows = await database.look_for_all(_FIND, {"keys": keys, **binding(tenant)})
    unread = [row["key"] for row in rows if row["unread"]]
    if unread:
        async with database.write(tenant) as db:
            await db.rows(_READ, {"org_id": tenant.org_id, "keys": unread})
    return {row["key"]: Kept(RunId(row["run_id"]), row["computed_at"], row["payload"]) for row in rows}


_READ = sa.text("UPDATE insight_results SET read_at = now() WHERE org_id = :org_id AND key = ANY (:keys)").bindparams(
    sa.bindparam("org_id", type_=UUID), sa.bindparam("keys", type_=sa.ARRAY(BYTEA))
)

_MADE_BY = sa.select(insight_results.c.run_id).where(
    insight_results.c.org_id == ORG, insight_results.c.key == sa.bindparam("key", type_=BYTEA)
)


async def made_by(db: Reading, org_id: OrgId, key: bytes) -> RunId | None:
    """The run whose result is kept under a key."""
    row = await db.row(_MADE_BY, {"org_id": org_id, "key": key})
    return None if row is None else RunId(row["run_id"])


_EPOCH = sa.select(insight_epochs.c.epoch).where(insight_epochs.c.org_id == ORG)


async def epoch(db: Reading, org_id: OrgId) -> int:
    """To be read before the events are."""
    row = await db.row(_EPOCH, {"org_id": org_id})
    return 0 if row is None else row["epoch"]


_MOVE = sa.text(
    "INSERT INTO insight_epochs AS now (org_id, epoch) VALUES (:org_id, :step)"
    " ON CONFLICT (org_id) DO UPDATE SET epoch = now.epoch + :step RETURNING epoch"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("step", type_=sa.BigInteger))
_SAVE = sa.text(
    "INSERT INTO insight_results (org_id, key, user_id, run_id, computed_at, cost_ms, bytes, payload)"
    " VALUES (:org_id, :key, :user_id, :run_id, :computed_at, :cost_ms, length(:payload), :payload)"
    " ON CONFLICT (org_id, key) DO UPDATE SET run_id = excluded.run_id, computed_at = excluded.computed_at,"
    " cost_ms = excluded.cost_ms, bytes = excluded.bytes, payload = excluded.payload, read_at = now()"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("key", type_=BYTEA),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("run_id", type_=UUID),
    sa.bindparam("computed_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("payload", type_=BYTEA),
)
_EVICT = sa.text(
    "DELETE FROM insight_results WHERE org_id = :org_id AND key IN (SELECT key FROM"
    " (SELECT key, sum(bytes) OVER (ORDER BY read_at DESC, key = :key DESC, key) AS so_far FROM insight_results"
    "  WHERE org_id = :org_id) AS each WHERE so_far > :most AND key <> :key)"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("key", type_=BYTEA))


@dataclass(frozen=True, slots=True)
class Computed:
    key: bytes
    run_id: RunId
    computed_at: datetime
    cost_ms: int
    payload: bytes


async def save(db: Writing, tenant: Tenant, computed: Computed, epoch: int, most: int = KEPT_BYTES) -> bool:
    """Keeps a result instead of the one before, and lets go of others beyond `most` bytes. False where something was
    erased since `epoch` was read. Needs a scope of the organisation."""
    if (await db.rows(_MOVE, {"org_id": tenant.org_id, "step": 0}))[0]["epoch"] != epoch:
        return False
    await db.rows(_SAVE, {"org_id": tenant.org_id, "user_id": tenant.user_id, **_values(computed)})
    await db.rows(_EVICT, {"org_id": tenant.org_id, "key": computed.key, "most": most})
    return True


def _values(computed: Computed) -> Mapping[str, object]:
    return {name: getattr(computed, name) for name in Computed.__slots__}


_FORGET = sa.delete(insight_results).where(insight_results.c.org_id == ORG)


async def forget(db: Writing, org_id: OrgId) -> None:
    """Lets go of all results of an organisation, also of those that are being computed: they rest on what is erased.

    Call it in the transaction that erases, last: until it ends nothing is stored. Needs a scope of the organisation.
    """
    await db.rows(_MOVE, {"org_id": org_id, "step": 1})
    await db.execute(_FORGET, {"org_id": org_id})
