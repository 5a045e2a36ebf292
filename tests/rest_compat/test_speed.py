"""GET /v1/score_v3/speed and /speed/sessions."""

from datetime import timedelta

import pytest

import resolvers.score_rows
from domain.judging.records import JudgeStatus, Rework, ReworkKind, State
from tests.history import bug_fix, ended, recorded
from tests.make import arc_id, outcome, rubric, sub_session, time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import WEEK, crushed, excluded, friday, missed, only_ones_own
from tests.schema.test_sql_counts import statements

PATH = "/v1/score_v3/speed"
SESSIONS = "/v1/score_v3/speed/sessions"


async def test_speed_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_speed_delta(house: House) -> None:
    """Twelve in five days after nine: 2.4 - 1.8, and no percentage."""
    ada = await friday(
        house,
        *(crushed(f"now {n}", n) for n in range(12)),
        *(crushed(f"before {n}", n - WEEK) for n in range(9)),
    )
    body = (await ada.client.get(PATH)).json()
    assert (body["cspw"], body["delta_cspw"], body["sparkline"]) == (2.4, 0.6, [0.0, 0.0, 1.8, 2.4])


async def test_there_is_no_delta_to_a_week_in_which_nothing_qualified(house: House) -> None:
    ada = await friday(house, crushed("now"), excluded("before", -WEEK))
    assert (await ada.client.get(PATH)).json()["delta_cspw"] is None
    await ada.has(missed("tried before", -WEEK))
    assert (await ada.client.get(PATH)).json()["delta_cspw"] == 0.2


async def test_speed_sparkline_last(house: House) -> None:
    ada = await friday(house, crushed("now"), crushed("two weeks ago", -2 * WEEK), crushed("then", -2 * WEEK))
    for window in ("daily", "weekly", "monthly"):
        body = (await ada.client.get(PATH, params={"window": window})).json()
        assert (body["window"], body["sparkline"][-1]) == (window, body["cspw"])


async def test_speed_ttc(house: House) -> None:
    ada = await house.developer()
    await ada.has(missed("m"))
    assert (await ada.client.get(PATH)).json()["ttc_median_seconds"] is None
    await ada.has(crushed("a", 1, seconds=1420), crushed("b", 2, seconds=60), crushed("c", 3, seconds=9000))
    assert (await ada.client.get(PATH)).json()["ttc_median_seconds"] == 1420.0
    await ada.has(crushed("d", 4, seconds=1421))
    assert (await ada.client.get(PATH)).json()["ttc_median_seconds"] == 1420.5


async def test_speed_of_nobody_is_zero(house: House) -> None:
    assert (await (await house.developer()).client.get(PATH)).json() == {
        "window": "weekly", "cspw": 0.0, "delta_cspw": None, "ttc_median_seconds": None, "sparkline": [0.0] * 4,
    }  # fmt: skip


@pytest.mark.parametrize("path", [PATH, SESSIONS])
@pytest.mark.parametrize("window", ["yearly", "", "weekly "])
async def test_another_window_is_refused(house: House, path: str, window: str) -> None:
    answer = await (await house.developer()).client.get(path, params={"window": window})
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid window"})


async def test_speed_sessions_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, SESSIONS)


async def test_speed_sessions_array(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(SESSIONS)).json() == []
    await ada.has(crushed("a"))
    assert isinstance((await ada.client.get(SESSIONS)).json(), list)


async def test_speed_sessions_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(crushed(str(n), n) for n in (3, 1, 2)))
    rows = (await ada.client.get(SESSIONS)).json()
    assert [row["score_v3_sub_session_id"] for row in rows] == [str(arc_id(n)) for n in ("3", "2", "1")]


async def test_speed_sessions_crushed(house: House) -> None:
    """The rows are those that the score counts, and each says by itself why it counts as crushed."""
    ada = await house.developer()
    await ada.has(
        crushed("crushed", 5),
        missed("missed", 4),
        sub_session("reworked", started_at=time(3), rework=Rework(ReworkKind.REVERT, arc_id("crushed"), time(9))),
        sub_session("no intent", started_at=time(2), rubric=rubric(intent=None, confidence=None)),
        sub_session("unjudged", started_at=time(1), rubric=rubric(judge_status=JudgeStatus.PENDING)),
        sub_session("open", started_at=time(6), state=State.OPEN, ended_at=None, outcome=outcome(goal_complete=None)),
        sub_session("part", started_at=time(7), state=State.MERGED, merged_into_id=arc_id("crushed")),
        excluded("excluded", 8),
        crushed("last week", -WEEK),
    )
    rows = (await ada.client.get(SESSIONS)).json()
    shown = [(row["crushed"], row["goal_complete"], row["rework"], row["time_to_crush_seconds"]) for row in rows]
    assert shown == [(True, True, False, 1500.0), (False, False, False, None), (False, True, True, None)]
    for row in rows:
        facts = (row["substance_floor_passed"], row["goal_complete"], not row["rework"], row["intent_class"])
        assert row["crushed"] is all(facts)
    score = (await ada.client.get("/v1/score_v3/score")).json()
    assert (len(rows), sum(row["crushed"] for row in rows)) == (score["total_count"], score["crushed_count"])


async def test_a_row_tells_what_was_done(house: House) -> None:
    ada = await house.developer()
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    [row] = (await ada.client.get(SESSIONS)).json()
    assert (row["claude_session_id"], row["intent_class"], row["close_reason"]) == (one.id, "bug_fix", "session_end")
    assert (row["turn_count"], row["duration_seconds"], row["net_loc"]) == (2, 480.0, 1)
    assert row["time_to_crush_seconds"] == (await ada.client.get(PATH)).json()["ttc_median_seconds"]


async def test_a_window_shows_so_many_rows_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.score_rows, "MOST_ROWS", 2)
    ada = await house.developer()
    await ada.has(*(crushed(str(n), n) for n in range(3)))
    rows = (await ada.client.get(SESSIONS)).json()
    assert [row["score_v3_sub_session_id"] for row in rows] == [str(arc_id("2")), str(arc_id("1"))]


async def test_many_rows_cost_as_many_statements_as_one(house: House) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 7)):
        await ada.has(*(crushed(str(n), n) for n in some))
        with statements() as seen:
            rows = (await ada.client.get(SESSIONS)).json()
        assert len(rows) == some[-1] + 1
        counts.append(len(seen))
        assert sum("FROM sub_sessions" in one for one in seen) == 1
    assert counts[0] == counts[1]


async def test_days_are_cut_in_the_developers_zone(house: House) -> None:
    """START is Monday 09:00 UTC; it is 17:00 UTC now, and Tuesday already in Auckland."""
    ada = await house.developer(time_zone="Pacific/Auckland")
    await ada.has(crushed("monday there"), crushed("tuesday there", 3 * 60))
    rows = (await ada.client.get(SESSIONS, params={"window": "daily"})).json()
    assert [row["started_at"] for row in rows] == [(time(180)).isoformat().replace("+00:00", "Z")]
    later = house.at(time(0) + timedelta(days=7)).client(ada.key)
    assert (await later.get(SESSIONS)).json() == []
