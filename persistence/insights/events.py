"""What insights count: a row for each event, captured or derived, and what they add up to by quarters of an hour.

Both are a session's, written anew where its derivation says something else. Sums by quarters serve days of any zone,
because every zone of today is whole quarters away from UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

import persistence.insights.outbox
from domain.insights.arc_facts import OF_ARCS, arc_facts
from domain.insights.facts import Fact
from domain.judging.records import SubSession
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import ORG, Reading, Tenant, Writing, among, metadata

NUMBERS = ("duration_ms", "cost_usd", "input_tokens", "output_tokens", "lines_added", "lines_removed")
"""Properties that are summed up most: PostgreSQL keeps them beside the JSON, too, where indexes can have them."""


def _number(key: str) -> sa.Column[float]:
    """Null where it is no number, or one that a double has no room for, so that an event is never refused."""
    is_number = f"jsonb_typeof(properties -> '{key}') = 'number' AND length(properties ->> '{key}') < 300"
    value = f"CASE WHEN {is_number} THEN (properties -> '{key}')::float8 END"
    return sa.Column(key, sa.Float, sa.Computed(value, persisted=True))


_ANSWERED = ["user_id", "session_id", "sub_session_id", "ordinal", "id", "agent", "project", "model", "tool", *NUMBERS]
"""What most queries ask of events, found in the index alone: their rows lie by sessions, each on another page."""

insight_events = sa.Table(
    "insight_events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
    # Orders events of equal ts, as their source had them.
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("sub_session_id", UUID),
    sa.Column("agent", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("tool", sa.Text),
    # All other properties, by the names and types of domain.insights.catalogue.
    sa.Column("properties", JSONB, nullable=False),
    *map(_number, NUMBERS),
    sa.PrimaryKeyConstraint("org_id", "session_id", "id"),
    sa.Index("insight_events_by_name", "org_id", "event", "ts", postgresql_include=_ANSWERED),
    sa.Index("insight_events_of_user", "org_id", "user_id", "ts"),
)

insight_quarters = sa.Table(
    "insight_quarters",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "session_id", "event", "quarter"),
    sa.Index(
        "insight_quarters_by_name", "org_id", "event", "quarter", postgresql_include=["user_id", "session_id", "count"]
    ),
    sa.Index("insight_quarters_of_user", "org_id", "user_id"),
)


class Origin(NamedTuple):
    """Whose the facts of a session are, and of which agent and project."""

    user_id: UserId
    agent: str | None
    project: str | None


class Told(NamedTuple):
    """All facts of a session, in any order."""

    origin: Origin
    facts: Sequence[Fact]


class Remade(NamedTuple):
    """An arc of which something changed while the rest of its session did not."""

    arc: SubSession
    origin: Origin
    model: str | None


_ORG_ID, _USER_ID = sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID)
_ARCS = sa.bindparam("arcs", type_=ARRAY(UUID))
_NAMES = [column.name for column in insight_events.c if column.name not in {"org_id", "session_id", *NUMBERS}]
_MINE = "org_id = :org_id AND session_id = :session_id"
_OF_ARCS = f"sub_session_id = ANY (:arcs) AND event IN ({', '.join(repr(name) for name in sorted(OF_ARCS))})"


def _listed(prefix: str, names: Iterable[str]) -> str:
    return ", ".join(f"{prefix}.{name}" for name in names)


def _write(which: str) -> sa.TextClause:
    """Makes `rows` all there are of a session's events that are meant, and says how many were not so already.

    Old and new ones are joined whole: only so they are surely hashed, however few the planner believes there to be.
    """
    names = ", ".join(_NAMES)
    values = ", ".join(f"excluded.{name}" for name in _NAMES)
    return sa.text(
        "WITH new AS MATERIALIZED ("
        "  SELECT told.*, CAST(:user_id AS uuid) AS user_id, CAST(:agent AS text) AS agent,"
        "   CAST(:project AS text) AS project FROM json_to_recordset(CAST(:rows AS json)) AS told (id uuid, event text,"
        "   ts timestamptz, ordinal integer, sub_session_id uuid, model text, tool text, properties jsonb)"
        f"), old AS MATERIALIZED (SELECT {names} FROM insight_events WHERE {_MINE} AND {which}"
        "), differs AS MATERIALIZED ("
        f" SELECT old.id AS old_id, {_listed('new', _NAMES)} FROM old FULL JOIN new ON new.id = old.id WHERE"
        f"  ROW({_listed('old', _NAMES)}) IS DISTINCT FROM ROW({_listed('new', _NAMES)})"
        f"), gone AS (DELETE FROM insight_events WHERE {_MINE}"
        "  AND id = ANY (ARRAY(SELECT old_id FROM differs WHERE id IS NULL)) RETURNING 1"
        f"), written AS (INSERT INTO insight_events (org_id, session_id, {names})"
        f"  SELECT :org_id, :session_id, {names} FROM differs WHERE id IS NOT NULL"
        f"  ON CONFLICT (org_id, session_id, id) DO UPDATE SET ({names}) = ROW ({values}) RETURNING 1"
        ") SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written) AS changed"
    ).bindparams(_ORG_ID, _USER_ID)


_WRITE_ALL = _write("true")
_WRITE_ARCS = _write(_OF_ARCS).bindparams(_ARCS)

_ADD_UP = sa.text(
    "WITH new AS MATERIALIZED ("
    "  SELECT event, date_bin('15 minutes', ts, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS quarter,"
    f"  CAST(:user_id AS uuid) AS user_id, count(*) AS count FROM insight_events WHERE {_MINE} GROUP BY 1, 2"
    f"), old AS MATERIALIZED (SELECT event, quarter, user_id, count FROM insight_quarters WHERE {_MINE}"
    "), differs AS MATERIALIZED ("
    " SELECT old.event AS old_event, old.quarter AS old_quarter, new.*"
    "  FROM old FULL JOIN new ON new.event = old.event AND new.quarter = old.quarter"
    "  WHERE ROW(old.event, old.user_id, old.count) IS DISTINCT FROM ROW(new.event, new.user_id, new.count)"
    f"), gone AS (DELETE FROM insight_quarters WHERE {_MINE}"
    "  AND (event, quarter) IN (SELECT old_event, old_quarter FROM differs WHERE event IS NULL)"
    ") INSERT INTO insight_quarters (org_id, session_id, event, quarter, user_id, count)"
    "  SELECT :org_id, :session_id, event, quarter, user_id, count FROM differs WHERE event IS NOT NULL"
    "  ON CONFLICT (org_id, session_id, event, quarter)"
    "  DO UPDATE SET user_id = excluded.user_id, count = excluded.count"
).bindparams(_ORG_ID, _USER_ID)

_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended(id, :key)) FROM unnest(CAST(:ids AS text[])) AS wanted (id)"
)


async def _lock(db: Writing, org_id: OrgId, ids: Iterable[SessionId]) -> None:
    """Lets one transaction at a time write the rows of a session: quarters are added up from what is stored, and what
    is erased must not come back."""
    await db.rows(_LOCK, {"ids": sorted(set(ids)), "key": org_id.int & 0x7FFFFFFFFFFFFFFF})


async def save(
    db: Writing, org_id: OrgId, told: Mapping[SessionId, Told], arcs: Sequence[SubSession] = ()
) -> Sequence[SessionId]:
    """Makes the facts of these sessions what is told, and those of `arcs`, which belong to other sessions, what
    follows from them; only what differs is written. Returns the sessions where anything did.

    All changes of a session's rows go through here, or through `erase`. An arc of which nothing is stored is passed
    over: its session waits to be derived. Nothing else may be locked afterwards that others lock before.
    """
    await _lock(db, org_id, {*told, *(arc.session_id for arc in arcs)})
    remade = await _remade(db, org_id, arcs)
    changed: list[SessionId] = []
    for id in sorted({*told, *remade}):
        if id in told:
            values = {"session_id": id, **told[id].origin._asdict()}
            row = await db.row(_WRITE_ALL, {"org_id": org_id, "rows": _rows(told[id].facts), **values})
        else:
            values = {"session_id": id, **remade[id][0].origin._asdict()}
            facts = [fact for one in remade[id] for fact in arc_facts(one.arc, one.model)]
            named = {"arcs": [one.arc.id for one in remade[id]]}
            row = await db.row(_WRITE_ARCS, {"org_id": org_id, "rows": _rows(facts), **named, **values})
        if row is not None and row["changed"]:
            await db.execute(_ADD_UP, {"org_id": org_id, "session_id": id, "user_id": values["user_id"]})
            changed.append(id)
    await persistence.insights.outbox.put(db, org_id, changed)
    return changed


TABLES = (insight_events, insight_quarters)
_ERASE = [sa.delete(table).where(table.c.org_id == ORG, among(table.c.session_id)) for table in TABLES]


async def erase(db: Writing, org_id: OrgId, ids: Sequence[SessionId]) -> None:
    """Of sessions that go for good."""
    await _lock(db, org_id, ids)
    for statement in _ERASE:
        await db.execute(statement, {"org_id": org_id, "ids": list(ids)})
    await persistence.insights.outbox.erase(db, org_id, ids)


def _rows(facts: Iterable[Fact]) -> str:
    return orjson.dumps(
        [
            {
                "id": fact.id,
                "event": fact.event,
                "ts": fact.ts,
                "ordinal": fact.ordinal,
                "sub_session_id": fact.arc_id,
                "model": fact.model,
                "tool": fact.tool,
                "properties": fact.properties,
            }
            for fact in facts
        ],
        default=str,  # the driver's own kind of UUID
    ).decode()


_OPENED = sa.text(
    "SELECT sub_session_id, session_id, user_id, agent, project, model FROM insight_events"
    " WHERE org_id = :org_id AND session_id = ANY (CAST(:ids AS text[])) AND sub_session_id = ANY (:arcs)"
    " AND event = 'arc_opened'"
).bindparams(_ORG_ID, _ARCS)


async def _remade(db: Reading, org_id: OrgId, arcs: Sequence[SubSession]) -> dict[SessionId, list[Remade]]:
    """These arcs by session, with what is known of them beside what follows from them."""
    if not arcs:
        return {}
    by_id = {arc.id: arc for arc in arcs}
    wanted = {"org_id": org_id, "ids": [arc.session_id for arc in arcs], "arcs": list(by_id)}
    found: dict[SessionId, list[Remade]] = {}
    for row in await db.rows(_OPENED, wanted):
        origin = Origin(UserId(row["user_id"]), row["agent"], row["project"])
        remade = Remade(by_id[SubSessionId(row["sub_session_id"])], origin, row["model"])
        found.setdefault(SessionId(row["session_id"]), []).append(remade)
    return found


_FIRST = sa.text(
    "SELECT min(quarter) AS first FROM insight_quarters WHERE org_id = :org_id"
    " AND (CAST(:user_id AS uuid) IS NULL OR user_id = :user_id)"
).bindparams(_ORG_ID, sa.bindparam("user_id", type_=UUID))


async def first_quarter(db: Reading, tenant: Tenant) -> datetime | None:
    """The quarter of an hour of the tenant's first event; None without events."""
    return (await db.rows(_FIRST, {"org_id": tenant.org_id, "user_id": tenant.user_id}))[0]["first"]
