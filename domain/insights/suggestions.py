"""What to look at next after an insight: queries that are ready to run, made of the one that is there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.insights.errors import InvalidQuery
from domain.insights.naming import metadata
from domain.insights.query import StoredQuery, read
from domain.insights.query_models import (
    FunnelsQuery,
    LifecycleQuery,
    PathsQuery,
    RetentionEntity,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.values import JsonObject, JsonValue

_ALWAYS_KEPT = ("dateRange", "properties", "aggregation_group_type_index", "filterTestAccounts")
_OF_AN_EVENT = ("kind", "event", "name", "custom_name", "properties", "fixedProperties")
_UNITS = {"Hour": "h", "Day": "d", "Week": "w", "Month": "m"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`target` is an InsightVizNode as it would be stored."""

    title: str
    description: str
    target: JsonObject


def suggestions(query: StoredQuery, context: str | None = None) -> tuple[Suggestion, ...]:
    """() unless the query is drawn as an insight. With words of `context` the best fitting ones come first.

    Retention always leads to stickiness and lifecycle of its returning entity.
    """
    source = query.document.get("source")
    if query.document.get("kind") != "InsightVizNode" or not isinstance(source, dict):
        return ()
    found = [made for target in _targets(query, source) if (made := _suggested(target)) is not None]
    wanted = _words(context or "")
    return tuple(sorted(found, key=lambda one: -len(wanted & _words(f"{one.title} {one.description}"))))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.lower()))


def _suggested(target: JsonObject) -> Suggestion | None:
    """None for what would be too big to be a query."""
    try:
        stored = read(target)
    except InvalidQuery:
        return None
    words = metadata(stored.source)
    return Suggestion(words.name, words.description, stored.document)


def _targets(query: StoredQuery, source: JsonObject) -> Iterator[JsonObject]:
    match query.source:
        case TrendsQuery():
            yield from _after_trends(query.source, source)
        case FunnelsQuery():
            yield from _after_funnel(query.source, source)
        case RetentionQuery():
            yield from _after_retention(query.source, source)
        case PathsQuery():
            yield from _after_paths(query.source, source)
        case LifecycleQuery():
            yield _stickiness(source, _events(source))
            yield _retention(source, _events(source)[0])
        case StickinessQuery():
            yield _retention(source, _events(source)[0])
            yield _lifecycle(source, _events(source)[0])
        case _:
            return


def _after_trends(query: TrendsQuery, source: JsonObject) -> Iterator[JsonObject]:
    if query.compare_filter is None or not query.compare_filter.compare:
        yield {**source, "compareFilter": {"compare": True}}
    if query.breakdown_filter is None:
        yield {**source, "breakdownFilter": {"breakdown": "agent", "breakdown_type": "event"}}
    if 2 <= len(query.series) <= 20:
        yield _funnel(source, _events(source))
    yield _retention(source, _events(source)[0])
    yield _stickiness(source, _events(source)[:1])


def _after_funnel(query: FunnelsQuery, source: JsonObject) -> Iterator[JsonObject]:
    filter = source.get("funnelsFilter")
    told = filter if isinstance(filter, dict) else {}
    kind, first = told.get("funnelVizType") or "steps", query.series[0].event
    if len(query.series) > 1:
        for other in ("steps", "time_to_convert", "trends"):
            if other != kind:
                yield {**source, "funnelsFilter": {**told, "funnelVizType": other}}
    if query.breakdown_filter is None and kind == "steps":
        yield {**source, "breakdownFilter": {"breakdown": "agent", "breakdown_type": "event"}}
    if first:
        yield {"kind": "PathsQuery", **_kept(source), "pathsFilter": {"startPoint": first}}


def _after_retention(query: RetentionQuery, source: JsonObject) -> Iterator[JsonObject]:
    filter = query.retention_filter
    shared = {**source, "interval": filter.interval.value}
    if query.date_range is None or not query.date_range.date_from:
        back = (filter.total_intervals or 8) - 1
        shared["dateRange"] = {"date_from": f"-{back}{_UNITS[filter.period or 'Day']}"}
    raw = source["retentionFilter"]
    assert isinstance(raw, dict)
    node = _node(filter.returning_entity, raw.get("returningEntity"))
    yield _stickiness(shared, [node])
    yield _lifecycle(shared, node)
    if filter.period != "Hour":
        yield {
            "kind": "TrendsQuery",
            **_kept(shared),
            "interval": filter.interval.value,
            "series": [{**node, "math": "dau"}],
        }


def _after_paths(query: PathsQuery, source: JsonObject) -> Iterator[JsonObject]:
    ends = [name for name in (query.paths_filter.start_point, query.paths_filter.end_point) if name]
    nodes: list[JsonObject] = [{"kind": "EventsNode", "event": name} for name in ends]
    if len(nodes) == 2:
        yield _funnel(source, nodes)
    if nodes:
        yield {"kind": "TrendsQuery", **_kept(source), "series": [*nodes]}
    yield _lifecycle(source, nodes[0] if nodes else {"kind": "EventsNode", "event": None})


def _funnel(source: JsonObject, nodes: Sequence[JsonObject]) -> JsonObject:
    return {"kind": "FunnelsQuery", **_kept(source), "series": [*nodes]}


def _retention(source: JsonObject, node: JsonObject) -> JsonObject:
    entity: JsonObject = {"id": node.get("event"), "type": "events"}
    for name in ("name", "custom_name", "properties"):
        if node.get(name) is not None:
            entity[name] = node[name]
    filter: JsonObject = {"period": "Week", "totalIntervals": 8, "targetEntity": entity, "returningEntity": entity}
    kept = {name: value for name, value in _kept(source).items() if name != "dateRange"}
    return {"kind": "RetentionQuery", **kept, "retentionFilter": filter}


def _stickiness(source: JsonObject, nodes: Sequence[JsonObject]) -> JsonObject:
    return {"kind": "StickinessQuery", **_kept(source), **_interval(source), "series": [*nodes]}


def _lifecycle(source: JsonObject, node: JsonObject) -> JsonObject:
    return {"kind": "LifecycleQuery", **_kept(source), **_interval(source), "series": [node]}


def _kept(source: JsonObject) -> JsonObject:
    return {name: source[name] for name in _ALWAYS_KEPT if source.get(name) is not None}


def _interval(source: JsonObject) -> JsonObject:
    return {"interval": source["interval"]} if source.get("interval") else {}


def _events(source: JsonObject) -> list[JsonObject]:
    """The series of a query, without what is counted of them."""
    nodes = source["series"]
    assert isinstance(nodes, list)
    return [{name: node[name] for name in _OF_AN_EVENT if name in node} for node in nodes if isinstance(node, dict)]


def _node(entity: RetentionEntity | None, raw: JsonValue) -> JsonObject:
    """The events of an entity; without one any event."""
    node: JsonObject = {"kind": "EventsNode", "event": None if entity is None or entity.id is None else str(entity.id)}
    if isinstance(raw, dict):
        node |= {name: raw[name] for name in ("name", "custom_name", "properties") if raw.get(name) is not None}
    return node
