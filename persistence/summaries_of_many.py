"""What the sessions of a stretch of time come to: their types, those that stand out, sums of a day."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

import persistence.summaries
from domain.judging.records import Intent
from domain.scores.windows import Bounds
from domain.summaries import SessionSummary
from domain.summaries_of_many import (
    LEAST_STREAK,
    MOST_OF_A_KIND,
    DaySession,
    DayTotals,
    Highlight,
    HighlightKind,
    Highlights,
    TypeStat,
    remarkable,
)
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.database import Reading, Row


class Wanted(NamedTuple):
    """What started in [start, end), of one developer or of everybody."""

    within: Bounds
    user_id: UserId | None = None


_TIME = sa.DateTime(timezone=True)
_BOUND = (
    sa.bindparam("org_id", type_=UUID),
    sa.bindparam("start", type_=_TIME),
    sa.bindparam("until", type_=_TIME),
)


def _values(org_id: OrgId, wanted: Wanted) -> dict[str, object]:
    own = {} if wanted.user_id is None else {"user_id": wanted.user_id}
    return {"org_id": org_id, "start": wanted.within.start, "until": wanted.within.end, **own}


def _statements(sql: str, *more: "sa.BindParameter[int]") -> Mapping[bool, sa.TextClause]:
    """One for everybody and one for a single developer, each along an index of its own; {mine} stands for either."""
    everybody = sa.text(sql.replace("{mine}", "org_id = :org_id")).bindparams(*_BOUND, *more)
    one = sa.text(sql.replace("{mine}", "org_id = :org_id AND user_id = :user_id"))
    return {False: everybody, True: one.bindparams(*_BOUND, sa.bindparam("user_id", type_=UUID), *more)}


async def _rows(
    db: Reading, statements: Mapping[bool, sa.TextClause], org_id: OrgId, wanted: Wanted, **more: int
) -> list[Row]:
    return [*await db.rows(statements[wanted.user_id is not None], _values(org_id, wanted) | more)]


_THEN = "{mine} AND started_at >= :start AND started_at < :until"

_STATS = _statements(
    "SELECT intent, count(*) AS session_count, sum(sub_session_count)::bigint AS sub_session_count,"
    " sum(qualifying_count)::bigint AS qualifying_count, sum(crushed_count)::bigint AS crushed_count,"
    " sum(prompt_count)::bigint AS turn_count, sum(total_tokens)::bigint AS total_tokens,"
    " coalesce(sum(cost_usd), 0) AS cost_usd,"
    " count(*) FILTER (WHERE cost_usd IS NULL AND total_tokens > 0) AS unpriced_count,"
    " count(*) FILTER (WHERE tokens_are_lower_bound) AS lower_bound_count,"
    " coalesce(sum(duration_ms), 0) / 1000.0::float8 AS seconds, count(duration_ms) AS timed_count,"
    " sum(count(*)) OVER ()::bigint AS all_sessions"
    f" FROM session_figures WHERE {_THEN} GROUP BY intent"
)


async def stats(db: Reading, org_id: OrgId, wanted: Wanted) -> list[TypeStat]:
    """By type, the most frequent first, ties by name."""
    found = [_stat(row) for row in await _rows(db, _STATS, org_id, wanted)]
    return sorted(found, key=lambda stat: (-stat.session_count, stat.name))


def _stat(row: Row) -> TypeStat:
    told = dict(row)
    intent = told.pop("intent")
    return TypeStat(None if intent is None else Intent(intent), **told)


# Each kind takes its most remarkable rows; of equal ones the newest, then by id. What is compared is counted before.
_ARC = "session_id, id AS sub_session_id, user_id, started_at"
_HIGHLIGHTS = _statements(
    "WITH arcs AS MATERIALIZED (SELECT id, session_id, user_id, started_at, crushed, qualifying, grade_points,"
    "  lines_added + lines_removed AS lines, rework_kind IS NOT NULL AS undone,"
    "  greatest(extract(epoch FROM goal_completed_at - first_prompt_at), 0)::float8 AS seconds"
    f"  FROM sub_sessions WHERE {_THEN} AND state NOT IN ('merged', 'open')"
    "), figures AS MATERIALIZED (SELECT session_id, user_id, started_at, cost_usd"
    f"  FROM session_figures WHERE {_THEN}"
    "), runs AS (SELECT *, count(*) FILTER (WHERE NOT crushed) OVER (PARTITION BY user_id ORDER BY started_at, id)"
    "  AS run FROM arcs WHERE qualifying"
    "), streaks AS (SELECT user_id, count(*) AS n, max(started_at) AS started_at,"
    "  (array_agg(session_id ORDER BY started_at DESC, id DESC))[1] AS session_id,"
    "  (array_agg(id ORDER BY started_at DESC, id DESC))[1] AS sub_session_id"
    "  FROM runs WHERE crushed GROUP BY user_id, run"
    "), found AS ("
    f" (SELECT 'best_score' AS kind, {_ARC}, grade_points AS value, count(*) OVER () AS compared FROM arcs"
    "   WHERE crushed AND grade_points IS NOT NULL ORDER BY grade_points DESC, started_at DESC, id LIMIT :most)"
    f" UNION ALL (SELECT 'fastest_crush', {_ARC}, seconds, count(*) OVER () FROM arcs"
    "   WHERE crushed AND seconds IS NOT NULL ORDER BY seconds, started_at DESC, id LIMIT :most)"
    f" UNION ALL (SELECT 'biggest_change', {_ARC}, lines, count(*) OVER () FROM arcs"
    "   WHERE lines > 0 ORDER BY lines DESC, started_at DESC, id LIMIT :most)"
    " UNION ALL (SELECT 'longest_focus', session_id, NULL, user_id, started_at, focus_ms / 1000.0, count(*) OVER ()"
    f"   FROM session_summaries WHERE {_THEN} AND focus_ms > 0 ORDER BY focus_ms DESC, started_at DESC, session_id"
    "   LIMIT :most)"
    " UNION ALL (SELECT 'most_expensive', session_id, NULL, user_id, started_at, cost_usd, count(*) OVER ()"
    "   FROM figures WHERE cost_usd > 0 ORDER BY cost_usd DESC, started_at DESC, session_id LIMIT :most)"
    " UNION ALL (SELECT 'most_reworked', session_id, NULL, user_id, min(started_at), count(*), count(*) OVER ()"
    "   FROM arcs WHERE undone GROUP BY session_id, user_id"
    "   ORDER BY count(*) DESC, sum(lines) DESC, min(started_at) DESC, session_id LIMIT :most)"
    " UNION ALL (SELECT 'integrity', f.session_id, NULL, f.user_id, min(f.created_at), count(*), count(*) OVER ()"
    "   FROM integrity_flags f WHERE {mine} AND f.created_at >= :start AND f.created_at < :until"
    "   GROUP BY f.session_id, f.user_id"
    "   ORDER BY count(*) DESC, min(f.created_at) DESC, f.session_id LIMIT :most)"
    " UNION ALL (SELECT 'streak', session_id, sub_session_id, user_id, started_at, n,"
    "   (SELECT count(*) FROM arcs WHERE qualifying) FROM streaks"
    "   WHERE n >= :streak ORDER BY n DESC, started_at DESC, session_id LIMIT :most)"
    ") SELECT sums.*, found.*, a.grade_points, coalesce(a.title, s.given_title, s.title) AS title FROM ("
    "  SELECT (SELECT count(*) FROM figures) AS session_count, count(*) FILTER (WHERE qualifying) AS qualifying_count,"
    "  count(*) FILTER (WHERE crushed) AS crushed_count,"
    "  count(DISTINCT session_id) FILTER (WHERE crushed) AS win_count FROM arcs"
    ") AS sums LEFT JOIN found ON true"
    " LEFT JOIN sub_sessions a ON a.org_id = :org_id AND a.id = found.sub_session_id"
    " LEFT JOIN sessions s ON s.org_id = :org_id AND s.id = found.session_id",
    sa.bindparam("most", type_=sa.BigInteger()),
    sa.bindparam("streak", type_=sa.BigInteger()),
)


async def highlights(db: Reading, org_id: OrgId, wanted: Wanted) -> Highlights:
    """By kind, the most remarkable first; with the summaries of their sessions."""
    rows = await _rows(db, _HIGHLIGHTS, org_id, wanted, most=MOST_OF_A_KIND, streak=LEAST_STREAK)
    ids = sorted({SessionId(row["session_id"]) for row in rows if row["kind"] is not None})
    told = await persistence.summaries.summaries_by_session(db, org_id, ids) if ids else []
    summaries = {one.session_id: one for one in told if one is not None}
    items = [_highlight(row, summaries) for row in rows if row["kind"] is not None]
    sums = rows[0]
    return Highlights(
        start=wanted.within.start,
        end=wanted.within.end,
        session_count=sums["session_count"],
        win_count=sums["win_count"],
        qualifying_count=sums["qualifying_count"],
        crushed_count=sums["crushed_count"],
        items=remarkable(items),
    )


def _highlight(row: Row, summaries: Mapping[SessionId, SessionSummary]) -> Highlight:
    arc = row["sub_session_id"]
    return Highlight(
        kind=HighlightKind(row["kind"]),
        session_id=SessionId(row["session_id"]),
        sub_session_id=None if arc is None else SubSessionId(arc),
        user_id=UserId(row["user_id"]),
        started_at=row["started_at"],
        title=row["title"],
        value=float(row["value"]),
        grade_points=row["grade_points"],
        compared=row["compared"],
        summary=summaries.get(SessionId(row["session_id"])),
    )


# Sessions count where they began, and so do goal arcs: one that began on another day than its session, on its own.
_DAY = _statements(
    "SELECT * FROM (SELECT count(*) AS session_count, coalesce(sum(total_tokens), 0)::bigint AS total_tokens,"
    "  coalesce(sum(cost_usd), 0) AS cost_usd,"
    "  count(*) FILTER (WHERE cost_usd IS NULL AND total_tokens > 0) AS unpriced_count,"
    "  count(*) FILTER (WHERE tokens_are_lower_bound) AS lower_bound_count"
    f"  FROM session_figures WHERE {_THEN}"
    ") AS sessions CROSS JOIN (SELECT count(*) AS sub_session_count,"
    "  count(*) FILTER (WHERE qualifying) AS qualifying_count, count(*) FILTER (WHERE crushed) AS crushed_count"
    f"  FROM sub_sessions WHERE {_THEN} AND state <> 'merged'"
    ") AS arcs"
)
_DAY_SESSIONS = _statements(
    "SELECT f.session_id, f.user_id, f.started_at, coalesce(s.given_title, s.title) AS title"
    f" FROM (SELECT * FROM session_figures WHERE {_THEN} ORDER BY started_at DESC, session_id LIMIT :most) AS f"
    " JOIN sessions s ON s.org_id = f.org_id AND s.id = f.session_id ORDER BY f.started_at DESC, f.session_id",
    sa.bindparam("most", type_=sa.BigInteger()),
)


async def day_totals(db: Reading, org_id: OrgId, wanted: Wanted) -> DayTotals:
    [row] = await _rows(db, _DAY, org_id, wanted)
    return DayTotals(**row)


async def day_sessions(db: Reading, org_id: OrgId, wanted: Wanted, most: int) -> list[DaySession]:
    """Those that started then, newest first, also running ones."""
    rows = await _rows(db, _DAY_SESSIONS, org_id, wanted, most=most)
    ids = [SessionId(row["session_id"]) for row in rows]
    told = await persistence.summaries.summaries_by_session(db, org_id, ids) if ids else []
    return [
        DaySession(id, UserId(row["user_id"]), row["title"], row["started_at"], summary)
        for id, row, summary in zip(ids, rows, told, strict=True)
    ]
