"""Erasing a developer as an administrator's front end does."""

import pytest

from domain.access import Org
from domain.values import JsonObject
from resolvers.context import Services
from schema import nodes
from tests.history import bug_fix, drain, ended, judging, recorded, store
from tests.make_context import context_of, make_caller, make_user
from tests.schema.asking import Asker, make_asker

SHOWN = "id kind askedBy state sessionCount erasedSessionCount eventCount erasedEventCount createdAt finishedAt"
ERASE = f"""mutation ($input: EraseDeveloperInput!) {{ eraseDeveloper(input: $input) {{
  erasure {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
ONE = f"query ($id: ID!) {{ erasure(id: $id) {{ {SHOWN} }} node(id: $id) {{ ... on Erasure {{ {SHOWN} }} }} }}"
ALL = f"{{ erasures(first: 5) {{ totalCount nodes {{ {SHOWN} }} }} }}"


@pytest.fixture
async def boss(fresh_services: Services) -> Asker:
    """Somebody who may administer, with a queue of their own."""
    return await make_asker(judging(fresh_services), admin=True)


async def colleague(boss: Asker) -> str:
    """The id of a developer of the same organisation who has worked."""
    caller = boss.ctx.caller
    org = Org(caller.org_id, "", caller.environment_id, caller.settings)
    user = await make_user(boss.ctx.services.database.urls, org)
    await store(context_of(boss.ctx.services, make_caller(org, user)), recorded(*bug_fix(0), ended(8)))
    return nodes.encode("Developer", user.id)


async def erase(boss: Asker, id: str) -> JsonObject:
    return (await boss.data(ERASE, input={"developer": id}))["eraseDeveloper"]


async def test_a_developer_is_erased_and_it_is_followed(boss: Asker) -> None:
    begun = await erase(boss, await colleague(boss))
    assert begun["userErrors"] == []
    new = begun["erasure"]
    assert (new["kind"], new["askedBy"], new["state"], new["finishedAt"]) == ("DEVELOPER", "API", "QUEUED", None)
    assert (new["sessionCount"], new["eventCount"], new["erasedSessionCount"], new["erasedEventCount"]) == (1, 8, 0, 0)
    await drain(boss.ctx.services)
    found = await boss.data(ONE, id=new["id"])
    done = found["erasure"]
    assert (done["state"], done["erasedSessionCount"], done["erasedEventCount"]) == ("DONE", 1, 8)
    assert done["finishedAt"] is not None
    assert found["node"] == done
    assert (await boss.data(ALL))["erasures"] == {"totalCount": 1, "nodes": [done]}


async def test_why_nobody_is_erased(boss: Asker) -> None:
    own, none = boss.ctx.caller.user_id, boss.ctx.caller.org_id
    for id, code in (
        (nodes.encode("Developer", own), "YOURSELF"),
        (nodes.encode("Developer", none), "UNKNOWN_DEVELOPER"),
        ("ada", "INVALID_ID"),
    ):
        refused = await erase(boss, id)
        assert refused["erasure"] is None
        assert [(error["field"], error["code"]) for error in refused["userErrors"]] == [(["developer"], code)]


async def test_it_is_for_administrators(boss: Asker) -> None:
    id = await colleague(boss)
    new = (await erase(boss, id))["erasure"]
    plain = await make_asker(boss.ctx.services)
    for query, variables in ((ERASE, {"input": {"developer": id}}), (ONE, {"id": new["id"]}), (ALL, {})):
        assert await plain.code(query, **variables) == "FORBIDDEN"
