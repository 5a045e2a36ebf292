"""The log of live events: written in the transaction of the change it tells of, read by a commit-safe cursor.

Ids are given out before the commit, so a reader that went by them alone would step over a transaction that ends
late. Readers go by (transaction, id) instead, and only up to the oldest transaction still running: below it nothing
can appear any more. The price: a transaction that has written, anywhere in the PostgreSQL cluster and also in
another database of it, holds back the events of all that began after it until it ends. Readers do not hold
anything back, and a prepared transaction does for as long as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from domain.live import BEGINNING, KEPT, Cursor, LiveEvent, News, Place
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import Reading, Row, Writing, Xid8, metadata

live_events = sa.Table(
    "live_events",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("xid", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.PrimaryKeyConstraint("org_id", "xid", "id"),
    sa.Index("live_events_of_user", "org_id", "user_id", "xid", "id"),
    sa.Index("live_events_age", "org_id", "at"),
)

# How far the log of each organisation was cut: of what stood up to this place, some is gone.
live_pruned = sa.Table(
    "live_pruned",
    metadata,
    sa.Column("org_id", UUID, primary_key=True),
    sa.Column("xid", Xid8, nullable=False),
    sa.Column("id", sa.BigInteger, nullable=False),
)

_SETTLED = sa.literal_column("pg_snapshot_xmin(pg_current_snapshot())", Xid8)
"""Every transaction before this one has ended."""

_AHEAD = sa.literal_column("pg_snapshot_xmax(pg_current_snapshot())", Xid8)
"""No row that can be seen was written here by this transaction or a later one: such a row was restored."""

EPOCH = sa.literal_column(
    "(SELECT system_identifier # timeline_id FROM pg_control_system(), pg_control_checkpoint())", sa.BigInteger
).label("epoch")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be known of a place in a log beside the entries after it."""

    lost: bool = False
    """Entries after it may be gone, or the log is that of another history."""
    over: bool = False
    """Nothing will come any more."""
    settling: bool = False
    """Entries after it are committed, but may still be overtaken."""


async def append(db: Writing, org_id: OrgId, news: Sequence[News]) -> None:
    """Writes the events of this transaction, in the order given. After the commit, announce `live_channel`."""
    rows = [
        {
            "org_id": org_id,
            "user_id": one.user_id,
            "name": one.name,
            "session_id": one.session_id,
            "sub_session_id": one.sub_session_id,
            "payload": one.payload,
        }
        for one in news
    ]
    if rows:
        await db.execute(sa.insert(live_events), rows)


async def after(db: Reading, org_id: OrgId, place: Place, limit: int, user_id: UserId | None = None) -> list[LiveEvent]:
    """The next events after `place`, oldest first: of one developer, or with None of the whole organisation.

    Fewer than `limit` mean that the end of the log was reached.
    """
    log = live_events.c
    query = (
        sa.select(live_events, EPOCH)
        .where(*_of(org_id, user_id), _after(place), log.xid < _SETTLED)
        .order_by(log.xid, log.id)
        .limit(limit)
    )
    return [_event(row) for row in await db.rows(query)]


async def newest(db: Reading, org_id: OrgId, user_id: UserId | None = None) -> Cursor:
    """Now: the cursor after which only later events come."""
    log, cut = live_events.c, live_pruned.c
    last = (
        sa.select(log.xid, log.id)
        .where(*_of(org_id, user_id), log.xid < _SETTLED)
        .order_by(log.xid.desc(), log.id.desc())
        .limit(1)
    )
    gone = sa.select(cut.xid, cut.id).where(cut.org_id == org_id, cut.xid < _SETTLED)
    places = sa.union_all(last.subquery().select(), gone).subquery()
    query = sa.select(EPOCH, places.c.xid, places.c.id).select_from(_ONE_ROW.outerjoin(places, sa.true()))
    found = [(row["epoch"], _place(row)) for row in await db.rows(query)]
    return Cursor(org_id, found[0][0], max(place for _, place in found))


async def standing(db: Reading, cursor: Cursor) -> Standing:
    """How things stand after the cursor. Asked after a page was read, the answer covers the page."""
    log, cut = live_events.c, live_pruned.c
    coming = sa.select(log.id).where(
        log.org_id == cursor.org_id, _after(cursor.place), log.xid >= _SETTLED, log.xid < _AHEAD
    )
    query = sa.select(EPOCH, _SETTLED.label("settled"), cut.xid, cut.id, coming.exists().label("settling")).select_from(
        _ONE_ROW.outerjoin(live_pruned, sa.and_(cut.org_id == cursor.org_id, cut.xid < _SETTLED))
    )
    row = (await db.rows(query))[0]
    never_reached = cursor.place.xid >= row["settled"]
    lost = cursor.epoch != row["epoch"] or never_reached or cursor.place < _place(row)
    return Standing(lost=lost, settling=row["settling"])


async def prune(db: Writing, org_id: OrgId, kept: timedelta = KEPT, limit: int = 10_000) -> int:
    """Deletes up to `limit` events older than `kept` and returns how many; readers of them will be told.

    Their age goes by the database's clock, which dated them. Events that are not settled stay.
    """
    return (await db.execute(_PRUNE, {"org_id": org_id, "kept": kept, "limit": limit})).scalar_one()


_ONE_ROW = sa.select(sa.literal(1).label("one")).subquery()

# Rows restored from another cluster may lie ahead: they go as well, and do not count as places.
_PRUNE = sa.text(
    "WITH old AS ("
    "  SELECT xid, id FROM live_events WHERE org_id = :org_id AND at < now() - :kept"
    "  AND (xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot()))"
    "  ORDER BY at LIMIT :limit"
    "), gone AS ("
    "  DELETE FROM live_events USING old"
    "  WHERE live_events.org_id = :org_id AND (live_events.xid, live_events.id) = (old.xid, old.id)"
    "  RETURNING old.xid, old.id"
    "), cut AS ("
    "  INSERT INTO live_pruned AS was (org_id, xid, id)"
    "  SELECT :org_id, xid, id FROM gone WHERE xid < pg_snapshot_xmin(pg_current_snapshot())"
    "  ORDER BY xid DESC, id DESC LIMIT 1"
    "  ON CONFLICT (org_id) DO UPDATE SET xid = excluded.xid, id = excluded.id"
    "  WHERE (was.xid, was.id) < (excluded.xid, excluded.id) OR was.xid >= pg_snapshot_xmin(pg_current_snapshot())"
    ") SELECT count(*) FROM gone"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("kept", type_=sa.Interval()))


def _of(org_id: OrgId, user_id: UserId | None) -> list[sa.ColumnElement[bool]]:
    """Names the developer although row-level security does too: its rule alone cannot use the index."""
    mine = [live_events.c.org_id == org_id]
    return mine if user_id is None else [*mine, live_events.c.user_id == user_id]


def _after(place: Place) -> sa.ColumnElement[bool]:
    log = live_events.c
    return sa.tuple_(log.xid, log.id) > sa.tuple_(sa.literal(place.xid, Xid8), sa.literal(place.id, sa.BigInteger))


def _place(row: Row) -> Place:
    return BEGINNING if row["xid"] is None else Place(row["xid"], row["id"])


def _event(row: Row) -> LiveEvent:
    org_id = OrgId(row["org_id"])
    return LiveEvent(
        cursor=Cursor(org_id, row["epoch"], _place(row)),
        at=row["at"],
        name=row["name"],
        sub_session_id=SubSessionId(row["sub_session_id"]),
        session_id=SessionId(row["session_id"]),
        user_id=UserId(row["user_id"]),
        payload=row["payload"],
    )
