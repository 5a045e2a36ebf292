"""Results on PostHog's wire, and as CSV."""

import csv
from dataclasses import replace
from io import StringIO

import orjson
import pytest
from jsonschema_rs import Draft202012Validator

from domain.insights.plans import (
    MISSING,
    OTHER,
)
from domain.insights.results import FunnelResult, FunnelSteps
from rest_compat.posthog.csv import rows, table
from rest_compat.posthog.results import csv_table, told, wire
from tests.make_insights import made
from tests.make_results import LABELS, RESULTS
from tests.rest_compat import contract
from tests.rest_compat.house import House
from tests.rest_compat.posthog import SQL, TRENDS, project

KINDS = {
    "trends": "TrendsResult", "one number": "TrendsResult", "many lines": "TrendsResult", "no lines": "TrendsResult",
    "evil names": "TrendsResult", "funnel": "FunnelsResult", "funnel broken down": "FunnelsResult",
    "funnel of nobody": "FunnelsResult", "times": "FunnelsResult", "rates": "FunnelsResult",
    "retention": "RetentionResult", "paths": "PathsResult", "lifecycle": "LifecycleResult",
    "stickiness": "StickinessResult", "sql": "HogQLResult", "sql without rows": "HogQLResult",
}  # fmt: skip


def on_wire(name: str) -> object:
    return orjson.loads(orjson.dumps(wire(RESULTS[name])))


@pytest.mark.skipif(contract.document() is None, reason=contract.ABSENT)
@pytest.mark.parametrize("name", RESULTS)
def test_every_kind_of_result_fits_its_schema(name: str) -> None:
    schema = {"$ref": f"#/$defs/{KINDS[name]}", "$defs": contract.document()["$defs"]}
    Draft202012Validator(schema).validate(on_wire(name))


def test_names_and_units_are_those_of_the_old_system() -> None:
    first = on_wire("trends")[0]
    assert [one.get("compare_label") for one in on_wire("trends")] == [None, "previous"]
    assert first["action"] == {
        "id": "arc_crushed", "type": "events", "order": 0, "name": "arc_crushed", "custom_name": None, "math": "total"
    }  # fmt: skip
    [one] = on_wire("one number")
    assert one["aggregated_value"] == 1234.0
    [codex, _] = on_wire("funnel broken down")
    assert [step["breakdown_value"] for step in codex] == ["codex", "codex"]
    assert [step["count"] for step in on_wire("funnel")] == [8, 2]
    assert on_wire("times") == {"bins": [[0, 3], [7200, 1]], "average_conversion_time": 60.0}
    [edge] = on_wire("paths")
    assert (edge["source"], edge["value"], edge["average_conversion_time"]) == ("1_prompt", 1200, 3000.0)
    [week, _] = on_wire("retention")
    assert week["values"] == [{"count": 4, "label": "Week 0"}, {"count": 1, "label": "Week 1"}]


def test_the_rest_and_missing_values_have_the_old_system_s_names_on_the_wire_and_words_in_csv() -> None:
    result = RESULTS["funnel broken down"]
    assert isinstance(result, FunnelResult)
    groups = [
        FunnelSteps((mark,), tuple(replace(step, breakdown=(mark,)) for step in group.steps))
        for mark, group in zip((OTHER, MISSING), result.groups, strict=True)
    ]
    shown = replace(result, groups=tuple(groups))
    marks = [steps[0]["breakdown_value"] for steps in wire(shown)]
    assert marks == ["$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"]
    assert {row[0] for row in csv_table(shown)[1]} == {"others", "none"}


def test_what_stands_beside_a_result() -> None:
    sql, trends = told(RESULTS["sql"]), told(RESULTS["trends"])
    assert (sql.columns, sql.types, sql.hogql) == (("a", "b"), [["a", "String"], ["b", "Int"]], "select")
    assert trends.resolved == {"date_from": "2026-05-18T00:00:00Z", "date_to": "2026-05-25T12:00:00Z"}


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text), strict=True))


CSV = {
    "trends": [["series", *LABELS], ["Crushed", "1", "4.5"], ["Crushed (previous)", "1", "4.5"]],
    "funnel": [
        ["breakdown", "order", "name", "count", "average_conversion_time", "median_conversion_time"],
        ["", "0", "step 0", "8", "", ""],
        ["", "1", "step 1", "2", "90.0", ""],
    ],
    "times": [["starts_at", "count"], ["0", "3"], ["7200", "1"]],
    "rates": [["series", *LABELS], ["", "50", ""]],
    "retention": [["cohort", "breakdown", "Week 0", "Week 1"], ["Week 0", "", "4", "1"], ["Week 1", "", "0"]],
    "lifecycle": [["series", *LABELS], ["dormant", "0", "-3"]],
    "stickiness": [["series", "1 day", "2 days"], ["any", "3", "1"]],
    "sql": [["a", "b"], ["x", "1"], ["", "-2"], ["[1]", "3.5"]],
    "sql without rows": [["a"]],
}


@pytest.mark.parametrize("name", CSV)
def test_a_result_is_a_table(name: str) -> None:
    assert read(table(*csv_table(RESULTS[name]))) == CSV[name]


def test_cells_are_escaped_and_no_text_is_a_formula() -> None:
    awkward = ['a"b', "a,b", "a\nb", "ü", " x "]
    assert read(table(["t"], [[text] for text in awkward])) == [["t"], *([text] for text in awkward)]
    evil = ["=1+1", "+1", "-1", "@x", "\tx", "\rx"]
    assert read(table(["=t"], [[text] for text in evil])) == [["'=t"], *([f"'{text}"] for text in evil)]
    assert read(table(["n"], [[-1], [-0.5], [None], [True], [{"=": 1}]])) == [
        ["n"],
        ["-1"],
        ["-0.5"],
        [""],
        ["true"],
        ['{"=":1}'],
    ]
    assert read(rows([{"a": 1}, {"b": 2, "a": 3}])) == [["a", "b"], ["1", ""], ["3", "2"]]
    assert rows([]) == table([], [[]]) == ""


async def test_lists_and_results_come_as_csv(house: House) -> None:
    mine = await project(house)
    await mine.counted([made("prompt"), made("commit")])
    await mine.made(name="=cmd()", query=SQL, tags=["a", "b"])
    await mine.made(name="x", query=TRENDS)
    listed = await csv_of(mine, "", basic="true")
    head, first, second = listed
    assert (first[head.index("name")], first[head.index("tags")]) == ("'=cmd()", '["a","b"]')
    assert second[head.index("id")] == "2"
    assert await csv_of(mine, "/1") == [], "nothing is kept yet"
    assert (await csv_of(mine, "/1", basic="true"))[0] == listed[0]
    assert await csv_of(mine, "/1", refresh="blocking") == [["event", "count()"], ["commit", "1"], ["prompt", "1"]]
    head, *lines = await csv_of(mine, "/2", refresh="blocking")
    assert (head[0], len(head), len(lines)) == ("series", 9, 1)
    head, newest, _ = await csv_of(mine, "/activity")
    assert (newest[head.index("activity")], newest[head.index("name")]) == ("created", "x")
    assert (await csv_of(mine, "/1/activity"))[1][head.index("user")] == "ada@example.org"
    assert (await csv_of(mine, "/1/analyze"))[0] == ["result"]
    assert (await csv_of(mine, "/2/suggestions"))[0] == ["title", "description", "targetQuery"]


async def csv_of(mine: object, path: str, **params: str) -> list[list[str]]:
    answer = await mine.client.get(f"{mine.insights}{path}", params={"format": "csv", **params})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8"), answer.text
    return read(answer.text)


async def test_what_is_changed_comes_as_csv(house: House) -> None:
    mine = await project(house)
    sent = [
        ("POST", "", {"name": "x"}, 201, "name", "x"),
        ("PATCH", "/1", {"name": "y"}, 200, "name", "y"),
        ("POST", "/bulk_update_tags", {"ids": [1, 2], "action": "set", "tags": ["t"]}, 200, "tags", '["t"]'),
        ("POST", "/generate_metadata", {"query": SQL}, 200, "name", None),
        ("POST", "/1/suggestions", {}, 200, None, None),
    ]
    for method, path, body, status, column, value in sent:
        answer = await mine.client.request(method, f"{mine.insights}{path}?format=csv", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/csv; charset=utf-8"), path
        found = read(answer.text)
        assert column is None or found[1][found[0].index(column)] == (value or found[1][0])
        refused = await mine.client.request(method, f"{mine.insights}{path}?format=xml", json=body)
        assert (refused.status_code, refused.json()["attr"]) == (400, "format")
    assert (await mine.read())["count"] == 1, "what is refused makes nothing"
