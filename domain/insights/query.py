"""Reading queries as they come from clients, and laying a reader's own filters over them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from domain.insights.buckets import (
    Interval,
)
from domain.insights.errors import InsightFault, InvalidQuery
from domain.insights.query_dates import check_range
from domain.insights.query_errors import Place, invalid, maybe, quoted, told
from domain.insights.query_fields import Node, SnakeNode
from domain.insights.query_filters import check_filters
from domain.insights.query_models import (
    FunnelsQuery,
    HogQLQuery,
    Insight,
    LifecycleQuery,
    PathsQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from domain.insights.query_parts import BreakdownFilter, DateRange, Properties, Text
from domain.insights.query_rules import check
from domain.insights.query_wrappers import DataTableNode, DataVisualizationNode, HogQuery, InsightVizNode, TableSource
from domain.values import JsonObject, JsonValue

MOST_BYTES = 65_536
MOST_DEPTH = 24


class InsightType(StrEnum):
    """What lists of insights are filtered by; `JSON` is everything that is none of the others."""

    TRENDS = "TRENDS"
    FUNNELS = "FUNNELS"
    RETENTION = "RETENTION"
    PATHS = "PATHS"
    LIFECYCLE = "LIFECYCLE"
    STICKINESS = "STICKINESS"
    SQL = "SQL"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """`document` is what is stored: as it came, bare queries wrapped. `source` is what is run: None for kinds that are
    stored and not computed."""

    document: JsonObject
    source: Query | None
    type: InsightType


_INSIGHTS: Mapping[str, tuple[type[Insight], InsightType]] = {
    "TrendsQuery": (TrendsQuery, InsightType.TRENDS),
    "FunnelsQuery": (FunnelsQuery, InsightType.FUNNELS),
    "RetentionQuery": (RetentionQuery, InsightType.RETENTION),
    "PathsQuery": (PathsQuery, InsightType.PATHS),
    "LifecycleQuery": (LifecycleQuery, InsightType.LIFECYCLE),
    "StickinessQuery": (StickinessQuery, InsightType.STICKINESS),
}
_WRAPPERS: Mapping[str, type[Node]] = {
    "InsightVizNode": InsightVizNode,
    "DataVisualizationNode": DataVisualizationNode,
    "DataTableNode": DataTableNode,
    "HogQuery": HogQuery,
}
KINDS = (*_WRAPPERS, *_INSIGHTS, "HogQLQuery")


def read(document: JsonValue) -> StoredQuery:
    """Reads a wrapper, or a bare query and wraps it.

    Raises InvalidQuery naming the field and its place: UNKNOWN_FIELD for names that nobody knows, NOT_SUPPORTED for
    known ones that would change numbers and are not computed, INVALID_QUERY for the rest.
    """
    _bound(document)
    if not isinstance(document, dict):
        raise InvalidQuery("a query is an object with a kind")
    kind = document.get("kind")
    if not isinstance(kind, str):
        raise invalid("is missing" if kind is None else "is a text", ("kind",))
    if kind in _WRAPPERS:
        return _wrapped(document, _read_as(_WRAPPERS[kind], document))
    if kind in _INSIGHTS:
        model, type = _INSIGHTS[kind]
        return _bare(document, _read_as(model, document), "InsightVizNode", type)
    if kind == "HogQLQuery":
        return _bare(document, _read_as(HogQLQuery, document), "DataVisualizationNode", InsightType.SQL)
    meant = maybe(kind, KINDS) or f"; there are {', '.join(KINDS)}"
    raise invalid(f"there is no {quoted(kind)}{meant}", ("kind",))


def _bound(document: object) -> None:
    """Raises InvalidQuery for what is too big, too deep, or cannot be stored. Never follows a document downwards by
    calling itself."""
    level: list[object] = [document]
    for _ in range(MOST_DEPTH):
        if any(isinstance(value, str) and "\0" in value for value in level):
            raise InvalidQuery("a query has no character U+0000")
        level = [part for value in level for part in _parts(value)]
        if not level:
            break
    else:
        raise InvalidQuery(f"a query is at most {MOST_DEPTH} levels deep")
    if len(_as_json(document)) > MOST_BYTES:
        raise InvalidQuery(f"a query has at most {MOST_BYTES} bytes")


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]  # pyright: ignore[reportUnknownVariableType] - JSON
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def _as_json(document: object) -> bytes:
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:  # numbers that are none, or half of a character
        raise InvalidQuery(f"a query is JSON: {error}") from error


N = TypeVar("N", bound=Node)


def _read_as(model: type[N], document: object) -> N:
    try:
        return model.model_validate_json(_as_json(document))
    except ValidationError as error:
        raise told(error.errors(include_url=False), document, model) from error


def _bare(document: JsonObject, query: Query, wrapper: str, type: InsightType) -> StoredQuery:
    check(query, ())
    return StoredQuery({"kind": wrapper, "source": document}, query, type)


def _wrapped(document: JsonObject, wrapper: Node) -> StoredQuery:
    source = wrapper.source if isinstance(wrapper, InsightVizNode | DataVisualizationNode | DataTableNode) else None
    if source is None or isinstance(source, TableSource):
        return StoredQuery(document, None, InsightType.JSON)
    check(source, ("source",))
    type = InsightType.SQL if isinstance(source, HogQLQuery) else _INSIGHTS[source.kind][1]
    return StoredQuery(document, source, type)


class Overrides(SnakeNode):
    """What a reader may lay over a query: a range takes the place of its own, conditions hold beside its own."""

    date_from: Text | None = None
    date_to: Text | None = None
    explicit_date: Annotated[bool | None, Field(alias="explicitDate")] = None
    interval: Interval | None = None
    properties: Properties = None
    breakdown_filter: BreakdownFilter | None = None


_FILTERS: Place = ("filters_override",)
_VARIABLES: Place = ("variables_override",)


def override(query: StoredQuery, filters: JsonValue, variables: JsonValue) -> StoredQuery:
    """The same query for one read: `filters` (date_from, date_to, explicitDate, properties, interval,
    breakdown_filter) replace or narrow what the query says, `variables` (by their id) the values of its variables.

    Raises InvalidQuery, also for variables that the query does not have and fields that its kind has no place for.
    """
    source = query.source
    if source is None or not (filters or variables):
        return query
    old = query.document["source"]
    assert isinstance(old, dict)
    laid = {**old, **_laid_filters(source, old, filters)}
    if variables:
        laid["variables"] = _laid_variables(source, old, variables)
    return read({**query.document, "source": laid})


def _laid_filters(source: Query, old: JsonObject, filters: JsonValue) -> JsonObject:
    if not filters:
        return {}
    _bound(filters)
    try:
        given = Overrides.model_validate_json(_as_json(filters))
    except ValidationError as error:
        wrong = told(error.errors(include_url=False), filters, Overrides)
        raise _placed(wrong, _FILTERS) from error
    assert isinstance(filters, dict)
    check_range(DateRange(date_from=given.date_from, date_to=given.date_to), _FILTERS)
    check_filters(given.properties, (*_FILTERS, "properties"))
    range = {name: filters[name] for name in ("date_from", "date_to", "explicitDate") if filters.get(name) is not None}
    laid: JsonObject = {"dateRange": range} if given.date_from or given.date_to else {}
    if given.properties:
        laid["properties"] = _both(old.get("properties"), filters["properties"])
    for name, field in (("interval", "interval"), ("breakdown_filter", "breakdownFilter")):
        if filters.get(name) is not None:
            laid[field] = filters[name]
    return _fitting(source, old, laid)


def _fitting(source: Query, old: JsonObject, laid: JsonObject) -> JsonObject:
    """As the kind of query has it: SQL under `filters`, and no field that it knows nothing of."""
    if isinstance(source, HogQLQuery):
        unknown = laid.keys() - {"dateRange", "properties"}
    else:
        unknown = laid.keys() - {field.alias or name for name, field in type(source).model_fields.items()}
    if unknown:
        raise invalid(f"a {source.kind} has no {sorted(unknown)[0]}", _FILTERS)
    if not isinstance(source, HogQLQuery) or not laid:
        return laid
    before = old.get("filters")
    return {"filters": {**(before if isinstance(before, dict) else {}), **laid}}


def _both(old: JsonValue, new: JsonValue) -> JsonValue:
    groups: list[JsonValue] = [_group(one) for one in (old, new) if one]
    return groups[0] if len(groups) == 1 else {"type": "AND", "values": groups}


def _group(properties: JsonValue) -> JsonValue:
    return {"type": "AND", "values": properties} if isinstance(properties, list) else properties


def _placed(error: InvalidQuery, place: Place) -> InvalidQuery:
    fault = error.faults[0]
    code = InsightFault(fault.code)
    return InvalidQuery(f"{'.'.join(place)}: {error}", (*place, *(fault.field or ())), code)


def _laid_variables(source: Query, old: JsonObject, variables: JsonValue) -> JsonObject:
    _bound(variables)
    known = old.get("variables")
    if not isinstance(source, HogQLQuery) or not isinstance(known, dict):
        raise invalid("the query has no variables", _VARIABLES)
    if not isinstance(variables, dict):
        raise invalid("must be an object by the ids of variables", _VARIABLES)
    laid = dict(known)
    for id, given in variables.items():
        before = known.get(id)
        if not isinstance(before, dict):
            raise invalid(f"there is no variable {quoted(id)}{maybe(id, known)}", (*_VARIABLES, id))
        if not isinstance(given, dict):
            raise invalid("must be an object with a value", (*_VARIABLES, id))
        laid[id] = {**before, **given}
    return laid
