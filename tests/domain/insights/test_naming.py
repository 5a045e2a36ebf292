import pytest

from domain.insights.naming import LONGEST, Metadata, metadata
from domain.insights.query import read
from domain.values import JsonObject, JsonValue


def node(event: str | None, **fields: JsonValue) -> JsonObject:
    return {"kind": "EventsNode", "event": event, **fields}


def trends(*series: JsonValue, **fields: JsonValue) -> JsonObject:
    return {"kind": "TrendsQuery", "series": list(series), **fields}


def funnel(kind: str, **fields: JsonValue) -> JsonObject:
    steps: list[JsonValue] = [node("prompt"), node("edit"), node("test_passed", custom_name="green")]
    return {"kind": "FunnelsQuery", "series": steps, "funnelsFilter": {"funnelVizType": kind}, **fields}


@pytest.mark.parametrize(
    ("document", "name", "description"),
    [
        (
            trends(node("edit")),
            "Edit count",
            "Edit count per day, over the last 7 days.",
        ),
        (
            trends(node("arc_completed", math="dau"), node(None), interval="week", dateRange={"date_from": "-1m"}),
            "Developers with arc completed and any event count",
            "Developers with arc completed and any event count per week, over the last month.",
        ),
        (
            trends(
                node("test_run", math="p90", math_property="duration_ms"),
                breakdownFilter={"breakdown": ["agent", "model"]},
                dateRange={"date_from": "dStart"},
                compareFilter={"compare": True, "compare_to": "-1y"},
            ),
            "90th percentile of duration ms of test run by agent and model",
            "90th percentile of duration ms of test run by agent and model per day, compared with the"
            " time 1 year earlier, today.",
        ),
        (
            trends(
                node("test_passed", math="dau"),
                node("test_failed"),
                aggregation_group_type_index=1,
                trendsFilter={"formulaNodes": [{"formula": "A/B"}, {"formula": "A+B", "custom_name": "all runs"}]},
                dateRange={"date_from": "2026-05-01", "date_to": "2026-05-07"},
            ),
            "A/B and all runs",
            "A/B and all runs of goal arcs with test passed and test failed count per day, from 2026-05-01 to"
            " 2026-05-07.",
        ),
        (
            trends(
                node("edit"),
                properties=[
                    {"key": "agent", "value": ["a", "b"]},
                    {"key": "lines_added", "operator": "gt", "value": 5},
                ],
            ),
            "Edit count",
            "Edit count per day, where agent is a or b and lines added is over 5, over the last 7 days.",
        ),
        (
            trends(
                node("edit"),
                properties=[{"key": "agent", "operator": "regex", "value": "a"}],
                dateRange={"date_from": "all"},
            ),
            "Edit count",
            "Edit count per day, of events that pass 1 condition, over all time.",
        ),
        (
            funnel("steps", breakdownFilter={"breakdowns": [{"property": "agent"}]}),
            "Funnel: prompt → edit → green by agent",
            "How many developers get from prompt to edit to green by agent, over the last 7 days.",
        ),
        (
            funnel("time_to_convert", dateRange={"date_from": "-1dStart", "date_to": "-1dEnd"}),
            "Time to convert: prompt → edit → green",
            "How long developers take from prompt to green, yesterday.",
        ),
        (
            funnel("trends", interval="week", aggregation_group_type_index=0),
            "Conversion over time: prompt → edit → green",
            "How many sessions get from prompt to edit to green per week, over the last 7 days.",
        ),
        (
            {"kind": "RetentionQuery", "retentionFilter": {"period": "Week", "returningEntity": {"id": "commit"}}},
            "Weekly retention of developers: any event → commit",
            "Of the developers with any event in one week, how many have commit in the weeks after it, over 8 weeks.",
        ),
        (
            {"kind": "RetentionQuery", "retentionFilter": {"period": "Day", "retentionType": "retention_first_time"}},
            "Daily retention of developers: any event → any event",
            "Of the developers with their first event in one day, how many have any event in the days after it,"
            " over 8 days.",
        ),
        (
            {"kind": "PathsQuery", "pathsFilter": {"endPoint": "arc_reworked"}, "dateRange": {"date_from": "-24h"}},
            "Paths of developers to arc reworked",
            "What developers do one after the other to arc reworked, over the last 24 hours.",
        ),
        (
            {"kind": "LifecycleQuery", "series": [node("prompt")], "interval": "week"},
            "Lifecycle of developers: prompt",
            "New, returning, resurrecting and dormant developers with prompt per week, over the last 7 days.",
        ),
        (
            {"kind": "StickinessQuery", "series": [node("plan_mode")]},
            "Stickiness of developers: plan mode",
            "In how many days developers have plan mode, over the last 7 days.",
        ),
        (
            {"kind": "HogQLQuery", "query": "select\n  1"},
            "SQL: select 1",
            "The rows of select 1",
        ),
        (
            {"kind": "DataTableNode", "source": {"kind": "EventsQuery"}},
            "Stored query",
            "A query that is kept as it is and not computed.",
        ),
    ],
)
def test_queries_are_called_by_what_they_ask(document: JsonObject, name: str, description: str) -> None:
    assert metadata(read(document).source) == Metadata(name, description)


def test_names_are_cut_off() -> None:
    long = metadata(read(trends(*[node("edit", custom_name="x" * 90)] * 9)).source)
    assert len(long.name) == len(long.description) == LONGEST
    statement = metadata(read({"kind": "HogQLQuery", "query": "select " + "1, " * 500 + "2"}).source)
    assert len(statement.name) < 100
