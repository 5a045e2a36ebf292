"""Backfills as front ends start, follow and cancel them."""

import pytest

from domain.judging.arcs import RULESET_VERSION
from domain.values import JsonObject, JsonValue
from resolvers.context import Services
from schema import nodes
from tests.history import arcs, bug_fix, ended, facts, judging, recorded
from tests.outdated import MISSED, outdate, work_off
from tests.outdated import judged as derived
from tests.schema.asking import Asker, make_asker

WITHIN = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
COUNTS = "{ prismScore crushedCount totalCount }"
SHOWN = f"""id state from to arcCount doneCount failedCount skippedCount createdAt finishedAt
  developer {{ id }} createdBy {{ id }}
  before {COUNTS} after {COUNTS}"""
SIDE = "{ state qualifying crushed intent goalComplete rationale reworked rulesetVersion }"
START = f"""mutation ($input: StartBackfillInput!) {{ startBackfill(input: $input) {{
  backfill {{ {SHOWN} }} userErrors {{ field code message }}
  rehearsal {{ from to sessionCount arcCount skippedCount before {COUNTS} after {COUNTS}
    flips {{ subSession {{ rawId crushed }} before {SIDE} after {SIDE} }} }} }} }}"""
CANCEL = f"""mutation ($input: CancelBackfillInput!) {{ cancelBackfill(input: $input) {{
  backfill {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
ONE = f"query ($id: ID!) {{ backfill(id: $id) {{ {SHOWN} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Backfill {{ {SHOWN} }} }} }}"


@pytest.fixture
async def boss(fresh_services: Services) -> Asker:
    """Somebody who may administer, with a queue of their own."""
    return await make_asker(judging(fresh_services), admin=True)


async def worked(asker: Asker) -> str:
    """A goal that older rules saw missed, and one that is judged as it should be; the id of the first."""
    missed, right = recorded(*bug_fix(0), ended(8)), recorded(*bug_fix(120, "b.py"), ended(130))
    await derived(asker.ctx, missed, right)
    await outdate(asker.ctx, missed, **MISSED)
    [arc] = await arcs(asker.ctx, missed)
    return str(arc.id)


async def start(asker: Asker, **input: JsonValue) -> JsonObject:
    return (await asker.data(START, input={"within": WITHIN, **input}))["startBackfill"]


def refusals(payload: JsonObject) -> list[tuple[object, str]]:
    assert payload["backfill"] is None
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def test_one_is_started_followed_and_found(boss: Asker) -> None:
    await worked(boss)
    started = await start(boss)
    new = started["backfill"]
    assert (started["userErrors"], started["rehearsal"]) == ([], None)
    assert (new["state"], new["arcCount"], new["doneCount"], new["failedCount"], new["skippedCount"]) == (
        "QUEUED",
        1,
        0,
        0,
        1,
    )
    assert (new["from"], new["to"]) == ("2026-03-02T00:00:00.000Z", "2026-03-03T00:00:00.000Z")
    assert (new["developer"], new["after"], new["finishedAt"]) == (None, None, None)
    assert new["createdBy"] == {"id": nodes.encode("Developer", boss.ctx.caller.user_id)}
    assert new["before"] == {"prismScore": 50.0, "crushedCount": 1, "totalCount": 2}
    await work_off(boss.ctx)
    over = (await boss.data(ONE, id=new["id"]))["backfill"]
    assert (over["state"], over["doneCount"]) == ("DONE", 1)
    assert over["after"] == {"prismScore": 100.0, "crushedCount": 2, "totalCount": 2}
    assert (await boss.data(NODE, id=new["id"]))["node"] == over
    listed = "query ($n: Int) { backfills(first: $n) { totalCount nodes { id state } pageInfo { hasNextPage } } }"
    again = (await start(boss))["backfill"]
    assert (again["state"], again["arcCount"], again["skippedCount"]) == ("DONE", 0, 2)
    assert (await boss.data(listed, n=1))["backfills"] == {
        "totalCount": 2,
        "nodes": [{"id": again["id"], "state": "DONE"}],
        "pageInfo": {"hasNextPage": True},
    }


async def test_one_is_cancelled_once(boss: Asker) -> None:
    id = await worked(boss)
    new = (await start(boss))["backfill"]
    cancelled = (await boss.data(CANCEL, input={"id": new["id"]}))["cancelBackfill"]
    assert (cancelled["userErrors"], cancelled["backfill"]["state"]) == ([], "CANCELLED")
    assert cancelled["backfill"]["finishedAt"] is not None
    await work_off(boss.ctx)
    arc = await boss.data("query ($id: ID!) { subSession(id: $id) { rulesetVersion } }", id=id)
    assert arc["subSession"]["rulesetVersion"] == "older"
    assert refusals((await boss.data(CANCEL, input={"id": new["id"]}))["cancelBackfill"]) == [(["id"], "OVER")]


async def test_a_dry_run_tells_and_changes_nothing(boss: Asker) -> None:
    id = await worked(boss)
    before = await facts(boss.ctx)
    answer = await start(boss, dryRun=True)
    told = answer["rehearsal"]
    assert (answer["backfill"], answer["userErrors"]) == (None, [])
    assert (told["sessionCount"], told["arcCount"], told["skippedCount"]) == (1, 1, 1)
    assert (told["before"]["prismScore"], told["after"]["prismScore"]) == (50.0, 100.0)
    [flip] = told["flips"]
    assert flip["subSession"] == {"rawId": id, "crushed": False}
    assert (flip["before"]["crushed"], flip["before"]["goalComplete"], flip["before"]["rulesetVersion"]) == (
        False, False, "older",
    )  # fmt: skip
    assert (flip["after"]["crushed"], flip["after"]["goalComplete"], flip["after"]["rulesetVersion"]) == (
        True, True, RULESET_VERSION,
    )  # fmt: skip
    assert (flip["after"]["state"], flip["after"]["intent"], flip["after"]["reworked"]) == ("SCORED", "BUG_FIX", False)
    assert await facts(boss.ctx) == before
    assert (await boss.data("{ backfills { totalCount } }"))["backfills"]["totalCount"] == 0


async def test_one_developer_is_meant_by_their_id(boss: Asker) -> None:
    await worked(boss)
    id = nodes.encode("Developer", boss.ctx.caller.user_id)
    new = (await start(boss, developer=id))["backfill"]
    assert (new["developer"], new["arcCount"]) == ({"id": id}, 1)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_what_stands_against_it_is_told(boss: Asker, eve: Asker, dry_run: bool) -> None:
    stranger = nodes.encode("Developer", eve.ctx.caller.user_id)
    empty = {"from": WITHIN["to"], "to": WITHIN["to"]}
    for input, refusal in (
        ({"within": empty}, (["within"], "EMPTY_WINDOW")),
        ({"developer": stranger}, (["developer"], "UNKNOWN_DEVELOPER")),
        ({"developer": "ÿ"}, (["developer"], "INVALID_ID")),
        ({"developer": nodes.encode("Session", "s")}, (["developer"], "INVALID_ID")),
    ):
        assert refusals(await start(boss, dryRun=dry_run, **input)) == [refusal]


@pytest.mark.parametrize("id", ["x", "", nodes.encode("Session", "s"), nodes.encode("Backfill", "no uuid")])
async def test_what_is_no_id_of_a_backfill_cancels_nothing(boss: Asker, id: str) -> None:
    assert refusals((await boss.data(CANCEL, input={"id": id}))["cancelBackfill"]) == [(["id"], "INVALID_ID")]


async def test_nobody_else_starts_sees_or_cancels_one(boss: Asker) -> None:
    await worked(boss)
    new = (await start(boss))["backfill"]
    services = boss.ctx.services
    colleague, eve = await make_asker(services, boss.slug), await make_asker(services, admin=True)
    for query, variables in (
        (START, {"input": {"within": WITHIN}}),
        (START, {"input": {"within": WITHIN, "dryRun": True}}),
        (CANCEL, {"input": {"id": new["id"]}}),
        (ONE, {"id": new["id"]}),
        ("{ backfills { nodes { id } } }", {}),
    ):
        assert await colleague.code(query, **variables) == "FORBIDDEN"
    for other in (colleague, eve):
        assert (await other.data(NODE, id=new["id"]))["node"] is None
    assert (await eve.data(ONE, id=new["id"]))["backfill"] is None
    assert refusals((await eve.data(CANCEL, input={"id": new["id"]}))["cancelBackfill"]) == [(["id"], "NOT_FOUND")]
    assert (await boss.data(ONE, id=new["id"]))["backfill"]["state"] == "QUEUED"


async def test_a_key_that_administers_alone_sees_no_arcs(boss: Asker) -> None:
    await worked(boss)
    narrow = await make_asker(boss.ctx.services, boss.slug, scopes=("admin", "scores:read"))
    assert await narrow.code(START, input={"within": WITHIN, "dryRun": True}) == "FORBIDDEN"
    assert (await start(narrow))["backfill"]["arcCount"] == 1
