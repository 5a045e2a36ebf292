"""The list of developers, and how much of their work there is."""

import pytest

from domain.access import KeyKind
from domain.values import JsonObject
from tests.hiring import create_assessment
from tests.history import bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker
from tests.schema.test_nodes import flagged
from tests.schema.test_sql_counts import statements

COUNTS = "sessionCount subSessionCount flagCount lastActiveAt"
LIST = """query ($filter: DeveloperFilterInput, $first: Int, $after: String, $last: Int, $before: String) {
  developers(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { email } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ACTIVITY = f"""query ($within: TimeRangeInput) {{ developers {{ nodes {{
  email activity(within: $within) {{ {COUNTS} }} }} }} }}"""
NOTHING = {"sessionCount": 0, "subSessionCount": 0, "flagCount": 0, "lastActiveAt": None}


@pytest.fixture
async def lead(ada: Asker) -> Asker:
    """Sees all of the organisation of `ada`."""
    return await make_asker(ada.ctx.services, ada.slug, email="lead_1@example.org", admin=True)


async def colleague(ada: Asker, name: str, kind: KeyKind = KeyKind.DEVELOPER, **wish: object) -> Asker:
    return await make_asker(ada.ctx.services, ada.slug, kind, f"{name}@example.org", **wish)


async def emails(asker: Asker, **asked: object) -> list[str]:
    found = (await asker.data(LIST, **asked))["developers"]
    return [node["email"].partition("@")[0] for node in found["nodes"]]


async def activity(asker: Asker, **within: object) -> dict[str, JsonObject]:
    found = (await asker.data(ACTIVITY, **within))["developers"]["nodes"]
    return {node["email"].partition("@")[0]: node["activity"] for node in found}


async def test_the_list_is_by_address_and_pages_both_ways(ada: Asker, lead: Asker) -> None:
    for name in ("ben", "cleo"):
        await colleague(ada, name)
    own = ada.ctx.caller.user_id
    everybody = await emails(lead)
    assert everybody == sorted(everybody)
    assert len(everybody) == 4
    page = (await lead.data(LIST, first=2))["developers"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    rest = (await lead.data(LIST, first=2, after=page["pageInfo"]["endCursor"]))["developers"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    shown = [node["email"].partition("@")[0] for node in page["nodes"] + rest["nodes"]]
    assert shown == everybody
    assert await emails(lead, last=2, before=rest["pageInfo"]["startCursor"]) == everybody[:2]
    assert await emails(lead, last=1) == everybody[-1:]
    assert own != lead.ctx.caller.user_id


async def test_addresses_are_searched_as_they_are_written(ada: Asker, lead: Asker) -> None:
    for name in ("ben", "cleo"):
        await colleague(ada, name)
    for search, found in (
        ("BEN@", ["ben"]),
        ("cle", ["cleo"]),
        ("lead_1", ["lead_1"]),
        ("e_d", []),
        ("%", []),
        ("\\", []),
    ):
        assert await emails(lead, filter={"search": search}) == found, search
    assert await lead.code(LIST, filter={"search": "\x00"}) == "BAD_USER_INPUT"


async def test_who_was_only_invited_is_a_candidate(ada: Asker, lead: Asker) -> None:
    assessment = await create_assessment(ada.ctx.services.database.urls, ada.slug)
    for name in ("hire", "lead_1"):
        await colleague(ada, name, KeyKind.CANDIDATE, assessment_id=assessment)
    assert await emails(lead, filter={"candidates": True}) == ["hire"]
    others = await emails(lead, filter={"candidates": False})
    assert (len(others), "hire" in others) == (2, False)


async def test_without_the_right_only_oneself_is_there(ada: Asker, lead: Asker, eve: Asker) -> None:
    [own] = (await ada.data(LIST, first=5))["developers"]["nodes"]
    assert own["email"] == (await ada.data("{ viewer { email } }"))["viewer"]["email"]
    assert own["email"].partition("@")[0] not in await emails(eve)
    assessment = await create_assessment(ada.ctx.services.database.urls, ada.slug)
    scopes = ("sessions:read", "scores:read", "org:read")
    hire = await colleague(ada, "hire", KeyKind.CANDIDATE, assessment_id=assessment, scopes=scopes)
    assert await activity(hire) == {"hire": None}
    writer = await colleague(ada, "writer", scopes=("events:write",))
    assert await writer.code(LIST) == "FORBIDDEN"


async def test_what_began_in_a_stretch_is_counted(ada: Asker, lead: Asker) -> None:
    await flagged(ada)
    later = recorded(*bug_fix(600), ended(608))
    await store(ada.ctx, later)
    await derive(ada.ctx, later)
    name = (await ada.data("{ viewer { email } }"))["viewer"]["email"].partition("@")[0]
    day = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    for within, counts in (
        ({"within": day}, (2, 2, 1)),
        ({"within": {"from": "2026-03-02T10:00:00Z"}}, (1, 1, 0)),
        ({"within": {"to": "2026-03-02T10:00:00Z"}}, (1, 1, 1)),
        ({"within": {}}, (2, 2, 1)),
        ({}, (0, 0, 0)),  # it was a year ago
    ):
        told = await activity(lead, **within)
        assert told["lead_1"] == NOTHING
        assert tuple(told[name].values()) == (*counts, "2026-03-02T19:08:00.000Z"), within
        assert (await activity(ada, **within))[name] == told[name]
    assert await ada.code(ACTIVITY, within={"from": day["to"], "to": day["from"]}) == "BAD_USER_INPUT"


async def test_work_is_told_only_to_who_may_read_it(ada: Asker, lead: Asker) -> None:
    """Developers are met as authors of insights, too."""
    save = 'mutation { createInsight(input: {name: "Theirs"}) { userErrors { code } } }'
    await lead.data(save)
    author = "{ insights { nodes { createdBy { email activity { sessionCount } } } } }"
    [insight] = (await ada.data(author))["insights"]["nodes"]
    assert insight["createdBy"] == {"email": "lead_1@example.org", "activity": None}
    reader = await colleague(ada, "reader", scopes=("sessions:read", "org:read"))
    assert set((await activity(reader)).values()) == {None}


async def test_many_cost_as_many_statements_as_one(ada: Asker, lead: Asker) -> None:
    counts: list[int] = []
    for name in ("one", "two", "three"):
        with statements() as seen:
            await activity(lead)
        counts.append(len(seen))
        await colleague(ada, name)
    assert len(set(counts)) == 1
