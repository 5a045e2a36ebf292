"""Where in the input of a query something is wrong: the stored document has other names for what inputs say."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from schema.insight_conditions import InsightConditionInput
from schema.insight_query_inputs import InsightQueryInput

Path = tuple[str, ...]


def _events(document: str, input: str) -> dict[str, str]:
    names = {"custom_name": "name", "event": "event", "id": "event", "properties": "where"}
    return {document: input, **{f"{document}.{old}": f"{input}.{new}" for old, new in names.items()}}


def _in(part: str, **names: str) -> dict[str, str]:
    return {f"{part}.{old}": new for old, new in names.items()}


_COMMON = {
    "dateRange": "range",
    **_in("dateRange", date_from="range.dateFrom", date_to="range.dateTo", explicitDate="range.exact"),
    "properties": "where",
    "aggregation_group_type_index": "subject",
}
_CUT = {"interval": "interval"}
_BREAKDOWN = {
    "breakdownFilter": "breakdown",
    **_in("breakdownFilter", breakdowns="breakdown.properties", breakdown_limit="breakdown.valueCount"),
    "breakdownFilter.breakdowns.*": "breakdown.properties.*",
}
_TRENDS = {
    **_events("series.*", "series.*"),
    **_in("series.*", math="series.*.math", math_property="series.*.of"),
    **_in("trendsFilter", formula="formulas", formulaNodes="formulas", display="display"),
    "trendsFilter.formulaNodes.*": "formulas.*",
    **_in("trendsFilter.formulaNodes.*", formula="formulas.*.formula", custom_name="formulas.*.name"),
    **_in("compareFilter", compare="compared", compare_to="comparedWith"),
}
_FUNNEL = {
    "series": "steps",
    **_events("series.*", "steps.*"),
    **_in("funnelsFilter", funnelVizType="view", funnelOrderType="order", binCount="binCount"),
    **_in("funnelsFilter", funnelWindowInterval="window.count", funnelWindowIntervalUnit="window.unit"),
    **_in("funnelsFilter", funnelFromStep="firstStep", funnelToStep="lastStep", exclusions="exclusions"),
    **_in("funnelsFilter", breakdownAttributionType="attribution", breakdownAttributionValue="attributionStep"),
    **_events("funnelsFilter.exclusions.*", "exclusions.*.events"),
    "funnelsFilter.exclusions.*.funnelFromStep": "exclusions.*.afterStep",
    "funnelsFilter.exclusions.*.funnelToStep": "exclusions.*.beforeStep",
}
_RETENTION = {
    **_events("retentionFilter.targetEntity", "target"),
    **_events("retentionFilter.returningEntity", "returning"),
    **_in("retentionFilter", period="interval", totalIntervals="periodCount", retentionType="kind"),
    "retentionFilter.cumulative": "cumulative",
}
_PATHS = {
    **_in("pathsFilter", startPoint="startEvent", endPoint="endEvent", excludeEvents="excludedEvents"),
    **_in("pathsFilter", stepLimit="stepCount", edgeLimit="edgeCount"),
    **_in("pathsFilter", minEdgeWeight="minEdgeCount", maxEdgeWeight="maxEdgeCount"),
    **_in("pathsFilter", localPathCleaningFilters="cleaning"),
    **_in("pathsFilter.localPathCleaningFilters.*", regex="cleaning.*.regex", alias="cleaning.*.alias"),
}
_STICKINESS = {**_events("series.*", "series.*"), "stickinessFilter.computedAs": "cumulative"}
_SQL = {"query": "statement", **{f"filters.{old}": new for old, new in _COMMON.items() if old.startswith("dateRange")}}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "trends": {"series": "series", **_COMMON, **_CUT, **_BREAKDOWN, **_TRENDS},
    "funnel": {**_COMMON, **_CUT, **_BREAKDOWN, **_FUNNEL},
    "retention": {**_COMMON, **_BREAKDOWN, **_RETENTION},
    "paths": {**_COMMON, **_PATHS},
    "lifecycle": {**_COMMON, **_CUT, "series": "events", **_events("series.*", "events")},
    "stickiness": {**_COMMON, **_CUT, "series": "series", **_STICKINESS},
    "sql": _SQL,
}
_CONDITION = {"key": "property", "type": "property", "operator": "operator", "value": "values"}


def place_in(query: InsightQueryInput, place: Path) -> Path:
    """The path in the input, from the kind of the query on, of a place in its document: as far as inputs name it."""
    [kind] = [kind for kind in _NAMES if getattr(query, kind)]
    found, rest = _longest(_NAMES[kind], place[1:] if place[:1] == ("source",) else place)
    if found[-1:] == ("where",):
        where = _at(getattr(query, kind), found)
        found = found if where is None else (*found, *_inside(where, rest[1:] if where.compare else rest))
    return (kind, *found)


def _longest(names: Mapping[str, str], place: Path) -> tuple[Path, Path]:
    """The input's path for as much of a place as it names, and the rest."""
    for size in range(len(place), 0, -1):
        numbers = [step for step in place[:size] if step.isdigit()]
        named = names.get(".".join("*" if step.isdigit() else step for step in place[:size]))
        if named is not None:
            return tuple(_filled(named.split("."), numbers)), place[size:]
    return (), place


def _filled(steps: Iterable[str], numbers: Iterable[str]) -> Iterator[str]:
    left = iter(numbers)
    return (next(left) if step == "*" else step for step in steps)


def _at(input: object, path: Path) -> InsightConditionInput | None:
    for step in path:
        input = cast("list[object]", input)[int(step)] if isinstance(input, list) else getattr(input, step, None)
    return input if isinstance(input, InsightConditionInput) else None


def _inside(where: InsightConditionInput, rest: Path) -> Path:
    """Of a place within a condition of the document."""
    if where.compare:
        return ("compare", *(_CONDITION[step] for step in rest[:1] if step in _CONDITION))
    combinator, parts = ("all", where.all) if where.all else ("any", where.any)
    if not parts or len(rest) < 2:
        return (combinator,)
    return (combinator, rest[1], *_inside(parts[int(rest[1])], rest[2:]))
