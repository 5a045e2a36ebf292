"""GET /v1/score_v3/trivia and /trivia/trend."""

from datetime import UTC, datetime

import pytest

from domain.judging.records import TriviaReason
from tests.history import bug_fix, ended, recorded
from tests.make import arc_id, prompt, response
from tests.rest_compat.house import House
from tests.rest_compat.weeks import DAY, WEEK, crushed, days, excluded, missed, only_ones_own, starts
from tests.schema.test_sql_counts import statements

PATH = "/v1/score_v3/trivia"
TREND = "/v1/score_v3/trivia/trend"


async def test_trivia_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_trivia_array(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(PATH)).json() == []
    await ada.has(excluded("a"))
    assert isinstance((await ada.client.get(PATH)).json(), list)


async def test_trivia_disjoint(house: House) -> None:
    ada = await house.developer()
    await ada.worked(recorded(prompt("hello", 0), response("Hello!", 1), ended(2)), recorded(*bug_fix(10), ended(30)))
    await ada.has(excluded("a", 40, TriviaReason.OTHER), missed("b", 50))
    rows = (await ada.client.get(PATH)).json()
    assert [row["reason"] for row in rows] == ["other", "too_few_turns"]
    counted = (await ada.client.get("/v1/score_v3/speed/sessions")).json()
    name = "score_v3_sub_session_id"
    assert not {row[name] for row in rows} & {row[name] for row in counted}
    assert (await ada.client.get("/v1/score_v3/score")).json()["total_count"] == len(counted) == 2


async def test_trivia_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(excluded(str(n), n) for n in (2, 3, 1)), excluded("last week", -WEEK))
    rows = (await ada.client.get(PATH)).json()
    assert [row["score_v3_sub_session_id"] for row in rows] == [str(arc_id(n)) for n in ("3", "2", "1")]
    assert [row["created_at"] for row in rows] == [f"2026-03-02T09:0{n}:00Z" for n in (3, 2, 1)]


async def test_many_rows_cost_as_many_statements_as_one(house: House) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 7)):
        await ada.has(*(excluded(str(n), n) for n in some))
        with statements() as seen:
            assert len((await ada.client.get(PATH)).json()) == some[-1] + 1
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("window", ["yearly", ""])
async def test_another_window_is_refused(house: House, window: str) -> None:
    answer = await (await house.developer()).client.get(PATH, params={"window": window})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid window"})


async def test_trivia_trend_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, TREND)


async def test_trivia_trend_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(excluded("a"), excluded("b", 1), crushed("c", 2), excluded("d", -2 * DAY))
    asked = {"from": "2026-02-28T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    points = (await ada.client.get(TREND, params=asked)).json()["points"]
    assert starts(points) == days(datetime(2026, 2, 28, tzinfo=UTC), 3)
    assert [point["total"] for point in points] == [1, 0, 2]
    week = (await ada.client.get(TREND, params={"from": "2026-03-02T00:00:00Z", "period": "week"})).json()["points"]
    assert [point["total"] for point in week] == [len((await ada.client.get(PATH)).json())]
