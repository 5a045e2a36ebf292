"""Appeals as front ends make them."""

import pytest

from domain.access import KeyKind
from domain.values import JsonValue
from resolvers.context import Services
from schema import nodes
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker

ARC = """subSession { id goalComplete qualifying crushed
  verdict { goalComplete judgedGoalComplete appeal { goalComplete judgedGoalComplete reason at } } }"""
ERRORS = "userErrors { field code message }"
APPEAL = f"mutation ($input: AppealVerdictInput!) {{ appealVerdict(input: $input) {{ {ARC} {ERRORS} }} }}"
WITHDRAW = f"mutation ($input: WithdrawAppealInput!) {{ withdrawAppeal(input: $input) {{ {ARC} {ERRORS} }} }}"


async def _arc(asker: Asker) -> str:
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    return (await asker.data("{ subSessions { nodes { id } } }"))["subSessions"]["nodes"][0]["id"]


async def _refused(asker: Asker, query: str, **input: JsonValue) -> list[tuple[object, str]]:
    [payload] = (await asker.data(query, input=input)).values()
    assert payload["subSession"] is None
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def test_a_verdict_is_appealed_shown_and_given_back(ada: Asker) -> None:
    id = await _arc(ada)
    payload = (await ada.data(APPEAL, input={"id": id, "goalComplete": False, "reason": " Broke\nagain. "}))[
        "appealVerdict"
    ]
    arc = payload["subSession"]
    assert (payload["userErrors"], arc["id"], arc["goalComplete"], arc["qualifying"], arc["crushed"]) == (
        [], id, False, True, False,
    )  # fmt: skip
    verdict = arc["verdict"]
    assert (verdict["goalComplete"], verdict["judgedGoalComplete"]) == (False, True)
    at = verdict["appeal"].pop("at")
    assert verdict["appeal"] == {"goalComplete": False, "judgedGoalComplete": True, "reason": "Broke again."}
    assert at.endswith("Z")
    back = (await ada.data(WITHDRAW, input={"id": id}))["withdrawAppeal"]["subSession"]
    assert (back["crushed"], back["verdict"]) == (
        True,
        {"goalComplete": True, "judgedGoalComplete": True, "appeal": None},
    )


@pytest.mark.parametrize(("reason", "code"), [("", "BLANK"), (" \n\x00", "BLANK"), ("x" * 1001, "TOO_LONG")])
async def test_a_reason_has_to_be_given(ada: Asker, reason: str, code: str) -> None:
    id = await _arc(ada)
    assert await _refused(ada, APPEAL, id=id, goalComplete=True, reason=reason) == [(["reason"], code)]


async def test_nobody_appeals_the_verdict_of_another(ada: Asker, eve: Asker, judged: Services) -> None:
    id = await _arc(ada)
    lead = await make_asker(judged, ada.slug, admin=True)
    for asker in (eve, lead):
        assert await _refused(asker, APPEAL, id=id, goalComplete=False, reason="no") == [(["id"], "NOT_FOUND")]
        assert await _refused(asker, WITHDRAW, id=id) == [(["id"], "NOT_FOUND")]


@pytest.mark.parametrize("id", ["x", "", "ÿ", nodes.encode("Session", "s"), nodes.encode("SubSession", "no uuid")])
async def test_what_is_no_id_of_an_arc_changes_nothing(ada: Asker, id: str) -> None:
    assert await _refused(ada, APPEAL, id=id, goalComplete=True, reason="yes") == [(["id"], "INVALID_ID")]
    assert await _refused(ada, WITHDRAW, id=id) == [(["id"], "INVALID_ID")]


async def test_a_key_that_only_writes_labels_can_appeal(ada: Asker, judged: Services) -> None:
    id = await _arc(ada)
    email = (await ada.data("{ viewer { email } }"))["viewer"]["email"]
    writer = await make_asker(judged, ada.slug, KeyKind.PERSONAL, email, scopes=("labels:write",))
    for query, said in ((APPEAL, {"goalComplete": False, "reason": "no"}), (WITHDRAW, {})):
        answer = (await writer.data(query, input={"id": id, **said})).popitem()[1]
        assert (answer["subSession"]["id"], answer["userErrors"]) == (id, [])


async def test_a_key_without_the_scope_cannot(ada: Asker, judged: Services) -> None:
    id = await _arc(ada)
    reader = await make_asker(judged, ada.slug, scopes=("scores:read",))
    assert await reader.code(APPEAL, input={"id": id, "goalComplete": True, "reason": "yes"}) == "FORBIDDEN"
