"""PostHog's queries that are not saved: each way of running one, asking after it, cancelling it."""

from datetime import timedelta

import httpx2
import pytest

import resolvers.insight_computing
from domain.access import KeyKind, Scope
from domain.insights.errors import TooCostly
from tests.make import time
from tests.make_insights import made
from tests.rest_compat.house import House
from tests.rest_compat.posthog import SQL, TRENDS, Project, project

NOW = time(8 * 60)


async def ask(mine: Project, **wish: object) -> httpx2.Response:
    return await mine.client.post(f"{mine.base}/query", json={"query": TRENDS, **wish})


async def asked(mine: Project, **wish: object) -> dict[str, object]:
    answer = await ask(mine, **wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(mine: Project, id: object) -> dict[str, object]:
    answer = await mine.client.get(f"{mine.base}/query/{id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["query_status"]


async def test_query_run_why(house: House) -> None:
    """A query is computed at once unless it says otherwise, and kept for who asks the same."""
    mine = await project(house)
    await mine.counted([made("arc_crushed", 0), made("arc_crushed", 1)])
    for refresh, is_cached in [({}, False), ({"refresh": None}, True), ({"refresh": "force_cache"}, True)]:
        found = await asked(mine, **refresh)
        assert (found["results"][0]["count"], found["is_cached"]) == (2, is_cached)
        assert (found["query_status"], found["error"]) == (None, None)
    await mine.counted([made("arc_crushed", 2)])
    assert (await asked(mine, refresh="blocking"))["results"][0]["count"] == 2
    newer = await asked(mine, refresh="force_blocking")
    assert (newer["results"][0]["count"], newer["is_cached"]) == (3, False)
    stale = await asked(mine.at(NOW + timedelta(hours=1)), refresh="lazy_async")
    assert (stale["results"][0]["count"], stale["query_status"]) == (3, None)


async def test_a_query_of_a_wrapper_is_its_source(house: House) -> None:
    mine = await project(house)
    await asked(mine)
    wrapped = {"kind": "InsightVizNode", "source": TRENDS, "full": True}
    assert (await asked(mine, query=wrapped))["is_cached"]


async def test_filters_are_laid_over_a_query(house: House) -> None:
    mine = await project(house)
    await mine.counted([made("arc_crushed", 0)])
    filters = {"date_from": "2020-01-01", "date_to": "2020-01-03"}
    found = await asked(mine, filters_override=filters)
    assert (len(found["results"][0]["days"]), found["results"][0]["count"]) == (3, 0)


async def test_sql_comes_with_its_columns(house: House) -> None:
    mine = await project(house)
    await mine.counted([made("arc_crushed", 0), made("prompt", 1)])
    found = await asked(mine, query=SQL)
    assert found["results"] == [["arc_crushed", 1], ["prompt", 1]]
    assert (found["columns"][0], found["hasMore"]) == ("event", False)
    assert found["hogql"]


@pytest.mark.parametrize(
    ("wish", "attr", "says"),
    [
        ({"query": {"kind": "NoSuchQuery"}}, "query", "NoSuchQuery"),
        ({"query": {**TRENDS, "intervall": "day"}}, "query", "intervall"),
        ({"query": {"kind": "HogQuery", "code": "1"}}, "query", "nothing to compute"),
        ({"query": {**TRENDS, "dateRange": {"date_from": "soon"}}}, "query", "soon"),
        ({"query": {"kind": "HogQLQuery", "query": "DROP TABLE users"}}, "query", ""),
        ({"refresh": "now"}, "refresh", "async"),
        ({"client_query_id": 7}, "client_query_id", "string"),
        ({"client_query_id": "x" * 201}, "client_query_id", "200"),
        ({"filters_override": []}, "filters_override", "dict"),
        ({"filters_override": {"datefrom": "-7d"}}, "filters_override", "date_from"),
        ({"variables_override": {"a": {"value": 1}}}, "variables_override", "no variables"),
    ],
)
async def test_a_wrong_query_says_what_is_wrong(house: House, wish: dict[str, object], attr: str, says: str) -> None:
    answer = await ask(await project(house), **wish)
    body = answer.json()
    assert (answer.status_code, body["type"], body["code"], body["attr"]) == (
        400,
        "validation_error",
        "invalid_input",
        attr,
    )
    assert says in body["detail"]


async def test_what_costs_too_much_says_which_lever_to_pull(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def too_costly(*_: object) -> None:
        raise TooCostly("Ask for a shorter range.")

    monkeypatch.setattr(resolvers.insight_computing, "compute", too_costly)
    mine = await project(house)
    answer = await ask(mine, client_query_id="mine")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Ask for a shorter range.")
    found = await told(mine, "mine")
    assert (found["complete"], found["error"], found["error_message"]) == (True, True, "Ask for a shorter range.")
    assert (await ask(mine, refresh="force_cache")).json()["results"] is None


async def test_query_status_why(house: House) -> None:
    """A run in the background is asked after by its id, until its results are there."""
    mine = await project(house)
    await mine.counted([made("arc_crushed", 0)])
    begun = (await asked(mine, refresh="async", client_query_id="mine"))["query_status"]
    assert (begun["id"], begun["team_id"], begun["query_async"]) == ("mine", mine.key.org.environment_id, True)
    assert [begun[name] for name in ("complete", "error", "results", "end_time")] == [False, False, None, None]
    assert await told(mine, "mine") == begun
    await asked(mine)
    found = await told(mine, "mine")
    assert (found["complete"], found["error"], found["error_message"]) == (True, False, None)
    assert found["results"]["results"][0]["count"] == 1
    assert found["start_time"] <= found["pickup_time"] <= found["end_time"] < found["expiration_time"]


async def test_a_run_without_a_name_gets_one(house: House) -> None:
    mine = await project(house)
    begun = (await asked(mine, refresh="force_async"))["query_status"]
    assert (await told(mine, begun["id"]))["id"] == begun["id"]


async def test_nobody_else_s_run_is_told_of(house: House) -> None:
    mine = await project(house)
    other = await project(house, "bob@example.org")
    await asked(mine, refresh="async", client_query_id="mine")
    answer = await other.client.get(f"{other.base}/query/mine")
    assert answer.status_code == 404
    for name in ("mine", "no such run"):
        assert (await cancelled(other, name)).status_code == 200
    assert not (await told(mine, "mine"))["complete"]


async def cancelled(mine: Project, name: str) -> httpx2.Response:
    return await mine.client.post(f"{mine.insights}/cancel", json={"client_query_id": name})


async def test_cancel_idempotent(house: House) -> None:
    mine = await project(house)
    await asked(mine, refresh="async", client_query_id="mine")
    for _ in range(2):
        answer = await cancelled(mine, "mine")
        assert (answer.status_code, answer.content) == (200, b"")
    found = await told(mine, "mine")
    assert (found["complete"], found["error"], found["error_message"]) == (True, True, "The query was cancelled.")
    assert (await cancelled(mine, "never heard of")).status_code == 200


async def test_cancel_scope(house: House) -> None:
    reader = await project(house, scopes=[Scope.INSIGHT_READ, Scope.QUERY_READ])
    assert (await cancelled(reader, "x")).status_code == 403
    assert (await ask(reader)).status_code == 200
    key = await house.key(KeyKind.PERSONAL, "eve@example.org", scopes=[Scope.INSIGHT_READ])
    assert (await ask(Project(house, key, house.client(key)))).status_code == 403


@pytest.mark.parametrize("body", [{}, {"client_query_id": ""}, {"client_query_id": None}, {"name": "x"}])
async def test_cancelling_needs_an_id(house: House, body: dict[str, object]) -> None:
    mine = await project(house)
    answer = await mine.client.post(f"{mine.insights}/cancel", json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, "client_query_id")
