"""GET /v1/insights/sessions/summary, /sessions/summaries and /sessions/details."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from domain.timeline import Kind, Tokens
from domain.values import JsonObject
from tests.history import Recorded, bug_fix, ended, recorded, store
from tests.make import command, event, prompt, response, sub_session, time, tool_use
from tests.rest_compat.house import Developer, House
from tests.schema.test_sql_counts import statements

SUMMARY = "/v1/insights/sessions/summary"
SUMMARIES = "/v1/insights/sessions/summaries"
DETAILS = "/v1/insights/sessions/details"
NONE = {"code": 400, "message": "No summary exists for this session"}


def repair(at: float = 0) -> Recorded:
    return recorded(*bug_fix(at), ended(at + 8))


async def runs(house: House, who: Developer, told: Recorded) -> Recorded:
    """A session that goes on, judged as far as it goes."""
    await store(who.context, told)
    await house.derived(told.id)
    return told


async def summary(who: Developer, told: Recorded, **headers: str) -> JsonObject:
    answer = await who.client.get(SUMMARY, params={"session_id": told.id}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(who: Developer, **params: object) -> list[str]:
    answer = await who.client.get(SUMMARIES, params=params)
    assert answer.status_code == 200, answer.text
    return [one["session_id"] for one in answer.json()["summaries"]]


async def test_sessions_summary_missing_is_400(house: House) -> None:
    """Of a session that runs, of one that was only registered, of one that nobody knows."""
    ada = await house.developer()
    running, registered = await runs(house, ada, recorded(*bug_fix(470))), str(uuid4())
    await (await house.reviewer()).post("/v1/sessions", json={"id": registered})
    for id in (running.id, registered, str(uuid4()), "\x00", "x" * 300):
        answer = await ada.client.get(SUMMARY, params={"session_id": id})
        assert (answer.status_code, answer.json()) == (400, NONE), id
    for params in ({}, {"session_id": ""}):
        answer = await ada.client.get(SUMMARY, params=params)
        assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid session_id"})


async def test_sessions_summary_foreign(house: House, other_house: House) -> None:
    ada, eve = await house.developer(), await other_house.developer()
    await ada.worked(told := repair())
    answer = await eve.client.get(SUMMARY, params={"session_id": told.id})
    assert (answer.status_code, answer.json()) == (400, NONE)


async def test_a_summary_tells_goal_path_outcome_and_key_turns(house: House) -> None:
    ada = await house.developer()
    objection = prompt("it still fails: 0.135 gives 0.13", 9)
    told = recorded(*bug_fix(0)[:-1], objection, *bug_fix(10), ended(20))
    await ada.worked(told)
    found = await summary(ada, told)
    goal = "Fix the wrong rounding of totals in shop/totals.py: 0.125…"
    assert (found["title"], found["goal"], found["outcome"], found["session_type"]) == (
        goal, goal, "reached", "bug_fix",
    )  # fmt: skip
    assert found["summary"] == (
        f"The goal was reached: “{goal}”. It took 4 prompts in 20 min. 1 file was changed (lines: +2, 0)."
    )
    [step] = found["path"]
    assert (step["title"], step["intent_class"], step["ending"], step["turn_count"]) == (goal, "bug_fix", "reached", 4)
    turns = [(turn["turn_index"], turn["role"]) for turn in found["key_turns"]]
    assert turns == [(0, "goal"), (1, "setback"), (3, "reached")]
    assert (found["started_at"], found["ended_at"]) == ("2026-03-02T09:00:00Z", "2026-03-02T09:20:00Z")


async def test_a_summary_shows_no_prompt(house: House) -> None:
    """To everybody of the organisation, who may not read each other's prompts."""
    ada, bob = await house.developer(), await house.developer("bob@example.org")
    told = recorded(
        *bug_fix(0)[:-1], prompt("it still fails, ask Grace in Zurich about it", 7), *bug_fix(10), ended(20)
    )
    await ada.worked(told)
    for path in (SUMMARY, DETAILS):
        answer = await bob.client.get(path, params={"session_id": told.id})
        assert answer.status_code == 200
        assert "Zurich" not in answer.text


async def test_a_summary_follows_its_session(house: House) -> None:
    """It is gone while the session goes on, and tells of all of it afterwards; another name of its goal shows."""
    ada, rev = await house.developer(), await house.reviewer()
    await ada.worked(told := repair())
    before = await summary(ada, told)
    assert before == await summary(ada, told)
    [step] = before["path"]
    path = f"/v1/score_v3/sub-sessions/{step['sub_session_id']}"
    assert (await ada.client.patch(path, json={"title": "Round half up"})).status_code == 200
    renamed = await summary(ada, told)
    assert (renamed["title"], renamed["created_at"]) == ("Round half up", before["created_at"])
    assert renamed["updated_at"] > before["updated_at"]
    await rev.patch(f"/v1/sessions/{told.id}", json={"endedAt": None})
    more = replace(told, events=tuple(replace(one, session_id=told.id) for one in bug_fix(440, "shop/tax.py")))
    await store(ada.context, more)
    await house.derived(told.id)
    assert (await ada.client.get(SUMMARY, params={"session_id": told.id})).json() == NONE
    await rev.patch(f"/v1/sessions/{told.id}", json={"endedAt": "2026-03-02T16:30:00Z"})
    await house.derived(told.id)
    assert "2 files were changed" in (await summary(ada, told))["summary"]


async def test_a_summary_goes_with_its_session(house: House) -> None:
    ada, rev = await house.developer(), await house.reviewer()
    await ada.worked(told := repair())
    await summary(ada, told)
    assert (await rev.delete(f"/v1/sessions/{told.id}")).status_code == 200
    assert (await ada.client.get(SUMMARY, params={"session_id": told.id})).json() == NONE
    assert await listed(ada) == []


async def test_a_summary_comes_in_the_language_asked_for(house: House) -> None:
    ada = await house.developer()
    await ada.worked(told := repair())
    for asked, language in (("de-CH,fr;q=0.5", "de"), ("zh-HK", "zh-Hant"), ("tlh", "en"), ("*", "en")):
        assert (await summary(ada, told, **{"accept-language": asked}))["language"] == language


async def test_sessions_summaries_envelope(house: House) -> None:
    ada = await house.developer()
    assert (await ada.client.get(SUMMARIES)).json() == {"summaries": []}
    await ada.worked(told := repair())
    assert (await ada.client.get(SUMMARIES)).json() == {"summaries": [await summary(ada, told)]}


async def test_sessions_summaries_order(house: House) -> None:
    """Newest first; those that began together by id; those that run are not there."""
    ada = await house.developer()
    at_nine = sorted((repair(), repair(), repair()), key=lambda told: told.id)
    early, late = repair(-30), repair(30)
    await ada.worked(*at_nine[::-1], late, early)
    await runs(house, ada, recorded(*bug_fix(470)))
    assert await listed(ada) == [late.id, *(told.id for told in at_nine), early.id]


async def test_sessions_summaries_pages(house: House) -> None:
    ada = await house.developer()
    await ada.worked(*(repair(20 * (n // 2)) for n in range(7)))
    whole = await listed(ada)
    assert len(set(whole)) == 7
    for size in (1, 2, 3, 7):
        pages = [await listed(ada, limit=size, offset=offset) for offset in range(0, 8, size)]
        assert [id for page in pages for id in page] == whole
    assert await listed(ada, offset=7) == await listed(ada, offset=10**20) == []
    assert await listed(ada, limit=0, offset=-5) == whole[:1]
    for name in ("limit", "offset"):
        answer = await ada.client.get(SUMMARIES, params={name: "1.5"})
        assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": f"Invalid {name}"})


async def test_sessions_summaries_filter(house: House, other_house: House) -> None:
    ada, bob, eve = await house.developer(), await house.developer("bob@example.org"), await other_house.developer()
    own, his = repair(0), repair(20)
    await ada.worked(own)
    await bob.worked(his)
    await eve.worked(repair(40))
    assert await listed(ada) == await listed(bob) == [his.id, own.id]
    ids = [str(who.context.caller.user_id) for who in (ada, bob, eve)]
    assert [await listed(ada, user_id=id) for id in ids] == [[own.id], [his.id], []]
    for wrong in ("", "ada"):
        answer = await ada.client.get(SUMMARIES, params={"user_id": wrong})
        assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": "Invalid user_id"})


async def test_many_summaries_cost_as_many_statements_as_one(house: House) -> None:
    ada, counts = await house.developer(), list[int]()
    for some in (range(1), range(1, 5)):
        await ada.worked(*(repair(20 * n) for n in some))
        with statements() as seen:
            assert len(await listed(ada)) == some[-1] + 1
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_sessions_details_order(house: House) -> None:
    ada = await house.developer()
    told = recorded(*(prompt(f"Change part {n} of the totals, please", 9 - n) for n in range(9)), ended(10))
    await ada.worked(told)
    turns = (await ada.client.get(DETAILS, params={"session_id": told.id})).json()["turns"]
    assert [turn["turn_index"] for turn in turns] == list(range(9))
    assert [turn["started_at"] for turn in turns] == [f"2026-03-02T09:0{n}:00Z" for n in range(1, 10)]


async def test_details_tell_what_each_turn_took(house: House) -> None:
    ada = await house.developer()
    call = {"call_id": "c1"}
    told = recorded(
        *bug_fix(0),
        prompt("Now list what is left to do in shop/tax.py", 20),
        tool_use("Grep", 21, **call),
        event(Kind.TOOL_RESULT, 22, tool="Grep", succeeded=False, duration_ms=500, **call),
        command("rm notes.txt", 23, exit_code=1),
        response("Two are left.", 25, model="opus", tokens=Tokens(900, 120, 30, 10), cost_usd=Decimal("0.5")),
        ended(30),
    )  # fmt: skip
    await ada.worked(told)
    found = (await ada.client.get(DETAILS, params={"session_id": told.id})).json()
    first, *_, last = found["turns"]
    assert (first["files"], first["lines_added"]) == (["shop/totals.py"], 1)
    assert first["tools"] == [{"tool": "Edit", "calls": 1}]
    assert last == {
        "turn_index": 2, "started_at": "2026-03-02T09:20:00Z", "duration_ms": 600_000, "model": "opus",
        "input_tokens": 900, "output_tokens": 120, "cache_read_tokens": 30, "cache_write_tokens": 10, "cost_usd": 0.5,
        "tool_calls": 2, "errors": 2, "tools": [{"tool": "Grep", "calls": 1}], "files": [], "lines_added": 0,
        "lines_removed": 0,
    }  # fmt: skip
    grep = {"tool": "Grep", "calls": 1, "errors": 1, "mutating_calls": 0, "total_duration_ms": 500}
    edit = {"tool": "Edit", "calls": 1, "errors": 0, "mutating_calls": 1, "total_duration_ms": None}
    assert found["tool_activity"] == [edit, grep]
    assert (found["scores"]["crushed_count"], found["scores"]["total_count"]) == (1, 1)
    assert (found["scores"]["prism_score"], found["total_tokens"]) == (100.0, 1_060)


async def test_details_are_there_while_a_session_runs_and_before_it_begins(house: House) -> None:
    ada, registered = await house.developer(), str(uuid4())
    running = await runs(house, ada, recorded(*bug_fix(470)))
    await (await house.reviewer()).post("/v1/sessions", json={"id": registered})
    found = (await ada.client.get(DETAILS, params={"session_id": running.id})).json()
    assert (found["ended_at"], len(found["turns"])) == (None, 2)
    found = (await ada.client.get(DETAILS, params={"session_id": registered})).json()
    assert (found["turns"], found["tool_activity"], found["scores"]["prism_score"]) == ([], [], None)


@pytest.mark.parametrize("id", [str(uuid4()), "\x00", "x" * 300], ids=["unknown", "nul", "long"])
async def test_details_of_what_is_not_there_are_404(house: House, id: str) -> None:
    answer = await (await house.developer()).client.get(DETAILS, params={"session_id": id})
    assert (answer.status_code, answer.json()) == (404, {"code": 404, "message": "Session not found"})


async def test_details_of_another_organisation_are_404(house: House, other_house: House) -> None:
    ada, eve = await house.developer(), await other_house.developer()
    await ada.worked(told := repair())
    assert (await eve.client.get(DETAILS, params={"session_id": told.id})).status_code == 404


async def test_what_was_undone_elsewhere_shows(house: House) -> None:
    """A later session that undoes the work changes the summary, which was written before."""
    ada = await house.developer()
    lines = [f"line {n} = round({n})" for n in range(8)]
    first = recorded(*bug_fix(0, added=lines), ended(8))
    await ada.worked(first)
    assert (await summary(ada, first))["outcome"] == "reached"
    later = recorded(*bug_fix(60, added=["line = 1"], removed=lines), ended(68))
    await ada.worked(later)
    found = await summary(ada, first)
    assert (found["outcome"], found["path"][0]["ending"]) == ("undone", "undone")
    assert found["summary"].startswith("The goal was reached, but later work undid it")


async def test_a_session_of_several_goals_names_the_largest(house: House) -> None:
    ada = await house.developer()
    await ada.worked(told := repair())
    big = sub_session("big", session_id=told.id, started_at=time(5), measures=sub_session().measures)
    await ada.has(replace(big, measures=replace(big.measures, tokens=Tokens(9_000))))
    found = await summary(ada, told)
    assert found["summary"].startswith("2 of 2 goals reached; most of the work went into “Fix the rounding of totals”.")
    assert found["title"] == "Fix the rounding of totals"
    assert len(found["path"]) == 2
