"""What a client reads of its budget, and what happens when it is spent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from resolvers.budgets import Budget
from resolvers.leases import Leases
from rest_compat.dialect import RATE_LIMIT_HEADERS
from schema.budgets import budget_headers
from tests.schema.asking import Asker, make_app, socket

NEXT = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)
BUDGET = Budget(1_000_000, 987_654, NEXT)


def test_both_spellings_tell_the_same() -> None:
    assert budget_headers(BUDGET, NEXT - timedelta(seconds=39.5)) == {
        "ratelimit-policy": '"cost";q=1000000;w=60',
        "ratelimit": '"cost";r=987654;t=40',
        "x-ratelimit-limit": "1000000",
        "x-ratelimit-remaining": "987654",
        "x-ratelimit-reset": "1772452860",
    }
    assert datetime.fromtimestamp(1_772_452_860, UTC) == NEXT


def test_after_an_answer_that_outlives_its_minute_a_second_is_enough() -> None:
    assert budget_headers(BUDGET, NEXT + timedelta(seconds=5))["ratelimit"] == '"cost";r=987654;t=1'


def test_rest_spells_its_headers_the_same() -> None:
    assert RATE_LIMIT_HEADERS.keys() <= budget_headers(BUDGET, NEXT).keys()


VIEWER = "{ viewer { email timeZone } }"


async def _counted(ada: Asker, budget: int) -> Asker:
    services = replace(ada.ctx.services, rate_limits=True, graphql_budget=budget, leases=Leases())
    return replace(ada, app=make_app(services))


async def test_each_answer_tells_what_it_cost_and_what_is_left(ada: Asker) -> None:
    counted = await _counted(ada, 1_000)
    first = await counted.post({"query": VIEWER})
    assert first.json()["extensions"]["cost"] == {"requested": 3, "actual": 3, "remaining": 997}
    assert first.headers["x-ratelimit-remaining"] == "997"
    page = "{ sessions(first: 50) { nodes { id } } }"
    cost = (await counted.post({"query": page})).json()["extensions"]["cost"]
    assert cost["requested"] > 50 > cost["actual"]
    assert cost["remaining"] == 997 - cost["requested"] // 10


async def test_where_nothing_is_counted_nothing_is_left_to_tell(ada: Asker) -> None:
    services = replace(ada.ctx.services, rate_limits=False)
    answer = await replace(ada, app=make_app(services)).post({"query": VIEWER})
    assert answer.json()["extensions"]["cost"] == {"requested": 3, "actual": 3, "remaining": None}
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "text/event-stream"])
async def test_a_spent_minute_is_refused_on_every_transport(ada: Asker, accept: str) -> None:
    counted = await _counted(ada, 3)
    assert "errors" not in (await counted.post({"query": VIEWER})).json()
    for query in (VIEWER, "subscription { subSessionEvents { cursor } }"):
        answer = await counted.post({"query": query}, accept="text/event-stream" if "sub" in query else accept)
        assert (answer.status_code, answer.json().keys()) == (429, {"errors"})
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    async with socket(counted.app, counted.headers) as ws:
        await ws.init()
        await ws.subscribe(VIEWER)
        message = await ws.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "TOO_MANY_REQUESTS")


async def test_variables_that_do_not_fit_cost_little(ada: Asker) -> None:
    counted = await _counted(ada, 1_000)
    wrong = {"query": "query ($n: Int!) { sessions(first: $n) { nodes { id } } }", "variables": {"n": "x"}}
    assert (await counted.post(wrong)).json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    left = (await counted.post({"query": VIEWER})).json()["extensions"]["cost"]["remaining"]
    assert left > 900
