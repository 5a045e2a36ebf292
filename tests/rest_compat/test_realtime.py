"""GET /v1/score_v3/realtime/sub-sessions."""

from datetime import timedelta

import pytest

from domain.judging.records import State
from domain.values import SessionId
from tests.history import bug_fix, clear, ended, prompt, recorded
from tests.make import START, arc_id, outcome, rubric, sub_session, time
from tests.rest_compat.house import Developer, House

PATH = "/v1/score_v3/realtime/sub-sessions"


async def titles(who: Developer, **params: object) -> list[str]:
    answer = await who.client.get(PATH, params=params)
    assert answer.status_code == 200
    return [row["title"] for row in answer.json()]


async def test_realtime_sub_sessions_developer_scope(house: House, other_house: House) -> None:
    ada, bob, eve = (
        await house.developer(), await house.developer("bob@example.org"), await other_house.developer(),
    )  # fmt: skip
    for who, name in ((ada, "a"), (bob, "b"), (eve, "e")):
        await who.has(sub_session(name))
    for who, name in ((ada, "a"), (bob, "b"), (eve, "e")):
        assert [row["id"] for row in (await who.client.get(PATH)).json()] == [str(arc_id(name))]
    admin = await house.developer(admin=True)
    assert [row["id"] for row in (await admin.client.get(PATH)).json()] == [str(arc_id("a"))]


async def test_realtime_sub_sessions_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(sub_session(n, started_at=time(n)) for n in (3, 1, 2)))
    starts = [row["started_at"] for row in (await ada.client.get(PATH)).json()]
    assert starts == [f"2026-03-02T09:0{n}:00Z" for n in (3, 2, 1)]


async def test_realtime_sub_sessions_join(house: House) -> None:
    ada = await house.developer()
    one = recorded(*bug_fix(0), clear(20), *bug_fix(60, "shop/tax.py"), ended(80))
    await ada.worked(one)
    rows = (await ada.client.get(PATH)).json()
    assert [row["claude_session_id"] for row in rows] == [one.id] * 2


async def test_rows_of_one_session_can_be_asked_for(house: House, other_house: House) -> None:
    ada, eve = await house.developer(), await other_house.developer()
    await ada.has(*(sub_session(name, session_id=SessionId(name)) for name in ("ada's", "another", "a\ufffdb")))
    await eve.has(sub_session("eve's", session_id=SessionId("eve's")))

    async def found(session: str) -> list[str]:
        rows = (await ada.client.get(PATH, params={"claude_session_id": session})).json()
        return [row["claude_session_id"] for row in rows]

    assert await found("ada's") == ["ada's"]
    assert await found("a\x00b") == ["a\ufffdb"]  # as it is stored
    assert [await found(none) for none in ("eve's", "", "x" * 10_000)] == [[], [], []]


async def test_an_arc_bears_the_name_by_which_events_call_it(house: House) -> None:
    ada = await house.developer()
    await ada.has(sub_session("a"))
    [row] = (await ada.client.get(PATH)).json()
    assert row["sub_session_id"] == row["id"] == str(arc_id("a"))


async def test_rows_tell_how_far_an_arc_is(house: House) -> None:
    ada = await house.developer()
    b, unjudged = rubric(letter_grade="B"), outcome(goal_complete=None)
    await ada.has(
        sub_session("open", started_at=time(4), ended_at=None, state=State.OPEN, rubric=b, outcome=unjudged),
        sub_session("new", started_at=time(3), ended_at=None, state=State.OPEN, rubric=rubric(letter_grade=None)),
        sub_session("closed", started_at=time(2), state=State.CLOSED, outcome=unjudged),
        sub_session("trivial", started_at=time(1), state=State.EXCLUDED, substance_floor_passed=False),
        sub_session("scored", started_at=time(0), rubric=b),
        sub_session("gone", started_at=time(5), state=State.MERGED, merged_into_id=arc_id("scored")),
    )  # fmt: skip
    names = ("status", "is_preview", "letter_grade", "prompt_grade", "crushed")
    rows = [tuple(row[name] for name in names) for row in (await ada.client.get(PATH)).json()]
    assert rows == [
        ("open", True, "B", None, None),
        ("open", False, None, None, None),
        ("closed", False, None, None, None),
        ("closed", False, None, None, None),
        ("scored", False, None, "B", True),
    ]


async def test_an_arc_at_work_is_there_and_unfinished(house: House) -> None:
    ada = await house.developer()
    at_work = house.at(time(10))
    one = recorded(prompt("Fix the wrong rounding of totals in shop/totals.py", 5))
    await ada.worked(one)
    [row] = (await at_work.client(ada.key).get(PATH)).json()
    assert (row["claude_session_id"], row["turns"], row["crushed"]) == (one.id, 1, None)


@pytest.mark.parametrize(
    ("limit", "count"),
    [("2", 2), ("1", 1), ("0", 1), ("-7", 1), ("3", 3), ("501", 3), ("9" * 30, 3), ("-" + "9" * 30, 1)],
)  # fmt: skip
async def test_a_limit_out_of_bounds_is_moved(house: House, limit: str, count: int) -> None:
    ada = await house.developer()
    await ada.has(*(sub_session(n, started_at=time(n), label=sub_session().label) for n in range(3)))
    assert len(await titles(ada, limit=limit)) == count


async def test_without_a_limit_there_are_at_most_200(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(sub_session(n, started_at=START + timedelta(seconds=n)) for n in range(205)))
    assert len(await titles(ada)) == 200
    assert len(await titles(ada, limit=500)) == 205


@pytest.mark.parametrize("limit", ["", "ten", "1.5", "1e2", "٣", "0x10", " 3", "3\x00"])
async def test_a_limit_that_is_no_number_is_refused(house: House, limit: str) -> None:
    answer = await (await house.developer()).client.get(PATH, params={"limit": limit})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid limit"})


async def test_from_is_where_the_rows_begin(house: House) -> None:
    ada = await house.developer()
    await ada.has(
        sub_session("now", started_at=time(0)),
        sub_session("24 hours before", started_at=time(-16 * 60)),
        sub_session("longer ago", started_at=time(-16 * 60) - timedelta(microseconds=1)),
    )
    assert len(await titles(ada)) == 2  # now is START plus eight hours
    assert len(await titles(ada, **{"from": "2026-03-02T10:00:00+01:00"})) == 1
    assert len(await titles(ada, **{"from": "2026-03-02T09:00:00.000001Z"})) == 0
    assert len(await titles(ada, **{"from": "0001-01-01T00:00:00Z"})) == 3
    assert len(await titles(ada, **{"from": "9999-12-31T23:59:59Z"})) == 0


@pytest.mark.parametrize(
    "since",
    ["", "yesterday", "2026-03-02", "2026-03-02T09:00:00", "2026-13-02T09:00:00Z", "1772442000", "2026-03-02 09:00:00Z",
     "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-02T09:00:00Z\x00"],
)  # fmt: skip
async def test_a_from_that_is_no_time_is_refused(house: House, since: str) -> None:
    answer = await (await house.developer()).client.get(PATH, params={"from": since})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid from"})


async def test_other_parameters_mean_nothing(house: House) -> None:
    ada = await house.developer()
    await ada.has(sub_session("a", session_id=SessionId("s")))
    assert len(await titles(ada, cursor="x", offset=7)) == 1
