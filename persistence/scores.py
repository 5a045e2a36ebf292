"""Verdicts read for scores: rows for export, sums over windows."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
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


async def tallies(db: Reading, org_id: OrgId, wanted: Sequence[tuple[UserId, Window]]) -> list[Tally]:
    """What each window holds of the arcs of its developer, in the order of `wanted`."""
    values = {
        "org_id": org_id,
        "user_id": [user_id for user_id, _ in wanted],
        "begins": [window.start for _, window in wanted],
        "ends": [window.end for _, window in wanted],
    }
    return [Tally(**row) for row in await db.rows(_TALLIES, values)]


def _tallies() -> Executable:
    """One range of the index by start for each window."""
    columns = {"user_id": _ARC.user_id.type, "begins": _ARC.started_at.type, "ends": _ARC.started_at.type}
    arrays = [sa.bindparam(name, type_=ARRAY(type)) for name, type in columns.items()]
    named = [sa.column(name, type) for name, type in columns.items()]
    given = sa.func.unnest(*arrays).table_valued(*named, name="given", with_ordinality="number").render_derived()
    mine = sa.and_(_ARC.org_id == ORG, _ARC.user_id == given.c.user_id)
    inside = sa.and_(_ARC.started_at >= given.c.begins, _ARC.started_at < given.c.ends)
    each = sa.select(*_tally()).where(mine, inside).lateral("each")
    return sa.select(each).select_from(given.join(each, sa.true())).order_by(given.c.number)


def _tally() -> list[sa.ColumnElement[int]]:
    spent = _ARC.input_tokens + _ARC.output_tokens + _ARC.cache_read_tokens + _ARC.cache_write_tokens
    unjudged = sa.and_(_ARC.state == State.CLOSED, _ARC.substance_floor_passed)
    return [
        sa.func.count().filter(_ARC.qualifying).label("qualifying"),
        sa.func.count().filter(_ARC.crushed).label("crushed"),
        _sum(spent, _ARC.qualifying).label("qualifying_tokens"),
        _sum(spent, _ARC.crushed).label("crushed_tokens"),
        sa.func.count().filter(unjudged).label("pending"),
    ]


def _sum(value: sa.ColumnElement[int], rule: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(value).filter(rule), 0), sa.BigInteger)


_TALLIES = _tallies()
