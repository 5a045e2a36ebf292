"""Sessions that ended, summed up: what their events told is kept here, the rest is read with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, insert

from domain.session_turns import KeyTurn
from domain.summaries import ArcFacts, Course, SessionSummary, steps
from domain.timeline import Tokens
from domain.values import OrgId, SessionId, Span, UserId, Window
from persistence.database import ORG, Reading, Row, Writing, metadata

session_summaries = sa.Table(
    "session_summaries",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("turn_count", sa.BigInteger, nullable=False),
    sa.Column("file_count", sa.BigInteger, nullable=False),
    sa.Column("lines_added", sa.BigInteger, nullable=False),
    sa.Column("lines_removed", sa.BigInteger, nullable=False),
    sa.Column("focus_ms", sa.BigInteger, nullable=False),
    sa.Column("key_turns", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "session_id"),
    sa.Index("session_summaries_recent", "org_id", sa.text("started_at DESC"), "session_id"),
    sa.Index("session_summaries_recent_of_user", "org_id", "user_id", sa.text("started_at DESC"), "session_id"),
)

_SUMMARY = session_summaries.c
_KEY_TURNS = TypeAdapter(tuple[KeyTurn, ...])
_MS = timedelta(milliseconds=1)

_INSERT = insert(session_summaries)
_KEPT = ("org_id", "session_id", "created_at", "updated_at")
_NEW = {column.name: _INSERT.excluded[column.name] for column in _SUMMARY if column.name not in _KEPT}
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["org_id", "session_id"],
    set_={**_NEW, "updated_at": sa.func.now()},
    where=sa.or_(*(_SUMMARY[name].is_distinct_from(new) for name, new in _NEW.items())),
)
_DROP = sa.delete(session_summaries).where(
    _SUMMARY.org_id == ORG, _SUMMARY.session_id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Text)))
)


async def save(db: Writing, org_id: OrgId, told: Mapping[SessionId, tuple[UserId, Course | None]]) -> None:
    """Stores how sessions went, with their developers; None: it runs, and has no summary. What is so already is not
    touched."""
    rows = [_row(org_id, id, user_id, course) for id, (user_id, course) in sorted(told.items()) if course is not None]
    if rows:
        await db.execute(_SAVE, rows)
    running = [id for id, (_, course) in sorted(told.items()) if course is None]
    if running:
        await db.execute(_DROP, {"org_id": org_id, "ids": running})


def _row(org_id: OrgId, id: SessionId, user_id: UserId, course: Course) -> dict[str, object]:
    return {
        "org_id": org_id,
        "session_id": id,
        "user_id": user_id,
        "started_at": course.started_at,
        "ended_at": course.ended_at,
        "turn_count": course.turn_count,
        "file_count": course.file_count,
        "lines_added": course.lines_added,
        "lines_removed": course.lines_removed,
        "focus_ms": course.focus // _MS,
        "key_turns": _KEY_TURNS.dump_python(course.key_turns, mode="json"),
    }


# `updated_at` is the later of the two: what a goal arc tells changes without its session.
_BY_SESSION = sa.text(
    "SELECT s.session_id, s.user_id, s.started_at, s.ended_at, s.turn_count, s.file_count, s.lines_added,"
    " s.lines_removed, s.focus_ms, s.key_turns::text AS key_turns, s.created_at,"
    " greatest(s.updated_at, arcs.updated_at) AS updated_at, arcs.told, o.given_title, o.title, o.input_tokens,"
    " o.output_tokens, o.cache_read_tokens, o.cache_write_tokens, o.cost_usd"
    " FROM session_summaries s JOIN sessions o ON o.org_id = s.org_id AND o.id = s.session_id"
    " CROSS JOIN LATERAL (SELECT max(a.updated_at) AS updated_at, json_agg(json_build_array(a.id, a.title, a.intent,"
    "   a.state, a.qualifying, a.crushed, a.goal_complete, a.started_at, a.turn_count,"
    "   a.input_tokens + a.output_tokens + a.cache_read_tokens + a.cache_write_tokens, a.merged_into_id)"
    "   ORDER BY a.started_at, a.id)::text AS told"
    "  FROM sub_sessions a WHERE a.org_id = s.org_id AND a.session_id = s.session_id) AS arcs"
    " WHERE s.org_id = :org_id AND s.session_id = ANY (:ids) AND arcs.told IS NOT NULL"
).bindparams(sa.bindparam("org_id", type_=UUID), sa.bindparam("ids", type_=ARRAY(sa.Text)))


async def summaries_by_session(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> "list[SessionSummary | None]":
    """In the order of `ids`; None where a session is not visible, still runs, or nothing of it counts."""
    rows = await db.rows(_BY_SESSION, {"org_id": org_id, "ids": ids})
    found = {row["session_id"]: _summary(row) for row in rows}
    return [found.get(id) for id in ids]


def _summary(row: Row) -> SessionSummary:
    return SessionSummary(
        session_id=SessionId(row["session_id"]),
        user_id=UserId(row["user_id"]),
        course=Course(
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            turn_count=row["turn_count"],
            file_count=row["file_count"],
            lines_added=row["lines_added"],
            lines_removed=row["lines_removed"],
            focus=row["focus_ms"] * _MS,
            key_turns=_KEY_TURNS.validate_json(row["key_turns"]),
        ),
        given_title=row["given_title"],
        told_title=row["title"],
        tokens=Tokens(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"]),
        cost_usd=row["cost_usd"],
        steps=steps([_arc(arc) for arc in orjson.loads(row["told"])]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


_ARC = TypeAdapter(ArcFacts)


def _arc(told: object) -> ArcFacts:
    return _ARC.validate_python(told)


Place = tuple[datetime, SessionId]
"""When a session began, and which one it is."""

_NEWEST_FIRST = (_SUMMARY.started_at.desc(), _SUMMARY.session_id)
_OLDEST_FIRST = (_SUMMARY.started_at, _SUMMARY.session_id.desc())


async def page(
    db: Reading, org_id: OrgId, within: Span, user_id: UserId | None, window: Window[Place]
) -> list[SessionSummary]:
    """Of sessions that started then, newest first, ties by id: those of the window, and one more if there are more."""
    query = sa.select(_SUMMARY.session_id).where(*_matching(org_id, within, user_id))
    if window.after is not None:
        query = query.where(_follows(*window.after))
    if window.before is not None:
        query = query.where(_precedes(*window.before))
    order = _OLDEST_FIRST if window.backwards else _NEWEST_FIRST
    found = await _found(db, org_id, query.order_by(*order).limit(window.size + 1))
    return found[::-1] if window.backwards else found


async def page_at(
    db: Reading, org_id: OrgId, within: Span, user_id: UserId | None, limit: int, offset: int
) -> list[SessionSummary]:
    """As `page`, for the old system that pages by offset."""
    query = sa.select(_SUMMARY.session_id).where(*_matching(org_id, within, user_id)).order_by(*_NEWEST_FIRST)
    return await _found(db, org_id, query.limit(limit).offset(offset))


async def count(db: Reading, org_id: OrgId, within: Span, user_id: UserId | None) -> int:
    mine = sa.select(sa.func.count().label("n")).where(*_matching(org_id, within, user_id))
    return (await db.rows(mine))[0]["n"]


async def _found(db: Reading, org_id: OrgId, query: "sa.Select[tuple[str]]") -> list[SessionSummary]:
    ids = [SessionId(row["session_id"]) for row in await db.rows(query)]
    return [summary for summary in await summaries_by_session(db, org_id, ids) if summary is not None]


# The first condition bounds the walk along the index, which runs down by time and up by id.
def _follows(at: datetime, id: SessionId) -> sa.ColumnElement[bool]:
    return sa.and_(_SUMMARY.started_at <= at, sa.or_(_SUMMARY.started_at < at, _SUMMARY.session_id > id))


def _precedes(at: datetime, id: SessionId) -> sa.ColumnElement[bool]:
    return sa.and_(_SUMMARY.started_at >= at, sa.or_(_SUMMARY.started_at > at, _SUMMARY.session_id < id))


def _matching(org_id: OrgId, within: Span, user_id: UserId | None) -> list[sa.ColumnElement[bool]]:
    rules = [_SUMMARY.org_id == org_id]
    if user_id is not None:
        rules.append(_SUMMARY.user_id == user_id)
    if within.start is not None:
        rules.append(_SUMMARY.started_at >= within.start)
    if within.end is not None:
        rules.append(_SUMMARY.started_at < within.end)
    return rules
