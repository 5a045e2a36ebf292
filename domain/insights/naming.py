"""What a query is called, and what it asks, in plain English: always the same words for the same query."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.insights.buckets import (
    Interval,
)
from domain.insights.plans import (
    Math,
    RetentionKind,
)
from domain.insights.query_models import (
    FunnelsQuery,
    HogQLQuery,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionEntity,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.insights.query_parts import (
    BreakdownFilter,
    DateRange,
    EventsNode,
    InsightQuery,
    Properties,
    PropertyFilter,
    PropertyGroup,
)

LONGEST = 400
"""Characters of a name or a description."""
_LONGEST_STATEMENT = 80


@dataclass(frozen=True, slots=True)
class Metadata:
    name: str
    description: str


def metadata(query: Query | None) -> Metadata:
    """None stands for kinds that are stored and not computed."""
    if query is None:
        return Metadata("Stored query", "A query that is kept as it is and not computed.")
    if isinstance(query, HogQLQuery):
        return _sql(query)
    name, question = _asked(query)
    return Metadata(_clipped(_capital(name)), _clipped(f"{_capital(question)}{_where(query)}{_when(query)}."))


def _asked(query: InsightQuery) -> tuple[str, str]:
    match query:
        case TrendsQuery():
            return _trends(query)
        case FunnelsQuery():
            return _funnel(query)
        case RetentionQuery():
            return _retention(query)
        case PathsQuery():
            return _paths(query)
        case LifecycleQuery():
            event = event_words(query.series[0])
            who = subjects(query)
            return (
                f"lifecycle of {who}: {event}",
                f"new, returning, resurrecting and dormant {who} with {event}{_every(query.interval)}",
            )
        case StickinessQuery():
            return _stickiness(query)
        case _:
            raise AssertionError(query)


def subjects(query: InsightQuery) -> str:
    """Whom the query is about."""
    index = query.aggregation_group_type_index
    return "developers" if index is None else ("sessions", "goal arcs")[index]


def event_words(node: EventsNode | RetentionEntity | None) -> str:
    """The events of a series, a step or an entity, as people say it."""
    if node is None:
        return "any event"
    event = node.event if isinstance(node, EventsNode) else node.id
    return node.custom_name or (str(event).replace("_", " ") if event else "any event")


_MATHS = {
    Math.TOTAL: "{event} count",
    Math.DAU: "{who} with {event}",
    Math.WEEKLY_ACTIVE: "{who} with {event} in the 7 days before",
    Math.MONTHLY_ACTIVE: "{who} with {event} in the 30 days before",
    Math.UNIQUE_SESSION: "sessions with {event}",
    Math.FIRST_TIME_FOR_USER: "{who} with their first {event}",
    Math.SUM: "sum of {of} of {event}",
    Math.AVG: "average {of} of {event}",
    Math.MEDIAN: "median {of} of {event}",
    Math.MIN: "least {of} of {event}",
    Math.MAX: "greatest {of} of {event}",
    Math.P75: "75th percentile of {of} of {event}",
    Math.P90: "90th percentile of {of} of {event}",
    Math.P95: "95th percentile of {of} of {event}",
    Math.P99: "99th percentile of {of} of {event}",
}


def series_words(node: EventsNode, who: str = "developers") -> str:
    """What a series counts; its own name where it has one."""
    of = (node.math_property or "").replace("_", " ")
    return node.custom_name or _MATHS[node.counted].format(event=event_words(node), who=who, of=of)


def _trends(query: TrendsQuery) -> tuple[str, str]:
    counted = listed([series_words(node, subjects(query)) for node in query.series])
    formulas = query.trends_filter.all_formulas if query.trends_filter else ()
    name = listed([one.custom_name or one.formula for one in formulas]) or counted
    by = _by(query.breakdown_filter)
    question = f"{f'{name} of {counted}' if formulas else counted}{by}{_every(query.interval)}"
    compared = query.compare_filter
    if compared is not None and compared.compare:
        with_what = f"the time {_amount(compared.compare_to[1:])} earlier" if compared.compare_to else "the time before"
        question += f", compared with {with_what}"
    return f"{name}{by}", question


def _funnel(query: FunnelsQuery) -> tuple[str, str]:
    steps = [event_words(node) for node in query.series]
    filter, by, who = query.funnels_filter, _by(query.breakdown_filter), subjects(query)
    kind = (filter and filter.funnel_viz_type) or "steps"
    path = " → ".join(steps)
    if kind == "time_to_convert":
        return f"time to convert: {path}", f"how long {who} take from {steps[0]} to {steps[-1]}"
    question = f"how many {who} get from {' to '.join(steps)}"
    if kind == "trends":
        return f"conversion over time: {path}{by}", f"{question}{by}{_every(query.interval)}"
    return f"funnel: {path}{by}", f"{question}{by}"


_RHYTHM = {Interval.HOUR: "hourly", Interval.DAY: "daily", Interval.WEEK: "weekly", Interval.MONTH: "monthly"}


def _retention(query: RetentionQuery) -> tuple[str, str]:
    filter, who = query.retention_filter, subjects(query)
    target, back = event_words(filter.target_entity), event_words(filter.returning_entity)
    period, by = filter.interval, _by(query.breakdown_filter)
    name = f"{_RHYTHM[period]} retention of {who}: {target} → {back}{by}"
    if filter.retention_type not in (None, RetentionKind.RECURRING):
        target = f"their first {target.removeprefix('any ')}"
    return name, f"of the {who} with {target} in one {period}, how many have {back} in the {period}s after it{by}"


def _paths(query: PathsQuery) -> tuple[str, str]:
    filter = query.paths_filter
    start = f" from {filter.start_point.replace('_', ' ')}" if filter.start_point else ""
    end = f" to {filter.end_point.replace('_', ' ')}" if filter.end_point else ""
    return f"paths of {subjects(query)}{start}{end}", f"what {subjects(query)} do one after the other{start}{end}"


def _stickiness(query: StickinessQuery) -> tuple[str, str]:
    events = listed([event_words(node) for node in query.series])
    interval = query.interval or Interval.DAY
    return f"stickiness of {subjects(query)}: {events}", f"in how many {interval}s {subjects(query)} have {events}"


def _sql(query: HogQLQuery) -> Metadata:
    statement = " ".join(query.query.split())
    short = statement if len(statement) <= _LONGEST_STATEMENT else f"{statement[: _LONGEST_STATEMENT - 1]}…"
    names = [one.code_name for one in (query.variables or {}).values()]
    given = f" It asks for {listed(names)}." if names else ""
    return Metadata(_clipped(query.name or f"SQL: {short}"), _clipped(f"The rows of {short}{given}"))


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _every(interval: Interval | None) -> str:
    return f" per {interval or Interval.DAY}"


def _by(breakdown: BreakdownFilter | None) -> str:
    if breakdown is None:
        return ""
    if breakdown.breakdowns:
        keys = [one.property for one in breakdown.breakdowns]
    else:
        keys = list(breakdown.breakdown) if isinstance(breakdown.breakdown, tuple) else [breakdown.breakdown or ""]
    return f" by {listed([key.replace('_', ' ') for key in keys])}" if any(keys) else ""


def _where(query: InsightQuery) -> str:
    rules = _conditions(query.properties)
    if not rules:
        return ""
    if len(rules) > 2 or isinstance(query.properties, PropertyGroup) or None in rules:
        return f", of events that pass {len(rules)} condition{'s' if len(rules) > 1 else ''}"
    return f", where {listed([rule for rule in rules if rule])}"


def _conditions(properties: Properties) -> list[str | None]:
    """A text for each condition; None where it needs more words than fit."""
    if properties is None:
        return []
    parts = properties.values if isinstance(properties, PropertyGroup) else properties
    return [rule for part in parts for rule in (_conditions(part) if isinstance(part, PropertyGroup) else _rule(part))]


_SIMPLE = {"exact": "is", "is_not": "is not", "in": "is", "not_in": "is not", "gt": "is over", "lt": "is under"}


def _rule(filter: PropertyFilter) -> list[str | None]:
    if filter.type == "empty":
        return []
    verb = _SIMPLE.get(filter.operator or "exact")
    values = filter.value if isinstance(filter.value, tuple) else (filter.value,)
    words = " or ".join(str(value) for value in values)
    return [f"{(filter.key or '').replace('_', ' ')} {verb} {words}" if verb and len(words) < 80 else None]


_UNITS = {"s": "second", "M": "minute", "h": "hour", "d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
_CURRENT = {
    "dStart": "today",
    "wStart": "this week",
    "mStart": "this month",
    "qStart": "this quarter",
    "yStart": "this year",
}


def _amount(text: str) -> str:
    number, unit = text[:-1], _UNITS[text[-1]]
    return f"1 {unit}" if number == "1" else f"{number} {unit}s"


def _when(query: InsightQuery) -> str:
    range = query.date_range or DateRange()
    start, end = range.date_from, range.date_to
    if isinstance(query, RetentionQuery) and not start:
        count, period = query.retention_filter.total_intervals or 8, query.retention_filter.interval
        return f", over {count} {period}s" + (f" up to {end}" if end else "")
    if (start, end) == ("-1dStart", "-1dEnd"):
        return ", yesterday"
    if end:
        return f", from {start or '7 days ago'} to {end}"
    if start == "all":
        return ", over all time"
    if start in _CURRENT:
        return f", {_CURRENT[start]}"
    back = re.fullmatch(r"-(\d+[sMhdwmqy])", start or "-7d")
    return f", over the last {_amount(back[1]).removeprefix('1 ')}" if back else f", since {start}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
