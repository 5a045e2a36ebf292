"""GET /v1/score_v3/insight/sessions and /insight/sessions_range."""

import pytest

from domain.judging.records import Habit, JudgeStatus, State
from domain.values import JsonValue
from tests.history import bug_fix, ended, recorded
from tests.make import arc_id, outcome, rubric, sub_session, time
from tests.rest_compat.house import Developer, House
from tests.rest_compat.weeks import WEEK, crushed, excluded, graded, only_ones_own
from tests.schema.test_sql_counts import statements

PATH = "/v1/score_v3/insight/sessions"
RANGE = "/v1/score_v3/insight/sessions_range"
WHOLE = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}


async def ids(who: Developer, path: str = PATH, **params: object) -> list[str]:
    answer = await who.client.get(path, params=params)
    assert answer.status_code == 200
    return [row["score_v3_sub_session_id"] for row in answer.json()]


def named(*names: object) -> list[str]:
    return [str(arc_id(name)) for name in names]


async def test_insight_sessions_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_insight_sessions_array(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(PATH)).json() == []
    await ada.has(graded("a", "B", 75.0))
    assert isinstance((await ada.client.get(PATH)).json(), list)


async def test_insight_sessions_order(house: House) -> None:
    """Rows go back as far as there are any; those without a rubric are left out."""
    ada = await house.developer()
    await ada.has(
        crushed("b", 1), crushed("d", 3), crushed("a", -20 * WEEK), excluded("trivia", 2),
        sub_session("part", started_at=time(4), state=State.MERGED, merged_into_id=arc_id("d")),
        sub_session("open", started_at=time(5), state=State.OPEN, ended_at=None),
        sub_session("no intent", started_at=time(2), state=State.EXCLUDED, rubric=rubric(intent=None)),
    )  # fmt: skip
    assert await ids(ada) == named("d", "no intent", "b", "a")


async def test_what_was_not_judged_is_null(house: House) -> None:
    ada = await house.developer()
    pending = rubric(
        judge_status=JudgeStatus.PENDING, intent=None, confidence=None, habits=dict.fromkeys(Habit), letter_grade=None
    )
    unjudged = outcome(goal_complete=None)
    await ada.has(sub_session("a", state=State.CLOSED, rubric=pending, outcome=unjudged))
    [row] = (await ada.client.get(PATH)).json()
    assert (row["judge_status"], row["applicability"]) == ("pending", {})
    nulls = ("intent_class", "letter_grade", "confidence", "goal_complete", *Habit)
    assert [row[name] for name in nulls] == [None] * len(nulls)


async def test_a_row_tells_which_habits_apply_and_where_they_show(house: House) -> None:
    ada = await house.developer()
    one = recorded(*bug_fix(0), ended(8))
    await ada.worked(one)
    [row] = (await ada.client.get(PATH)).json()
    assert (row["intent_class"], row["judge_status"], row["goal_complete"]) == ("bug_fix", "ok", True)
    assert row["applicability"] == {habit: habit != "plan_first" for habit in Habit}
    assert row["plan_first"] is None
    shown = {habit for habit in Habit if row[habit]}
    assert "verification_requested" in shown
    told = {evidence["habit"]: evidence for evidence in row["evidence"]}
    assert set(told) >= shown
    assert told["verification_requested"]["event_ids"] == [str(one.events[0].id)]
    assert "Run the tests" in told["verification_requested"]["quote"]


@pytest.mark.parametrize("path", [PATH, RANGE])
async def test_limits_are_moved_into_bounds(house: House, path: str) -> None:
    ada = await house.developer()
    await ada.has(*(crushed(str(n), n) for n in range(3)))
    wide: dict[str, JsonValue] = {} if path == PATH else dict(WHOLE)
    for limit, count in (("2", 2), ("0", 1), ("-5", 1), ("99999", 3), (None, 3)):
        params = wide if limit is None else wide | {"limit": limit}
        assert await ids(ada, path, **params) == named("2", "1", "0")[:count], limit
    for limit in ("", "ten", "1.5"):
        answer = await ada.client.get(path, params=wide | {"limit": limit})
        assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid limit"})


async def test_without_a_limit_there_are_fifty_or_two_hundred(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(crushed(str(n), n / 10) for n in range(201)))
    assert (len(await ids(ada)), len(await ids(ada, limit=500))) == (50, 201)
    assert (len(await ids(ada, RANGE, **WHOLE)), len(await ids(ada, RANGE, **WHOLE, limit=1000))) == (200, 201)


@pytest.mark.parametrize("path", [PATH, RANGE])
async def test_many_rows_cost_as_many_statements_as_one(house: House, path: str) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 7)):
        await ada.has(*(crushed(str(n), n) for n in some))
        with statements() as seen:
            found = await ids(ada, path, **({} if path == PATH else WHOLE))
        assert len(found) == some[-1] + 1
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_insight_sessions_range_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, f"{RANGE}?from={WHOLE['from']}&to={WHOLE['to']}")


async def test_insight_sessions_range_range(house: House) -> None:
    """[from, to), to the microsecond."""
    ada = await house.developer()
    await ada.has(crushed("a", 0), crushed("b", 10), crushed("c", 20))
    a, b, c = (f"2026-03-02T09:{minute}:00Z" for minute in ("00", "10", "20"))
    assert await ids(ada, RANGE, **{"from": a, "to": c}) == named("b", "a")
    assert await ids(ada, RANGE, **{"from": b, "to": "2026-03-02T09:20:00.000001Z"}) == named("c", "b")
    assert await ids(ada, RANGE, **{"from": "2026-03-02T10:00:00.000001+01:00", "to": b}) == []
    assert await ids(ada, RANGE, **{"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}) == named(*"cba")


async def test_insight_sessions_range_order(house: House) -> None:
    ada = await house.developer()
    await ada.has(*(crushed(str(n), n) for n in (2, 3, 1)))
    assert await ids(ada, RANGE, **WHOLE) == named("3", "2", "1")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Invalid from"),
        ({"from": WHOLE["from"]}, "Invalid to"),
        ({"to": WHOLE["to"]}, "Invalid from"),
        ({"from": "", "to": WHOLE["to"]}, "Invalid from"),
        ({"from": WHOLE["from"], "to": "2026-03-03"}, "Invalid to"),
        ({"from": WHOLE["to"], "to": WHOLE["from"]}, "from must lie before to"),
        ({"from": WHOLE["to"], "to": WHOLE["to"]}, "from must lie before to"),
    ],
)
async def test_a_range_without_two_ends_is_refused(house: House, asked: dict[str, str], message: str) -> None:
    answer = await (await house.developer()).client.get(RANGE, params=asked)
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": message})
