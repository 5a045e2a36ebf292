"""Goal arcs divided by hand, as front ends do it."""

import pytest

from domain.access import KeyKind
from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from schema import nodes
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker

ERRORS = "userErrors { field code message }"
ARC = "id startedAt splitByHand mergedByHand crushed fragments { id } prompts { id event { rawId } }"
SPLIT = f"""mutation ($input: SplitSubSessionInput!) {{
  splitSubSession(input: $input) {{ subSessions {{ {ARC} }} {ERRORS} }} }}"""
MERGE = f"""mutation ($input: MergeSubSessionsInput!) {{
  mergeSubSessions(input: $input) {{ subSession {{ {ARC} }} {ERRORS} }} }}"""
UNDO_SPLIT = f"""mutation ($input: UndoSubSessionSplitInput!) {{
  undoSubSessionSplit(input: $input) {{ subSessions {{ {ARC} }} {ERRORS} }} }}"""
UNDO_MERGE = f"""mutation ($input: UndoSubSessionMergeInput!) {{
  undoSubSessionMerge(input: $input) {{ subSessions {{ {ARC} }} {ERRORS} }} }}"""
ALL = f"{{ subSessions {{ nodes {{ {ARC} }} }} }}"
DAY = 24 * 60.0


async def _arcs(asker: Asker) -> list[JsonObject]:
    """Oldest first."""
    return (await asker.data(ALL))["subSessions"]["nodes"][::-1]


@pytest.fixture
async def mine(ada: Asker) -> list[JsonObject]:
    """Two arcs: four prompts at minutes 0, 7, 10 and 17, and two the day after."""
    one = recorded(*bug_fix(0), *bug_fix(10), ended(20))
    two = recorded(*bug_fix(DAY, "shop/tax.py"), ended(DAY + 8))
    await store(ada.ctx, one, two)
    await derive(ada.ctx, one, two)
    return await _arcs(ada)


async def _refused(asker: Asker, query: str, **input: JsonValue) -> list[tuple[object, str]]:
    [payload] = (await asker.data(query, input=input)).values()
    assert (payload.get("subSession"), payload.get("subSessions", [])) == (None, [])
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


@pytest.mark.parametrize("way", ["prompt", "event", "raw"])
async def test_an_arc_is_split_at_a_prompt_or_an_event_and_put_together_again(
    ada: Asker, mine: list[JsonObject], way: str
) -> None:
    third = mine[0]["prompts"][2]
    raw = third["event"]["rawId"]
    event = await ada.data("query ($id: ID!) { node(id: $id) { ... on Prompt { event { id } } } }", id=third["id"])
    at = {"prompt": third["id"], "event": event["node"]["event"]["id"], "raw": raw}[way]
    split = (await ada.data(SPLIT, input={"id": mine[0]["id"], "eventId": at}))["splitSubSession"]
    first, second = split["subSessions"]
    assert (split["userErrors"], first["id"], first["splitByHand"], second["splitByHand"]) == (
        [], mine[0]["id"], False, True,
    )  # fmt: skip
    assert [[one["event"]["rawId"] for one in arc["prompts"]] for arc in (first, second)] == [
        [one["event"]["rawId"] for one in mine[0]["prompts"][:2]],
        [one["event"]["rawId"] for one in mine[0]["prompts"][2:]],
    ]
    assert await _arcs(ada) == [first, second, mine[1]]
    undone = (await ada.data(UNDO_SPLIT, input={"id": second["id"]}))["undoSubSessionSplit"]
    assert undone == {"subSessions": mine[:1], "userErrors": []}
    assert await _arcs(ada) == mine


async def test_arcs_are_merged_and_parted(ada: Asker, mine: list[JsonObject]) -> None:
    ids = [arc["id"] for arc in mine]
    merged = (await ada.data(MERGE, input={"ids": ids[::-1]}))["mergeSubSessions"]
    arc = merged["subSession"]
    assert (merged["userErrors"], arc["id"], arc["mergedByHand"], len(arc["prompts"])) == ([], ids[0], True, 6)
    assert [part["id"] for part in arc["fragments"]] == ids
    undone = (await ada.data(UNDO_MERGE, input={"id": ids[0]}))["undoSubSessionMerge"]
    assert undone == {"subSessions": mine, "userErrors": []}


async def test_what_cannot_be_done_is_told(ada: Asker, mine: list[JsonObject]) -> None:
    one, two = mine
    first, other = one["prompts"][0]["id"], two["prompts"][0]["id"]
    assert await _refused(ada, SPLIT, id=one["id"], eventId=first) == [(["eventId"], "NOTHING_BEFORE")]
    assert await _refused(ada, SPLIT, id=one["id"], eventId=other) == [(["eventId"], "NOT_IN_ARC")]
    assert await _refused(ada, MERGE, ids=[one["id"], one["id"]]) == [(["ids"], "TOO_FEW")]
    assert await _refused(ada, UNDO_SPLIT, id=one["id"]) == [(["id"], "NOT_SPLIT")]
    assert await _refused(ada, UNDO_MERGE, id=one["id"]) == [(["id"], "NOT_MERGED")]
    assert await _arcs(ada) == mine


NO_ID = [
    "x",
    "",
    "ÿ",
    nodes.encode("Session", "s"),
    nodes.encode("SubSession", "no uuid"),
    nodes.encode("Event", "x:s"),
]


@pytest.mark.parametrize("id", NO_ID)
async def test_what_is_no_id_changes_nothing(ada: Asker, mine: list[JsonObject], id: str) -> None:
    own, prompt = mine[0]["id"], mine[0]["prompts"][1]["id"]
    assert await _refused(ada, SPLIT, id=id, eventId=prompt) == [(["id"], "INVALID_ID")]
    assert await _refused(ada, SPLIT, id=own, eventId=id) == [(["eventId"], "INVALID_ID")]
    assert await _refused(ada, MERGE, ids=[own, id]) == [(["ids", "1"], "INVALID_ID")]
    assert await _refused(ada, UNDO_SPLIT, id=id) == [(["id"], "INVALID_ID")]
    assert await _refused(ada, UNDO_MERGE, id=id) == [(["id"], "INVALID_ID")]


async def test_nobody_divides_the_work_of_another(
    ada: Asker, eve: Asker, mine: list[JsonObject], judged: Services
) -> None:
    ids, prompt = [arc["id"] for arc in mine], mine[0]["prompts"][1]["id"]
    lead = await make_asker(judged, ada.slug, admin=True)
    for asker in (eve, lead):
        assert await _refused(asker, SPLIT, id=ids[0], eventId=prompt) == [(["id"], "NOT_FOUND")]
        assert await _refused(asker, MERGE, ids=ids) == [(["ids", "0"], "NOT_FOUND")]
        assert await _refused(asker, UNDO_SPLIT, id=ids[0]) == [(["id"], "NOT_FOUND")]
        assert await _refused(asker, UNDO_MERGE, id=ids[0]) == [(["id"], "NOT_FOUND")]


async def test_a_key_that_only_writes_labels_can_divide(ada: Asker, mine: list[JsonObject], judged: Services) -> None:
    email = (await ada.data("{ viewer { email } }"))["viewer"]["email"]
    writer = await make_asker(judged, ada.slug, KeyKind.PERSONAL, email, scopes=("labels:write",))
    query = """mutation ($input: SplitSubSessionInput!) {
      splitSubSession(input: $input) { subSessions { id } userErrors { code } } }"""
    done = await writer.data(query, input={"id": mine[0]["id"], "eventId": mine[0]["prompts"][1]["id"]})
    assert (len(done["splitSubSession"]["subSessions"]), done["splitSubSession"]["userErrors"]) == (2, [])
    reader = await make_asker(judged, ada.slug, KeyKind.PERSONAL, email, scopes=("scores:read",))
    assert await reader.code(query, input={"id": mine[0]["id"], "eventId": mine[0]["prompts"][1]["id"]}) == "FORBIDDEN"
