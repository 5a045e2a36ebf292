"""Trends computed by PostgreSQL: one statement a plan, with a part for each series.

Events become cells (a value of the breakdown, a bucket, and a subject where subjects are counted), and these become
numbers once it is known which values of the breakdown stand for themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from domain.insights.plans import (
    MEANS,
    OTHER,
    Breakdown,
    BreakdownValue,
    Line,
    Math,
    Series,
    Subject,
    TrendsPlan,
)
from domain.values import Span
from persistence.database import Reading, Row, Tenant
from persistence.insights.conditions import Binds, as_text, expression
from persistence.insights.counted import SUBJECTS, chosen, counted, within

ACTIVE_DAYS: Final = {Math.WEEKLY_ACTIVE: 7, Math.MONTHLY_ACTIVE: 30}
SHARES: Final = {Math.MEDIAN: 0.5, Math.P75: 0.75, Math.P90: 0.9, Math.P95: 0.95, Math.P99: 0.99}
_SUMMED: Final[Mapping[Math, str]] = {
    Math.TOTAL: "sum(n)",
    Math.FIRST_TIME_FOR_USER: "sum(n)",
    Math.SUM: "sum(total)",
    Math.AVG: "sum(total) / sum(n)",
    Math.MIN: "min(least)",
    Math.MAX: "max(most)",
}
"""Maths that cells add up to, whatever value of the breakdown they are of."""


async def trends(db: Reading, tenant: Tenant, plan: TrendsPlan) -> Sequence[Line]:
    """As `Engine.trends`."""
    binds = Binds(tenant)
    parts = [f"({_line_of(place, plan, binds)})" for place in range(len(plan.series))]
    lines = [_line(row, plan) for row in await binds.rows(db, " UNION ALL ".join(parts) + " ORDER BY series, rank")]
    if plan.breakdown is not None:
        return lines
    found = {line.series: line for line in lines}
    return [found.get(place) or _empty(place, plan) for place in range(len(plan.series))]


def _line(row: Row, plan: TrendsPlan) -> Line:
    series: int = row["series"]
    math = plan.series[series].math
    found: dict[int, float] = dict(zip(row["places"], row["numbers"], strict=True))
    values: Sequence[float | None] = [found.get(place, _nothing(math)) for place in range(len(plan.within.starts))]
    if math in ACTIVE_DAYS:
        values = list(accumulate(found.get(place, 0.0) for place in range(len(plan.within.starts))))
    return Line(series, _value_of(row["value"], plan.breakdown), tuple(values))


def _empty(place: int, plan: TrendsPlan) -> Line:
    return Line(place, (), (_nothing(plan.series[place].math),) * len(plan.within.starts))


def _nothing(math: Math) -> float | None:
    return None if math in MEANS else 0.0


def _line_of(place: int, plan: TrendsPlan, binds: Binds) -> str:
    """A row for each value of the breakdown: the `numbers` of the buckets at `places`."""
    series = plan.series[place]
    cells = _cells(plan, series, binds)
    value = "NULL" if plan.breakdown is None else "(SELECT told FROM top WHERE top.rank = numbered.rank)"
    return (
        f"WITH cells AS ({cells}), {marking(plan.breakdown, binds)} SELECT {place} AS series, rank, {value} AS value,"
        " array_agg(place) AS places, array_agg(number::float8) AS numbers"
        f" FROM ({_numbers(plan, series.math)}) AS numbered GROUP BY rank"
    )


REST = 1_000_000
"""The rank of all values that do not stand for themselves."""


def marking(breakdown: Breakdown | None, binds: Binds) -> str:
    """What makes of `cells` those that are `marked` with the `rank` of their value among the `top`: the most frequent
    first, equally frequent ones in the order of the alphabet."""
    if breakdown is None:
        return "marked AS (SELECT 1 AS rank, cells.* FROM cells)"
    top = (
        "SELECT told, row_number() OVER (ORDER BY sum(n) DESC, told) AS rank"
        f" FROM cells GROUP BY told ORDER BY rank LIMIT {binds.integer(breakdown.limit)}"
    )
    marked = f"SELECT coalesce(top.rank, {REST}) AS rank, cells.* FROM cells LEFT JOIN top ON top.told = cells.told"
    return f"top AS ({top}), marked AS ({marked})"


def _cells(plan: TrendsPlan, series: Series, binds: Binds) -> str:
    source = source_of(plan, series, binds)
    if series.math in ACTIVE_DAYS:
        since = binds.instants(plan.within.active_since(ACTIVE_DAYS[series.math]))
        # A moment counts in the buckets from the first that ends after it to the last that looks back so far.
        first = f"width_bucket(ts, {binds.instants(plan.within.bounds[1:])})"
        last = f"width_bucket(ts, {since}) - 1"
        stretch = f"told, subject, {first} AS first, {last} AS last"
        return f"SELECT {stretch}, sum(n) AS n FROM ({source}) AS s GROUP BY 1, 2, 3, 4"
    place = f"width_bucket(ts, {binds.instants(plan.within.starts)}) - 1"
    if series.math in (Math.DAU, Math.UNIQUE_SESSION):
        return f"SELECT told, {place} AS place, subject, sum(n) AS n FROM ({source}) AS s GROUP BY 1, 2, 3"
    if series.math in SHARES:
        # Collected first: sorting them all by value and bucket, too, would take longer than the rest.
        numbers = "array_agg(number) AS numbers, count(*) AS n"
        return f"SELECT told, {place} AS place, {numbers} FROM ({source}) AS s GROUP BY 1, 2"
    numbers = "" if series.of is None else ", sum(number) AS total, min(number) AS least, max(number) AS most"
    return f"SELECT told, {place} AS place, sum(n) AS n{numbers} FROM ({source}) AS s GROUP BY 1, 2"


def source_of(plan: TrendsPlan, series: Series, binds: Binds) -> str:
    """A SELECT of what counts: `ts`, `subject`, `told` (the value of the breakdown), `n`, and `number` of maths that
    are taken of a property."""
    if series.math is Math.FIRST_TIME_FOR_USER:
        return _firsts(plan, series, binds)
    span, subject = read_span(plan, series), subject_of(plan, series)
    if plan.breakdown is None and series.of is None:
        counts = counted(binds, series.matched, plan.where, subject, span, _cuts(plan, series))
        return f"SELECT ts, subject, n, NULL::text AS told FROM ({counts}) AS c"
    return events_of(plan, series, binds, span)


def _cuts(plan: TrendsPlan, series: Series) -> Sequence[datetime]:
    days = ACTIVE_DAYS.get(series.math)
    return (*plan.within.bounds, *(() if days is None else plan.within.active_since(days)))


def read_span(plan: TrendsPlan, series: Series) -> Span:
    """When events count in some bucket."""
    days = ACTIVE_DAYS.get(series.math)
    start = plan.within.starts[0]
    return Span(start if days is None else min(start, plan.within.active_since(days)[0]), plan.within.end)


def subject_of(plan: TrendsPlan, series: Series) -> Subject:
    """Whom the series counts; what does not count subjects is of all events, those without an arc too."""
    if series.math is Math.UNIQUE_SESSION:
        return Subject.SESSION
    if series.math in (Math.DAU, Math.FIRST_TIME_FOR_USER, *ACTIVE_DAYS):
        return plan.subject
    return Subject.DEVELOPER


def events_of(plan: TrendsPlan, series: Series, binds: Binds, span: Span) -> str:
    """The events that count, one by one, with `arc` and what orders them beside."""
    subject = f"e.{SUBJECTS[subject_of(plan, series)]}"
    number = "NULL::float8" if series.of is None else expression(series.of, binds)
    rules = [f"{subject} IS NOT NULL"] if subject_of(plan, series) is Subject.ARC else []
    rules += [] if series.of is None else [f"{number} IS NOT NULL"]
    return (
        f"SELECT e.ts, {subject} AS subject, {told(plan.breakdown, binds)} AS told, 1::bigint AS n, {number} AS number,"
        " e.sub_session_id AS arc, e.ordinal, e.id FROM insight_events e"
        f" WHERE {' AND '.join([chosen(binds, series.matched, plan.where) + within(binds, 'e.ts', span), *rules])}"
    )


_NONE: Final = "1"
_SOME: Final = "0"


def told(breakdown: Breakdown | None, binds: Binds) -> str:
    """The value of the breakdown, equal for equal ones and in the order of letters' numbers on any server.

    Of one property it is a text that begins with whether there is one: half a million lists cost twice as much.
    """
    if breakdown is None:
        return "NULL::text"
    texts = [f'({as_text(one, binds)}) COLLATE "C"' for one in breakdown.properties]
    return f"coalesce('{_SOME}' || {texts[0]}, '{_NONE}')" if len(texts) == 1 else f"ARRAY[{', '.join(texts)}]"


def told_as(value: BreakdownValue, binds: Binds) -> str:
    """The value as `told` has it."""
    if len(value) != 1:
        return binds.add(list(value), "text[]")
    return binds.text(_NONE if value[0] is None else _SOME + value[0])


def _value_of(told: str | Sequence[str | None] | None, breakdown: Breakdown | None) -> BreakdownValue:
    if breakdown is None:
        return ()
    if told is None:
        return (OTHER,) * len(breakdown.properties)
    if isinstance(told, str):
        return (None,) if told == _NONE else (told.removeprefix(_SOME),)
    return tuple(told)


def _firsts(plan: TrendsPlan, series: Series, binds: Binds) -> str:
    ever = Span(None, plan.within.end)
    since = f"ts >= {binds.instant(plan.within.starts[0])}"
    if plan.breakdown is None:
        counts = counted(binds, series.matched, plan.where, plan.subject, ever, plan.within.bounds)
        firsts = f"SELECT subject, min(ts) AS ts, 1 AS n, NULL::text AS told FROM ({counts}) AS c GROUP BY subject"
        return f"SELECT * FROM ({firsts}) AS f WHERE {since}"
    return f"SELECT * FROM ({first_events(events_of(plan, series, binds, ever))}) AS f WHERE {since}"


def first_events(events: str) -> str:
    """Of each subject the first."""
    return f"SELECT DISTINCT ON (subject) * FROM ({events}) AS e ORDER BY subject, ts, ordinal, id"


def _numbers(plan: TrendsPlan, math: Math) -> str:
    """From `marked` cells: `rank`, `place`, `number`."""
    if math in ACTIVE_DAYS:
        return _changes(len(plan.within.starts))
    if math in (Math.DAU, Math.UNIQUE_SESSION):
        first = "min(place) AS place" if plan.only_first else "place"
        by = "rank, subject" if plan.only_first else "rank, subject, place"
        each = f"SELECT rank, subject, {first} FROM marked GROUP BY {by}"
        return f"SELECT rank, place, count(*) AS number FROM ({each}) AS each GROUP BY 1, 2"
    if math in SHARES:
        return _shares(SHARES[math])
    return f"SELECT rank, place, {_SUMMED[math]} AS number FROM marked GROUP BY 1, 2"


def _shares(share: float) -> str:
    """Each cell has all numbers of a value and bucket; only those of the rest are brought together."""
    at = f"percentile_cont({share}) WITHIN GROUP (ORDER BY number)"
    return (
        f"SELECT rank, place, (SELECT {at} FROM unnest(numbers) AS number) AS number FROM marked WHERE rank < {REST}"
        f" UNION ALL SELECT rank, place, {at} FROM marked, unnest(numbers) AS number WHERE rank = {REST} GROUP BY 1, 2"
    )


def _changes(size: int) -> str:
    """By how much the number of active subjects grows from one bucket to the next. Of the stretches of one subject, in
    the order of their ends, each counts from where those before it ended."""
    stretches = (
        "SELECT rank, greatest(first, 1 + max(last) OVER before) AS first, last FROM marked"
        " WINDOW before AS (PARTITION BY rank, subject ORDER BY last, first"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    both = "(VALUES (first, 1), (last + 1, -1)) AS change (place, number)"
    return (
        f"SELECT rank, place, sum(number) AS number FROM ({stretches}) AS s, LATERAL {both}"
        f" WHERE first <= last AND place < {size} GROUP BY 1, 2"
    )
