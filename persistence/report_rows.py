"""What reports read of goal arcs beside their scores: what went on, the largest wins and misses, the weakest prompts.

A developer's rows are found along an index of theirs; without one the whole organisation's are read.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.access import User
from domain.judging.records import Intent, ReworkKind, SubSession
from domain.reports.facts import Activity, MissCount, MissReason, miss_reason
from domain.score_versions import ScoreVersion
from domain.scores.windows import Bounds
from domain.values import OrgId, UserId
from persistence.arc_rows import sub_session_from
from persistence.database import Reading, Row
from persistence.judging import GRADED, UNMERGED, sub_sessions

_ARC = sub_sessions.c
_MINE = "a.org_id = :org_id"
_OWN = f"{_MINE} AND a.user_id = :user_id"


_TIMES = sa.DateTime(timezone=True)
_BOUND = (
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("user_id", type_=UUID),
    sa.bindparam("start", type_=_TIMES),
    sa.bindparam("until", type_=_TIMES),
    sa.bindparam("begins", type_=ARRAY(_TIMES)),
    sa.bindparam("ends", type_=ARRAY(_TIMES)),
)


@cache
def _statement(sql: str, own: bool) -> sa.TextClause:
    """With the arcs it is about: a developer's own, or all."""
    whole = sql.replace("{mine}", _OWN if own else _MINE)
    return sa.text(whole).bindparams(*(one for one in _BOUND if f":{one.key}" in whole))


_USERS = (
    "SELECT u.id, u.email, u.time_zone, u.score_version FROM users u WHERE u.org_id = :org_id AND EXISTS"
    " (SELECT FROM sub_sessions a WHERE {mine} AND a.user_id = u.id"
    "  AND a.started_at >= :start AND a.started_at < :until) ORDER BY u.id"
)


async def developers(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds) -> list[User]:
    """Those who worked on something that began in this stretch of time."""
    rows = await _rows(db, _USERS, org_id, user_id, within)
    return [_user(row) for row in rows]


def _user(row: Row) -> User:
    version = None if row["score_version"] is None else ScoreVersion(row["score_version"])
    return User(UserId(row["id"]), row["email"], row["time_zone"], version)


# Fragments that were merged away have their prompts and costs in the arc that they were joined to.
_ACTIVITY = (
    "SELECT each.* FROM unnest(:begins, :ends) WITH ORDINALITY AS given (begins, ends, number) CROSS JOIN LATERAL ("
    "SELECT count(DISTINCT a.session_id) AS sessions, count(DISTINCT a.user_id) AS developers,"
    " count(*) FILTER (WHERE a.state <> 'merged') AS arcs,"
    " coalesce(sum(cardinality(a.prompt_ids)) FILTER (WHERE a.state <> 'merged'), 0)::bigint AS prompts,"
    " coalesce(sum(a.cost_usd) FILTER (WHERE a.state <> 'merged'), 0) AS cost_usd,"
    " coalesce(sum(a.cost_usd) FILTER (WHERE a.qualifying AND NOT a.crushed), 0) AS missed_cost_usd,"
    " count(*) FILTER (WHERE a.qualifying AND a.cost_usd IS NULL) AS unpriced,"
    " count(DISTINCT a.session_id) FILTER (WHERE a.crushed) AS winning_sessions,"
    " count(DISTINCT a.session_id) FILTER (WHERE a.overlaps) AS overlaps"
    " FROM (SELECT a.session_id, a.user_id, a.state, a.prompt_ids, a.cost_usd, a.qualifying, a.crushed,"
    "  a.started_at = min(a.started_at) OVER (PARTITION BY a.session_id)"
    "  AND a.started_at < max(a.last_event_at) OVER (PARTITION BY a.user_id ORDER BY a.started_at, a.id"
    "   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS overlaps"
    "  FROM sub_sessions a WHERE {mine} AND a.started_at >= given.begins AND a.started_at < given.ends) AS a"
    ") AS each"
    " ORDER BY given.number"
)


async def activities(db: Reading, org_id: OrgId, user_id: UserId | None, stretches: Sequence[Bounds]) -> list[Activity]:
    """What went on in each of these stretches of time, in their order."""
    wanted = {"begins": [one.start for one in stretches], "ends": [one.end for one in stretches]}
    rows = await db.rows(_statement(_ACTIVITY, user_id is not None), _whose(org_id, user_id) | wanted)
    return [Activity(**row) for row in rows]


# Every zone's midnight is also one of a quarter of an hour.
_QUARTERS = (
    "SELECT DISTINCT date_bin('15 minutes', a.started_at, '2000-01-01Z') AS at FROM sub_sessions a"
    " WHERE {mine} AND a.started_at >= :start AND a.started_at < :until"
)


async def active_quarters(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds) -> list[datetime]:
    """The quarters of an hour in which work on something began, so that days of any zone can be counted."""
    return [row["at"].astimezone(UTC) for row in await _rows(db, _QUARTERS, org_id, user_id, within)]


_MISSED = (
    "SELECT missed.rework_kind, missed.intent, missed.denied, missed.criteria, count(*) AS count,"
    " sum(missed.tokens)::bigint AS tokens, coalesce(sum(missed.cost_usd), 0) AS cost_usd FROM ("
    "SELECT a.rework_kind, a.intent, a.cost_usd,"
    " a.appealed_at IS NOT NULL AND a.goal_complete IS FALSE AS denied,"
    " a.input_tokens + a.output_tokens + a.cache_read_tokens + a.cache_write_tokens AS tokens,"
    " ARRAY(SELECT DISTINCT seen ->> 'criterion' FROM jsonb_array_elements(a.evidence) AS seen"
    "  WHERE seen ->> 'verdict' = 'outcome' ORDER BY 1) AS criteria"
    " FROM sub_sessions a WHERE {mine} AND a.qualifying AND NOT a.crushed"
    " AND a.started_at >= :start AND a.started_at < :until) AS missed GROUP BY 1, 2, 3, 4"
)


class _Sum(NamedTuple):
    arcs: int = 0
    tokens: int = 0
    cost_usd: Decimal = Decimal(0)


async def missed(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds) -> list[MissCount]:
    """Goals that were not reached or did not last, counted by reason, the most frequent first."""
    sums: dict[MissReason, _Sum] = {}
    for row in await _rows(db, _MISSED, org_id, user_id, within):
        rework = None if row["rework_kind"] is None else ReworkKind(row["rework_kind"])
        intent = None if row["intent"] is None else Intent(row["intent"])
        reason = miss_reason(rework, row["criteria"], intent, row["denied"])
        sum = sums.get(reason, _Sum())
        sums[reason] = _Sum(sum.arcs + row["count"], sum.tokens + row["tokens"], sum.cost_usd + row["cost_usd"])
    found = [MissCount(reason, *sum) for reason, sum in sums.items()]
    return sorted(found, key=lambda one: (-one.count, one.reason))


_TOKENS = _ARC.input_tokens + _ARC.output_tokens + _ARC.cache_read_tokens + _ARC.cache_write_tokens


async def wins(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds, most: int) -> list[SubSession]:
    """Crushed arcs, those with the most net lines first, of equal ones those with the most turns."""
    order = (_ARC.net_loc.desc(), _ARC.turn_count.desc(), _ARC.started_at.desc(), _ARC.id)
    return await _arcs(db, org_id, user_id, within, most, _ARC.crushed, order)


async def misses(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds, most: int) -> list[SubSession]:
    """Qualifying arcs that are not crushed, those that took the most tokens first."""
    order = (_TOKENS.desc(), _ARC.started_at.desc(), _ARC.id)
    return await _arcs(db, org_id, user_id, within, most, sa.and_(_ARC.qualifying, ~_ARC.crushed), order)


async def weakest(db: Reading, org_id: OrgId, user_id: UserId | None, within: Bounds, most: int) -> list[SubSession]:
    """Graded arcs with prompts, the lowest grade first, of equal ones those that took the most tokens."""
    order = (_ARC.grade_points, _TOKENS.desc(), _ARC.started_at.desc(), _ARC.id)
    asked = sa.and_(GRADED, sa.func.cardinality(_ARC.prompt_ids) > 0)
    return await _arcs(db, org_id, user_id, within, most, asked, order)


async def _arcs(
    db: Reading,
    org_id: OrgId,
    user_id: UserId | None,
    within: Bounds,
    most: int,
    which: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[object]],
) -> list[SubSession]:
    inside = sa.and_(_ARC.started_at >= within.start, _ARC.started_at < within.end)
    query = sa.select(sub_sessions).where(_ARC.org_id == org_id, inside, UNMERGED, which).order_by(*order).limit(most)
    if user_id is not None:
        query = query.where(_ARC.user_id == user_id)
    return [sub_session_from(row) for row in await db.rows(query)]


async def _rows(db: Reading, sql: str, org_id: OrgId, user_id: UserId | None, within: Bounds) -> Sequence[Row]:
    wanted = {"start": within.start, "until": within.end}
    return await db.rows(_statement(sql, user_id is not None), _whose(org_id, user_id) | wanted)


def _whose(org_id: OrgId, user_id: UserId | None) -> dict[str, object]:
    return {"org_id": org_id} if user_id is None else {"org_id": org_id, "user_id": user_id}
