"""Pages of many timelines in one statement: for lists whose items each show a part of theirs."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.base import Executable

from domain.judging.edits import FILE_KINDS
from domain.session_parts import ToolCount
from domain.timeline import Kind, StoredEvent
from domain.values import OrgId, SessionId, Span, SubSessionId, Window
from persistence.database import ORG, Reading
from persistence.judging import sub_sessions
from persistence.timeline import STORED, events, stored_from

K = TypeVar("K", SessionId, SubSessionId)

Place = tuple[datetime, int]
"""When an event happened, and its insertion order."""

_START: Place = (datetime.min.replace(tzinfo=UTC), -1)
_END: Place = (datetime.max.replace(tzinfo=UTC), 2**63 - 1)
_NOWHERE: Window[Place] = Window(0)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[K]):
    """The events of a session or of a goal arc that lie in a window.

    `prompts_only` leaves what the user wrote, `kinds` those kinds, all if there are none, `within` what happened then;
    `only` narrows an arc to what happened in that session.
    """

    of: K
    window: Window[Place] = _NOWHERE
    prompts_only: bool = False
    only: SessionId | None = None
    kinds: tuple[Kind, ...] = ()
    within: Span = Span()

    @property
    def after(self) -> Place:
        start = _START if self.within.start is None else (self.within.start, -1)
        return max(self.window.after or _START, start)

    @property
    def before(self) -> Place:
        end = _END if self.within.end is None else (self.within.end, -1)
        return min(self.window.before or _END, end)


def _given(key: sa.Text | UUID[uuid.UUID]) -> sa.TableValuedAlias:
    """The stretches that are wanted, numbered from 1, with keys of that type; `_values` binds them."""
    columns = {
        "key": key,
        "after_ts": sa.DateTime(timezone=True),
        "after_seq": sa.BigInteger(),
        "before_ts": sa.DateTime(timezone=True),
        "before_seq": sa.BigInteger(),
        "prompts_only": sa.Boolean(),
        "only": sa.Text(),
        "kinds": sa.Text(),
    }
    arrays = [sa.bindparam(name, type_=ARRAY(type)) for name, type in columns.items()]
    named = [sa.column(name, type) for name, type in columns.items()]
    return sa.func.unnest(*arrays).table_valued(*named, name="given", with_ordinality="number").render_derived()


def _values(org_id: OrgId, wanted: Sequence[Stretch[K]]) -> dict[str, object]:
    after, before = [one.after for one in wanted], [one.before for one in wanted]
    return {
        "org_id": org_id,
        "key": [one.of for one in wanted],
        "after_ts": [ts for ts, _ in after],
        "after_seq": [seq for _, seq in after],
        "before_ts": [ts for ts, _ in before],
        "before_seq": [seq for _, seq in before],
        "prompts_only": [one.prompts_only for one in wanted],
        "only": [one.only for one in wanted],
        "kinds": [",".join(one.kinds) or None for one in wanted],  # no array holds arrays of different lengths
    }


def _spans_of_sessions() -> sa.Subquery:
    given = _given(sa.Text())
    always = (sa.literal(_START[0]).label("begins"), sa.literal(_END[0]).label("ends"))
    return sa.select(given, given.c.key.label("session_id"), *always).subquery("spans")


_arc, _part = sub_sessions.alias("arc"), sub_sessions.alias("part")
# The row of an arc tells where all of it ends, not where its own first fragment does.
_HOME = _part.c.session_id == _arc.c.session_id
_SPAN = (
    _part.c.session_id,
    sa.func.min(sa.case((_HOME, _arc.c.started_at), else_=_part.c.started_at)).label("begins"),
    sa.func.max(sa.case((_HOME, _arc.c.last_event_at), else_=_part.c.last_event_at)).label("ends"),
)
_BELONGS = sa.and_(_part.c.org_id == ORG, sa.or_(_part.c.id == _arc.c.id, _part.c.id == sa.any_(_arc.c.fragment_ids)))
"""Whether `_part` is `_arc` itself or one of its fragments."""


def _spans_of_arcs() -> sa.Subquery:
    """One row for each session of each arc, from its first fragment there to the end of its last."""
    given = _given(UUID())
    arcs = given.join(_arc, sa.and_(_arc.c.org_id == ORG, _arc.c.id == given.c.key))
    shown = sa.or_(given.c.only.is_(None), _part.c.session_id == given.c.only)
    parts = arcs.join(_part, sa.and_(_BELONGS, shown))
    return sa.select(given, *_SPAN).select_from(parts).group_by(*given.c, _part.c.session_id).subquery("spans")


def _within(spans: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    """One session at a time, which the primary key of events finds."""
    session = sa.and_(events.c.org_id == ORG, events.c.session_id == spans.c.session_id)
    by_user = sa.and_(events.c.kind == Kind.PROMPT, events.c.agent_id.is_(None))
    shown = sa.or_(sa.not_(spans.c.prompts_only), by_user)
    of_kinds = events.c.kind == sa.any_(sa.func.string_to_array(spans.c.kinds, ",", type_=ARRAY(sa.Text)))
    place = sa.tuple_(events.c.ts, events.c.seq)
    follows = place > sa.tuple_(spans.c.after_ts, spans.c.after_seq)
    precedes = place < sa.tuple_(spans.c.before_ts, spans.c.before_seq)
    lies = (events.c.ts >= spans.c.begins, events.c.ts <= spans.c.ends, follows, precedes)
    return session, *lies, shown, sa.or_(spans.c.kinds.is_(None), of_kinds)


def _events(spans: sa.FromClause, backwards: bool) -> Executable:
    """`spans` has one row for each session of each stretch; those where the paging begins come first."""
    each = (
        sa.select(*STORED)
        .where(*_within(spans))
        .order_by(*_order(events.c.ts, events.c.seq, backwards))
        .limit(sa.bindparam("most", type_=sa.Integer))  # that of a lateral query cannot differ from row to row
        .lateral("each")
    )
    query = sa.select(spans.c.number, each).select_from(spans.join(each, sa.true()))
    return query.order_by(spans.c.number, *_order(each.c.ts, each.c.seq, backwards))


def _order(
    ts: sa.ColumnElement[datetime], seq: sa.ColumnElement[int], backwards: bool
) -> tuple[sa.UnaryExpression[datetime], sa.UnaryExpression[int]]:
    return (ts.desc(), seq.desc()) if backwards else (ts.asc(), seq.asc())


def _counts(spans: sa.FromClause) -> Executable:
    each = sa.select(sa.func.count().label("count")).select_from(events).where(*_within(spans)).lateral("each")
    total = sa.func.sum(each.c.count).label("total")
    return sa.select(spans.c.number, total).select_from(spans.join(each, sa.true())).group_by(spans.c.number)


def _tools(spans: sa.FromClause) -> Executable:
    """All events of a call (`call_id`) are one; what people typed into a shell themselves is none."""
    call = sa.func.coalesce(events.c.call_id, sa.cast(events.c.id, sa.Text))
    by_assistant = sa.or_(events.c.call_id.is_not(None), events.c.actor == "ai")
    failed = sa.and_(events.c.kind == Kind.TOOL_RESULT, events.c.succeeded.is_(False))
    each = (
        sa.select(sa.func.min(events.c.tool).label("tool"), sa.func.bool_or(failed).label("failed"))
        .where(*_within(spans), events.c.tool.is_not(None), events.c.kind == sa.any_(_CALLS), by_assistant)
        .group_by(call)
        .lateral("each")
    )
    counts = (sa.func.count().label("calls"), sa.func.count().filter(each.c.failed).label("errors"))
    query = sa.select(spans.c.number, each.c.tool, *counts).select_from(spans.join(each, sa.true()))
    return query.group_by(spans.c.number, each.c.tool).order_by(spans.c.number, sa.desc("calls"), each.c.tool)


_CALLS = sa.literal([Kind.TOOL_USE, Kind.MCP_CALL, Kind.TOOL_RESULT, Kind.COMMAND, *sorted(FILE_KINDS)], ARRAY(sa.Text))
_WAYS = (False, True)
_OF_SESSIONS = {backwards: _events(_spans_of_sessions(), backwards) for backwards in _WAYS}
_OF_ARCS = {backwards: _events(_spans_of_arcs(), backwards) for backwards in _WAYS}
_COUNTS_OF_SESSIONS, _COUNTS_OF_ARCS = _counts(_spans_of_sessions()), _counts(_spans_of_arcs())
_TOOLS_OF_ARCS = _tools(_spans_of_arcs())


async def events_of_sessions(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SessionId]]
) -> list[list[StoredEvent]]:
    """One list for each of `wanted`, by (ts, insertion order), with one event more than its window's size if there are
    more; [] where a session has none."""
    return await _stretches(db, org_id, wanted, _OF_SESSIONS)


async def events_of_arcs(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]
) -> list[list[StoredEvent]]:
    """As `events_of_sessions`. An arc has what its sessions hold between its first and its last event there."""
    return await _stretches(db, org_id, wanted, _OF_ARCS)


async def event_counts_of_sessions(db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SessionId]]) -> list[int]:
    """How many events each session has, in the order of `wanted`; give them no windows."""
    return await _counted(db, org_id, wanted, _COUNTS_OF_SESSIONS)


async def event_counts_of_arcs(db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]) -> list[int]:
    """As `event_counts_of_sessions`."""
    return await _counted(db, org_id, wanted, _COUNTS_OF_ARCS)


async def tools_of_arcs(db: Reading, org_id: OrgId, wanted: Sequence[Stretch[SubSessionId]]) -> list[list[ToolCount]]:
    """The tools called in each arc, those with the most calls first, in the order of `wanted`; give them no windows."""
    found: list[list[ToolCount]] = [[] for _ in wanted]
    for row in await db.rows(_TOOLS_OF_ARCS, _values(org_id, wanted)):
        number: int = row["number"]
        found[number - 1].append(ToolCount(row["tool"], int(row["calls"]), int(row["errors"])))
    return found


async def _counted(db: Reading, org_id: OrgId, wanted: Sequence[Stretch[K]], query: Executable) -> list[int]:
    rows = await db.rows(query, _values(org_id, wanted))
    found: dict[int, int] = {row["number"]: int(row["total"]) for row in rows}
    return [found.get(number, 0) for number in range(1, len(wanted) + 1)]


async def _stretches(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[K]], queries: Mapping[bool, Executable]
) -> list[list[StoredEvent]]:
    """One statement for each way of paging that is wanted."""
    found: dict[Stretch[K], list[StoredEvent]] = {}
    for backwards, query in queries.items():
        some = [one for one in wanted if one.window.backwards is backwards]
        for one, told in zip(some, await _one_way(db, org_id, some, query), strict=True):
            found[one] = told[::-1] if backwards else told
    return [found[one] for one in wanted]


async def _one_way(
    db: Reading, org_id: OrgId, wanted: Sequence[Stretch[K]], query: Executable
) -> list[list[StoredEvent]]:
    found: list[list[StoredEvent]] = [[] for _ in wanted]
    most = max((one.window.size + 1 for one in wanted), default=0)
    rows = await db.rows(query, _values(org_id, wanted) | {"most": most}) if wanted else ()
    for row in rows:
        number: int = row["number"] - 1
        if len(found[number]) <= wanted[number].window.size:
            found[number].append(stored_from(row))
    return found
