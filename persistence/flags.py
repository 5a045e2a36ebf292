"""Integrity flags as a list of their own."""

from datetime import datetime

import sqlalchemy as sa

from domain.judging.records import Flag
from domain.values import OrgId, UserId
from persistence.database import Reading
from persistence.judging import flag_from, integrity_flags, sub_sessions

_ARC = sa.and_(integrity_flags.c.org_id == sub_sessions.c.org_id, integrity_flags.c.sub_session_id == sub_sessions.c.id)
_FLAGS = sa.select(integrity_flags, sub_sessions.c.title).select_from(integrity_flags.outerjoin(sub_sessions, _ARC))
_NEWEST_FIRST = (integrity_flags.c.created_at.desc(), integrity_flags.c.id)


async def recent(
    db: Reading, org_id: OrgId, user_id: UserId, since: datetime, limit: int
) -> list[tuple[Flag, str | None]]:
    """A developer's flags created at `since` or later, newest first, ties by id, each with the title of its arc."""
    own = (integrity_flags.c.org_id == org_id, integrity_flags.c.user_id == user_id)
    query = _FLAGS.where(*own, integrity_flags.c.created_at >= since).order_by(*_NEWEST_FIRST).limit(limit)
    return [(flag_from(row), row["title"]) for row in await db.rows(query)]
