"""The events of one session in the order in which they were stored, whenever they happened.

Whoever stores events holds the row of their session until the commit, and `seq` is given out after the row was locked
(`persistence.ingest`). So within one session a smaller `seq` is never seen later than a larger one, and a reader that
goes by it steps over nothing.
"""

import sqlalchemy as sa

from domain.live import Arrival, Cursor, Place
from domain.timeline import Kind
from domain.values import EventId, OrgId, SessionId
from persistence.database import ORG, Reading
from persistence.live import EPOCH, Standing
from persistence.sessions import sessions
from persistence.timeline import events


def log_name(session_id: SessionId) -> str:
    """As cursors name the log of a session."""
    return f"session:{session_id}"


_SESSION = sa.bindparam("session_id", type_=sa.Text)
_SEQ = sa.bindparam("seq", type_=sa.BigInteger)
_MINE = sa.and_(events.c.org_id == ORG, events.c.session_id == _SESSION)

_AFTER = (
    sa.select(events.c.seq, events.c.id, events.c.kind, EPOCH)
    .where(_MINE, events.c.seq > _SEQ)
    .order_by(events.c.seq)
    .limit(sa.bindparam("limit", type_=sa.BigInteger))
)


async def after(db: Reading, org_id: OrgId, session_id: SessionId, place: Place, limit: int) -> list[Arrival]:
    """The next events after `place`, in order of arrival. Fewer than `limit` mean that there are no more."""
    values = {"org_id": org_id, "session_id": session_id, "seq": place.id, "limit": limit}
    return [
        Arrival(
            _cursor(org_id, session_id, row["epoch"], row["seq"]), session_id, EventId(row["id"]), Kind(row["kind"])
        )
        for row in await db.rows(_AFTER, values)
    ]


_NEWEST = sa.select(EPOCH, sa.select(sa.func.max(events.c.seq)).where(_MINE).scalar_subquery().label("seq"))


async def newest(db: Reading, org_id: OrgId, session_id: SessionId) -> Cursor:
    """Now: the cursor after which only later arrivals come."""
    [row] = await db.rows(_NEWEST, {"org_id": org_id, "session_id": session_id})
    return _cursor(org_id, session_id, row["epoch"], row["seq"] or 0)


_STANDING = sa.select(
    EPOCH,
    sa.exists().where(sessions.c.org_id == ORG, sessions.c.id == _SESSION).label("there"),
    sa.or_(_SEQ == 0, sa.exists().where(_MINE, events.c.seq == _SEQ)).label("reached"),
)


async def standing(db: Reading, session_id: SessionId, cursor: Cursor) -> Standing:
    """How things stand after the cursor: it is lost where the event that it stands behind is not there."""
    values = {"org_id": cursor.org_id, "session_id": session_id, "seq": cursor.place.id}
    [row] = await db.rows(_STANDING, values)
    return Standing(lost=cursor.epoch != row["epoch"] or not row["reached"], over=not row["there"])


def _cursor(org_id: OrgId, session_id: SessionId, epoch: int, seq: int) -> Cursor:
    return Cursor(org_id, epoch, Place(0, seq), log_name(session_id))
