"""Storing what was derived: arcs with their files and flags, the totals of sessions; only what changed is written."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as UUID_
from sqlalchemy.dialects.postgresql import insert

import persistence.insights.events
import persistence.live
import persistence.score_days
from domain.judging import rework
from domain.judging.changes import Change, changes, news
from domain.judging.integrity import SubstanceRow, substance
from domain.judging.records import FileEdits, Flag, FlagKind, Intent, Measures, State, SubSession
from domain.judging.totals import SessionTotals
from domain.live import News
from domain.scores.changes import score_news
from domain.values import OrgId, SessionId, SubSessionId, UserId
from persistence.arc_rows import file_from, file_row, flag_from, flag_row, sub_session_from, sub_session_row
from persistence.arc_texts import arc_texts
from persistence.database import Reading, Row, Writing
from persistence.judging import integrity_flags, sub_session_files, sub_sessions, sub_sessions_by_id
from persistence.sessions import sessions


async def arcs_of_sessions(db: Reading, org_id: OrgId, ids: Iterable[SessionId]) -> list[SubSession]:
    """Every arc that began in one of these sessions, merged fragments too, with its files, their lines, its flags."""
    return await _whole(db, org_id, sub_sessions.c.session_id.in_(list(ids)))


async def _whole(db: Reading, org_id: OrgId, which: sa.ColumnElement[bool]) -> list[SubSession]:
    """Files stand by path and flags by kind, as Python compares text: the order of a database's collation differs."""
    rows = await db.rows(sa.select(sub_sessions).where(sub_sessions.c.org_id == org_id, which))
    ids = [row["id"] for row in rows]
    files: dict[UUID, list[FileEdits]] = {}
    flags: dict[UUID, list[Flag]] = {}
    for file in sorted(await _of(db, org_id, sub_session_files, ids), key=lambda row: row["path"]):
        files.setdefault(file["sub_session_id"], []).append(file_from(file))
    for flag in sorted(await _of(db, org_id, integrity_flags, ids), key=lambda row: row["kind"]):
        flags.setdefault(flag["sub_session_id"], []).append(flag_from(flag))
    return [sub_session_from(row, files.get(row["id"], ()), flags.get(row["id"], ())) for row in rows]


async def _of(db: Reading, org_id: OrgId, table: sa.Table, ids: Sequence[UUID]) -> Sequence[Row]:
    if not ids:
        return []
    return await db.rows(sa.select(table).where(table.c.org_id == org_id, table.c.sub_session_id.in_(ids)))


# What stands near in time and has a file in common, took a commit back or made one, or was reworked by these arcs.
_RELATED = sa.text(
    "WITH near AS MATERIALIZED ("
    "  SELECT s.id, s.reworked_by_id, s.commit_refs, s.revert_refs FROM sub_sessions s"
    "  WHERE s.org_id = :org_id AND s.user_id = :user_id AND s.project = :project AND s.state <> 'merged'"
    "  AND NOT s.session_id = ANY (:session_ids)"
    "  AND s.started_at <= :until AND (s.ended_at >= :since OR s.ended_at IS NULL)"
    ") SELECT id FROM near WHERE reworked_by_id = ANY (:ids)"
    "  OR :committed AND revert_refs <> '{}' OR :reverted AND commit_refs <> '{}'"
    " UNION SELECT near.id FROM near CROSS JOIN LATERAL (SELECT FROM sub_session_files"
    "   WHERE org_id = :org_id AND sub_session_id = near.id AND path = ANY (:paths) LIMIT 1) AS shared"
).bindparams(sa.bindparam("org_id", type_=UUID_), sa.bindparam("user_id", type_=UUID_))


async def related(
    db: Reading, org_id: OrgId, arcs: Sequence[SubSession], besides: Iterable[SessionId]
) -> list[SubSession]:
    """What can have reworked some of `arcs` (of one developer and project) or been reworked by them, elsewhere than
    in the sessions `besides`; with files, lines and flags."""
    values = {
        "org_id": org_id,
        "user_id": arcs[0].user_id,
        "project": arcs[0].project,
        "session_ids": list(besides),
        "since": min(arc.started_at for arc in arcs) - rework.WINDOW,
        "until": max(arc.ended_at or arc.last_event_at for arc in arcs) + rework.WINDOW,
        "ids": [arc.id for arc in arcs],
        "paths": sorted({file.path for arc in arcs for file in arc.files}),
        "committed": any(arc.commit_refs for arc in arcs),
        "reverted": any(arc.revert_refs for arc in arcs),
    }
    ids = [row["id"] for row in await db.rows(_RELATED, values)]
    return await _whole(db, org_id, sub_sessions.c.id.in_(ids)) if ids else []


class Update(NamedTuple):
    """An arc whose row changes: what stands there now, and what will. `old` is None for a new arc."""

    old: SubSession | None
    new: SubSession


async def save_arcs(db: Writing, org_id: OrgId, updates: Sequence[Update]) -> None:
    """Stores what changed of each arc, and the live events that tell of it."""
    rows = [sub_session_row(org_id, update.new) for update in updates]
    if rows:
        await db.execute(_UPSERT, rows)
    for update in updates:
        await _save_parts(db, org_id, update)
    await persistence.score_days.refresh(
        db, org_id, _days([arc for update in updates if _adds_anew(update) for arc in update])
    )
    told = [one for update in updates for one in _news(update)]
    await persistence.live.append(db, org_id, told)


def _adds_anew(update: Update) -> bool:
    """Whether a day may add up to something else; also under new rules, so that what is kept is theirs."""
    old, new = update
    return old is None or old.ruleset_version != new.ruleset_version or bool(score_news(old, new))


def _days(arcs: Iterable[SubSession | None]) -> dict[UserId, set[datetime]]:
    """When these arcs start, by developer."""
    found: dict[UserId, set[datetime]] = {}
    for arc in arcs:
        if arc is not None:
            found.setdefault(arc.user_id, set()).add(arc.started_at)
    return found


def _news(update: Update) -> list[News]:
    """Of the arc first, then of the scores that rest on it."""
    told = [news(update.new, change) for change in changes(update.old, update.new)]
    return told + score_news(update.old, update.new)


_INSERT = insert(sub_sessions)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["org_id", "id"],
    set_={
        column.name: sa.func.now() if column.name == "updated_at" else _INSERT.excluded[column.name]
        for column in sub_sessions.c
        if column.name not in {"org_id", "id"}
    },
)


async def _save_parts(db: Writing, org_id: OrgId, update: Update) -> None:
    """Files and flags. They name session and developer too, so those of an arc that moved are all written anew."""
    old, new = update
    moved = old is not None and (old.session_id, old.user_id) != (new.session_id, new.user_id)
    if old is not None and moved:
        await _save_files(db, org_id, replace(old, files=()), old.files)
        await _save_flags(db, org_id, replace(old, flags=()), old.flags)
    old_files, old_flags = ((), ()) if old is None or moved else (old.files, old.flags)
    if new.files != old_files:
        await _save_files(db, org_id, new, old_files)
    if new.flags != old_flags:
        await _save_flags(db, org_id, new, old_flags)


async def _save_files(db: Writing, org_id: OrgId, arc: SubSession, old: Sequence[FileEdits]) -> None:
    kept = set(arc.files) & set(old)
    await _clear(db, org_id, arc.id, sub_session_files.c.path, [file.path for file in old if file not in kept])
    new = [file_row(org_id, arc, file) for file in arc.files if file not in kept]
    if new:
        await db.execute(sa.insert(sub_session_files), new)


async def _save_flags(db: Writing, org_id: OrgId, arc: SubSession, old: Sequence[Flag]) -> None:
    kept = set(arc.flags) & set(old)
    await _clear(db, org_id, arc.id, integrity_flags.c.kind, [flag.kind for flag in old if flag not in kept])
    new = [flag_row(org_id, arc, flag) for flag in arc.flags if flag not in kept]
    if new:
        await db.execute(sa.insert(integrity_flags), new)


async def _clear(db: Writing, org_id: OrgId, id: SubSessionId, column: sa.Column[str], values: Sequence[str]) -> None:
    if values:
        table = column.table
        mine = sa.and_(table.c.org_id == org_id, table.c.sub_session_id == id, column.in_(values))
        await db.execute(sa.delete(sub_session_files if table is sub_session_files else integrity_flags).where(mine))


async def delete_arcs(db: Writing, org_id: OrgId, arcs: Sequence[SubSession]) -> None:
    """Arcs that a later event dissolved; people's edits of them stay, should they come back."""
    if not arcs:
        return
    ids = [arc.id for arc in arcs]
    for table, column in (
        (sub_session_files, sub_session_files.c.sub_session_id),
        (integrity_flags, integrity_flags.c.sub_session_id),
        (arc_texts, arc_texts.c.sub_session_id),
        (sub_sessions, sub_sessions.c.id),
    ):
        await db.execute(sa.delete(table).where(table.c.org_id == org_id, column.in_(ids)))
    await persistence.score_days.refresh(db, org_id, _days(arcs))
    told = [one for arc in arcs for one in (news(arc, Change.UPDATED), *score_news(arc, None))]
    await persistence.live.append(db, org_id, told)


async def substance_rows(db: Reading, org_id: OrgId) -> list[SubstanceRow]:
    """Every scored arc of the organisation, as the search for outliers wants it."""
    column = sub_sessions.c
    query = sa.select(
        column.id, column.intent, column.started_at, column.turn_count, column.net_loc, column.mutating_tool_calls
    ).where(column.org_id == org_id, column.state == State.SCORED, column.intent.is_not(None))
    return [
        SubstanceRow(
            SubSessionId(row["id"]),
            Intent(row["intent"]),
            row["started_at"],
            substance(
                Measures(
                    turn_count=row["turn_count"],
                    net_loc=row["net_loc"],
                    mutating_tool_calls=row["mutating_tool_calls"],
                )
            ),
        )
        for row in await db.rows(query)
    ]


async def replace_flags(db: Writing, org_id: OrgId, kind: FlagKind, flags: Sequence[Flag]) -> int:
    """Makes `flags` all there are of a kind in the organisation; tells of each arc that changed, returns how many."""
    table = integrity_flags
    stored = await db.rows(sa.select(table).where(table.c.org_id == org_id, table.c.kind == kind))
    old, new = {flag_from(row) for row in stored}, set(flags)
    dropped, added = old - new, new - old
    if dropped:
        mine = sa.delete(table).where(table.c.org_id == org_id, table.c.id.in_([flag.id for flag in dropped]))
        await db.execute(mine)
    concerned = await sub_sessions_by_id(db, org_id, sorted({flag.sub_session_id for flag in dropped | added}))
    arcs = {arc.id: arc for arc in concerned if arc is not None}
    rows = [flag_row(org_id, arcs[flag.sub_session_id], flag) for flag in added if flag.sub_session_id in arcs]
    if rows:
        await db.execute(sa.insert(table), rows)
    await persistence.score_days.refresh(db, org_id, _days(arcs.values()))
    await persistence.live.append(db, org_id, [news(arc, Change.FLAGGED) for arc in arcs.values()])
    await persistence.insights.events.save(db, org_id, {}, await _whole(db, org_id, sub_sessions.c.id.in_(list(arcs))))
    return len(arcs)


async def save_totals(
    db: Writing, org_id: OrgId, id: SessionId, totals: SessionTotals, idle_ended_at: datetime | None
) -> None:
    """Brings a session's totals and its end by rest up to date; a row that is so already is not touched."""
    tokens = totals.tokens
    values = {
        "prompt_count": totals.prompt_count,
        "tool_call_count": totals.tool_call_count,
        "tool_error_count": totals.tool_error_count,
        "api_error_count": totals.api_error_count,
        "commit_count": totals.commit_count,
        "pull_request_count": totals.pull_request_count,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_tokens": tokens.cache_read,
        "cache_write_tokens": tokens.cache_write,
        "cost_usd": totals.cost_usd,
        "tokens_are_lower_bound": totals.tokens_are_lower_bound,
        "ai_attribution_pct": totals.ai_attribution_pct,
        "idle_ended_at": idle_ended_at,
    }
    changed = sa.or_(*(sessions.c[name].is_distinct_from(value) for name, value in values.items()))
    mine = sa.update(sessions).where(sessions.c.org_id == org_id, sessions.c.id == id, changed)
    await db.execute(mine.values(**values, updated_at=sa.func.now()))
