"""The events that insights read: the newest version of each, those of one tenant that are meant."""

from collections.abc import Sequence

from domain.insights.filters import (
    Filter,
    Matched,
)
from domain.insights.plans import (
    Subject,
)
from domain.values import Span
from persistence.insights.clickhouse.conditions import Binds, condition, matches

SUBJECTS = {
    Subject.DEVELOPER: "e.user_id",
    Subject.SESSION: "e.session_id",
    Subject.ARC: "assumeNotNull(e.sub_session_id)",
}
ORDERED = "ts, ordinal, id"
"""Events of equal ts by their ordinals, then by their ids as PostgreSQL orders these: byte by byte."""


def events(
    binds: Binds, which: str, where: Filter, subject: Subject, span: Span, more: Sequence[str] = (), *, all: bool = True
) -> str:
    """A SELECT of `ts`, `subject`, `ordinal`, `id` and more. Without `all` those that belong to no arc are left out
    where arcs are the subject."""
    listed = "".join(f", {one}" for one in more)
    whose = SUBJECTS[subject]
    is_of_one = " AND isNotNull(e.sub_session_id)" if subject is Subject.ARC and not all else ""
    return (
        f"SELECT toUnixTimestamp64Micro(e.ts) AS ts, {whose} AS subject, e.ordinal AS ordinal,"
        f" UUIDToNum(e.id) AS id{listed} FROM insight_events AS e FINAL WHERE {binds.whose()}"
        f"{within(binds, span)} AND {which} AND {condition(where, binds)}{is_of_one}"
    )


def seen(binds: Binds, matched: Matched, where: Filter, subject: Subject, span: Span) -> str:
    """The events of one kind that belong to a subject."""
    return events(binds, matches(matched, binds), where, subject, span, all=False)


def within(binds: Binds, span: Span) -> str:
    """That a row lies in a span, as the partitions and the order of the table know it."""
    start = "" if span.start is None else f" AND e.ts >= fromUnixTimestamp64Micro({binds.instant(span.start)}, 'UTC')"
    end = "" if span.end is None else f" AND e.ts < fromUnixTimestamp64Micro({binds.instant(span.end)}, 'UTC')"
    return start + end


def any_of(meant: Sequence[Matched], binds: Binds) -> str:
    """Whether an event is one of those that are meant; by their names first, which the table is sorted by."""
    names = sorted({one.event for one in meant if one.event is not None})
    rules = " OR ".join(matches(one, binds) for one in meant)
    if any(one.event is None for one in meant):
        return f"({rules})"
    return f"has({binds.texts(names)}, e.event) AND ({rules})"
