"""Goal arcs as judged: one row each, the files they touched, their flags, and what people edited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID as UUID_

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from domain.judging.filters import SubSessionFilter
from domain.judging.records import FileEdits, Flag, JudgeStatus, State, SubSession
from domain.values import OrgId, SessionId, SubSessionId, Window
from persistence.arc_rows import file_from, flag_from, sub_session_from
from persistence.database import ORG, Reading, among, metadata
from persistence.pages import newest_first
from persistence.sessions import sessions
from persistence.words import arcs_found

sub_sessions = sa.Table(
    "sub_sessions",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("project", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("first_prompt_at", sa.DateTime(timezone=True)),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("close_reason", sa.Text),
    sa.Column("merged_into_id", UUID),
    sa.Column("fragment_ids", ARRAY(UUID), nullable=False),
    sa.Column("turn_count", sa.BigInteger, nullable=False),
    sa.Column("net_loc", sa.BigInteger, nullable=False),
    sa.Column("lines_added", sa.BigInteger, nullable=False),
    sa.Column("lines_removed", sa.BigInteger, nullable=False),
    sa.Column("mutating_tool_calls", sa.BigInteger, nullable=False),
    sa.Column("read_only_tool_calls", sa.BigInteger, nullable=False),
    sa.Column("tool_errors", sa.BigInteger, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cache_read_tokens", sa.BigInteger, nullable=False),
    sa.Column("cache_write_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost_usd", sa.Numeric),
    sa.Column("tokens_are_lower_bound", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("substance_floor_passed", sa.Boolean),
    sa.Column("excluded_reason", sa.Text),
    sa.Column("excluded_detail", sa.Text),
    sa.Column("judge_status", sa.Text, nullable=False),
    sa.Column("intent", sa.Text),
    sa.Column("intent_confidence", sa.Float),
    sa.Column("habits", JSONB, nullable=False),
    sa.Column("letter_grade", sa.Text),
    sa.Column("grade_points", sa.Float),
    sa.Column("goal_complete", sa.Boolean),
    sa.Column("completion_confidence", sa.Float),
    sa.Column("explicit_acceptance", sa.Boolean, nullable=False),
    sa.Column("goal_completed_at", sa.DateTime(timezone=True)),
    sa.Column("rationale", sa.Text),
    sa.Column("rework_kind", sa.Text),
    sa.Column("reworked_by_id", UUID),
    sa.Column("reworked_at", sa.DateTime(timezone=True)),
    sa.Column("qualifying", sa.Boolean, nullable=False),
    sa.Column("crushed", sa.Boolean, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("summary", sa.Text),
    sa.Column("title_source", sa.Text, nullable=False),
    sa.Column("prompt_ids", ARRAY(UUID), nullable=False),
    sa.Column("commit_refs", ARRAY(sa.Text), nullable=False),
    sa.Column("revert_refs", ARRAY(sa.Text), nullable=False),
    sa.Column("evidence", JSONB, nullable=False),
    sa.Column("ruleset_version", sa.Text, nullable=False),
    sa.Column("judge_version", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # Of an appeal, whose word `goal_complete` is then.
    sa.Column("judged_goal_complete", sa.Boolean),
    sa.Column("appeal_reason", sa.Text),
    sa.Column("appealed_at", sa.DateTime(timezone=True)),
    sa.Column("split_by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("merged_by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.Index("sub_sessions_recent", "org_id", sa.text("started_at DESC"), sa.text("id DESC")),
    sa.Index("sub_sessions_recent_of_user", "org_id", "user_id", sa.text("started_at DESC"), sa.text("id DESC")),
    sa.Index("sub_sessions_of_session", "org_id", "session_id", "started_at", "id"),
    sa.Index(
        "sub_sessions_reworked", "org_id", "reworked_by_id", postgresql_where=sa.text("reworked_by_id IS NOT NULL")
    ),
    sa.Index("sub_sessions_of_project", "org_id", "user_id", "project", "started_at"),
    sa.Index("sub_sessions_of_project_ended", "org_id", "user_id", "project", "ended_at"),
)

sub_session_files = sa.Table(
    "sub_session_files",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("lines_added", sa.BigInteger, nullable=False),
    sa.Column("lines_removed", sa.BigInteger, nullable=False),
    sa.Column("created", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("restored", sa.Boolean, nullable=False),
    sa.Column("added_lines", ARRAY(sa.BigInteger), nullable=False),
    sa.Column("removed_lines", ARRAY(sa.BigInteger), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "sub_session_id", "path"),
    sa.Index("sub_session_files_of_session", "org_id", "session_id"),
)

integrity_flags = sa.Table(
    "integrity_flags",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("event_ids", ARRAY(UUID), nullable=False),
    sa.PrimaryKeyConstraint("org_id", "id"),
    sa.UniqueConstraint("org_id", "sub_session_id", "kind"),
    sa.Index("integrity_flags_recent_of_user", "org_id", "user_id", sa.text("created_at DESC"), "id"),
    sa.Index("integrity_flags_of_session", "org_id", "session_id"),
)

label_edits = sa.Table(
    "label_edits",
    metadata,
    sa.Column("org_id", UUID, nullable=False),
    sa.Column("sub_session_id", UUID, nullable=False),
    sa.Column("user_id", UUID, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("summary", sa.Text),
    sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.PrimaryKeyConstraint("org_id", "sub_session_id"),
    sa.Index("label_edits_of_user", "org_id", "user_id"),
)


async def find(db: Reading, org_id: OrgId, id: SubSessionId) -> SubSession | None:
    """One arc, also a merged fragment, without its files and flags."""
    return (await sub_sessions_by_id(db, org_id, [id]))[0]


_BY_ID = sa.select(sub_sessions).where(sub_sessions.c.org_id == ORG, among(sub_sessions.c.id))


async def sub_sessions_by_id(db: Reading, org_id: OrgId, ids: Sequence[SubSessionId]) -> list[SubSession | None]:
    """Arcs in the order of `ids`; None where one is not visible."""
    rows = await db.rows(_BY_ID, {"org_id": org_id, "ids": ids})
    found = {row["id"]: sub_session_from(row) for row in rows}
    return [found.get(id) for id in ids]


UNMERGED = sub_sessions.c.state != State.MERGED
_BY_SESSION = (
    sa.select(sub_sessions)
    .where(sub_sessions.c.org_id == ORG, among(sub_sessions.c.session_id), UNMERGED)
    .order_by(sub_sessions.c.started_at, sub_sessions.c.id)
)


async def sub_sessions_by_session(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> list[list[SubSession]]:
    """Arcs of each session, oldest first, in the order of `ids`; an arc belongs to the session it began in."""
    found: dict[str, list[SubSession]] = {}
    for row in await db.rows(_BY_SESSION, {"org_id": org_id, "ids": ids}):
        found.setdefault(row["session_id"], []).append(sub_session_from(row))
    return [found.get(id, []) for id in ids]


_REWORKED = (
    sa.select(sub_sessions)
    .where(sub_sessions.c.org_id == ORG, among(sub_sessions.c.reworked_by_id))
    .order_by(sub_sessions.c.started_at.desc(), sub_sessions.c.id)
)


async def reworked_by_sub_session(db: Reading, org_id: OrgId, ids: Sequence[SubSessionId]) -> list[list[SubSession]]:
    """The arcs that each of these undid, newest first, in the order of `ids`."""
    found: dict[UUID_, list[SubSession]] = {}
    for row in await db.rows(_REWORKED, {"org_id": org_id, "ids": ids}):
        found.setdefault(row["reworked_by_id"], []).append(sub_session_from(row))
    return [found.get(id, []) for id in ids]


_FLAGS = (
    sa.select(integrity_flags)
    .where(integrity_flags.c.org_id == ORG, among(integrity_flags.c.sub_session_id))
    .order_by(integrity_flags.c.kind)
)


async def flags_by_sub_session(db: Reading, org_id: OrgId, ids: Sequence[SubSessionId]) -> list[list[Flag]]:
    """Flags of each arc by kind, in the order of `ids`; [] where an arc has none."""
    found: dict[UUID_, list[Flag]] = {}
    for row in await db.rows(_FLAGS, {"org_id": org_id, "ids": ids}):
        found.setdefault(row["sub_session_id"], []).append(flag_from(row))
    return [found.get(id, []) for id in ids]


_FLAGS_BY_ID = sa.select(integrity_flags).where(integrity_flags.c.org_id == ORG, among(integrity_flags.c.id))


async def flags_by_id(db: Reading, org_id: OrgId, ids: Sequence[UUID_]) -> list[tuple[SessionId, Flag] | None]:
    """Flags with the session that their arc began in, in the order of `ids`; None where one is not visible."""
    rows = await db.rows(_FLAGS_BY_ID, {"org_id": org_id, "ids": ids})
    found = {row["id"]: (SessionId(row["session_id"]), flag_from(row)) for row in rows}
    return [found.get(id) for id in ids]


_FILES = (
    sa.select(*(column for column in sub_session_files.c if column.name not in {"added_lines", "removed_lines"}))
    .where(sub_session_files.c.org_id == ORG, among(sub_session_files.c.sub_session_id))
    .order_by(sub_session_files.c.path)
)


async def files_by_sub_session(db: Reading, org_id: OrgId, ids: Sequence[SubSessionId]) -> list[list[FileEdits]]:
    """Files of each arc by path, in the order of `ids`, without the digests of their lines."""
    found: dict[UUID_, list[FileEdits]] = {}
    for row in await db.rows(_FILES, {"org_id": org_id, "ids": ids}):
        found.setdefault(row["sub_session_id"], []).append(file_from(row))
    return [found.get(id, []) for id in ids]


Place = tuple[datetime, SubSessionId]
"""When an arc began, and which one it is."""


async def page(db: Reading, org_id: OrgId, wanted: SubSessionFilter, window: Window[Place]) -> list[SubSession]:
    """Newest first, ties by id: those of the window, and one more if there are more."""
    query = sa.select(sub_sessions).where(*_matching(org_id, wanted))
    rows = await newest_first(db, query, sub_sessions.c.started_at, sub_sessions.c.id, window)
    return [sub_session_from(row) for row in rows]


async def count(db: Reading, org_id: OrgId, wanted: SubSessionFilter) -> int:
    query = sa.select(sa.func.count().label("n")).select_from(sub_sessions).where(*_matching(org_id, wanted))
    return (await db.rows(query))[0]["n"]


def _flagged(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    flag = integrity_flags.c
    return sa.exists().where(flag.org_id == sub_sessions.c.org_id, flag.sub_session_id == sub_sessions.c.id, *which)


_FLAGGED = _flagged()
_PAST_FLOOR = sub_sessions.c.substance_floor_passed.is_(True) & sub_sessions.c.state.not_in((State.OPEN, State.MERGED))
GRADED = _PAST_FLOOR & (sub_sessions.c.judge_status == JudgeStatus.OK) & sub_sessions.c.grade_points.is_not(None)


def _matching(org_id: OrgId, wanted: SubSessionFilter) -> list[sa.ColumnElement[bool]]:
    column = sub_sessions.c
    equal = {
        column.user_id: wanted.user_id,
        column.intent: wanted.intent,
        column.state: wanted.state,
        column.session_id: wanted.session_id,
        column.qualifying: wanted.qualifying,
        column.crushed: wanted.crushed,
        column.excluded_reason: wanted.excluded_reason,
        column.judge_status: wanted.judge_status,
        column.letter_grade: wanted.letter_grade,
    }
    truths = {_PAST_FLOOR: wanted.past_floor, GRADED: wanted.graded, _FLAGGED: wanted.flagged}
    rules = [column.org_id == org_id, *(one == value for one, value in equal.items() if value is not None)]
    if wanted.within.start is not None:
        rules.append(column.started_at >= wanted.within.start)
    if wanted.within.end is not None:
        rules.append(column.started_at < wanted.within.end)
    if wanted.source_service is not None:
        rules.append(column.session_id.in_(_of_service(org_id, wanted.source_service)))
    if wanted.state is None and not wanted.include_merged:
        rules.append(UNMERGED)
    rules += [one if value else ~one for one, value in truths.items() if value is not None]
    if wanted.flag is not None:
        rules.append(_flagged(integrity_flags.c.kind == wanted.flag))
    if wanted.habit is not None:
        shown = column.habits[wanted.habit].as_boolean()
        rules.append(shown.is_not(None) if wanted.habit_shown is None else shown.is_(wanted.habit_shown))
    if wanted.search is not None:
        rules.append(column.id.in_(arcs_found(org_id, wanted.search)))
    return rules


def _of_service(org_id: OrgId, service: str) -> sa.Select[tuple[str]]:
    same = sa.func.replace(sessions.c.source_service, "_", "-")  # `claude_code` and `claude-code` are one service
    return sa.select(sessions.c.id).where(sessions.c.org_id == org_id, same == service.replace("_", "-"))


async def count_by_session(db: Reading, org_id: OrgId, ids: Sequence[SessionId]) -> int:
    """How many arcs these sessions have, merged fragments not counted."""
    columns = sub_sessions.c
    mine = sa.and_(columns.org_id == org_id, columns.session_id.in_(ids), columns.merged_into_id.is_(None))
    row = await db.row(sa.select(sa.func.count().label("n")).select_from(sub_sessions).where(mine))
    return 0 if row is None else row["n"]
