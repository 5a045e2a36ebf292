"""What the arcs of a developer's calendar day add up to, kept with the arcs: windows are read from here.

A day is worked out anew from its arcs in the transaction that changes one of them, so it is exact whatever happened to
them. Whoever writes arcs of a developer, or their zone, holds the lock of `persistence.clusters`, which keeps two such
transactions from reading past each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from domain.scores.headline import Tally, tally
from domain.scores.totals import Totals, added, combined, ordered
from domain.scores.windows import Bounds, Cut, WindowKind, cut_days, window_containing, zone_named
from domain.values import OrgId, UserId
from persistence.access import users_by_id
from persistence.database import BOUND, Database, Reading, Row, Tenant, Writing, binding, metadata
from persistence.scores import Stretch, scan, starts_of_arcs

score_days = sa.Table(
    "score_days",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    # The first instant of a day in the developer's zone; the next day begins where it ends.
    sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
    # What the headline needs, so that PostgreSQL adds it up.
    sa.Column("qualifying", sa.BigInteger, nullable=False),
    sa.Column("crushed", sa.BigInteger, nullable=False),
    sa.Column("qualifying_tokens", sa.BigInteger, nullable=False),
    sa.Column("crushed_tokens", sa.BigInteger, nullable=False),
    sa.Column("pending", sa.BigInteger, nullable=False),
    sa.Column("totals", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "user_id", "starts_at"),
)

# Triggers give a developer another revision whenever a transaction changes arcs, flags or days of theirs.
score_revisions = sa.Table(
    "score_revisions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("revision", UUID, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "user_id"),
    sa.ForeignKeyConstraint(["org_id", "user_id"], ["users.org_id", "users.id"], ondelete="CASCADE"),
)

_STORED = TypeAdapter(Totals)
Stored = Mapping[str, Any]


class _Day(NamedTuple):
    user_id: UserId
    starts_at: datetime
    ends_at: datetime


async def refresh(db: Writing, org_id: OrgId, touched: Mapping[UserId, Collection[datetime]]) -> None:
    """Works the days out anew in which these moments lie, of each developer. Call it when the arcs are stored.

    Whoever writes arcs holds their developers' locks (`persistence.clusters.lock`), so no two make a day at once.
    """
    days = await _days(db, org_id, touched)
    if not days:
        return
    await db.execute(_LOCK, {"org_id": org_id, **_keys(days)})
    found = await scan(db, org_id, [Stretch(*day) for day in days])
    rows = [_row(day, totals) for day, totals in zip(days, found, strict=True)]
    await db.execute(_STORE, {"org_id": org_id, "rows": orjson.dumps(rows).decode()})


async def _days(db: Reading, org_id: OrgId, touched: Mapping[UserId, Collection[datetime]]) -> list[_Day]:
    zones = await _zones(db, org_id, touched)
    windows = {(id, window_containing(WindowKind.DAILY, at, zones[id])) for id, all in touched.items() for at in all}
    return sorted(_Day(id, window.start, window.end) for id, window in windows)


def _keys(days: Sequence[_Day]) -> dict[str, object]:
    return {"user_id": [day.user_id for day in days], "starts_at": [day.starts_at for day in days]}


async def forget(
    db: Writing, org_id: OrgId, touched: Mapping[UserId, Collection[datetime]]
) -> dict[UserId, list[datetime]]:
    """As `refresh`, but a day without any arc leaves no row: nothing says any more that somebody worked on it.

    Returns when the days of each developer began.
    """
    await refresh(db, org_id, touched)
    days = await _days(db, org_id, touched)
    ends = {"ends_at": [day.ends_at for day in days]}
    await db.execute(_FORGET, {"org_id": org_id, **_keys(days), **ends})
    found: dict[UserId, list[datetime]] = {}
    for day in days:
        found.setdefault(day.user_id, []).append(day.starts_at)
    return found


_FORGET = sa.text(
    "DELETE FROM score_days day USING unnest(:user_id, :starts_at, :ends_at) AS given (user_id, starts_at, ends_at)"
    " WHERE day.org_id = :org_id AND day.user_id = given.user_id AND day.starts_at = given.starts_at"
    " AND NOT EXISTS (SELECT FROM sub_sessions arc WHERE arc.org_id = :org_id AND arc.user_id = given.user_id"
    "  AND arc.started_at >= given.starts_at AND arc.started_at < given.ends_at)"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=ARRAY(UUID)),
    sa.bindparam("starts_at", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("ends_at", type_=ARRAY(sa.DateTime(timezone=True))),
)

# Whoever changes what is counted in a day without its developer's lock, as flags of the whole organisation, waits here.
_LOCK = sa.text(
    "SELECT FROM score_days WHERE org_id = :org_id AND (user_id, starts_at) IN"
    " (SELECT * FROM unnest(:user_id, :starts_at)) ORDER BY user_id, starts_at FOR UPDATE"
).bindparams(
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=ARRAY(UUID)),
    sa.bindparam("starts_at", type_=ARRAY(sa.DateTime(timezone=True))),
)


async def _zones(db: Reading, org_id: OrgId, ids: Collection[UserId]) -> dict[UserId, ZoneInfo]:
    found = await users_by_id(db, org_id, sorted(ids))
    return {user.id: zone_named(user.time_zone) for user in found if user is not None}


def _row(day: _Day, totals: Totals) -> dict[str, object]:
    counted = tally(totals)
    counts = {name: getattr(counted, name) for name in _COUNTS}
    return {
        "user_id": str(day.user_id),
        "starts_at": day.starts_at,
        **counts,
        "totals": _STORED.dump_python(totals, mode="json"),
    }


_COUNTS = [field.name for field in fields(Tally)]

# A day on which nothing counts any more keeps its row: it is read as nothing, and mostly comes back.
_STORE = sa.text(
    f"INSERT INTO score_days AS day (org_id, user_id, starts_at, {', '.join(_COUNTS)}, totals)"
    f" SELECT :org_id, user_id, starts_at, {', '.join(_COUNTS)}, totals"
    " FROM json_to_recordset(CAST(:rows AS json)) AS row (user_id uuid, starts_at timestamptz,"
    f" {', '.join(f'{name} bigint' for name in _COUNTS)}, totals jsonb)"
    " ON CONFLICT (org_id, user_id, starts_at) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in (*_COUNTS, 'totals'))}"
).bindparams(sa.bindparam("org_id", type_=UUID))


async def rebuild(db: Writing, org_id: OrgId, user_id: UserId) -> None:
    """Cuts all days of a developer anew, in the zone that they have now. The caller holds the developer's lock."""
    await db.execute(sa.delete(score_days).where(score_days.c.org_id == org_id, score_days.c.user_id == user_id))
    starts = await starts_of_arcs(db, org_id, user_id)
    for first in range(0, len(starts), _AT_ONCE):
        await refresh(db, org_id, {user_id: starts[first : first + _AT_ONCE]})


_AT_ONCE = 1_000


class Wanted(NamedTuple):
    """Stretches of time of a developer; `zone` is the one in which their days are kept."""

    user_id: UserId
    zone: ZoneInfo
    bounds: tuple[Bounds, ...]


async def tallies_of(database: Database, tenant: Tenant, wanted: Sequence[Wanted]) -> list[list[Tally]]:
    """What the stretches of each developer hold, in their order; they begin and end with days of the developer."""
    rows = await _look(
        database, tenant, _TALLIES, {Stretch(one.user_id, *some) for one in wanted for some in one.bounds}
    )
    found = {one: Tally(**{name: row[name] for name in _COUNTS}) for one, row in rows.items()}
    return [[found[Stretch(one.user_id, *some)] for some in one.bounds] for one in wanted]


async def totals_of(database: Database, tenant: Tenant, wanted: Sequence[Wanted]) -> list[list[Totals]]:
    """What the stretches of each developer add up to, in their order.

    Whole days are read as they are kept; only what a stretch cuts off a day is added up from its arcs.
    """
    cuts = [[(one.user_id, cut_days(some, one.zone)) for some in one.bounds] for one in wanted]
    each = [cut for some in cuts for cut in some]
    whole = {Stretch(user_id, *cut.whole) for user_id, cut in each if cut.whole is not None}
    days = await _look(database, tenant, _TOTALS, whole)
    edges = await _scan(
        database, tenant, list({Stretch(user_id, *edge) for user_id, cut in each for edge in cut.edges})
    )

    def together(user_id: UserId, cut: Cut) -> Totals:
        parts = [edges[Stretch(user_id, *edge)] for edge in cut.edges]
        kept = None if cut.whole is None else days[Stretch(user_id, *cut.whole)]["days"]
        if kept is not None:
            parts.append(added_up(kept))
        return parts[0] if len(parts) == 1 else combined(parts)

    return [[together(*cut) for cut in some] for some in cuts]


async def _scan(database: Database, tenant: Tenant, stretches: Sequence[Stretch]) -> dict[Stretch, Totals]:
    if not stretches:
        return {}
    async with database.read(tenant) as db:
        return dict(zip(stretches, await scan(db, tenant.org_id, stretches), strict=True))


async def _look(
    database: Database, tenant: Tenant, statement: sa.TextClause, stretches: Collection[Stretch]
) -> dict[Stretch, Row]:
    if not stretches:
        return {}
    user_id, begins, ends = map(list, zip(*stretches, strict=True))
    asked = {"user_id": user_id, "begins": begins, "ends": ends} | binding(tenant)
    return dict(zip(stretches, await database.look_for_all(statement, asked), strict=True))


def _of_days(columns: str) -> sa.TextClause:
    """One range of the key for each developer and stretch. It binds the tenant itself, so that it needs no scope: what
    is aggregated for a row of `bound` cannot be begun before that row is there, nor can its policy be asked.
    """
    return sa.text(
        f"SELECT each.* FROM {BOUND} CROSS JOIN"
        " unnest(:user_id, :begins, :ends) WITH ORDINALITY AS given (user_id, begins, ends, number)"
        f" CROSS JOIN LATERAL (SELECT {columns} FROM score_days day WHERE day.org_id = bound.org_id"
        "  AND day.user_id = given.user_id AND day.starts_at >= given.begins AND day.starts_at < given.ends) AS each"
        " ORDER BY given.number"
    ).bindparams(
        sa.bindparam("user_id", type_=ARRAY(UUID)),
        sa.bindparam("begins", type_=ARRAY(sa.DateTime(timezone=True))),
        sa.bindparam("ends", type_=ARRAY(sa.DateTime(timezone=True))),
    )


_TALLIES = _of_days(", ".join(f"coalesce(sum(day.{name}), 0)::bigint AS {name}" for name in _COUNTS))
_TOTALS = _of_days("json_agg(day.totals ORDER BY day.starts_at)::text AS days")


@lru_cache(maxsize=1024)
def added_up(days: str) -> Totals:
    """As `combined`, of a JSON list of days as they are stored: making one object instead of many takes half as long.

    Kept, because days gone by stay the same words: what changes is the window that now lies in.
    """
    stored: list[Stored] = orjson.loads(days)
    if len(stored) == 1:
        return _STORED.validate_python(stored[0])
    found = _STORED.validate_python({name: _sum(nothing, stored, name) for name, nothing in _NOTHING.items()})
    return replace(found, crushes=ordered(found.crushes))


_NOTHING: Stored = _STORED.dump_python(Totals(), mode="json")


def _sum(nothing: object, days: Sequence[Stored], name: str) -> object:
    values = [day.get(name, nothing) for day in days]  # what is missing was not counted yet when the day was stored
    match nothing:
        case int():
            return sum(values)
        case str():
            return sum(map(Decimal, values), Decimal(0))
        case list():
            return [*chain.from_iterable(values)]
        case _:
            return added(values)
