"""Trends computed by ClickHouse: one statement a plan, with a part for each series."""

import math as numbers_
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    Line,
    Math,
    Series,
    Subject,
    TrendsPlan,
)
from domain.values import Span
from persistence.database import Tenant
from persistence.insights.clickhouse.client import Client, Row
from persistence.insights.clickhouse.conditions import Binds, expression, matches
from persistence.insights.clickhouse.ranked import named, ranked, value_of
from persistence.insights.clickhouse.source import events
from persistence.insights.trends import ACTIVE_DAYS, MEANS, SHARES, read_span, subject_of

_SUMMED: Final[Mapping[Math, str]] = {
    Math.TOTAL: "sum(n)",
    Math.FIRST_TIME_FOR_USER: "sum(n)",
    Math.SUM: "sum(total)",
    Math.AVG: "sum(total) / sum(n)",
    Math.MIN: "min(least)",
    Math.MAX: "max(most)",
}


async def trends(client: Client, tenant: Tenant, plan: TrendsPlan) -> Sequence[Line]:
    """As `Engine.trends`."""
    binds = Binds(tenant)
    parts = [f"({_numbers_of(place, plan, binds)})" for place in range(len(plan.series))]
    found: dict[tuple[int, int], list[Row]] = {}
    for row in await binds.rows(client, " UNION ALL ".join(parts)):
        found.setdefault((row["series"], row["rank"]), []).append(row)
    lines = [_line(place, found[place, rank], plan) for place, rank in sorted(found)]
    if plan.breakdown is not None:
        return lines
    known = {line.series: line for line in lines}
    return [known.get(place) or _line(place, [], plan) for place in range(len(plan.series))]


def _line(series: int, rows: Sequence[Row], plan: TrendsPlan) -> Line:
    math, size = plan.series[series].math, len(plan.within.starts)
    nothing = None if math in MEANS else 0.0
    found = {row["place"]: _finite(row["number"]) for row in rows}
    values: Sequence[float | None] = [found.get(place, nothing) for place in range(size)]
    if math in ACTIVE_DAYS:
        values = list(accumulate(found.get(place, 0.0) for place in range(size)))
    value = named(rows[0]["told"], rows[0]["rank"], plan.breakdown) if rows else ()
    return Line(series, value, tuple(values))


def _finite(number: float | str) -> float:
    found = float(number)
    if not numbers_.isfinite(found):
        raise InvalidQuery("the numbers are too large to be summed up")
    return found


def _numbers_of(place: int, plan: TrendsPlan, binds: Binds) -> str:
    """`series`, `rank`, `told`, `place` and `number`."""
    series = plan.series[place]
    cells = ranked(_cells(plan, series, binds), plan.breakdown, binds, "n")
    return (
        f"SELECT {place} AS series, rank, told, place, toFloat64(number) AS number"
        f" FROM ({_numbers(plan, series.math, cells)}) AS counted"
    )


def _cells(plan: TrendsPlan, series: Series, binds: Binds) -> str:
    source = _source(plan, series, binds)
    if series.math in ACTIVE_DAYS:
        # A moment counts in the buckets from the first that ends after it to the last that looks back so far.
        first = binds.place("ts", plan.within.bounds[1:])
        last = f"{binds.place('ts', plan.within.active_since(ACTIVE_DAYS[series.math]))} - 1"
        return (
            f"SELECT value, subject, {first} AS first, {last} AS last, count() AS n FROM ({source}) AS s"
            " GROUP BY value, subject, first, last"
        )
    place = f"{binds.place('ts', plan.within.starts)} - 1"
    if series.math in (Math.DAU, Math.UNIQUE_SESSION):
        return (
            f"SELECT value, {place} AS place, subject, count() AS n FROM ({source}) AS s GROUP BY value, place, subject"
        )
    if series.math in SHARES:
        return f"SELECT value, {place} AS place, number, 1 AS n FROM ({source}) AS s"
    sums = "" if series.of is None else ", sum(number) AS total, min(number) AS least, max(number) AS most"
    return f"SELECT value, {place} AS place, count() AS n{sums} FROM ({source}) AS s GROUP BY value, place"


def _source(plan: TrendsPlan, series: Series, binds: Binds) -> str:
    """`ts`, `subject`, `value` and `number` of all that counts."""
    if series.math is not Math.FIRST_TIME_FOR_USER:
        return _events(plan, series, binds, read_span(plan, series))
    ever = _events(plan, series, binds, Span(None, plan.within.end))
    firsts = (
        "SELECT subject, argMin(tuple(ts, value), tuple(ts, ordinal, id)) AS one"
        f" FROM ({ever}) AS ever GROUP BY subject"
    )
    return (
        f"SELECT one.1 AS ts, subject, one.2 AS value FROM ({firsts}) AS firsts"
        f" WHERE one.1 >= {binds.instant(plan.within.starts[0])}"
    )


def _events(plan: TrendsPlan, series: Series, binds: Binds, span: Span) -> str:
    subject, which = subject_of(plan, series), matches(series.matched, binds)
    more = [f"{value_of(plan.breakdown, binds)} AS value"]
    if series.of is not None:
        number = expression(series.of, binds)
        more.append(f"assumeNotNull({number}) AS number")
        which += f" AND isNotNull({number})"
    return events(binds, which, plan.where, subject, span, more, all=subject is not Subject.ARC)


def _numbers(plan: TrendsPlan, math: Math, cells: str) -> str:
    """From ranked cells: `rank`, `told`, `place`, `number`."""
    if math in ACTIVE_DAYS:
        return _changes(cells, len(plan.within.starts))
    if math in (Math.DAU, Math.UNIQUE_SESSION):
        first, by = (
            ("min(place) AS at", "rank, subject") if plan.only_first else ("place AS at", "rank, subject, place")
        )
        each = f"SELECT rank, any(value) AS told, {first} FROM ({cells}) AS cells GROUP BY {by}"
        return f"SELECT rank, any(told) AS told, at AS place, count() AS number FROM ({each}) AS each GROUP BY rank, at"
    number = _SUMMED.get(math) or f"quantileExactInclusive({SHARES[math]})(number)"
    return f"SELECT rank, any(value) AS told, place, {number} AS number FROM ({cells}) AS cells GROUP BY rank, place"


def _changes(cells: str, size: int) -> str:
    """By how much the number of active subjects grows from one bucket to the next. Of the stretches of one subject, in
    the order of their ends, each counts from where those before it ended."""
    before = (
        "max(toNullable(last)) OVER (PARTITION BY rank, subject ORDER BY last, first"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    stretches = f"SELECT rank, value, greatest(first, ifNull({before}, -1) + 1) AS since, last FROM ({cells}) AS cells"
    return (
        "SELECT rank, any(value) AS told, change.1 AS place, sum(change.2) AS number"
        " FROM (SELECT rank, value, arrayJoin([tuple(since, 1), tuple(last + 1, -1)]) AS change"
        f" FROM ({stretches}) AS stretches WHERE since <= last) AS changes WHERE change.1 < {size}"
        " GROUP BY rank, place"
    )
