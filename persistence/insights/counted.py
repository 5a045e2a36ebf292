"""When which subject did what how often: from the sums by quarters of an hour where they say the same as the events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.insights.filters import (
    AllOf,
    Filter,
    Matched,
)
from domain.insights.plans import (
    Subject,
)
from domain.values import Span
from persistence.insights.conditions import Binds, condition, matches

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_CUTS = 4
"""Quarters that are read event by event beside the sums; with more of them all is read so."""

SUBJECTS = {Subject.DEVELOPER: "user_id", Subject.SESSION: "session_id", Subject.ARC: "sub_session_id"}
"""The columns of insight_events; those of sums are the same, but for arcs."""


def counted(
    binds: Binds, matched: Matched, where: Filter, subject: Subject, span: Span, cuts: Sequence[datetime]
) -> str:
    """A SELECT of `ts`, `subject` (without events of none) and `n` of the matching events within the span.

    `ts` lies on the same side of each of `cuts` (and of the span's ends) as the events that stand together there.
    """
    whole = _is_everything(matched.where) and _is_everything(where) and subject is not Subject.ARC
    ends = [end for end in (span.start, span.end) if end is not None]
    split = sorted({_quarter(cut) for cut in (*cuts, *ends) if _quarter(cut) != cut})
    if not whole or len(split) > _MOST_CUTS:
        return _events(binds, matched, where, subject, span)
    sums = _sums(binds, matched, subject, span, split)
    parts = [_events(binds, matched, where, subject, _part(span, quarter)) for quarter in split]
    return " UNION ALL ".join([sums, *parts])


def _is_everything(filter: Filter) -> bool:
    return isinstance(filter, AllOf) and all(_is_everything(part) for part in filter.parts)


def _quarter(instant: datetime) -> datetime:
    return instant - (instant - _EPOCH) % QUARTER


def _part(span: Span, quarter: datetime) -> Span:
    start = quarter if span.start is None else max(span.start, quarter)
    end = quarter + QUARTER
    return Span(start, end if span.end is None else min(span.end, end))


def _events(binds: Binds, matched: Matched, where: Filter, subject: Subject, span: Span) -> str:
    column = SUBJECTS[subject]
    is_of_one = f" AND e.{column} IS NOT NULL" if subject is Subject.ARC else ""
    return (
        f"SELECT e.ts, e.{column} AS subject, 1::bigint AS n FROM insight_events e"
        f" WHERE {chosen(binds, matched, where)}{within(binds, 'e.ts', span)}{is_of_one}"
    )


def _sums(binds: Binds, matched: Matched, subject: Subject, span: Span, split: Sequence[datetime]) -> str:
    named = "" if matched.event is None else f" AND q.event = {binds.text(matched.event)}"
    others = f" AND q.quarter <> ALL ({binds.instants(split)})" if split else ""
    return (
        f"SELECT q.quarter AS ts, q.{SUBJECTS[subject]} AS subject, q.count AS n FROM insight_quarters q"
        f" WHERE {binds.whose('q')}{named}{within(binds, 'q.quarter', span)}{others}"
    )


def chosen(binds: Binds, matched: Matched, where: Filter) -> str:
    """That a row `e` of insight_events is the tenant's, meant, and passes the filter of all series."""
    return f"{binds.whose()} AND {matches(matched, binds)} AND {condition(where, binds)}"


def within(binds: Binds, column: str, span: Span) -> str:
    """That an instant lies in a span: more rules after others, none where the span is open."""
    start = "" if span.start is None else f" AND {column} >= {binds.instant(span.start)}"
    end = "" if span.end is None else f" AND {column} < {binds.instant(span.end)}"
    return start + end
