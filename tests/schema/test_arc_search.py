"""Goal arcs as a list searches them: by title, summary and prompts, through every change of these."""

import pytest

import resolvers.ingest
from domain.access import KeyKind
from domain.ingest.batch import Batch, SessionFacts
from domain.timeline import Kind
from domain.values import SessionId
from resolvers.context import Services
from tests.history import bug_fix, derive, ended, recorded
from tests.make import event, prompt
from tests.schema.asking import Asker, make_asker

NAMES = prompt("Please make getUserName return the café's name, rounded half up", 60)
SESSIONS = {
    "totals": [*bug_fix(0), ended(8)],
    "names": [
        NAMES,
        prompt("And the same for zeppelins, please", 61),
        event(Kind.FILE_DIFF, 63, path="a.py", lines_added=40, lines_removed=0, actor="ai"),
        ended(200),
    ],
}
FIND = (
    "query ($search: String!) { subSessions(filter: {search: $search}) { totalCount nodes { id session { rawId } } } }"
)


@pytest.fixture
async def asker(services: Services) -> Asker:
    asker = await make_asker(services)
    for name, events in SESSIONS.items():
        told = recorded(*events, id=SessionId(f"{asker.slug}-{name}"))
        await resolvers.ingest.save_batch(
            asker.ctx.services, asker.ctx.caller, Batch("test", {told.id: SessionFacts()}, told.events)
        )
        await derive(asker.ctx, told)
    return asker


async def _found(asker: Asker, search: str) -> str:
    page = (await asker.data(FIND, search=search))["subSessions"]
    assert page["totalCount"] == len(page["nodes"])
    return " ".join(node["session"]["rawId"].removeprefix(f"{asker.slug}-") for node in page["nodes"])


async def test_arcs_are_found_by_their_words(asker: Asker) -> None:
    for search, found in {
        "getusername": "names",
        "get_user_name CAFE": "names",
        '"half up"': "names",
        '"up half"': "",
        "getusername or totals": "names totals",
        "-getusername": "totals",
        "nowhere": "",
    }.items():
        assert await _found(asker, search) == found, search
    [error] = (await asker.ask(FIND, search=" -- "))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_new_title_is_found_at_once_and_the_prompts_still_are(asker: Asker) -> None:
    [node] = (await asker.data(FIND, search="getusername"))["subSessions"]["nodes"]
    rename = "mutation ($i: RenameSubSessionInput!) { renameSubSession(input: $i) { userErrors { message } } }"
    await asker.data(rename, i={"id": node["id"], "title": "Zebra", "summary": "Crossing"})
    for search in ("zebra", "crossing", "zebra getusername"):
        assert await _found(asker, search) == "names", search


async def test_nobody_finds_what_is_out_of_reach(asker: Asker, services: Services) -> None:
    """Another developer, another organisation."""
    for stranger in (await make_asker(services, asker.slug), await make_asker(services)):
        assert await _found(stranger, "getusername or totals") == ""
    lead = await make_asker(services, asker.slug, KeyKind.SERVICE)
    assert await _found(lead, "zeppelins") == "names"
