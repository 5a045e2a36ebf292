import pytest

from domain.insights.query import read
from domain.insights.suggestions import suggestions
from domain.values import JsonObject, JsonValue

EDIT: JsonObject = {"kind": "EventsNode", "event": "edit", "math": "sum", "math_property": "cost_usd"}
COMMIT: JsonObject = {"kind": "EventsNode", "event": "commit", "properties": [{"key": "agent", "value": "a"}]}
RANGE: JsonObject = {"date_from": "-30d"}


def kinds(document: JsonObject, context: str | None = None) -> list[JsonValue]:
    sources = [one.target["source"] for one in suggestions(read(document), context)]
    return [source["kind"] for source in sources if isinstance(source, dict)]


def source_of(document: JsonObject, kind: str) -> JsonObject:
    for one in suggestions(read(document)):
        source = one.target["source"]
        if isinstance(source, dict) and source["kind"] == kind:
            return source
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"kind": "TrendsQuery", "series": [EDIT, COMMIT], "dateRange": RANGE},
            ["TrendsQuery", "TrendsQuery", "FunnelsQuery", "RetentionQuery", "StickinessQuery"],
        ),
        (
            {
                "kind": "TrendsQuery",
                "series": [EDIT],
                "compareFilter": {"compare": True},
                "breakdownFilter": {"breakdown": "agent"},
            },
            ["RetentionQuery", "StickinessQuery"],
        ),
        (
            {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": "edit"}, COMMIT]},
            ["FunnelsQuery", "FunnelsQuery", "FunnelsQuery", "PathsQuery"],
        ),
        ({"kind": "RetentionQuery", "retentionFilter": {}}, ["StickinessQuery", "LifecycleQuery", "TrendsQuery"]),
        (
            {"kind": "PathsQuery", "pathsFilter": {"startPoint": "prompt", "endPoint": "commit"}},
            ["FunnelsQuery", "TrendsQuery", "LifecycleQuery"],
        ),
        ({"kind": "PathsQuery", "pathsFilter": {}}, ["LifecycleQuery"]),
        ({"kind": "LifecycleQuery", "series": [COMMIT]}, ["StickinessQuery", "RetentionQuery"]),
        ({"kind": "StickinessQuery", "series": [COMMIT]}, ["RetentionQuery", "LifecycleQuery"]),
        ({"kind": "HogQLQuery", "query": "select 1"}, []),
        ({"kind": "HogQuery"}, []),
    ],
)
def test_every_kind_leads_on(document: JsonObject, expected: list[str]) -> None:
    found = suggestions(read(document))
    assert kinds(document) == expected
    assert all(read(one.target).document == one.target and one.title and one.description for one in found)
    assert len({(one.title, one.description) for one in found}) == len(found)


def test_retention_leads_to_its_returning_entity() -> None:
    entity: JsonObject = {"id": "commit", "type": "events", "properties": [{"key": "agent", "value": "a"}]}
    document: JsonObject = {
        "kind": "RetentionQuery",
        "retentionFilter": {"period": "Week", "totalIntervals": 4, "returningEntity": entity},
        "aggregation_group_type_index": 1,
        "properties": [{"key": "model", "value": "m"}],
    }
    for kind in ("StickinessQuery", "LifecycleQuery"):
        source = source_of(document, kind)
        assert source["series"] == [COMMIT]
        assert (source["interval"], source["dateRange"]) == ("week", {"date_from": "-3w"})
        assert source["aggregation_group_type_index"] == 1
        assert source["properties"] == document["properties"]


def test_what_is_counted_stays_behind() -> None:
    document: JsonObject = {"kind": "TrendsQuery", "series": [EDIT, COMMIT], "dateRange": RANGE}
    source = source_of(document, "FunnelsQuery")
    assert source["series"] == [{"kind": "EventsNode", "event": "edit"}, COMMIT]
    assert source["dateRange"] == RANGE


def test_the_context_brings_the_best_fitting_ones_forward() -> None:
    document: JsonObject = {"kind": "TrendsQuery", "series": [EDIT, COMMIT]}
    assert kinds(document, "How long do they take, a funnel perhaps?")[0] == "FunnelsQuery"
    assert kinds(document, "weekly retention")[0] == "RetentionQuery"
    assert kinds(document, "\0 %") == kinds(document)


def test_what_would_be_too_big_is_left_out() -> None:
    series: list[JsonValue] = [{**EDIT, "name": "x" * 900}] * 26
    assert "FunnelsQuery" not in kinds({"kind": "TrendsQuery", "series": series})
