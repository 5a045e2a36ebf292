"""What the arcs of a developer's calendar day add up to, kept with the arcs: windows are read from here.

A day is worked out anew from its arcs in the transaction that changes one of them, so it is exact whatever happened to
them. Whoever writes arcs of a developer, or their zone, holds the lock of `persistence.clusters`, which keeps two such
transactions from reading past each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.sql.base import Executable

from domain.scores.headline import Tally, tally
from domain.scores.totals import Totals, combined
from domain.scores.windows import Bounds, Window, WindowKind, cut_days, window_containing, zone_named
from domain.values import OrgId, UserId
from persistence.access import users_by_id
from persistence.database import ORG, Reading, Writing, metadata
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

_TOTALS = TypeAdapter(Totals)
T = TypeVar("T")


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
        "totals": _TOTALS.dump_python(totals, mode="json"),
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


async def tallies(db: Reading, org_id: OrgId, wanted: Sequence[tuple[UserId, Window]]) -> list[Tally]:
    """What each window holds of its developer, in the order of `wanted`; each is one of the developer's own zone."""
    ranges = _ranges(org_id, [(user_id, window.bounds) for user_id, window in wanted])
    return [Tally(**{name: row[name] for name in _COUNTS}) for row in await db.rows(_TALLIES, ranges)]


def _ranges(org_id: OrgId, wanted: Sequence[tuple[UserId, Bounds]]) -> dict[str, object]:
    return {
        "org_id": org_id,
        "user_id": [user_id for user_id, _ in wanted],
        "begins": [bounds.start for _, bounds in wanted],
        "ends": [bounds.end for _, bounds in wanted],
    }


def _each(*columns: sa.ColumnElement[T]) -> Executable:
    """These columns of the days in each range, with its number; one range of the key for each."""
    day = score_days.c
    types = {"user_id": day.user_id.type, "begins": day.starts_at.type, "ends": day.starts_at.type}
    arrays = [sa.bindparam(name, type_=ARRAY(type)) for name, type in types.items()]
    named = [sa.column(name, type) for name, type in types.items()]
    given = sa.func.unnest(*arrays).table_valued(*named, name="given", with_ordinality="number").render_derived()
    mine = sa.and_(day.org_id == ORG, day.user_id == given.c.user_id)
    inside = sa.and_(day.starts_at >= given.c.begins, day.starts_at < given.c.ends)
    each = sa.select(*columns).where(mine, inside).lateral("each")
    return sa.select(given.c.number, each).select_from(given.join(each, sa.true())).order_by(given.c.number)


def _sum(name: str) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(score_days.c[name]), 0), sa.BigInteger).label(name)


_TALLIES = _each(*map(_sum, _COUNTS))
_KEPT = _each(score_days.c.totals)


class Wanted(NamedTuple):
    """A stretch of time of a developer; `zone` is the one in which their days are kept."""

    user_id: UserId
    zone: ZoneInfo
    bounds: Bounds


async def totals_of(db: Reading, org_id: OrgId, wanted: Sequence[Wanted]) -> list[Totals]:
    """What each of these stretches adds up to, in their order.

    Whole days are read as they are kept; only what a stretch cuts off a day is added up from its arcs.
    """
    cuts = [cut_days(one.bounds, one.zone) for one in wanted]
    parts: list[list[Totals]] = [[] for _ in wanted]
    whole = [(number, cut.whole) for number, cut in enumerate(cuts) if cut.whole is not None]
    if whole:
        ranges = _ranges(org_id, [(wanted[number].user_id, bounds) for number, bounds in whole])
        for row in await db.rows(_KEPT, ranges):
            place: int = row["number"] - 1
            parts[whole[place][0]].append(_TOTALS.validate_python(row["totals"]))
    edges = [(number, edge) for number, cut in enumerate(cuts) for edge in cut.edges]
    scanned = await scan(db, org_id, [Stretch(wanted[number].user_id, *edge) for number, edge in edges])
    for (number, _), found in zip(edges, scanned, strict=True):
        parts[number].append(found)
    return [combined(some) for some in parts]
