"""GET /v1/score_v3/tokens and /tokens/trend."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.judging.records import SubSession
from domain.timeline import Tokens
from tests.make import time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import DAY, WEEK, crushed, days, excluded, missed, only_ones_own, starts

PATH = "/v1/score_v3/tokens"
TREND = "/v1/score_v3/tokens/trend"
TRENDS = ("tokens", "trivia", "integrity")


def spent(arc: SubSession, tokens: Tokens, cost: str | None = None) -> SubSession:
    cost_usd = None if cost is None else Decimal(cost)
    return replace(arc, measures=replace(arc.measures, tokens=tokens, cost_usd=cost_usd))


async def test_tokens_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_tokens_are_added_up_by_class(house: House) -> None:
    ada = await house.developer()
    await ada.has(
        spent(crushed("a"), Tokens(90_000, 20_000, 400_000, 10_000), "0.40"),
        spent(crushed("b", 1), Tokens(20_000, 4_000, 5_000, 6_000), "0.44"),
        spent(crushed("unpriced", 2), Tokens(8_000, 2_000, 3_000, 1_000)),
        spent(missed("c", 3), Tokens(2_000, 2_000, 2_000, 1_000), "9"),
        spent(excluded("trivia", 4), Tokens(10**6, 10**6, 10**6, 10**6), "99"),
    )
    body = (await ada.client.get(PATH)).json()
    assert body["breakdown"] == {"input": 120_000, "output": 28_000, "cache_read": 410_000, "cache_write": 18_000}
    assert (body["tpt"], body["cpcs_estimate"], body["crush_weight"], body["tet"]) == (37_000.0, 0.42, 0.99, None)


async def test_tokens_sparkline_last(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("a", 0, 94), missed("b", 1, 6), crushed("c", -WEEK, 100), crushed("d", -3 * WEEK))
    body = (await ada.client.get(PATH)).json()
    assert body["sparkline"] == [None, None, 1.0, 0.94]
    assert (body["sparkline"][-1], body["tet"]) == (body["crush_weight"], 0.94)


async def test_tokens_same_weight(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("a", 0, 2), missed("b", 1, 1), crushed("yesterday", -DAY, 5))
    for window, weight in (("daily", 0.67), ("weekly", 0.67), ("monthly", 0.88)):
        bodies = [
            (await ada.client.get(path, params={"window": window})).json() for path in (PATH, "/v1/score_v3/score")
        ]
        assert [body["crush_weight"] for body in bodies] == [weight, weight]


async def test_tokens_of_nobody_are_null(house: House) -> None:
    body = (await (await house.developer()).client.get(PATH)).json()
    assert [body[name] for name in ("crush_weight", "tet", "tpt", "cpcs_estimate")] == [None] * 4
    assert body["sparkline"] == [None] * 4
    assert set(body["breakdown"].values()) == {0}


async def test_tokens_trend_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, TREND)


async def test_tokens_trend_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("a", 0, 90), missed("b", 1, 10), crushed("c", -3 * DAY, 45))
    asked = {"from": "2026-02-27T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    points = (await ada.client.get(TREND, params=asked)).json()["points"]
    assert starts(points) == days(datetime(2026, 2, 27, tzinfo=UTC), 4)
    assert [(one["crush_weight"], one["tpt"], one["input"]) for one in points] == [
        (1.0, 45.0, 45), (None, None, 0), (None, None, 0), (0.9, 50.0, 100),
    ]  # fmt: skip


async def test_a_point_compares_with_the_one_before(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("a", 0, 90), crushed("b", -DAY, 45))
    asked = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    assert [one["tet"] for one in (await ada.client.get(TREND, params=asked)).json()["points"]] == [None, 2.0]
    week = {"from": "2026-02-23T00:00:00Z", "period": "week"}
    assert [one["tpt"] for one in (await ada.client.get(TREND, params=week)).json()["points"]] == [45.0, 90.0]


@pytest.mark.parametrize("name", TRENDS)
async def test_without_from_and_to_a_trend_shows_thirty_days(house: House, name: str) -> None:
    """It is Monday 17:00: the first of the days is cut."""
    points = (await (await house.developer()).client.get(f"/v1/score_v3/{name}/trend")).json()["points"]
    assert starts(points) == days(datetime(2026, 1, 31, tzinfo=UTC), 31)


@pytest.mark.parametrize("name", TRENDS)
async def test_days_of_a_trend_are_those_of_the_developers_zone(house: House, name: str) -> None:
    """Clocks went forward on the 29th."""
    ada = await house.developer(time_zone="Europe/Berlin")
    asked = {"from": "2026-03-28T12:00:00Z", "to": "2026-03-30T12:00:00+02:00"}
    points = (await ada.client.get(f"/v1/score_v3/{name}/trend", params=asked)).json()["points"]
    assert starts(points) == ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]


@pytest.mark.parametrize("name", TRENDS)
async def test_weeks_and_months_of_a_trend_begin_where_the_calendar_says(house: House, name: str) -> None:
    ada = await house.developer()
    for period, first in (("week", "2026-02-23T00:00:00Z"), ("month", "2026-02-01T00:00:00Z")):
        asked = {"from": "2026-02-26T00:00:00Z", "to": "2026-03-04T00:00:00Z", "period": period}
        points = (await ada.client.get(f"/v1/score_v3/{name}/trend", params=asked)).json()["points"]
        second = "2026-03-02T00:00:00Z" if period == "week" else "2026-03-01T00:00:00Z"
        assert starts(points) == [first, second]


@pytest.mark.parametrize("name", TRENDS)
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"period": "year"}, "Invalid period"),
        ({"period": ""}, "Invalid period"),
        ({"from": "yesterday"}, "Invalid from"),
        ({"to": "2026-03-02"}, "Invalid to"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "from must lie before to"),
        ({"from": "2027-03-02T00:00:00Z"}, "from must lie before to"),
        ({"from": "2020-03-02T00:00:00Z"}, "more than 1000 points"),
        ({"to": "0001-01-02T00:00:00Z"}, "too early"),
        ({"to": "9999-12-31T23:00:00Z"}, "years"),
    ],
)
async def test_what_makes_no_series_is_refused(house: House, name: str, asked: dict[str, str], message: str) -> None:
    answer = await (await house.developer()).client.get(f"/v1/score_v3/{name}/trend", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert message in answer.json()["message"]


async def test_a_point_that_from_cuts_counts_what_is_inside(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("before", 0, 1), crushed("after", 60, 2))
    at = time(30).isoformat().replace("+00:00", "Z")
    [point] = (await ada.client.get(TREND, params={"from": at})).json()["points"]
    assert (point["period_start"], point["input"]) == ("2026-03-02T00:00:00Z", 2)


async def test_nothing_can_be_compared_with_before_the_calendar_begins(house: House) -> None:
    asked = {"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"}
    answer = await (await house.developer()).client.get(TREND, params=asked)
    assert (answer.status_code, answer.json()["message"]) == (400, "from lies too early")
