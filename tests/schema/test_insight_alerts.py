"""Thresholds and alerts as front ends make, read and follow them."""

import pytest

from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from schema import nodes
from tests.make_alerts import check, make_alert, make_threshold
from tests.make_context import NOW
from tests.schema.asking import Asker, make_asker, socket
from tests.schema.test_sql_counts import statements

SCOPES = ("insight:read", "insight:write", "query:read", "alert:read", "alert:write", "org:read")
ERRORS = "userErrors { field code message }"
THRESHOLD = "id rawId name type bounds { lower upper } createdAt createdBy { id } insight { name } alerts { id }"
WATCH = """watch { __typename ... on TrendsWatch { series ongoing breakdown }
  ... on FunnelWatch { step breakdown ongoing }
  ... on RetentionWatch { period average breakdown } ... on PathsWatch { source target step }
  ... on LifecycleWatch { status ongoing }
  ... on StickinessWatch { series bucketCount } ... on SqlWatch { column } }"""
ALERT = f"""id rawId name enabled condition {WATCH} interval timeZone weekendSkipped state value reason snoozedUntilAt
  checkedAt nextCheckAt createdAt developer {{ id }} createdBy {{ id }} subscribers {{ id }} webhookUrl
  threshold {{ name }} insight {{ name }}
  checks {{ at state value reason }}"""


def mutation(name: str, field: str, shown: str) -> str:
    type = name[0].upper() + name[1:]
    return f"mutation ($input: {type}Input!) {{ {name}(input: $input) {{ {field} {{ {shown} }} {ERRORS} }} }}"


CREATE_THRESHOLD = mutation("createInsightThreshold", "threshold", THRESHOLD)
UPDATE_THRESHOLD = mutation("updateInsightThreshold", "threshold", THRESHOLD)
DELETE_THRESHOLD = mutation("deleteInsightThreshold", "threshold", "name")
CREATE = mutation("createInsightAlert", "alert", ALERT)
UPDATE = mutation("updateInsightAlert", "alert", ALERT)
DELETE = mutation("deleteInsightAlert", "alert", "name")
SNOOZE = mutation("snoozeInsightAlert", "alert", ALERT)
ONE = f"query ($id: ID!) {{ insightAlert(id: $id) {{ {ALERT} }} }}"
LIST = f"""query ($n: Int, $after: String) {{ insightAlerts(first: $n, after: $after) {{
  totalCount edges {{ cursor }} nodes {{ {ALERT} }} }} }}"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
async def dev(services: Services) -> Asker:
    return await make_asker(services, scopes=SCOPES)


async def done(asker: Asker, query: str, **input: JsonValue) -> JsonObject:
    [payload] = (await asker.data(query, input=input)).values()
    assert payload["userErrors"] == []
    [object] = [value for name, value in payload.items() if name != "userErrors"]
    return object


async def refused(asker: Asker, query: str, **input: JsonValue) -> list[tuple[list[str] | None, str]]:
    [payload] = (await asker.data(query, input=input)).values()
    assert [value for name, value in payload.items() if name != "userErrors"] == [None]
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def bounds(asker: Asker) -> str:
    """The id of a threshold of an insight of commits a day."""
    return nodes.encode("InsightThreshold", (await make_threshold(asker.ctx)).id)


async def test_bounds_are_made_changed_and_deleted(dev: Asker) -> None:
    insight = nodes.encode("Insight", (await make_threshold(dev.ctx)).insight_id)
    made = await done(dev, CREATE_THRESHOLD, insightId=insight, name="low", bounds={"lower": 2})
    me = {"id": nodes.encode("Developer", dev.ctx.caller.user_id)}
    assert {**made, "id": "", "rawId": "", "createdAt": ""} == {
        "id": "", "rawId": "", "createdAt": "", "name": "low", "type": "ABSOLUTE",
        "bounds": {"lower": 2, "upper": None}, "createdBy": me, "insight": {"name": "Commits"}, "alerts": [],
    }  # fmt: skip
    changed = await done(dev, UPDATE_THRESHOLD, id=made["id"], type="PERCENTAGE", bounds={"upper": 5})
    assert (changed["type"], changed["bounds"], changed["name"]) == ("PERCENTAGE", {"lower": None, "upper": 5}, "low")
    assert (await dev.data(NODE, id=made["id"]))["node"] == {"__typename": "InsightThreshold", "id": made["id"]}
    await done(dev, DELETE_THRESHOLD, id=made["id"])
    assert (await dev.data(NODE, id=made["id"]))["node"] is None


async def test_an_alert_is_made_checked_snoozed_and_deleted(dev: Asker) -> None:
    me = {"id": nodes.encode("Developer", dev.ctx.caller.user_id)}
    hook = {"url": "https://example.org/a?token=secret", "headers": [{"name": "x-key", "value": "k"}]}
    made = await done(
        dev, CREATE, thresholdId=await bounds(dev), watch={"trends": {"ongoing": True}}, name="Busy", interval="WEEKLY",
        weekendSkipped=True, webhook=hook,
    )  # fmt: skip
    assert made["watch"] == {"__typename": "TrendsWatch", "series": 0, "ongoing": True, "breakdown": []}
    assert (made["state"], made["interval"], made["weekendSkipped"], made["condition"]) == (
        "NOT_FIRING", "WEEKLY", True, "ABSOLUTE_VALUE",
    )  # fmt: skip
    assert (made["webhookUrl"], made["subscribers"], made["developer"]) == ("https://example.org/a", [me], None)
    await check(dev.ctx, NOW)
    shown = (await dev.data(ONE, id=made["id"]))["insightAlert"]
    assert (shown["value"], shown["checks"]) == (
        0, [{"at": "2026-03-02T09:00:00.000Z", "state": "NOT_FIRING", "value": 0, "reason": None}],
    )  # fmt: skip
    until = "2026-03-09T09:00:00.000Z"
    slept = await done(dev, SNOOZE, id=made["id"], untilAt=until)
    assert (slept["state"], slept["snoozedUntilAt"]) == ("SNOOZED", until)
    assert (await done(dev, SNOOZE, id=made["id"]))["snoozedUntilAt"] is None
    changed = await done(
        dev, UPDATE, id=made["id"], name=None, webhook=None, enabled=False, watch={"sql": {"column": "n"}}
    )
    assert (changed["name"], changed["webhookUrl"], changed["enabled"]) == (None, None, False)
    assert (changed["watch"], changed["interval"]) == ({"__typename": "SqlWatch", "column": "n"}, "WEEKLY")
    listed = (await dev.data(LIST))["insightAlerts"]
    assert (listed["totalCount"], listed["nodes"]) == (1, [changed])
    assert (await dev.data(NODE, id=made["id"]))["node"] == {"__typename": "InsightAlert", "id": made["id"]}
    await done(dev, DELETE, id=made["id"])
    assert (await dev.data(ONE, id=made["id"]))["insightAlert"] is None


WATCHES: list[JsonObject] = [
    {"funnel": {"step": 1, "breakdown": ["x"]}}, {"retention": {"period": 2, "average": True}},
    {"paths": {"source": "a", "target": "b", "step": 1}}, {"lifecycle": {"status": "DORMANT"}},
    {"stickiness": {"bucketCount": 3}}, {"sql": {}}, {"trends": {"series": 2, "breakdown": ["x", None]}},
]  # fmt: skip


async def test_what_is_watched_is_shown_as_it_was_given(dev: Asker) -> None:
    threshold = await bounds(dev)
    for watch in WATCHES:
        [(kind, given)] = watch.items()
        shown = (await done(dev, CREATE, thresholdId=threshold, watch=watch))["watch"]
        assert shown["__typename"].lower() == f"{kind}watch"
        assert {name: shown[name] for name in given} == given


async def test_what_cannot_be_is_refused(dev: Asker) -> None:
    threshold, trends = await bounds(dev), {"trends": {}}
    alert = (await done(dev, CREATE, thresholdId=threshold, watch=trends))["id"]
    double = {"url": "https://example.org", "headers": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}
    refusals: list[tuple[str, JsonObject, list[str], str]] = [
        (CREATE_THRESHOLD, {"insightId": "1", "name": " ", "bounds": {"lower": 1}}, ["name"], "BAD_NAME"),
        (CREATE_THRESHOLD, {"insightId": "1", "name": "x", "bounds": {}}, ["bounds"], "BAD_BOUNDS"),
        (CREATE_THRESHOLD, {"insightId": "9", "name": "x", "bounds": {"lower": 1}}, ["insightId"], "NOT_FOUND"),
        (CREATE_THRESHOLD, {"insightId": "x", "name": "x", "bounds": {"lower": 1}}, ["insightId"], "INVALID_ID"),
        (UPDATE_THRESHOLD, {"id": threshold, "type": "PERCENTAGE"}, ["condition"], "BAD_CONDITION"),
        (UPDATE_THRESHOLD, {"id": alert}, ["id"], "INVALID_ID"),
        (DELETE_THRESHOLD, {"id": nodes.encode("InsightThreshold", dev.key_id)}, ["id"], "NOT_FOUND"),
        (CREATE, {"thresholdId": "x", "watch": trends}, ["thresholdId"], "INVALID_ID"),
        (CREATE, {"thresholdId": threshold, "watch": {"trends": {"series": -1}}}, ["watch"], "BAD_WATCH"),
        (CREATE, {"thresholdId": threshold, "watch": trends, "webhook": {"url": "x"}}, ["webhook"], "BAD_WEBHOOK"),
        (CREATE, {"thresholdId": threshold, "watch": trends, "webhook": double}, ["webhook", "headers"], "BAD_WEBHOOK"),
        (CREATE, {"thresholdId": threshold, "watch": trends, "subscriberIds": [str(dev.key_id)]}, ["subscriberIds"],
         "BAD_SUBSCRIBER"),
        (CREATE, {"thresholdId": threshold, "watch": trends, "subscriberIds": ["x"]}, ["subscriberIds", "0"],
         "INVALID_ID"),
        (SNOOZE, {"id": alert, "untilAt": "2026-03-01T00:00:00Z"}, ["untilAt"], "BAD_SNOOZE"),
        (DELETE, {"id": nodes.encode("InsightAlert", dev.key_id)}, ["id"], "NOT_FOUND"),
    ]  # fmt: skip
    for query, input, field, code in refusals:
        assert await refused(dev, query, **input) == [(field, code)], (query, input)


async def test_others_find_nothing_and_scopes_are_wanted(dev: Asker, services: Services) -> None:
    threshold = await bounds(dev)
    alert = (await done(dev, CREATE, thresholdId=threshold, watch={"trends": {}}))["id"]
    eve = await make_asker(services, scopes=SCOPES)
    insight = nodes.encode("Insight", 1)
    wishes: list[tuple[str, JsonObject]] = [
        (UPDATE_THRESHOLD, {"id": threshold}), (DELETE_THRESHOLD, {"id": threshold}),
        (CREATE, {"thresholdId": threshold, "watch": {"trends": {}}}), (UPDATE, {"id": alert}), (DELETE, {"id": alert}),
        (SNOOZE, {"id": alert}), (CREATE_THRESHOLD, {"insightId": insight, "name": "x", "bounds": {"lower": 1}}),
    ]  # fmt: skip
    reader = await make_asker(services, dev.slug, scopes=("insight:read",))
    for query, input in wishes:
        assert [code for _, code in await refused(eve, query, **input)] == ["NOT_FOUND"]
        assert await reader.code(query, input=input) == "FORBIDDEN"
    for query in (ONE, NODE):
        [found] = (await eve.data(query, id=alert)).values()
        assert found is None
    for query in ("{ insightAlerts { totalCount } }", "{ insights { nodes { alerts { id } } } }"):
        assert await reader.code(query) == "FORBIDDEN"
    assert (await eve.data(LIST))["insightAlerts"]["totalCount"] == 0


async def test_a_list_costs_as_many_statements_as_one_and_comes_in_pages(dev: Asker) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(2):
            await make_alert(dev.ctx)
        with statements() as seen:
            await dev.data(LIST)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    first = (await dev.data(LIST, n=3))["insightAlerts"]
    rest = (await dev.data(LIST, n=3, after=first["edges"][-1]["cursor"]))["insightAlerts"]
    assert (first["totalCount"], len(first["nodes"]), len(rest["nodes"])) == (4, 3, 1)


async def test_what_becomes_of_alerts_is_followed(dev: Asker) -> None:
    query = """subscription ($only: ID, $after: String) { alertChanges(id: $only, after: $after) {
      cursor resync kind at stateBefore state value reason alertId alert { name } } }"""
    async with socket(dev.app) as ours:
        await ours.init({"Authorization": f"Bearer {dev.secret}"})
        await ours.subscribe(query)
        start = (await ours.next())["alertChanges"]
        assert (start["resync"], start["kind"], start["alert"]) == (True, None, None)
        alert = await make_alert(dev.ctx, name="Busy")
        await make_alert(dev.ctx)
        await check(dev.ctx, NOW)
        seen = [(await ours.next())["alertChanges"] for _ in range(4)]
    assert [one["kind"] for one in seen] == ["EDITED", "EDITED", "CHECKED", "CHECKED"]
    id = nodes.encode("InsightAlert", alert.id)
    [checked] = [one for one in seen if one["kind"] == "CHECKED" and one["alertId"] == id]
    assert {**checked, "cursor": ""} == {
        "cursor": "", "resync": False, "kind": "CHECKED", "at": "2026-03-02T09:00:00.000Z", "stateBefore": "NOT_FIRING",
        "state": "NOT_FIRING", "value": 0, "reason": None, "alertId": id, "alert": {"name": "Busy"},
    }  # fmt: skip
    async with socket(dev.app) as ours:
        await ours.init({"Authorization": f"Bearer {dev.secret}"})
        await ours.subscribe(query, only=id, after=start["cursor"])
        mine = [(await ours.next())["alertChanges"] for _ in range(2)]
    assert [one["kind"] for one in mine] == ["EDITED", "CHECKED"]
