"""GET /v1/score_v3/skill and /insight/summary."""

from dataclasses import replace

from domain.judging.records import Habit, JudgeStatus, State
from tests.make import rubric, sub_session, time
from tests.rest_compat.house import House
from tests.rest_compat.weeks import WEEK, excluded, graded, only_ones_own

PATH = "/v1/score_v3/skill"
SUMMARY = "/v1/score_v3/insight/summary"


async def test_skill_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, PATH)


async def test_skill_worst(house: House) -> None:
    """A habit that applies to nothing is no worst one; of equals it is the first."""
    ada = await house.developer()
    await ada.has(
        graded("a", "B", 75.0, 0, verification_requested=False, plan_first=None),
        graded("b", "B", 75.0, 1, verification_requested=False, scope_bounded=False, plan_first=None),
        graded("c", "C", 55.0, 2, scope_bounded=False, root_cause_oriented=None, plan_first=None),
    )
    body = (await ada.client.get(PATH)).json()
    assert body["worst_pillar"] == "scope_bounded"
    assert body["per_boolean"] == {
        "goal_explicit": 1.0, "scope_bounded": 0.33, "references_concrete": 1.0, "context_sufficient": 1.0,
        "verification_requested": 0.33, "root_cause_oriented": 1.0, "plan_first": None,
    }  # fmt: skip
    await ada.has(graded("d", "B", 75.0, 3, verification_requested=False))
    body = (await ada.client.get(PATH)).json()
    assert (body["worst_pillar"], body["per_boolean"]["verification_requested"]) == ("verification_requested", 0.25)


async def test_skill_delta(house: House) -> None:
    ada = await house.developer()
    await ada.has(graded("now", "B", 75.0), graded("now too", "C", 55.0, 1))
    assert (await ada.client.get(PATH)).json()["delta_apg"] is None
    await ada.has(graded("before", "B-", 67.5, -WEEK))
    body = (await ada.client.get(PATH)).json()
    assert (body["apg"], body["delta_apg"]) == (0.65, -0.03)


async def test_skill_of_nobody_is_null(house: House) -> None:
    body = (await (await house.developer()).client.get(PATH)).json()
    assert body == {
        "window": "weekly", "apg": None, "delta_apg": None, "per_boolean": dict.fromkeys(Habit), "worst_pillar": None,
    }  # fmt: skip


async def test_insight_summary_developer_scope(house: House, other_house: House) -> None:
    await only_ones_own(house, other_house, SUMMARY)


async def test_insight_summary_agrees(house: House) -> None:
    ada = await house.developer()
    await ada.has(
        graded("a", "B", 75.0, 0, plan_first=False), graded("b", "F", 0.0, 1, goal_explicit=False),
        graded("week before", "A+", 100.0, -WEEK),
    )  # fmt: skip
    for window in ("daily", "weekly", "monthly"):
        summary, skill = [(await ada.client.get(path, params={"window": window})).json() for path in (SUMMARY, PATH)]
        assert {name: summary[name] for name in ("window", "apg", "per_boolean")} == {
            name: skill[name] for name in ("window", "apg", "per_boolean")
        }


async def test_a_summary_counts_the_rows_of_its_window(house: House) -> None:
    ada = await house.developer()
    pending = rubric(judge_status=JudgeStatus.PENDING, intent=None, letter_grade=None, grade_points=None)
    open_arc = replace(graded("open", "B", 75.0, 5), state=State.OPEN, ended_at=None)
    await ada.has(
        graded("a", "B", 75.0), graded("b", "B", 75.0, 1), graded("c", "A+", 100.0, 2),
        sub_session("pending", started_at=time(3), state=State.CLOSED, rubric=pending), excluded("trivia", 4),
        open_arc, graded("week before", "F", 0.0, -WEEK),
    )  # fmt: skip
    body = (await ada.client.get(SUMMARY)).json()
    assert (body["total"], body["graded"], body["apg"], body["letter_grade"]) == (4, 3, 0.83, "B+")
    assert body["by_grade"] == [{"letter_grade": "A+", "count": 1}, {"letter_grade": "B", "count": 2}]
    assert body["by_intent"] == [{"intent_class": "bug_fix", "count": 3}, {"intent_class": None, "count": 1}]
    assert body["by_judge_status"] == [{"judge_status": "ok", "count": 3}, {"judge_status": "pending", "count": 1}]
    rows = (await ada.client.get("/v1/score_v3/insight/sessions")).json()
    assert len(rows) == body["total"] + 1  # they go further back than the week
