"""Verdicts read for scores: rows for export, sums over windows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID as UUID_

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.judging.records import SubSession, TriviaReason
from domain.scores.totals import Totals, totals
from domain.scores.trivia import LeftOut
from domain.scores.windows import Bounds
from domain.values import OrgId, SubSessionId, UserId
from persistence.access import users
from persistence.arc_rows import sub_session_from
from persistence.database import BOUND, Database, Reading, Row, Tenant, binding
from persistence.judging import flags_by_sub_session, sub_sessions

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


class Stretch(NamedTuple):
    """Arcs of a developer that started at `start` or later and before `end`."""

    user_id: UserId
    start: datetime
    end: datetime


# Nothing is added up from evidence, which is the larger part of a row.
_COUNTED = ", ".join("'[]'::jsonb AS evidence" if c.name == "evidence" else f"arc.{c.name}" for c in sub_sessions.c)
_SCAN = sa.text(
    f"SELECT wanted.number, {_COUNTED} FROM json_to_recordset(CAST(:stretches AS json))"
    " AS wanted (number integer, user_id uuid, start timestamptz, until timestamptz) CROSS JOIN LATERAL"
    " (SELECT * FROM sub_sessions WHERE org_id = :org_id AND sub_sessions.user_id = wanted.user_id"
    "   AND started_at >= wanted.start AND started_at < wanted.until AND state <> 'merged' OFFSET 0) AS arc"
).bindparams(sa.bindparam("org_id", type_=UUID))


async def scan(db: Reading, org_id: OrgId, stretches: Sequence[Stretch]) -> list[Totals]:
    """What the arcs of each of these stretches add up to, in their order."""
    if not stretches:
        return []
    wanted = [
        {"number": number, "user_id": str(one.user_id), "start": one.start, "until": one.end}
        for number, one in enumerate(stretches)
    ]
    rows = await db.rows(_SCAN, {"org_id": org_id, "stretches": orjson.dumps(wanted).decode()})
    flags = await flags_by_sub_session(db, org_id, [SubSessionId(row["id"]) for row in rows]) if rows else []
    arcs: list[list[SubSession]] = [[] for _ in stretches]
    for row, mine in zip(rows, flags, strict=True):
        number: int = row["number"]
        arcs[number].append(sub_session_from(row, flags=mine))
    return [totals(some) for some in arcs]


async def starts_of_arcs(db: Reading, org_id: OrgId, user_id: UserId) -> list[datetime]:
    """When the arcs of a developer started, oldest first."""
    query = sa.select(_ARC.started_at).where(_ARC.org_id == org_id, _ARC.user_id == user_id).order_by(_ARC.started_at)
    return [row["started_at"] for row in await db.rows(query)]


_LEFT_OUT = sa.text(
    f"SELECT found.arcs FROM {BOUND} CROSS JOIN LATERAL (SELECT json_agg(arc ORDER BY started_at DESC, id DESC)::text"
    " AS arcs FROM (SELECT id, excluded_reason, started_at, title, summary FROM sub_sessions"
    "  WHERE org_id = bound.org_id AND sub_sessions.user_id = :user_id AND state = 'excluded'"
    "  AND started_at >= :start AND started_at < :until ORDER BY started_at DESC, id DESC LIMIT :most) AS arc) AS found"
).bindparams(
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("start", type_=sa.DateTime(timezone=True)),
    sa.bindparam("until", type_=sa.DateTime(timezone=True)),
    sa.bindparam("most", type_=sa.BigInteger),
)


async def left_out(database: Database, tenant: Tenant, user_id: UserId, within: Bounds, most: int) -> list[LeftOut]:
    """The arcs of a developer that were left out, those that began last first, so many at most."""
    wanted = {"user_id": user_id, "start": within.start, "until": within.end, "most": most}
    row = await database.look(_LEFT_OUT, wanted | binding(tenant))
    return [] if row is None or row["arcs"] is None else [_left_out(**arc) for arc in orjson.loads(row["arcs"])]


def _left_out(id: str, excluded_reason: str | None, started_at: str, title: str | None, summary: str | None) -> LeftOut:
    reason = TriviaReason(excluded_reason or TriviaReason.OTHER)
    return LeftOut(SubSessionId(UUID_(id)), reason, datetime.fromisoformat(started_at), title, summary)
