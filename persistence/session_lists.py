"""Lists of sessions: filtered, sorted, in pages of either direction.

What the sessions themselves tell is asked of them, so that a list by start is always as new as they are; everything
else of their figures. Either way an index gives the order, and at worst the rows of one organisation are read once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

import persistence.access
import persistence.session_texts
from domain.sessions import ArcOutcome, Bounds, Session, SessionFilter, SessionOrder, SessionSort, repository_of
from domain.values import AssessmentId, OrgId, SessionId, Span, Window
from persistence.database import Reading
from persistence.session_figures import session_figures
from persistence.sessions import SHOWN, session_from, sessions

N = TypeVar("N", int, float)

Key = datetime | int | float | None
"""What a session is sorted by; None where it has no value."""

Place = tuple[Key, SessionId]


class Listed(NamedTuple):
    session: Session
    key: Key


_Rules = list[sa.ColumnElement[bool]]


class _List(NamedTuple):
    """Where a list comes from: its rows, the condition that they meet, what they are sorted by, and their ids."""

    source: sa.FromClause
    rules: _Rules
    key: sa.ColumnElement[Key]
    id: sa.ColumnElement[str]
    nullable: bool


async def page(
    db: Reading, org_id: OrgId, wanted: SessionFilter, sort: SessionSort, window: Window[Place]
) -> list[Listed]:
    """Ties by id, sessions without a value last: those of the window, and one more if there are more."""
    found = [Listed(session_from(row), row["key"]) for row in await db.rows(_page(org_id, wanted, sort, window))]
    return found[::-1] if window.backwards else found


_Column = sa.ColumnElement[Any]
_BY_NAME: tuple[_Column, _Column, _Column] = (sa.column("part"), sa.column("key"), sa.column("id"))
"""What orders a union."""


def _page(org_id: OrgId, wanted: SessionFilter, sort: SessionSort, window: Window[Place]) -> sa.Executable:
    listed = _list(org_id, wanted, sort)
    chosen = _chosen(listed, sort, window)
    if listed.source is sessions:
        return chosen
    few = chosen.subquery("few")
    shown = sa.select(*SHOWN, few.c.key).join(few, sa.and_(sessions.c.org_id == org_id, sessions.c.id == few.c.id))
    return shown.order_by(*_order(few.c.part, few.c.key, few.c.id, sort, window))


def _chosen(listed: _List, sort: SessionSort, window: Window[Place]) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """Rows with a value and those without are looked for apart: a condition over both finds no place in an index."""
    begins = window.after is None and window.before is None
    if not listed.nullable or (begins and sort.falling):  # the indexes have those without a value last
        rules = [] if begins else _valued(listed, sort, window)
        return _part(listed, 0, rules, sort, window)
    valued = _part(listed, 0, _valued(listed, sort, window), sort, window)
    valueless = _part(listed, 1, _valueless(listed, sort, window), sort, window)
    both = sa.union_all(valued, valueless)
    return both.order_by(*_order(*_BY_NAME, sort, window)).limit(window.size + 1)


def _part(listed: _List, number: int, rules: _Rules, sort: SessionSort, window: Window[Place]) -> sa.Select[Any]:
    columns = (sa.literal(number, sa.Integer).label("part"), listed.key.label("key"))
    shown = SHOWN if listed.source is sessions else (listed.id.label("id"),)
    chosen = sa.select(*columns, *shown).select_from(listed.source).where(*listed.rules, *rules)
    order = _sorted(listed.key, listed.id, sort.falling is not window.backwards)
    return chosen.order_by(*order).limit(window.size + 1)


def _order(
    part: sa.ColumnElement[Any],
    key: sa.ColumnElement[Any],
    id: sa.ColumnElement[Any],
    sort: SessionSort,
    window: Window[Place],
) -> Sequence[sa.ColumnElement[Any]]:
    return (part.desc() if window.backwards else part.asc(), *_sorted(key, id, sort.falling is not window.backwards))


def _sorted(key: sa.ColumnElement[Any], id: sa.ColumnElement[Any], falling: bool) -> Sequence[sa.ColumnElement[Any]]:
    """As the indexes have it, or their very reverse."""
    return (key.desc().nulls_last(), id.asc()) if falling else (key.asc().nulls_first(), id.desc())


def _valued(listed: _List, sort: SessionSort, window: Window[Place]) -> _Rules:
    rules: _Rules = [listed.key.is_not(None)] if listed.nullable else []
    if window.after is not None:
        rules += [sa.false()] if window.after[0] is None else _beyond(listed, *window.after, falling=sort.falling)
    if window.before is not None and window.before[0] is not None:
        rules += _beyond(listed, *window.before, falling=not sort.falling)
    return rules


def _valueless(listed: _List, sort: SessionSort, window: Window[Place]) -> _Rules:
    rules: _Rules = [listed.key.is_(None)]
    if window.after is not None and window.after[0] is None:
        rules.append(_later(listed, window.after[1], sort.falling))
    if window.before is not None:
        valued = window.before[0] is not None
        rules.append(sa.false() if valued else _later(listed, window.before[1], not sort.falling))
    return rules


def _beyond(listed: _List, key: Key, id: SessionId, falling: bool) -> _Rules:
    value = sa.literal(key, listed.key.type)
    tied = _later(listed, id, falling)
    if falling:
        return [listed.key <= value, sa.or_(listed.key < value, tied)]
    return [listed.key >= value, sa.or_(listed.key > value, tied)]


def _later(listed: _List, id: SessionId, falling: bool) -> sa.ColumnElement[bool]:
    return listed.id > id if falling else listed.id < id


async def page_at(db: Reading, org_id: OrgId, wanted: SessionFilter, limit: int, offset: int) -> list[Session]:
    """The newest first, by offset: for the old system that pages so."""
    listed = _list(org_id, wanted, SessionSort())
    query = sa.select(*SHOWN).where(*listed.rules).order_by(*_sorted(listed.key, listed.id, falling=True))
    return [session_from(row) for row in await db.rows(query.limit(limit).offset(offset))]


async def count(db: Reading, org_id: OrgId, wanted: SessionFilter) -> int:
    listed = _list(org_id, wanted, SessionSort())
    row = await db.row(sa.select(sa.func.count().label("n")).select_from(listed.source).where(*listed.rules))
    return 0 if row is None else row["n"]


_COLUMNS = {
    SessionOrder.START: session_figures.c.started_at,
    SessionOrder.ACTIVITY: session_figures.c.last_activity_at,
    SessionOrder.DURATION: session_figures.c.duration_ms,
    SessionOrder.TOKENS: session_figures.c.total_tokens,
    SessionOrder.COST: session_figures.c.cost_usd,
    SessionOrder.ERRORS: session_figures.c.error_count,
}

_NULLABLE = frozenset(order for order, column in _COLUMNS.items() if column.nullable)


def _list(org_id: OrgId, wanted: SessionFilter, sort: SessionSort) -> _List:
    if sort.by is SessionOrder.START and not wanted.asks_for_figures:
        # `claude_code` and `claude-code` are one service
        service = sa.func.replace(sessions.c.source_service, "_", "-")
        rules = _told_by_sessions(org_id, wanted, sessions, sessions.c.id, service)
        return _List(sessions, rules, sessions.c.started_at, sessions.c.id, nullable=True)
    figures = session_figures
    rules = _told_by_sessions(org_id, wanted, figures, figures.c.session_id, figures.c.source_service)
    rules += _told_by_figures(wanted)
    source, key = _met(org_id, wanted, sort)
    return _List(source, rules, key, figures.c.session_id, nullable=sort.by in _NULLABLE)


def _met(org_id: OrgId, wanted: SessionFilter, sort: SessionSort) -> tuple[sa.FromClause, sa.ColumnElement[Key]]:
    """The figures, of what meets the search if there is one; and what they are sorted by."""
    ranked = sort.by is SessionOrder.RELEVANCE
    if wanted.search is None:
        assert not ranked, "nothing is more relevant than the rest without a search"
        return session_figures, _COLUMNS[sort.by]
    met = persistence.session_texts.found(org_id, wanted.search, ranked, wanted.searches_arcs)
    source = session_figures.join(met, met.c.session_id == session_figures.c.session_id)
    return source, met.c.rank if ranked else _COLUMNS[sort.by]


def _told_by_sessions(
    org_id: OrgId,
    wanted: SessionFilter,
    table: sa.Table,
    id: sa.ColumnElement[str],
    service: sa.ColumnElement[str],
) -> _Rules:
    """What both tables know."""
    equal = {table.c.user_id: wanted.user_id, table.c.project: wanted.project, table.c.branch: wanted.branch}
    rules: _Rules = [table.c.org_id == org_id, *(one == value for one, value in equal.items() if value is not None)]
    rules += _within(table.c.started_at, wanted.within)
    if wanted.source_service is not None:
        rules.append(service == wanted.source_service.replace("_", "-"))
    if wanted.only is not None:
        rules.append(id == wanted.only)
    if wanted.assessment_id is not None:
        rules.append(id.in_(_of_assessment(org_id, wanted.assessment_id)))
    return rules


def _told_by_figures(wanted: SessionFilter) -> _Rules:
    figures = session_figures.c
    rules: _Rules = _within(figures.last_activity_at, wanted.active)
    rules += _between(figures.total_tokens, wanted.tokens) + _between(figures.cost_usd, wanted.cost_usd)
    rules += _between(figures.tool_error_count, wanted.tool_errors) + _between(
        figures.api_error_count, wanted.api_errors
    )
    if wanted.repository is not None:
        rules.append(figures.repository == repository_of(wanted.repository))
    if wanted.has_commits is not None:
        rules.append((figures.commit_count > 0) == wanted.has_commits)
    if wanted.has_pull_request is not None:
        rules.append((figures.pull_request_count > 0) == wanted.has_pull_request)
    return rules + list(_outcomes(wanted))


_ANY_ARC = {
    ArcOutcome.CRUSHED: session_figures.c.crushed_count > 0,
    ArcOutcome.MISSED: session_figures.c.qualifying_count > session_figures.c.crushed_count,
    ArcOutcome.PENDING: session_figures.c.pending_count > 0,
}


def _outcomes(wanted: SessionFilter) -> Iterable[sa.ColumnElement[bool]]:
    crushed, qualifying = session_figures.c.crushed_count, session_figures.c.qualifying_count
    if wanted.any_arc:
        yield sa.or_(*(_ANY_ARC[outcome] for outcome in wanted.any_arc))
    if wanted.crushed_share != Bounds():
        yield qualifying > 0
    if wanted.crushed_share.least is not None:
        yield crushed >= wanted.crushed_share.least * qualifying
    if wanted.crushed_share.most is not None:
        yield crushed <= wanted.crushed_share.most * qualifying


def _of_assessment(org_id: OrgId, assessment_id: AssessmentId) -> sa.Select[tuple[str]]:
    """Sessions reached through the candidate keys of an assessment."""
    keys = persistence.access.api_keys
    return sa.select(keys.c.session_id).where(keys.c.org_id == org_id, keys.c.assessment_id == assessment_id)


def _within(column: sa.Column[datetime], span: Span) -> _Rules:
    after: _Rules = [] if span.start is None else [column >= span.start]
    return after if span.end is None else [*after, column < span.end]


def _between(column: sa.Column[N], bounds: Bounds[N]) -> _Rules:
    above: _Rules = [] if bounds.least is None else [column >= bounds.least]
    return above if bounds.most is None else [*above, column <= bounds.most]
