"""GET /v1/score_v3/score."""

from datetime import timedelta

import pytest

from domain.judging.records import State
from tests.history import bug_fix, ended, recorded
from tests.make import outcome, prompt, response, rubric, sub_session, time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import WEEK, crushed, missed

PATH = "/v1/score_v3/score"


async def test_score_formula(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(crushed(f"c{n}", n, 94) for n in range(5)), *(missed(f"m{n}", n, 10) for n in range(3)))
    body = (await ada.client.get(PATH)).json()
    assert (body["prism_score"], body["crushed_count"], body["total_count"]) == (62.5, 5, 8)
    assert (body["letter_grade"], body["personal_tier"], body["crush_weight"]) == ("B", "scaling", 0.94)


async def test_score_developer_scope(house: House, other_house: House) -> None:
    ada, bob, eve = (
        await house.developer(), await house.developer("bob@example.org"), await other_house.developer(),
    )  # fmt: skip
    await ada.has(crushed("a"))
    await bob.has(missed("b"), missed("b2"))
    await eve.has(missed("e"))
    assert (await ada.client.get(PATH)).json()["prism_score"] == 100.0
    assert (await bob.client.get(PATH)).json()["prism_score"] == 0.0
    admin = await house.developer(admin=True)  # sees the organisation, is asked for herself
    assert (await admin.client.get(PATH)).json()["total_count"] == 1


async def test_score_qualifying(house: House) -> None:
    """Below the floor, without an intent, not judged yet: none of them stands on either side."""
    ada = await house.developer()
    await ada.has(
        crushed("a"),
        sub_session("floor", state=State.EXCLUDED, substance_floor_passed=False),
        sub_session("no intent", rubric=rubric(intent=None, confidence=None)),
        sub_session("unsure", rubric=rubric(confidence=0.49)),
        sub_session("unjudged", outcome=outcome(goal_complete=None)),
        sub_session("open", state=State.OPEN, ended_at=None),
    )
    body = (await ada.client.get(PATH)).json()
    assert (body["crushed_count"], body["total_count"]) == (1, 1)


async def test_a_trivial_session_moves_no_score(house: House) -> None:
    ada = await house.developer()
    await ada.worked(recorded(prompt("hello", 0), response("Hello!", 1), ended(2)), recorded(*bug_fix(10), ended(30)))
    body = (await ada.client.get(PATH)).json()
    assert (body["crushed_count"], body["total_count"], body["prism_score"]) == (1, 1, 100.0)


async def test_score_sparkline_last(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("now"), missed("now too"), crushed("three weeks ago", -3 * WEEK), missed("a week ago", -WEEK))
    body = (await ada.client.get(PATH)).json()
    assert body["sparkline"] == [100.0, None, 0.0, 50.0]
    assert body["sparkline"][-1] == body["prism_score"]


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
async def test_score_echo(house: House, window: str) -> None:
    ada = await house.developer()
    assert (await ada.client.get(PATH, params={"window": window})).json()["window"] == window


async def test_without_a_window_it_is_the_week(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("monday"), crushed("sunday", -60 * 24))
    body = (await ada.client.get(PATH)).json()
    assert (body["window"], body["total_count"]) == ("weekly", 1)
    assert (await ada.client.get(PATH, params={"window": "weekly"})).json() == body
    assert (await ada.client.get(PATH, params={"window": "monthly"})).json()["total_count"] == 2


async def test_score_empty(house: House) -> None:
    body = (await (await house.developer()).client.get(PATH)).json()
    assert body == {
        "window": "weekly", "prism_score": None, "letter_grade": None, "personal_tier": None, "crushed_count": 0,
        "total_count": 0, "crush_weight": None, "sparkline": [None] * 4,
    }  # fmt: skip


async def test_days_are_cut_in_the_developers_zone(house: House) -> None:
    """START is Monday 09:00 UTC; it is 17:00 UTC now, and Tuesday already in Auckland."""
    ada = await house.developer(time_zone="Pacific/Auckland")
    await ada.has(crushed("monday there"), crushed("tuesday there", 3 * 60))
    body = (await ada.client.get(PATH, params={"window": "daily"})).json()
    assert (body["total_count"], body["sparkline"]) == (1, [None, None, 100.0, 100.0])


@pytest.mark.parametrize("window", ["yearly", "", "WEEKLY", "weekly ", "weekly\x00"])
async def test_another_window_is_refused(house: House, window: str) -> None:
    answer = await (await house.developer()).client.get(PATH, params={"window": window})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid window"})


async def test_a_new_week_begins_on_monday(house: House) -> None:
    ada = await house.developer()
    await ada.has(crushed("this week"))
    later = house.at(time(0) + timedelta(days=7)).client(ada.key)
    assert (await later.get(PATH)).json()["sparkline"] == [None, None, 100.0, None]
