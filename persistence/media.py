"""What reports of media read of a session: what was said in it; and what is known of reports of a medium."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.media_entities import Said
from domain.reports.records import ReportKind
from domain.timeline import Kind
from domain.values import EventId, OrgId, SessionId
from persistence.database import ORG, Reading
from persistence.reports import reports
from persistence.timeline import events

MOST_SAID = 20_000
SAID_CHARS = 8_000
"""So much of the longest text is looked at, and counted."""

_TEXT = sa.func.coalesce(events.c.data.op("->>")("text"), events.c.data.op("->>")("prompt"))
_SAID = (
    sa.select(events.c.id, events.c.ts, events.c.kind, events.c.agent_id, sa.func.left(_TEXT, SAID_CHARS).label("text"))
    .where(
        events.c.org_id == ORG,
        events.c.session_id == sa.bindparam("session_id", type_=sa.Text),
        sa.or_(events.c.kind == Kind.PROMPT, events.c.kind == Kind.AI_RESPONSE),
        _TEXT != "",
    )
    .order_by(events.c.ts, events.c.ordinal, events.c.id)
    .limit(MOST_SAID)
)


async def said(db: Reading, org_id: OrgId, session_id: SessionId) -> list[Said]:
    """Every prompt and answer of a session in canonical order, the first of very many."""
    rows = await db.rows(_SAID, {"org_id": org_id, "session_id": session_id})
    return [Said(EventId(row["id"]), row["ts"], Kind(row["kind"]), row["text"], row["agent_id"]) for row in rows]


_USED = sa.select(sa.func.max(reports.c.created_at).label("at")).where(
    reports.c.org_id == sa.bindparam("org_id", type_=UUID),
    reports.c.kind == ReportKind.MEDIA,
    reports.c.scope == sa.bindparam("medium", type_=sa.Text),
)


async def last_used(db: Reading, org_id: OrgId, medium: str) -> datetime | None:
    """When a report of it was asked for last; None without any. Reports of media bear its id as their scope."""
    [row] = await db.rows(_USED, {"org_id": org_id, "medium": medium})
    return row["at"]
