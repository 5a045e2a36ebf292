"""Insights: what is asked in the graph is what older clients read and run, and the other way round."""

import pytest

from domain.values import JsonObject, JsonValue
from schema import nodes
from tests.make_insights import made
from tests.rest_compat.house import House
from tests.rest_compat.posthog import RETENTION, SQL, TRENDS, Project, drawn, project
from tests.schema.test_insight_alerts import CREATE as ALERT
from tests.schema.test_insight_alerts import CREATE_THRESHOLD
from tests.schema.test_insights import CREATE, KINDS, ONE, RUN
from tests.test_faces_agree import Faces, faces, house

__all__ = ["house"]


@pytest.fixture
async def mine(house: House) -> Project:
    found = await project(house)
    await found.counted([made("commit", 0), made("prompt", -9), made("arc_crushed", 5), made("commit", 60)])
    return found


async def keep(both: Faces, query: JsonValue) -> JsonObject:
    made = await both.graph(CREATE, input={"name": "One", "query": query, "tags": ["b", "a"]})
    return made["createInsight"]["insight"]


async def test_what_the_graph_keeps_is_read_over_rest(mine: Project) -> None:
    both = faces(mine.house.services, mine.key.secret)
    for kind in KINDS.values():
        insight = await keep(both, kind.given)
        read = await mine.read(f"/{insight['rawId']}", refresh="blocking")
        assert (read["short_id"], read["name"], read["tags"]) == (insight["shortId"], "One", ["a", "b"])
        again = await mine.made(query=read["query"])
        shown = (await both.graph(ONE, id=str(again["id"])))["insight"]
        assert (shown["query"], shown["type"]) == (insight["query"], insight["type"])
        assert read["result"] is not None


async def test_numbers_are_the_same(mine: Project) -> None:
    both = faces(mine.house.services, mine.key.secret)
    crushed = await mine.made(query=drawn(TRENDS))
    [line] = (await mine.read(f"/{crushed['id']}", refresh="blocking"))["result"]
    outcome = (await both.graph(RUN, input={"id": str(crushed["id"])}))["runInsight"]["outcome"]
    [shown] = outcome["result"]["lines"]
    assert outcome["cached"]
    assert (shown["values"], shown["labels"], shown["days"]) == (line["data"], line["labels"], line["days"])
    assert sum(shown["values"]) == line["count"] == 1
    back = await mine.made(query=drawn(RETENTION))
    rows = (await mine.read(f"/{back['id']}", refresh="blocking"))["result"]
    outcome = (await both.graph(RUN, input={"id": str(back["id"])}))["runInsight"]["outcome"]
    cohorts = outcome["result"]["cohorts"]
    for row, one in zip(rows, cohorts, strict=True):
        counts = [period["count"] for period in row["values"]]
        assert one["returnedCounts"] == counts[: len(one["returnedCounts"])]
    table = await mine.made(query=drawn(SQL))
    rows = (await mine.read(f"/{table['id']}", refresh="blocking"))["result"]
    outcome = (await both.graph(RUN, input={"id": str(table["id"])}))["runInsight"]["outcome"]
    cells = [[cell["number"] if cell["number"] is not None else cell["text"] for cell in row["cells"]]
             for row in outcome["result"]["rows"]]  # fmt: skip
    assert cells == rows


async def test_alerts_are_shown_over_rest(mine: Project) -> None:
    both = faces(mine.house.services, mine.key.secret)
    insight = await keep(both, KINDS["lifecycle"].given)
    bounds = {"insightId": insight["id"], "name": "low", "bounds": {"lower": 2}}
    threshold = (await both.graph(CREATE_THRESHOLD, input=bounds))["createInsightThreshold"]["threshold"]
    wish = {"thresholdId": threshold["id"], "name": "New", "watch": {"lifecycle": {"status": "NEW"}}}
    alert = (await both.graph(ALERT, input=wish))["createInsightAlert"]["alert"]
    path = f"/{insight['rawId']}/thresholds"
    [read] = (await mine.read(path))["results"]
    assert (read["id"], read["name"]) == (threshold["rawId"], "low")
    assert read["configuration"] == {"type": "absolute", "bounds": {"lower": 2, "upper": None}}
    [shown] = read["alerts"]
    assert (shown["id"], shown["name"], shown["state"]) == (alert["rawId"], "New", "Not firing")
    assert (shown["condition"], shown["calculation_interval"]) == ({"type": "absolute_value"}, "daily")
    assert [user["email"] for user in shown["subscribed_users"]] == ["ada@example.org"]
    assert await mine.read(f"{path}/{threshold['rawId']}") == read
    assert nodes.encode("InsightAlert", shown["id"]) == alert["id"]
