"""Sessions whose rows of insights are still to be copied into another store.

A session is put here in the transaction that changes its rows, as long as anything is copied at all, and goes when what
was read of it afterwards is over there. Its version tells later contents from earlier ones: it is drawn under the lock
of the session's row here, so that of two transactions the one that commits last has the higher one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.values import OrgId, SessionId
from persistence.database import ORG, Reading, Writing, metadata

# One row, while anything is copied: which copying that is.
insight_copying = sa.Table(
    "insight_copying", metadata, sa.Column("id", UUID, nullable=False), sa.PrimaryKeyConstraint("id")
)

insight_outbox = sa.Table(
    "insight_outbox",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("nextval('insight_versions')")),
    # Until it is gone over there, too, the copy is not to be read.
    sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
    sa.Index("insight_outbox_oldest", "org_id", "version"),
    sa.Index("insight_outbox_erased", "org_id", postgresql_where=sa.text("erased")),
)

# Which copying has had all there was of an organisation.
insight_copied = sa.Table(
    "insight_copied",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("copy_id", UUID, nullable=False),
    sa.PrimaryKeyConstraint("org_id"),
)

_IDS = sa.bindparam("ids", type_=ARRAY(sa.Text))
_PUT = sa.text(
    "INSERT INTO insight_outbox AS known (org_id, session_id, erased)"
    " SELECT :org_id, id, :erased FROM unnest(:ids) AS put (id) WHERE EXISTS (SELECT FROM insight_copying)"
    " ON CONFLICT (org_id, session_id) DO UPDATE"
    " SET version = nextval('insight_versions'), erased = known.erased OR excluded.erased"
).bindparams(ORG, _IDS)


async def put(db: Writing, org_id: OrgId, ids: Sequence[SessionId], erased: bool = False) -> None:
    """These sessions have changed, or were erased; does nothing where nothing is copied."""
    if ids:
        await db.rows(_PUT, {"org_id": org_id, "ids": sorted(ids), "erased": erased})


_PUT_ALL = sa.text(
    "INSERT INTO insight_outbox AS known (org_id, session_id)"
    " SELECT DISTINCT org_id, session_id FROM insight_quarters WHERE org_id = :org_id ORDER BY session_id"
    " ON CONFLICT (org_id, session_id) DO UPDATE SET version = nextval('insight_versions')"
).bindparams(ORG)


async def put_all(db: Writing, org_id: OrgId) -> None:
    """Every session that has rows. Needs a scope of the organisation."""
    await db.rows(_PUT_ALL, {"org_id": org_id})


_NOW = sa.text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS at")
_SETTLED = sa.text(
    "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) >= CAST(:at AS bigint) AS settled"
)


async def moment(db: Reading) -> int:
    """Every transaction that is not over now, or begins later, comes after it."""
    return (await db.rows(_NOW, {}))[0]["at"]


async def has_settled(db: Reading, moment: int) -> bool:
    """Whether all that had begun at that moment is over."""
    return (await db.rows(_SETTLED, {"at": moment}))[0]["settled"]


class Taken(NamedTuple):
    """What is to be copied now; `rows` is about how many there are."""

    session_id: SessionId
    version: int
    rows: int


_TAKE = sa.text(
    "SELECT session_id, version, rows FROM ("
    "  SELECT session_id, version, rows, sum(rows) OVER (ORDER BY version) - rows AS before FROM ("
    "    SELECT o.session_id, o.version, (SELECT coalesce(sum(q.count), 0)::bigint FROM insight_quarters q"
    "      WHERE q.org_id = o.org_id AND q.session_id = o.session_id) AS rows"
    "    FROM insight_outbox o WHERE o.org_id = :org_id ORDER BY o.version LIMIT :most) AS oldest) AS summed"
    " WHERE before < :size ORDER BY version"
).bindparams(ORG)


async def take(db: Reading, org_id: OrgId, most: int, size: int) -> list[Taken]:
    """Those that wait longest, `most` of them at most and one more than make `size` rows. They stay where they are."""
    rows = await db.rows(_TAKE, {"org_id": org_id, "most": most, "size": size})
    return [Taken(SessionId(row["session_id"]), row["version"], row["rows"]) for row in rows]


class Line(NamedTuple):
    """A row of insight_events: what it is known by, and all of it as JSON."""

    session_id: str
    event: str
    ts_us: int
    id: str
    json: str


def _of_json(pairs: str, value: str, rule: str) -> str:
    return f"(SELECT coalesce(json_object_agg(key, {value}), '{{}}') FROM {pairs} WHERE {rule})"


_IS_NUMBER = "jsonb_typeof(value) = 'number' AND length(value::text) < 300"
_MAPS = {
    "texts": _of_json("jsonb_each_text(e.properties)", "value", "value IS NOT NULL"),
    "numbers": _of_json("jsonb_each(e.properties)", "(value)::float8", _IS_NUMBER),
    "written": _of_json(
        "jsonb_each(e.properties)",
        "(value)::float8::text",
        f"CASE WHEN {_IS_NUMBER} THEN (value)::float8::text <> value::text ELSE FALSE END",
    ),
}
_AS_THEY_ARE = (
    *("org_id", "session_id", "id", "user_id", "event", "ordinal", "sub_session_id", "agent", "project", "model"),
    *("tool", "duration_ms", "cost_usd", "input_tokens", "output_tokens", "lines_added", "lines_removed"),
)
_PARTS = {name: f"e.{name}" for name in _AS_THEY_ARE} | _MAPS | {"version": "taken.version"}
_TS = "(extract(epoch FROM kept.ts) * 1000000)::bigint"
# Other stores know the years 1900 to 2299 only.
_LINES = sa.text(
    f"SELECT e.session_id, e.event, {_TS} AS ts_us, e.id::text AS id, json_build_object("
    + ", ".join(f"'{name}', {value}" for name, value in _PARTS.items())
    + ", 'ts', to_char(kept.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))::text AS json"
    " FROM unnest(:ids, CAST(:versions AS bigint[])) AS taken (id, version)"
    " JOIN insight_events e ON e.org_id = :org_id AND e.session_id = taken.id CROSS JOIN LATERAL"
    " (SELECT LEAST(GREATEST(e.ts, TIMESTAMPTZ '1900-01-01 00:00:00+00'), TIMESTAMPTZ '2299-12-31 00:00:00+00') AS ts)"
    " AS kept"
).bindparams(ORG, _IDS)


async def lines(db: Reading, org_id: OrgId, taken: Sequence[Taken]) -> list[Line]:
    """All rows of these sessions; read after `take`, so that they are as new as its versions or newer."""
    named = {"ids": [one.session_id for one in taken], "versions": [one.version for one in taken]}
    rows = await db.rows(_LINES, {"org_id": org_id, **named})
    return [Line(row["session_id"], row["event"], row["ts_us"], row["id"], row["json"]) for row in rows]


_SETTLE = sa.text(
    "WITH done AS ("
    "  SELECT o.session_id FROM insight_outbox o JOIN unnest(:ids, CAST(:versions AS bigint[])) AS taken (id, version)"
    "   ON taken.id = o.session_id AND taken.version = o.version WHERE o.org_id = :org_id FOR UPDATE OF o SKIP LOCKED"
    ") DELETE FROM insight_outbox o USING done WHERE o.org_id = :org_id AND o.session_id = done.session_id"
    " RETURNING o.session_id, o.erased"
).bindparams(ORG, _IDS)


async def settle(db: Writing, org_id: OrgId, taken: Sequence[Taken]) -> Mapping[SessionId, bool]:
    """Takes out what was copied, but for what has changed meanwhile, or changes now: nobody waits for this. Says of
    what went whether it was erased."""
    named = {"ids": [one.session_id for one in taken], "versions": [one.version for one in taken]}
    rows = await db.rows(_SETTLE, {"org_id": org_id, **named})
    return {SessionId(row["session_id"]): row["erased"] for row in rows}


_CALL_WHOLE = sa.text(
    "INSERT INTO insight_copied (org_id, copy_id) SELECT :org_id, id FROM insight_copying"
    " WHERE NOT EXISTS (SELECT FROM insight_outbox WHERE org_id = :org_id)"
    " AND NOT EXISTS (SELECT FROM jobs WHERE org_id = :org_id AND kind = 'copy_insights'"
    "   AND key <> '' AND state <> 'idle')"
    " ON CONFLICT (org_id) DO UPDATE SET copy_id = excluded.copy_id"
    " WHERE insight_copied.copy_id <> excluded.copy_id"
).bindparams(ORG)


async def call_whole(db: Writing, org_id: OrgId) -> None:
    """Says that the copy has all there was of the organisation, if nothing waits."""
    await db.rows(_CALL_WHOLE, {"org_id": org_id})


_IS_WHOLE = sa.text(
    "SELECT FROM insight_copied c JOIN insight_copying g ON g.id = c.copy_id WHERE c.org_id = :org_id"
    " AND NOT EXISTS (SELECT FROM insight_outbox WHERE org_id = :org_id AND erased)"
).bindparams(ORG)


async def is_whole(db: Reading, org_id: OrgId) -> bool:
    """Whether the copy may be asked: it once had everything, and nothing erased is still in it."""
    return await db.row(_IS_WHOLE, {"org_id": org_id}) is not None


_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(4716241398150837)")


async def one_at_a_time(db: Writing) -> None:
    """Who comes here waits for all others to end their transactions that came here before."""
    await db.rows(_ONE_AT_A_TIME, {})


_COPYING = sa.text("SELECT id FROM insight_copying")


async def copying(db: Reading) -> UUID_ | None:
    """Which copying goes on, if any."""
    row = await db.row(_COPYING, {})
    return None if row is None else UUID_(str(row["id"]))


_BEGIN = sa.text("INSERT INTO insight_copying (id) VALUES (:id)").bindparams(sa.bindparam("id", type_=UUID))


async def begin(db: Writing, id: UUID_ | None) -> None:
    """Another copying begins, or with None none. For the owner of the tables."""
    await db.execute(sa.delete(insight_copying))
    if id is not None:
        await db.execute(_BEGIN, {"id": id})


async def forget(db: Writing, org_id: OrgId) -> None:
    """Nothing waits for a copy any more, and none is whole. Needs a scope of the organisation."""
    for table in (insight_outbox, insight_copied):
        await db.execute(sa.delete(table).where(table.c.org_id == org_id))


_DROP = sa.text(
    "DELETE FROM insight_outbox WHERE org_id = :org_id AND session_id = ANY (:ids)"
    " AND NOT EXISTS (SELECT FROM insight_copying)"
).bindparams(ORG, _IDS)


async def erase(db: Writing, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    """Of sessions that go for good: has their copies erased, and leaves nothing here where there are none."""
    await db.rows(_DROP, {"org_id": org_id, "ids": list(ids)})
    await put(db, org_id, ids, erased=True)
