"""Pages of many timelines in one statement: for lists whose items each show a part of theirs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from domain.timeline import Kind, StoredEvent
from domain.values import OrgId, SessionId, SubSessionId
from persistence.database import Reading
from persistence.judging import sub_sessions
from persistence.timeline import STORED, events, stored_from

K = TypeVar("K", SessionId, SubSessionId)

_START = (datetime.min.replace(tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[K]):
    """Up to `limit` events of a session or of a goal arc: those that follow the place (ts, insertion order)."""

    of: K
    limit: int
    after: tuple[datetime, int] | None = None
    prompts_only: bool = False


async def events_of_sessions(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SessionId]]
) -> list[list[StoredEvent]]:
    """One list for each of `wanted`, by (ts, insertion order); [] where a session has none."""
    given = _given(wanted, sa.Text())
    return await _stretches(db, org_id, wanted, given, given, events.c.session_id == given.c.key)


async def events_of_arcs(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]
) -> list[list[StoredEvent]]:
    """As `events_of_sessions`. An arc has what its sessions hold between its first and its last event."""
    given = _given(wanted, UUID())
    arcs = given.join(_arc, sa.and_(_arc.c.org_id == org_id, _arc.c.id == given.c.key))
    return await _stretches(db, org_id, wanted, given, arcs, _of_arc(org_id))


async def event_counts_of_arcs(db: Reading, org_id: OrgId, ids: Sequence[SubSessionId]) -> list[int]:
    """How many events each arc has, in the order of `ids`."""
    query = (
        sa.select(_arc.c.id, sa.func.count().label("count"))
        .where(_arc.c.org_id == org_id, _arc.c.id.in_(ids), events.c.org_id == org_id, _of_arc(org_id))
        .group_by(_arc.c.id)
    )
    found: dict[SubSessionId, int] = {row["id"]: row["count"] for row in await db.rows(query)}
    return [found.get(id, 0) for id in ids]


_arc, _part = sub_sessions.alias("arc"), sub_sessions.alias("part")


def _of_arc(org_id: OrgId) -> sa.ColumnElement[bool]:
    mine = sa.or_(_part.c.id == _arc.c.id, _part.c.id == sa.any_(_arc.c.fragment_ids))
    sessions = sa.select(_part.c.session_id).where(_part.c.org_id == org_id, mine).correlate(_arc)
    during = sa.and_(events.c.ts >= _arc.c.started_at, events.c.ts <= _arc.c.last_event_at)
    return sa.and_(events.c.session_id.in_(sessions), during)


def _given(wanted: Sequence[Stretch[K]], key: sa.Text | UUID[uuid.UUID]) -> sa.Values:
    columns = (
        sa.column("number", sa.Integer),
        sa.column("key", key),
        sa.column("after_ts", sa.DateTime(timezone=True)),
        sa.column("after_seq", sa.BigInteger),
        sa.column("prompts_only", sa.Boolean),
    )
    rows = [(n, one.of, *(one.after or _START), one.prompts_only) for n, one in enumerate(wanted)]
    return sa.values(*columns, name="given").data(rows)


async def _stretches(
    db: Reading,
    org_id: OrgId,
    wanted: Sequence[Stretch[K]],
    given: sa.Values,
    timelines: sa.FromClause,
    within: sa.ColumnElement[bool],
) -> list[list[StoredEvent]]:
    follows = sa.tuple_(events.c.ts, events.c.seq) > sa.tuple_(given.c.after_ts, given.c.after_seq)
    shown = sa.or_(sa.not_(given.c.prompts_only), events.c.kind == Kind.PROMPT)
    each = (
        sa.select(*STORED)
        .where(events.c.org_id == org_id, within, follows, shown)
        .order_by(events.c.ts, events.c.seq)
        .limit(max(one.limit for one in wanted))  # the limit of a lateral query cannot differ from row to row
        .lateral("each")
    )
    query = sa.select(given.c.number, each).select_from(timelines.join(each, sa.true()))
    found: list[list[StoredEvent]] = [[] for _ in wanted]
    for row in await db.rows(query.order_by(given.c.number, each.c.ts, each.c.seq)):
        number: int = row["number"]
        if len(found[number]) < wanted[number].limit:
            found[number].append(stored_from(row))
    return found
