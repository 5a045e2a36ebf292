"""What developers said of verdicts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID, insert

from domain.judging.by_hand import AppealEdit
from domain.judging.records import SubSession
from domain.values import OrgId, SubSessionId, UserId
from persistence.access import users
from persistence.database import Reading, Row, Writing, metadata
from persistence.judging import sub_sessions

verdict_appeals = sa.Table(
    "verdict_appeals",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("goal_complete", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "sub_session_id"),
    sa.Index("verdict_appeals_of_user", "org_id", "user_id"),
)


async def appeals(db: Reading, org_id: OrgId, ids: Iterable[SubSessionId]) -> dict[SubSessionId, AppealEdit]:
    """What was said of these fragments."""
    column = verdict_appeals.c
    mine = sa.select(verdict_appeals).where(column.org_id == org_id, column.sub_session_id.in_(list(ids)))
    return {
        SubSessionId(row["sub_session_id"]): AppealEdit(
            UserId(row["user_id"]), row["goal_complete"], row["reason"], row["at"]
        )
        for row in await db.rows(mine)
    }


# Not now(), when the transaction began: of two that waited for each other the later one must have the later time.
_NOW = sa.func.clock_timestamp()


async def save(db: Writing, org_id: OrgId, arc: SubSession, goal_complete: bool, reason: str) -> None:
    """Keeps what the developer of an arc says of it, in place of what they said before. Call it under `lock`."""
    said = insert(verdict_appeals).values(
        org_id=org_id,
        sub_session_id=arc.id,
        user_id=arc.user_id,
        goal_complete=goal_complete,
        reason=reason,
        at=_NOW,
    )
    again = {"goal_complete": goal_complete, "reason": reason, "at": _NOW}
    await db.execute(said.on_conflict_do_update(index_elements=["org_id", "sub_session_id"], set_=again))


async def forget(db: Writing, org_id: OrgId, arc: SubSession) -> None:
    """Deletes what was said of any fragment of an arc."""
    column = verdict_appeals.c
    mine = sa.and_(column.org_id == org_id, column.sub_session_id.in_([arc.id, *arc.fragment_ids]))
    await db.execute(sa.delete(verdict_appeals).where(mine))


async def export_page(
    db: Reading,
    org_id: OrgId,
    user_id: UserId | None,
    limit: int,
    after: tuple[datetime, SubSessionId] | None,
) -> Sequence[Row]:
    """Arcs whose verdicts stand appealed, oldest first, those that follow `after`: the judge's word beside theirs."""
    arc = sub_sessions.c
    query = (
        sa.select(
            arc.id.label("sub_session_id"),
            arc.session_id.label("claude_session_id"),
            users.c.email.label("developer"),
            arc.started_at,
            arc.intent.label("intent_class"),
            arc.judged_goal_complete,
            arc.completion_confidence,
            arc.judge_version,
            arc.goal_complete.label("appealed_goal_complete"),
            arc.appeal_reason.label("reason"),
            arc.appealed_at,
        )
        .join(users, sa.and_(users.c.org_id == arc.org_id, users.c.id == arc.user_id))
        .where(arc.org_id == org_id, arc.appealed_at.is_not(None))
    )
    if user_id is not None:
        query = query.where(arc.user_id == user_id)
    if after is not None:
        query = query.where(sa.tuple_(arc.started_at, arc.id) > sa.tuple_(*after))
    return await db.rows(query.order_by(arc.started_at, arc.id).limit(limit))
