"""Verdicts read for scores: rows for export, sums over windows."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from domain.values import OrgId, SubSessionId, UserId
from persistence.access import users
from persistence.database import Reading, Row
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
