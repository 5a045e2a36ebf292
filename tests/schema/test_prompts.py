"""What the graph shows of prompts one by one: the rubric that REST lists for an arc, wherever a prompt is met."""

from typing import Any

import pytest

import resolvers.score_rows
from domain.access import KeyKind
from domain.judging.prompts import JudgedPrompt
from domain.judging.records import Habit, State
from domain.values import JsonValue
from schema import nodes
from tests.history import Recorded, arcs, bug_fix, clear, derive, ended, recorded, store
from tests.make import prompt
from tests.schema.asking import Asker, make_asker

PROMPT = "id turnIndex habits { habit shown } event { rawId }"
OF_ARC = f"query ($id: ID!) {{ subSession(id: $id) {{ prompts {{ {PROMPT} }} }} }}"
OF_SESSION = f"query ($id: ID!) {{ session(id: $id) {{ prompts {{ nodes {{ {PROMPT} }} }} }} }}"
OF_NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Prompt {{ {PROMPT} }} }} }}"


async def _derived(asker: Asker, one: Recorded) -> Recorded:
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return one


def _told(judged: JudgedPrompt) -> tuple[str, int | None, JsonValue]:
    habits = judged.habits or {}
    return str(judged.event.id), judged.turn_index, {habit.name: habits[habit] for habit in Habit if habit in habits}


def _shown(prompt: dict[str, Any]) -> tuple[str, int | None, JsonValue]:
    habits = {one["habit"]: one["shown"] for one in prompt["habits"]}
    return prompt["event"]["rawId"], prompt["turnIndex"], habits


async def test_wherever_a_prompt_is_met_it_shows_what_rest_lists(ada: Asker) -> None:
    work = bug_fix(0)
    said = [
        prompt(text, 5.5 + n / 10) for n, text in enumerate(("/status", "Keep it in shop/", "Find the cause first"))
    ]
    one = await _derived(ada, recorded(*work[:-1], *said, work[-1], clear(8), *bug_fix(60, "b.py"), ended(70)))
    both = await arcs(ada.ctx, one)
    told = {arc.id: [_told(each) for each in await resolvers.score_rows.list_prompts(ada.ctx, arc.id)] for arc in both}
    assert [index for some in told.values() for _, index, _ in some] == [0, None, 1, 2, 3, 0, 1]
    assert any(habits and not all(habits.values()) for some in told.values() for _, _, habits in some)
    for arc in both:
        found = (await ada.data(OF_ARC, id=nodes.encode("SubSession", arc.id)))["subSession"]["prompts"]
        assert [*map(_shown, found)] == told[arc.id]
    found = (await ada.data(OF_SESSION, id=one.id))["session"]["prompts"]["nodes"]
    assert [*map(_shown, found)] == [each for some in told.values() for each in some]
    for each in found:
        assert (await ada.data(OF_NODE, id=each["id"]))["node"] == each


async def test_a_prompt_of_a_joined_fragment_counts_on_in_its_arc(ada: Asker) -> None:
    one, two = recorded(*bug_fix(0)), recorded(*bug_fix(9), ended(17))
    for each in (one, two):
        await _derived(ada, each)
    assert [arc.state for arc in await arcs(ada.ctx, one, two)] == [State.SCORED, State.MERGED]
    found = [
        node["turnIndex"]
        for each in (one, two)
        for node in (await ada.data(OF_SESSION, id=each.id))["session"]["prompts"]["nodes"]
    ]
    assert found == [0, 1, 2, 3]


async def test_what_is_not_judged_has_no_habits(ada: Asker) -> None:
    one = await _derived(ada, recorded(prompt("hello", 0)))
    [node] = (await ada.data(OF_SESSION, id=one.id))["session"]["prompts"]["nodes"]
    assert (node["turnIndex"], node["habits"]) == (0, [])
    fresh = recorded(prompt("not derived yet", 0))
    await store(ada.ctx, fresh)
    [node] = (await ada.data(OF_SESSION, id=fresh.id))["session"]["prompts"]["nodes"]
    assert (node["turnIndex"], node["habits"]) == (None, [])


@pytest.mark.parametrize("field", ["turnIndex", "habits { shown }"])
async def test_who_may_not_read_scores_sees_prompts_alone(ada: Asker, field: str) -> None:
    one = await _derived(ada, recorded(*bug_fix(0), ended(8)))
    email = (await ada.data("{ viewer { email } }"))["viewer"]["email"]
    reader = await make_asker(ada.ctx.services, ada.slug, KeyKind.PERSONAL, email, scopes=("sessions:read",))
    query = "query ($id: ID!) { session(id: $id) { prompts { nodes { text %s } } } }"
    texts = (await reader.data(query % "", id=one.id))["session"]["prompts"]["nodes"]
    assert [node["text"] for node in texts] == [bug_fix(0)[0].data["text"], "thanks, works perfectly"]
    answer = await reader.ask(query % field, id=one.id)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
