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
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[K]):
    """Up to `limit` events of a session or of a goal arc: those that follow the place (ts, insertion order).

    `only` narrows an arc to what happened in that session.
    """

    of: K
    limit: int = 0
    after: tuple[datetime, int] | None = None
    prompts_only: bool = False
    only: SessionId | None = None


async def events_of_sessions(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SessionId]]
) -> list[list[StoredEvent]]:
    """One list for each of `wanted`, by (ts, insertion order); [] where a session has none."""
    given = _given(wanted, sa.Text())
    always = (sa.literal(_START[0]).label("begins"), sa.literal(_END).label("ends"))
    spans = sa.select(given, given.c.key.label("session_id"), *always).subquery("spans")
    return await _stretches(db, org_id, wanted, spans)


async def events_of_arcs(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]
) -> list[list[StoredEvent]]:
    """As `events_of_sessions`. An arc has what its sessions hold between its first and its last event."""
    return await _stretches(db, org_id, wanted, _spans_of_arcs(org_id, wanted))


async def event_counts_of_arcs(db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]) -> list[int]:
    """How many events each arc has, in the order of `wanted`, whose limits and places do not count."""
    spans = _spans_of_arcs(org_id, wanted)
    each = sa.select(sa.func.count().label("count")).select_from(events).where(*_within(org_id, spans)).lateral("each")
    total = sa.func.sum(each.c.count).label("total")
    query = sa.select(spans.c.number, total).select_from(spans.join(each, sa.true())).group_by(spans.c.number)
    found: dict[int, int] = {row["number"]: int(row["total"]) for row in await db.rows(query)}
    return [found.get(number, 0) for number in range(len(wanted))]


_arc, _part = sub_sessions.alias("arc"), sub_sessions.alias("part")
_SPAN = (_part.c.session_id, _arc.c.started_at.label("begins"), _arc.c.last_event_at.label("ends"))


def _belongs(org_id: OrgId) -> sa.ColumnElement[bool]:
    """Whether `_part` is `_arc` itself or one of its fragments."""
    return sa.and_(
        _part.c.org_id == org_id, sa.or_(_part.c.id == _arc.c.id, _part.c.id == sa.any_(_arc.c.fragment_ids))
    )


def _spans_of_arcs(org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]) -> sa.Subquery:
    """One row for each session of each arc."""
    given = _given(wanted, UUID())
    arcs = given.join(_arc, sa.and_(_arc.c.org_id == org_id, _arc.c.id == given.c.key))
    shown = sa.or_(given.c.only.is_(None), _part.c.session_id == given.c.only)
    parts = arcs.join(_part, sa.and_(_belongs(org_id), shown))
    return sa.select(given, *_SPAN).select_from(parts).distinct().subquery("spans")


def _within(org_id: OrgId, spans: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    """One session at a time, which the primary key of events finds."""
    session = sa.and_(events.c.org_id == org_id, events.c.session_id == spans.c.session_id)
    return session, events.c.ts >= spans.c.begins, events.c.ts <= spans.c.ends


def _given(wanted: Sequence[Stretch[K]], key: sa.Text | UUID[uuid.UUID]) -> sa.Values:
    columns = (
        sa.column("number", sa.Integer),
        sa.column("key", key),
        sa.column("after_ts", sa.DateTime(timezone=True)),
        sa.column("after_seq", sa.BigInteger),
        sa.column("prompts_only", sa.Boolean),
        sa.column("only", sa.Text),
    )
    rows = [(n, one.of, *(one.after or _START), one.prompts_only, one.only) for n, one in enumerate(wanted)]
    return sa.values(*columns, name="given").data(rows)


async def _stretches(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[K]], spans: sa.FromClause
) -> list[list[StoredEvent]]:
    """`spans` has one row for each session of each of `wanted`."""
    follows = sa.tuple_(events.c.ts, events.c.seq) > sa.tuple_(spans.c.after_ts, spans.c.after_seq)
    shown = sa.or_(sa.not_(spans.c.prompts_only), events.c.kind == Kind.PROMPT)
    each = (
        sa.select(*STORED)
        .where(*_within(org_id, spans), follows, shown)
        .order_by(events.c.ts, events.c.seq)
        .limit(max(one.limit for one in wanted))  # the limit of a lateral query cannot differ from row to row
        .lateral("each")
    )
    query = sa.select(spans.c.number, each).select_from(spans.join(each, sa.true()))
    found: list[list[StoredEvent]] = [[] for _ in wanted]
    for row in await db.rows(query.order_by(spans.c.number, each.c.ts, each.c.seq)):
        number: int = row["number"]
        if len(found[number]) < wanted[number].limit:
            found[number].append(stored_from(row))
    return found
