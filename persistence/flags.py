"""Integrity flags as a list of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from domain.judging.filters import FlagFilter
from domain.judging.records import Flag
from domain.values import OrgId, SessionId, Window
from persistence.arc_rows import flag_from
from persistence.database import Reading
from persistence.judging import integrity_flags, sub_sessions

_FLAG = integrity_flags.c
_ARC = sa.and_(_FLAG.org_id == sub_sessions.c.org_id, _FLAG.sub_session_id == sub_sessions.c.id)
_TITLED = sa.select(integrity_flags, sub_sessions.c.title).select_from(integrity_flags.outerjoin(sub_sessions, _ARC))
_NEWEST_FIRST = (_FLAG.created_at.desc(), _FLAG.id)
_OLDEST_FIRST = (_FLAG.created_at, _FLAG.id.desc())

Place = tuple[datetime, UUID]
"""When the arc of a flag began, and which flag it is."""


class Listed(NamedTuple):
    """A flag with the session and the title of its arc."""

    session_id: SessionId
    flag: Flag
    title: str | None


async def page(db: Reading, org_id: OrgId, wanted: FlagFilter, window: Window[Place]) -> list[Listed]:
    """Newest first, ties by id: those of the window, and one more if there are more."""
    query = _TITLED.where(*_matching(org_id, wanted))
    if window.after is not None:
        query = query.where(_follows(*window.after))
    if window.before is not None:
        query = query.where(_precedes(*window.before))
    order = _OLDEST_FIRST if window.backwards else _NEWEST_FIRST
    rows = await db.rows(query.order_by(*order).limit(window.size + 1))
    found = [Listed(SessionId(row["session_id"]), flag_from(row), row["title"]) for row in rows]
    return found[::-1] if window.backwards else found


async def count(db: Reading, org_id: OrgId, wanted: FlagFilter) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(integrity_flags).where(*_matching(org_id, wanted))
    return (await db.rows(query))[0]["n"]


# The first condition bounds the walk along the index, which runs down by time and up by id.
def _follows(at: datetime, id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(_FLAG.created_at <= at, sa.or_(_FLAG.created_at < at, _FLAG.id > id))


def _precedes(at: datetime, id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(_FLAG.created_at >= at, sa.or_(_FLAG.created_at > at, _FLAG.id < id))


def _matching(org_id: OrgId, wanted: FlagFilter) -> Sequence[sa.ColumnElement[bool]]:
    equal = {_FLAG.user_id: wanted.user_id, _FLAG.session_id: wanted.session_id, _FLAG.kind: wanted.kind}
    rules = [_FLAG.org_id == org_id, *(one == value for one, value in equal.items() if value is not None)]
    if wanted.within.start is not None:
        rules.append(_FLAG.created_at >= wanted.within.start)
    if wanted.within.end is not None:
        rules.append(_FLAG.created_at < wanted.within.end)
    return rules
