import json
import time
from collections.abc import Callable

import pytest

from domain.insights.errors import InvalidQuery
from domain.insights.plans import (
    Math,
)
from domain.insights.query import InsightType, override, read
from domain.insights.query_models import HogQLQuery, TrendsQuery
from domain.values import JsonObject, JsonValue

EDIT: JsonObject = {"kind": "EventsNode", "event": "edit"}
COMMIT: JsonObject = {"kind": "EventsNode", "event": "commit"}


def trends(**fields: JsonValue) -> JsonObject:
    return {"kind": "TrendsQuery", "series": [EDIT], **fields}


def funnel(**fields: JsonValue) -> JsonObject:
    return {"kind": "FunnelsQuery", "series": [EDIT, COMMIT], **fields}


def retention(**filter: JsonValue) -> JsonObject:
    return {"kind": "RetentionQuery", "retentionFilter": dict(filter)}


def sql(**fields: JsonValue) -> JsonObject:
    return {"kind": "HogQLQuery", "query": "select {variables.agent}", **fields}


def of(node: JsonObject, **fields: JsonValue) -> list[JsonValue]:
    return [{**node, **fields}]


@pytest.mark.parametrize(
    ("document", "wrapper", "type"),
    [
        (trends(), "InsightVizNode", "TRENDS"),
        (funnel(), "InsightVizNode", "FUNNELS"),
        (retention(), "InsightVizNode", "RETENTION"),
        ({"kind": "PathsQuery", "pathsFilter": {}}, "InsightVizNode", "PATHS"),
        ({"kind": "LifecycleQuery", "series": [EDIT]}, "InsightVizNode", "LIFECYCLE"),
        ({"kind": "StickinessQuery", "series": [EDIT]}, "InsightVizNode", "STICKINESS"),
        (sql(), "DataVisualizationNode", "SQL"),
    ],
)
def test_bare_queries_are_wrapped_and_else_stored_as_they_came(document: JsonObject, wrapper: str, type: str) -> None:
    stored = read(document)
    assert stored.document == {"kind": wrapper, "source": document}
    assert stored.type is InsightType(type)
    assert stored.source is not None
    assert read(stored.document) == stored


@pytest.mark.parametrize(
    ("document", "type", "runs"),
    [
        ({"kind": "DataTableNode", "source": sql(), "full": True}, "SQL", True),
        ({"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["*"]}}, "JSON", False),
        ({"kind": "HogQuery", "code": "return 1"}, "JSON", False),
        ({"kind": "HogQuery"}, "JSON", False),
    ],
)
def test_kinds_that_are_only_stored_have_nothing_to_run(document: JsonObject, type: str, runs: bool) -> None:
    stored = read(document)
    assert stored.document is document
    assert (stored.type, stored.source is not None) == (InsightType(type), runs)


def test_what_only_styles_a_chart_is_kept() -> None:
    document = trends(trendsFilter={"goalLines": [{"label": "here", "value": 3}], "showLegend": True}, version=2)
    assert read(document).document["source"] == document


def test_models_have_the_values_of_the_wire() -> None:
    query = read(trends(series=of(EDIT, math="p90", math_property="cost_usd"), interval="week")).source
    assert isinstance(query, TrendsQuery)
    assert (query.series[0].counted, query.series[0].math_property, query.interval) == (Math.P90, "cost_usd", "week")


OF_NO_KIND = "InsightVizNode, DataVisualizationNode, DataTableNode, HogQuery, TrendsQuery"


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        (trends(interavl="day"), "interavl", "there is no field “interavl”, did you mean “interval”?"),
        (trends(trends_filter={}), "trends_filter", "did you mean “trendsFilter”?"),
        (trends(zzz=1), "zzz", "there is no field “zzz”"),
        (trends(series=of(EDIT, maths="total")), "series.0.maths", "did you mean “math”?"),
        ({"kind": "InsightVizNode", "source": trends(dateRange={"from": 1})}, "source.dateRange.from", "“from”"),
        (trends(properties=[{"kee": "agent"}]), "properties.0.kee", "did you mean “key”?"),
        (
            trends(properties={"type": "OR", "values": [{"type": "AND", "values": [{"key": "a", "vlaue": 1}]}]}),
            "properties.values.0.values.0.vlaue",
            "did you mean “value”?",
        ),
        (funnel(funnelsFilter={"exclusions": of(EDIT, funnelFromStep=0, funnelToStep=1, x=1)}), None, "“x”"),
        (retention(targetEntity={"event": "edit"}), "retentionFilter.targetEntity.event", "“event”"),
        (sql(variables={"a": {"variableId": "a", "code_name": "a", "default": 1}}), "variables.a.default", "“default”"),
        ({"kind": "DataTableNode", "source": sql(), "columnz": []}, "columnz", "did you mean “columns”?"),
    ],
)
def test_unknown_fields_are_named_with_what_may_be_meant(document: JsonObject, field: str | None, message: str) -> None:
    with pytest.raises(InvalidQuery) as raised:
        read(document)
    fault = raised.value.faults[0]
    assert fault.code == "UNKNOWN_FIELD"
    assert fault.field is not None
    assert field in (None, ".".join(fault.field))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (trends(series=[{"kind": "ActionsNode", "id": 3}]), "series.0.kind"),
        (trends(series=[{"kind": "DataWarehouseNode", "table_name": "t"}]), "series.0.kind"),
        (trends(series=of(EDIT, math="hogql", math_hogql="count()")), "series.0.math"),
        (trends(series=of(EDIT, math="avg_count_per_actor")), "series.0.math"),
        (trends(series=of(EDIT, math_multiplier=2)), "series.0.math_multiplier"),
        (trends(samplingFactor=0.1), "samplingFactor"),
        (trends(modifiers={"personsOnEventsMode": "disabled"}), "modifiers"),
        (trends(conversionGoal={"actionId": 1}), "conversionGoal"),
        (trends(trendsFilter={"smoothingIntervals": 7}), "trendsFilter.smoothingIntervals"),
        (trends(properties=[{"type": "cohort", "key": "id", "value": 1}]), "properties.0.type"),
        (trends(properties=[{"key": "a", "operator": "flag_evaluates_to", "value": True}]), "properties.0.operator"),
        (trends(breakdownFilter={"breakdown": "a", "breakdown_type": "hogql"}), "breakdownFilter.breakdown_type"),
        (trends(breakdownFilter={"breakdown_histogram_bin_count": 5}), None),
        (funnel(series=[EDIT, {**COMMIT, "math": "first_time_for_user"}]), "series.1.math"),
        (funnel(series=[EDIT, {**COMMIT, "optionalInFunnel": True}]), "series.1.optionalInFunnel"),
        (funnel(funnelsFilter={"funnelAggregateByHogQL": "properties.a"}), "funnelsFilter.funnelAggregateByHogQL"),
        (retention(targetEntity={"id": 1, "type": "actions"}), "retentionFilter.targetEntity.type"),
        (retention(minimumOccurrences=3), "retentionFilter.minimumOccurrences"),
        (retention(timeWindowMode="24_hour_windows"), "retentionFilter.timeWindowMode"),
        ({"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["hogql"]}}, "pathsFilter.includeEventTypes.0"),
        ({"kind": "PathsQuery", "pathsFilter": {}, "funnelPathsFilter": {}}, "funnelPathsFilter"),
        ({"kind": "StickinessQuery", "series": [EDIT], "compareFilter": {"compare": True}}, "compareFilter"),
        (
            {
                "kind": "StickinessQuery",
                "series": [EDIT],
                "stickinessFilter": {"stickinessCriteria": {"operator": "gte", "value": 3}},
            },
            "stickinessFilter.stickinessCriteria",
        ),
        (sql(explain=True), "explain"),
        (sql(filters={"properties": [{"key": "a", "value": 1}]}), "filters.properties"),
    ],
)
def test_what_would_change_numbers_and_is_not_computed_is_refused_by_name(
    document: JsonObject, field: str | None
) -> None:
    with pytest.raises(InvalidQuery) as raised:
        read(document)
    fault = raised.value.faults[0]
    assert fault.code == "NOT_SUPPORTED"
    assert fault.field is not None
    assert field in (None, ".".join(fault.field))


@pytest.mark.parametrize(
    "document",
    [
        trends(samplingFactor=1, modifiers={}, conversionGoal=None, filterTestAccounts=True),
        trends(trendsFilter={"smoothingIntervals": 1}, series=of(EDIT, math_multiplier=1, optionalInFunnel=False)),
        trends(properties=[{"type": "empty"}], breakdownFilter={"breakdown": None, "breakdown_normalize_url": False}),
        funnel(series=of(EDIT, math="total") + of(COMMIT, math="dau")),
        retention(minimumOccurrences=1, timeWindowMode="strict_calendar_dates", targetEntity={"type": "events"}),
        {"kind": "PathsQuery", "pathsFilter": {"pathGroupings": [], "includeEventTypes": ["custom_event"]}},
        {"kind": "StickinessQuery", "series": [EDIT], "intervalCount": 1, "compareFilter": {"compare": False}},
        {
            "kind": "StickinessQuery",
            "series": [EDIT],
            "stickinessFilter": {"stickinessCriteria": {"operator": "gte", "value": 1}},
        },
        sql(explain=False, filters={"properties": []}),
    ],
)
def test_values_that_change_nothing_are_taken(document: JsonObject) -> None:
    assert read(document).source is not None


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        ({}, "kind", "is missing"),
        ({"kind": ["TrendsQuery"]}, "kind", "is a text"),
        ({"kind": "TrendQuery"}, "kind", "did you mean “TrendsQuery”?"),
        ({"kind": "RecordingsQuery"}, "kind", "there is no “RecordingsQuery”"),
        ({"kind": "Cohort"}, "kind", OF_NO_KIND),
        ({"kind": "InsightVizNode"}, "source", "is missing"),
        ({"kind": "InsightVizNode", "source": {}}, "source.kind", "is missing"),
        ({"kind": "InsightVizNode", "source": sql()}, "source.kind", "“HogQLQuery” is none of"),
        ({"kind": "TrendsQuery"}, "series", "is missing"),
        ({"kind": "InsightVizNode", "source": {"kind": "TrendsQuery"}}, "source.series", "is missing"),
        (trends(series=[]), "series", "has at least 1"),
        (trends(series=of(EDIT) * 27), "series", "has at most 26, not 27"),
        (trends(series="edit"), "series", "array"),
        (trends(series=of(EDIT, event=5)), "series.0.event", "string"),
        (trends(series=of(EDIT, math="summ")), "series.0.math", "“summ” is none of"),
        (trends(series=of(EDIT, math="sum")), "series.0.math_property", "sum needs a math_property"),
        (trends(series=of(EDIT, math="sum", math_property="agent")), "series.0.math_property", "“agent” is no number"),
        (trends(interval="second"), "interval", "“second” is none of"),
        (trends(aggregation_group_type_index=2), "aggregation_group_type_index", "“2” is none of 0 or 1"),
        (trends(samplingFactor=2), "samplingFactor", "less than or equal to 1"),
        (trends(dateRange={"date_from": "-7 days"}), "dateRange.date_from", "“-7 days” is no date"),
        (trends(dateRange={"date_to": "all"}), "dateRange.date_to", "“all” is no date"),
        (trends(compareFilter={"compare": "yes"}), "compareFilter.compare", "boolean"),
        (trends(compareFilter={"compare_to": "1y"}), "compareFilter.compare_to", "does not fit"),
        (trends(trendsFilter={"formula": "A" * 401}), "trendsFilter.formula", "at most 400"),
        (trends(breakdownFilter={"breakdown": ["a", "b", "c", "d"]}), "breakdownFilter.breakdown", "at most 3"),
        (
            trends(breakdownFilter={"breakdown": "a", "breakdowns": [{"property": "b"}]}),
            "breakdownFilter.breakdown",
            "either",
        ),
        (funnel(series=of(EDIT) * 21), "series", "has at most 20, not 21"),
        (funnel(funnelsFilter={"funnelWindowInterval": 10**12}), "funnelsFilter.funnelWindowInterval", "five years"),
        (funnel(funnelsFilter={"funnelToStep": 2}), "funnelsFilter.funnelToStep", "there is no step 2"),
        (funnel(funnelsFilter={"funnelFromStep": 1, "funnelToStep": 1}), "funnelsFilter.funnelToStep", "after"),
        (
            funnel(funnelsFilter={"breakdownAttributionType": "step", "breakdownAttributionValue": 2}),
            "funnelsFilter.breakdownAttributionValue",
            "steps 0 to 1 only",
        ),
        (
            funnel(funnelsFilter={"exclusions": of(EDIT, funnelFromStep=1, funnelToStep=1)}),
            "funnelsFilter.exclusions.0.funnelToStep",
            "after funnelFromStep",
        ),
        (
            funnel(funnelsFilter={"exclusions": of(EDIT, funnelFromStep=0, funnelToStep=5)}),
            "funnelsFilter.exclusions.0.funnelToStep",
            "there is no step 5",
        ),
        (retention(targetEntity={"id": 7}), "retentionFilter.targetEntity.id", "name of an event"),
        (retention(totalIntervals=0), "retentionFilter.totalIntervals", "greater than or equal to 1"),
        (
            {"kind": "PathsQuery", "pathsFilter": {"minEdgeWeight": 5, "maxEdgeWeight": 2}},
            "pathsFilter.maxEdgeWeight",
            "smaller",
        ),
        (
            {
                "kind": "PathsQuery",
                "pathsFilter": {"localPathCleaningFilters": [{"regex": "(", "alias": "a"}]},
            },
            "pathsFilter.localPathCleaningFilters.0.regex",
            "no regular expression",
        ),
        ({"kind": "LifecycleQuery", "series": [EDIT, COMMIT]}, "series", "at most 1"),
        (sql(query=""), "query", "at least 1"),
        (sql(variables={"a": {"variableId": "a", "code_name": "no name"}}), "variables.a.code_name", "does not fit"),
    ],
)
def test_wrong_values_are_named(document: JsonObject, field: str, message: str) -> None:
    with pytest.raises(InvalidQuery) as raised:
        read(document)
    fault = raised.value.faults[0]
    assert fault.field is not None
    assert (fault.code, ".".join(fault.field)) == ("INVALID_QUERY", field)
    assert message in str(raised.value)


def nested(depth: int) -> JsonObject:
    group: JsonObject = {"type": "AND", "values": []}
    for _ in range(depth):
        group = {"type": "AND", "values": [group]}
    return trends(properties=group)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nested(50_000), "levels deep"),
        (lambda: trends(series=of(EDIT, name="x" * 70_000)), "bytes"),
        (lambda: trends(series=of(EDIT) * 10_000), "bytes"),
        (lambda: trends(series=of(EDIT, event="a\0b")), "U+0000"),
        (lambda: trends(**{"a\0b": 1}), "U+0000"),
        (lambda: trends(series=of(EDIT, event="\ud800")), "JSON"),
        (lambda: trends(version=float("nan")), "JSON"),
        (lambda: trends(version=10**5_000), "JSON"),
        (lambda: [trends()], "an object"),
        (lambda: None, "an object"),
        (lambda: "TrendsQuery", "an object"),
    ],
)
def test_hostile_documents_are_refused(make: Callable[[], JsonValue], message: str) -> None:
    with pytest.raises(InvalidQuery, match=message.replace("+", "[+]")):
        read(make())


def test_groups_may_stand_in_groups() -> None:
    assert read(nested(8)).source is not None


def test_a_range_is_laid_over_and_conditions_are_added() -> None:
    stored = read(trends(properties=[{"key": "agent", "value": "a"}], dateRange={"date_from": "-30d"}))
    kept = json.dumps(stored.document)
    group: JsonValue = {"type": "OR", "values": [{"key": "model", "value": "m"}]}
    laid = override(stored, {"date_from": "-3d", "properties": group, "interval": "hour"}, None)
    source = laid.document["source"]
    assert isinstance(source, dict)
    assert (source["dateRange"], source["interval"]) == ({"date_from": "-3d"}, "hour")
    assert source["properties"] == {
        "type": "AND",
        "values": [{"type": "AND", "values": [{"key": "agent", "value": "a"}]}, group],
    }
    assert json.dumps(stored.document) == kept
    assert isinstance(laid.source, TrendsQuery)


def test_a_breakdown_is_laid_over_where_the_kind_has_one() -> None:
    laid = override(read(trends()), {"breakdown_filter": {"breakdown": "agent"}}, None).source
    assert isinstance(laid, TrendsQuery)
    assert laid.breakdown_filter is not None
    assert laid.breakdown_filter.breakdown == "agent"


def test_values_of_variables_are_laid_over() -> None:
    stored = read(sql(variables={"id-1": {"variableId": "id-1", "code_name": "agent", "value": "a"}}))
    laid = override(stored, {"date_from": "-3d"}, {"id-1": {"value": "b"}}).source
    assert isinstance(laid, HogQLQuery)
    assert laid.variables is not None
    assert laid.variables["id-1"].value == "b"
    assert laid.filters is not None
    assert laid.filters.date_range is not None
    assert laid.filters.date_range.date_from == "-3d"


@pytest.mark.parametrize(
    ("document", "filters", "variables", "field"),
    [
        (trends(), {"datefrom": "-3d"}, None, "filters_override.datefrom"),
        (trends(), {"date_from": "soon"}, None, "filters_override.date_from"),
        (trends(), {"properties": [{"key": "cost_usd", "operator": "gt", "value": "x"}]}, None, None),
        (trends(), [1], None, "filters_override"),
        (retention(), {"interval": "day"}, None, "filters_override"),
        (sql(), {"breakdown_filter": {"breakdown": "a"}}, None, "filters_override"),
        (trends(), None, {"id": {"value": 1}}, "variables_override"),
        (sql(variables={"id": {"variableId": "id", "code_name": "a"}}), None, [1], "variables_override"),
        (sql(variables={"id": {"variableId": "id", "code_name": "a"}}), None, {"di": {}}, "variables_override.di"),
        (sql(variables={"id": {"variableId": "id", "code_name": "a"}}), None, {"id": 3}, "variables_override.id"),
    ],
)
def test_wrong_overrides_are_named(
    document: JsonObject, filters: JsonValue, variables: JsonValue, field: str | None
) -> None:
    with pytest.raises(InvalidQuery) as raised:
        override(read(document), filters, variables)
    fault = raised.value.faults[0]
    assert fault.field is not None
    assert field in (None, ".".join(fault.field))


def test_nothing_is_laid_over_what_is_not_computed() -> None:
    stored = read({"kind": "HogQuery"})
    assert override(stored, {"date_from": "-3d"}, {"a": {}}) is stored


def test_messages_stay_short() -> None:
    with pytest.raises(InvalidQuery) as raised:
        read(trends(**{"x" * 60_000: 1}))
    assert len(str(raised.value)) < 200


def test_the_first_of_many_wrong_values_is_enough() -> None:
    values: list[JsonValue] = [[]]
    wrong: list[JsonValue] = [{"key": "agent", "value": values * 990}]
    started = time.process_time()
    with pytest.raises(InvalidQuery) as raised:
        read(trends(properties=wrong * 15))
    assert raised.value.faults[0].field == ("properties", "0", "value")
    assert time.process_time() - started < 0.5
