"""Keys of an organisation over the graph, as an administrator's front end has them."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

import resolvers.access
from domain.access import DEFAULT_SCOPES, KeyKind
from domain.errors import Unauthenticated
from domain.values import JsonObject
from resolvers.context import Services
from schema import nodes
from tests.hiring import create_assessment
from tests.make_context import end_key
from tests.schema.asking import Asker, make_asker
from tests.schema.test_sql_counts import statements

SHOWN = "id rawId kind scopes reach state current createdAt expiresAt revokedAt lastUsedAt developer { email }"
CREATE = f"""mutation ($input: CreateApiKeyInput!) {{ createApiKey(input: $input) {{
  secret apiKey {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
REVOKE = f"""mutation ($input: RevokeApiKeyInput!) {{ revokeApiKey(input: $input) {{
  apiKey {{ {SHOWN} }} userErrors {{ field code message }} }} }}"""
LIST = f"""query ($filter: ApiKeyFilterInput, $first: Int, $after: String) {{
  apiKeys(filter: $filter, first: $first, after: $after) {{
    totalCount nodes {{ {SHOWN} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
NODE = "query ($id: ID!) { node(id: $id) { ... on ApiKey { rawId } } }"


@pytest.fixture
async def boss(judged: Services) -> Asker:
    return await make_asker(judged, email="boss@example.org", admin=True)


async def create(asker: Asker, **input: object) -> JsonObject:
    wish = {"email": "kim@example.org", "kind": "DEVELOPER"} | input
    return (await asker.data(CREATE, input=wish))["createApiKey"]


async def revoke(asker: Asker, id: str) -> JsonObject:
    return (await asker.data(REVOKE, input={"id": id}))["revokeApiKey"]


def codes(payload: JsonObject) -> list[tuple[str, str]]:
    return [(error["code"], *error["field"]) for error in payload["userErrors"]]


def key_id(asker: Asker) -> str:
    return nodes.encode("ApiKey", asker.key_id)


async def test_a_new_key_opens_what_it_says_and_its_secret_is_shown_once(boss: Asker) -> None:
    services = boss.ctx.services
    ends = services.now() + timedelta(days=3)
    made = await create(boss, email=" Kim@Example.org ", timeZone="Asia/Tokyo", expiresAt=ends.isoformat())
    key, secret = made["apiKey"], made["secret"]
    assert (made["userErrors"], key["developer"]) == ([], {"email": "kim@example.org"})
    assert (key["kind"], key["state"], key["reach"], key["current"]) == ("DEVELOPER", "ACTIVE", "OWN_WORK", False)
    assert key["scopes"] == sorted(DEFAULT_SCOPES[KeyKind.DEVELOPER])
    caller = await resolvers.access.authenticate(services, secret)
    assert (caller.org_id, str(caller.key_id), caller.time_zone) == (
        boss.ctx.caller.org_id,
        key["rawId"],
        "Asia/Tokyo",
    )
    answer = await boss.post({"query": LIST})
    assert secret not in answer.text
    first, own = answer.json()["data"]["apiKeys"]["nodes"]
    assert first == key | {"lastUsedAt": services.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    assert (own["rawId"], own["current"], own["reach"]) == (str(boss.key_id), True, "ORGANISATION")
    assert (await boss.data(NODE, id=key["id"]))["node"] == {"rawId": key["rawId"]}


async def test_the_zone_of_a_developer_who_exists_stays(boss: Asker) -> None:
    for zone in ("Asia/Tokyo", "America/Lima"):
        made = await create(boss, timeZone=zone)
    assert (await resolvers.access.authenticate(boss.ctx.services, made["secret"])).time_zone == "Asia/Tokyo"


async def test_nobody_grants_what_their_own_key_lacks(boss: Asker) -> None:
    lacking = await create(boss, kind="REVIEWER")
    assert (lacking["secret"], lacking["apiKey"], codes(lacking)) == (None, None, [("SCOPE_NOT_HELD", "scopes")])
    assert "sessions:delete" in lacking["userErrors"][0]["message"]
    both = await create(boss, email="kim", kind="CANDIDATE")
    assert codes(both) == [("CANDIDATE", "kind"), ("INVALID_EMAIL", "email")]
    assert codes(await create(boss, scopes=["org:read"], admin=True)) == []
    narrow = await make_asker(boss.ctx.services, boss.slug, scopes=("admin",))
    assert await narrow.code(CREATE, input={"email": "boss@example.org", "kind": "DEVELOPER"}) == "FORBIDDEN"


async def test_a_revoked_key_opens_nothing_from_then_on(boss: Asker) -> None:
    made = await create(boss)
    ended = await revoke(boss, made["apiKey"]["id"])
    assert (ended["apiKey"]["state"], ended["userErrors"]) == ("REVOKED", [])
    with pytest.raises(Unauthenticated):
        await resolvers.access.authenticate(boss.ctx.services, made["secret"])
    assert await revoke(boss, made["apiKey"]["id"]) == ended


async def test_a_candidate_whose_key_is_revoked_is_listed_no_more(boss: Asker) -> None:
    services = boss.ctx.services
    assessment = await create_assessment(services.database.urls, boss.slug)
    hire = await make_asker(services, boss.slug, KeyKind.CANDIDATE, assessment_id=assessment)
    for _ in range(2):
        assert (await revoke(boss, key_id(hire)))["apiKey"]["state"] == "REVOKED"
    assert (await boss.data("{ candidates { totalCount } }"))["candidates"] == {"totalCount": 0}


async def test_the_last_key_that_administers_stays(boss: Asker) -> None:
    refused = await revoke(boss, key_id(boss))
    assert (refused["apiKey"], codes(refused)) == (None, [("LAST_ADMINISTRATOR", "id")])
    other = await make_asker(boss.ctx.services, boss.slug, admin=True)
    both = await asyncio.gather(revoke(boss, key_id(other)), revoke(other, key_id(boss)))
    assert sorted(len(payload["userErrors"]) for payload in both) == [0, 1], "one of them stays"


async def test_keys_are_found_by_developer_kind_and_state(boss: Asker) -> None:
    services, slug = boss.ctx.services, boss.slug
    past = services.now() - timedelta(days=1)
    old = await make_asker(services, slug, email="kim@example.org", expires_at=services.now() + timedelta(days=1))
    service = await make_asker(services, slug, KeyKind.SERVICE)
    await end_key(services.database.urls, service.ctx.caller.org_id, service.key_id, past)
    kim = nodes.encode("Developer", old.ctx.caller.user_id)
    for filter, found in (
        ({}, [service, old, boss]),
        ({"developer": kim}, [old]),
        ({"kind": "SERVICE"}, [service]),
        ({"state": "REVOKED"}, [service]),
        ({"state": "ACTIVE"}, [old, boss]),
        ({"state": "EXPIRED"}, []),
        ({"state": "ACTIVE", "kind": "SERVICE"}, []),
    ):
        listed = (await boss.data(LIST, filter=filter))["apiKeys"]
        assert {key["rawId"] for key in listed["nodes"]} == {str(asker.key_id) for asker in found}, filter
        assert listed["totalCount"] == len(found)
    page = (await boss.data(LIST, first=1))["apiKeys"]
    rest = (await boss.data(LIST, first=5, after=page["pageInfo"]["endCursor"]))["apiKeys"]
    assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (2, False)


async def test_keys_are_for_administrators_of_their_own_organisation(boss: Asker) -> None:
    own = key_id(boss)
    stranger = await make_asker(boss.ctx.services, admin=True)
    assert codes(await revoke(stranger, own)) == [("NOT_FOUND", "id")]
    assert codes(await revoke(boss, nodes.encode("ApiKey", uuid4()))) == [("NOT_FOUND", "id")]
    assert codes(await revoke(boss, "key")) == [("INVALID_ID", "id")]
    assert (await stranger.data(NODE, id=own))["node"] is None
    assert (await stranger.data(LIST))["apiKeys"]["totalCount"] == 1
    plain = await make_asker(boss.ctx.services, boss.slug, KeyKind.SERVICE)
    assert (await plain.data(NODE, id=own))["node"] is None
    wish = {"email": "kim@example.org", "kind": "DEVELOPER"}
    for query, variables in ((LIST, {}), (REVOKE, {"input": {"id": own}}), (CREATE, {"input": wish})):
        assert await plain.code(query, **variables) == "FORBIDDEN"


async def test_nobody_who_is_being_erased_gets_a_key(boss: Asker) -> None:
    kim = await make_asker(boss.ctx.services, boss.slug, email="kim@example.org")
    erase = "mutation ($id: ID!) { eraseDeveloper(input: {developer: $id}) { userErrors { code } } }"
    await boss.data(erase, id=nodes.encode("Developer", kim.ctx.caller.user_id))
    assert codes(await create(boss)) == [("BEING_ERASED", "email")]


async def test_many_keys_cost_as_many_statements_as_one(boss: Asker) -> None:
    counts: list[int] = []
    for _ in range(3):
        with statements() as seen:
            await boss.data(LIST)
        counts.append(len(seen))
        await make_asker(boss.ctx.services, boss.slug)
    assert len(set(counts)) == 1


async def test_what_keys_may_do_is_told_to_all(boss: Asker) -> None:
    rules = "{ accessRules { kinds { kind scopes reach } scopes { name meaning } } viewer { reach } }"
    plain = await make_asker(boss.ctx.services, scopes=("events:write",))
    told = await plain.data(rules)
    assert told["viewer"] == {"reach": "OWN_WORK"}
    assert (await boss.data(rules))["accessRules"] == told["accessRules"]
    kinds = {rule["kind"]: rule for rule in told["accessRules"]["kinds"]}
    assert {kind: rule["reach"] for kind, rule in kinds.items()} == {
        "DEVELOPER": "OWN_WORK",
        "PERSONAL": "OWN_WORK",
        "SERVICE": "ORGANISATION",
        "REVIEWER": "ORGANISATION",
        "CANDIDATE": "ONE_SESSION",
    }
    known = {rule["name"] for rule in told["accessRules"]["scopes"]}
    assert {scope for rule in kinds.values() for scope in rule["scopes"]} < known
