"""Erasures that were asked for and how far they are; once done, a trace that names nobody."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID, insert

from domain.erasure import NO_ORG, AskedBy, Erasure, ErasureId, ErasureKind
from domain.values import OrgId, UserId, Window
from persistence.database import ORG, Reading, Row, Writing, metadata
from persistence.identifiers import new_id
from persistence.pages import newest_first
from persistence.sessions import sessions

_TARGET = sa.text("coalesce(target, '')")

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # The session or the developer; NULL once it is done.
    sa.Column("target", sa.Text),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("session_count", sa.BigInteger, nullable=False),
    sa.Column("event_count", sa.BigInteger, nullable=False),
    sa.Column("sessions_erased", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("events_erased", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("begun_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("erasures_recent", "org_id", sa.text("created_at DESC"), sa.text("id DESC")),
    # One of each at a time: who asks again is given the one that goes on.
    sa.Index(
        "erasures_unfinished",
        "org_id",
        "kind",
        _TARGET,
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
)

_UNFINISHED = erasures.c.finished_at.is_(None)


def _erasure(row: Row) -> Erasure:
    return Erasure(
        id=ErasureId(row["id"]),
        org_id=OrgId(row["org_id"]),
        kind=ErasureKind(row["kind"]),
        target=row["target"],
        asked_by=AskedBy(row["asked_by"]),
        session_count=row["session_count"],
        event_count=row["event_count"],
        sessions_erased=row["sessions_erased"],
        events_erased=row["events_erased"],
        created_at=row["created_at"],
        begun_at=row["begun_at"],
        finished_at=row["finished_at"],
    )


async def save(db: Writing, org_id: OrgId, kind: ErasureKind, target: str | None, asked_by: AskedBy) -> Erasure:
    """A new erasure; the one that goes on where the same was asked for before. Needs a scope of the organisation."""
    extent = await _extent(db, org_id, kind, target)
    new = insert(erasures).values(org_id=org_id, id=new_id(), kind=kind, target=target, asked_by=asked_by, **extent)
    same = new.on_conflict_do_update(
        index_elements=[erasures.c.org_id, erasures.c.kind, _TARGET],
        index_where=_UNFINISHED,
        set_={"kind": new.excluded.kind},
    )
    row = await db.row(same.returning(erasures))
    assert row is not None
    return _erasure(row)


async def _extent(db: Reading, org_id: OrgId, kind: ErasureKind, target: str | None) -> dict[str, int]:
    """How much there is; of what has grown old nobody counts ahead."""
    if kind is ErasureKind.RETENTION:
        return {"session_count": 0, "event_count": 0}
    events = sa.cast(sa.func.coalesce(sa.func.sum(sessions.c.event_count), 0), sa.BigInteger)
    query = sa.select(sa.func.count().label("session_count"), events.label("event_count"))
    query = query.where(sessions.c.org_id == org_id)
    if kind is ErasureKind.DEVELOPER:
        query = query.where(sessions.c.user_id == target)
    elif kind is ErasureKind.SESSION:
        query = query.where(sessions.c.id == target)
    [row] = await db.rows(query)
    return dict(row)


async def trace(db: Writing, erasure: Erasure) -> None:
    """Keeps what there is to tell of an organisation that is gone; call it in a scope of `NO_ORG`."""
    kept = insert(erasures).values(
        org_id=NO_ORG,
        id=erasure.id,
        kind=erasure.kind,
        asked_by=erasure.asked_by,
        session_count=erasure.session_count,
        event_count=erasure.event_count,
        sessions_erased=erasure.sessions_erased,
        events_erased=erasure.events_erased,
        created_at=erasure.created_at,
        begun_at=erasure.begun_at,
        finished_at=sa.func.now(),
    )
    await db.execute(kept.on_conflict_do_nothing())


_NEXT = sa.select(erasures).where(erasures.c.org_id == ORG, _UNFINISHED).order_by(erasures.c.id).limit(1)


async def next_unfinished(db: Reading, org_id: OrgId) -> Erasure | None:
    """The one that has waited longest."""
    row = await db.row(_NEXT, {"org_id": org_id})
    return None if row is None else _erasure(row)


_ADVANCE = sa.text(
    "UPDATE erasures SET sessions_erased = sessions_erased + :sessions, events_erased = events_erased + :events,"
    " begun_at = coalesce(begun_at, now()) WHERE org_id = :org_id AND id = :id AND finished_at IS NULL"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("id", type_=UUID))


async def advance(db: Writing, erasure: Erasure, sessions: int, events: int) -> None:
    """Notes what went in this transaction."""
    values = {"org_id": erasure.org_id, "id": erasure.id, "sessions": sessions, "events": events}
    await db.execute(_ADVANCE, values)


async def finish(db: Writing, erasure: Erasure) -> None:
    """It is done: from now on the row does not say what it was that is gone."""
    mine = sa.update(erasures).where(erasures.c.org_id == erasure.org_id, erasures.c.id == erasure.id)
    now = sa.func.now()
    await db.execute(mine.values(target=None, begun_at=sa.func.coalesce(erasures.c.begun_at, now), finished_at=now))


async def is_going_on(db: Reading, org_id: OrgId, user_id: UserId) -> bool:
    """Whether this developer, or their whole organisation, is being erased."""
    of_user = sa.and_(erasures.c.kind == ErasureKind.DEVELOPER, erasures.c.target == str(user_id))
    either = sa.or_(of_user, erasures.c.kind == ErasureKind.ORGANISATION)
    query = sa.select(erasures.c.id).where(erasures.c.org_id == org_id, _UNFINISHED, either).limit(1)
    return bool(await db.rows(query))


async def find(db: Reading, org_id: OrgId, id: ErasureId) -> Erasure | None:
    row = await db.row(sa.select(erasures).where(erasures.c.org_id == org_id, erasures.c.id == id))
    return None if row is None else _erasure(row)


Place = tuple[datetime, ErasureId]
"""When an erasure was asked for, and which one it is."""


async def page(db: Reading, org_id: OrgId, window: Window[Place]) -> list[Erasure]:
    """Newest first: those of the window, and one more if there are more."""
    query = sa.select(erasures).where(erasures.c.org_id == org_id)
    return [_erasure(row) for row in await newest_first(db, query, erasures.c.created_at, erasures.c.id, window)]


async def count(db: Reading, org_id: OrgId) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(erasures).where(erasures.c.org_id == org_id)
    return (await db.rows(query))[0]["n"]
