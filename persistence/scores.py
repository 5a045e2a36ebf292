"""Verdicts read for scores: rows for export, sums over windows."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable

from domain.judging.records import State
from domain.scores.headline import Tally
from domain.scores.windows import Window
from domain.values import OrgId, SubSessionId, UserId
from persistence.access import users
from persistence.database import ORG, Reading, Row
from persistence.judging import sub_sessions

_ARC = sub_sessions.c


async def export_page(
    db: Reading,
    org_id: OrgId,
    user_id: UserId | None,
    limit: int,
    after: tuple[datetime, SubSessionId] | None,
) -> Sequence[Row]:
    """Arcs with their verdicts, oldest first, those that follow `after`; merged fragments are left out."""
    query = (
        sa.select(
            _ARC.id.label("sub_session_id"),
            _ARC.session_id.label("claude_session_id"),
            users.c.email.label("developer"),
            _ARC.started_at,
            _ARC.ended_at,
            _ARC.intent.label("intent_class"),
            _ARC.intent_confidence.label("confidence"),
            _ARC.judge_status,
            _ARC.goal_complete,
            _ARC.completion_confidence,
            _ARC.rework_kind.is_not(None).label("rework"),
            _ARC.crushed,
            _ARC.letter_grade,
            _ARC.excluded_reason,
        )
        .join(users, sa.and_(users.c.org_id == _ARC.org_id, users.c.id == _ARC.user_id))
        .where(_ARC.org_id == org_id, _ARC.merged_into_id.is_(None))
    )
    if user_id is not None:
        query = query.where(_ARC.user_id == user_id)
    if after is not None:
        query = query.where(sa.tuple_(_ARC.started_at, _ARC.id) > sa.tuple_(*after))
    return await db.rows(query.order_by(_ARC.started_at, _ARC.id).limit(limit))


async def tallies(db: Reading, org_id: OrgId, user_id: UserId | None, windows: Sequence[Window]) -> list[Tally]:
    """What each of these windows holds, in their order; of one developer, or with None of everybody visible.

    One pass over the arcs of all windows together, along the index by start.
    """
    values: dict[str, object] = {
        "org_id": org_id,
        "first": min(window.start for window in windows),
        "last": max(window.end for window in windows),
    }
    if user_id is not None:
        values["user_id"] = user_id
    for number, window in enumerate(windows):
        values |= {f"start_{number}": window.start, f"end_{number}": window.end}
    [row] = await db.rows(_tallies(len(windows), user_id is not None), values)
    return [Tally(**{name: row[f"{name}_{number}"] for name in _NAMES}) for number in range(len(windows))]


_NAMES = [field.name for field in fields(Tally)]


@lru_cache
def _tallies(windows: int, of_one: bool) -> Executable:
    """Kept, because to build it takes ten times as long as to execute it."""
    columns = [column for number in range(windows) for column in _tally(number)]
    within = (_ARC.started_at >= sa.bindparam("first"), _ARC.started_at < sa.bindparam("last"))
    query = sa.select(*columns).where(_ARC.org_id == ORG, *within)
    return query.where(_ARC.user_id == sa.bindparam("user_id")) if of_one else query


def _tally(number: int) -> list[sa.ColumnElement[int]]:
    spent = _ARC.input_tokens + _ARC.output_tokens + _ARC.cache_read_tokens + _ARC.cache_write_tokens
    unjudged = sa.and_(_ARC.state == State.CLOSED, _ARC.substance_floor_passed)
    start, end = (sa.bindparam(f"{side}_{number}", type_=_ARC.started_at.type) for side in ("start", "end"))
    inside = sa.and_(_ARC.started_at >= start, _ARC.started_at < end)
    return [
        sa.func.count().filter(inside, _ARC.qualifying).label(f"qualifying_{number}"),
        sa.func.count().filter(inside, _ARC.crushed).label(f"crushed_{number}"),
        _sum(spent, inside, _ARC.qualifying).label(f"qualifying_tokens_{number}"),
        _sum(spent, inside, _ARC.crushed).label(f"crushed_tokens_{number}"),
        sa.func.count().filter(inside, unjudged).label(f"pending_{number}"),
    ]


def _sum(value: sa.ColumnElement[int], *rules: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(value).filter(*rules), 0), sa.BigInteger)
