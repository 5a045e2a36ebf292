"""Where developers cut and joined their own work by hand.

Edits name events with the sessions they lay in then. They are numbered, so that of two that contradict each other the
later is known.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.judging.by_hand import Cut, Join, Seam, Shape
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.database import Reading, Writing, metadata

arc_edits = sa.Table(
    "arc_edits",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # Of a cut one event; of a join the two of its first seam, then those of the next.
    sa.Column("session_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("event_ids", ARRAY(UUID), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "number"),
    sa.Index("arc_edits_of_user", "org_id", "user_id"),
)

_CUT, _JOIN = "cut", "join"


async def shapes(db: Reading, org_id: OrgId, user_ids: Iterable[UserId]) -> dict[UserId, Shape]:
    """How each of these developers divided their work, by the numbers of the edits."""
    column = arc_edits.c
    wanted = sorted(set(user_ids))
    mine = sa.select(arc_edits).where(column.org_id == org_id, column.user_id.in_(wanted)).order_by(column.number)
    cuts: dict[UserId, list[Cut]] = {id: [] for id in wanted}
    joins: dict[UserId, list[Join]] = {id: [] for id in wanted}
    for row in await db.rows(mine):
        ids: list[EventId] = row["event_ids"]
        if row["kind"] == _CUT:
            cuts[row["user_id"]].append(Cut(row["number"], ids[0]))
        else:
            seams = tuple(zip(ids[::2], ids[1::2], strict=True))
            joins[row["user_id"]].append(Join(row["number"], seams, frozenset(row["session_ids"])))
    return {id: Shape(tuple(cuts[id]), tuple(joins[id])) for id in wanted}


async def save_cut(db: Writing, org_id: OrgId, user_id: UserId, session_id: SessionId, event_id: EventId) -> None:
    """Keeps a cut. Call it under `lock`, so that numbers are given in the order in which edits take effect."""
    await _save(db, org_id, user_id, _CUT, [session_id], [event_id])


async def save_join(
    db: Writing, org_id: OrgId, user_id: UserId, session_ids: Sequence[SessionId], seams: Sequence[Seam]
) -> None:
    """Keeps a join. Call it under `lock`."""
    await _save(db, org_id, user_id, _JOIN, session_ids, [id for seam in seams for id in seam])


async def _save(
    db: Writing, org_id: OrgId, user_id: UserId, kind: str, session_ids: Sequence[SessionId], event_ids: list[EventId]
) -> None:
    made = sa.insert(arc_edits).values(
        org_id=org_id, user_id=user_id, kind=kind, session_ids=list(session_ids), event_ids=event_ids
    )
    await db.execute(made)


async def forget(db: Writing, org_id: OrgId, user_id: UserId, number: int) -> bool:
    """Takes a developer's own edit back; False if it is not there any more."""
    column = arc_edits.c
    mine = sa.and_(column.org_id == org_id, column.user_id == user_id, column.number == number)
    return bool((await db.execute(sa.delete(arc_edits).where(mine))).rowcount)
