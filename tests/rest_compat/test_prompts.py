"""GET /v1/score_v3/sessions/{id}/prompts."""

from uuid import uuid4

import httpx2
import pytest

import resolvers.score_rows
from domain.access import Scope
from domain.judging.records import Habit
from tests.history import Recorded, bug_fix, clear, ended, recorded
from tests.make import prompt, response
from tests.rest_compat.house import Developer, House

ASKED = "Fix the wrong rounding of totals in shop/totals.py: 0.125 should give 0.13. Run the tests."


async def arcs(who: Developer) -> list[str]:
    """Oldest first."""
    rows = (await who.client.get("/v1/score_v3/realtime/sub-sessions")).json()
    return [row["id"] for row in reversed(rows)]


async def asked(who: Developer, id: object) -> httpx2.Response:
    return await who.client.get(f"/v1/score_v3/sessions/{id}/prompts")


async def prompts(who: Developer, id: object) -> list[dict[str, object]]:
    answer = await asked(who, id)
    assert answer.status_code == 200
    return answer.json()


def talk(*texts: str) -> Recorded:
    """A bug fix with more prompts in its midst."""
    work = bug_fix(0)
    more = [prompt(text, 5.5 + n / 10) for n, text in enumerate(texts)]
    return recorded(*work[:-1], *more, work[-1], ended(8))


async def test_sessions_prompts_developer_scope(house: House, other_house: House) -> None:
    """To everybody else the arc does not exist, whatever their key may read."""
    ada, bob, eve = await house.developer(), await house.developer("bob@example.org"), await other_house.developer()
    await ada.worked(recorded(*bug_fix(0), ended(8)))
    [arc] = await arcs(ada)
    unknown = await asked(ada, uuid4())
    assert (unknown.status_code, unknown.json()) == (404, {"code": 404, "message": "Sub-session not found"})
    boss = await house.developer("boss@example.org", admin=True)
    for who in (bob, eve, boss):
        assert ((await asked(who, arc)).status_code, (await asked(who, arc)).json()) == (404, unknown.json())
    assert (await asked(ada, "no-uuid")).json() == unknown.json()
    assert len(await prompts(await house.developer(admin=True), arc)) == 2


async def test_sessions_prompts_window(house: House) -> None:
    ada = await house.developer()
    one = recorded(*bug_fix(0), clear(20), *bug_fix(60, "shop/tax.py"), ended(80))
    await ada.worked(one, recorded(prompt("Somewhere else", 3), project="/other"))
    first, _, second = await arcs(ada)
    assert [row["captured_at"] for row in await prompts(ada, first)] == ["2026-03-02T09:00:00Z", "2026-03-02T09:07:00Z"]
    assert [row["captured_at"] for row in await prompts(ada, second)] == [
        "2026-03-02T10:00:00Z", "2026-03-02T10:07:00Z",
    ]  # fmt: skip


async def test_sessions_prompts_left_join(house: House) -> None:
    """A command is no turn and a prompt of a sub-agent no prompt of the developer."""
    ada = await house.developer()
    await ada.worked(talk("/model opus", "Only touch shop/totals.py."))
    [arc] = await arcs(ada)
    rows = await prompts(ada, arc)
    assert [(row["turn_index"], row["rubric"] is None, row["prompt_text"]) for row in rows] == [
        (0, False, ASKED), (None, True, "/model opus"), (1, False, "Only touch shop/totals.py."),
        (2, False, "thanks, works perfectly"),
    ]  # fmt: skip


async def test_prompts_of_what_nobody_judged_have_no_rubric(house: House) -> None:
    ada = await house.developer()
    await ada.worked(recorded(prompt("hello", 0), response("Hello!", 1), ended(2)))
    [arc] = await arcs(ada)
    [row] = await prompts(ada, arc)
    assert (row["turn_index"], row["prompt_text"], row["rubric"]) == (0, "hello", None)


async def test_sessions_prompts_order(house: House) -> None:
    ada = await house.developer()
    await ada.worked(talk("Second", "Third", "Fourth"))
    [arc] = await arcs(ada)
    times = [row["captured_at"] for row in await prompts(ada, arc)]
    assert (len(times), sorted(times)) == (5, times)


async def test_a_habit_shows_in_an_arc_if_it_shows_in_a_prompt(house: House) -> None:
    """Each prompt is held to what its arc is held to; goal, scope and plan are looked for in the first two alone."""
    ada = await house.developer()
    await ada.worked(talk("Only the totals, nothing else.", "Why does 0.125 round down? Only say.", "yes"))
    [arc] = await arcs(ada)
    [whole] = (await ada.client.get("/v1/score_v3/insight/sessions")).json()
    rubrics = [row["rubric"] for row in await prompts(ada, arc)]
    for habit in Habit:
        shown = [one[habit] for one in rubrics if one[habit] is not None]
        assert whole[habit] is (any(shown) if shown else None), habit
    assert [one["scope_bounded"] for one in rubrics] == [True, True, None, None, None]
    assert [one["root_cause_oriented"] for one in rubrics] == [False, False, True, False, False]


async def test_a_prompt_has_no_grade(house: House) -> None:
    """What an earlier one said need not be said again, and thanks are no bad prompt."""
    ada = await house.developer()
    await ada.worked(talk("yes"))
    [arc] = await arcs(ada)
    rubrics = [row["rubric"] for row in await prompts(ada, arc)]
    assert [(one["judge_status"], one["letter_grade"], one["confidence"]) for one in rubrics] == [
        ("ok", None, None)
    ] * 3


async def test_so_many_prompts_are_shown_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers.score_rows, "MOST_ROWS", 2)
    ada = await house.developer()
    await ada.worked(talk("Second", "Third"))
    [arc] = await arcs(ada)
    assert [row["turn_index"] for row in await prompts(ada, arc)] == [0, 1]


async def test_text_is_shown_to_keys_that_may_read_sessions(house: House) -> None:
    ada = await house.developer()
    await ada.worked(recorded(*bug_fix(0), ended(8)))
    [arc] = await arcs(ada)
    scores_only = await house.developer(scopes=(Scope.SCORES_READ,))
    assert (await asked(scores_only, arc)).status_code == 403
