"""Global ids: whatever has one can be asked for by it, in one statement for each type, and by nobody else."""

from dataclasses import replace
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType

from domain.access import KeyKind
from domain.judging.records import Flag, FlagKind
from domain.values import SubSessionId
from persistence.database import Tenant
from persistence.derivation import Update, save_arcs
from resolvers.context import Services
from schema import nodes
from tests.hiring import create_assessment
from tests.history import arcs, bug_fix, derive, ended, recorded, store
from tests.schema.asking import Asker, make_asker
from tests.schema.graph import GRAPH
from tests.schema.test_sql_counts import statements

OBJECTS = [type for type in GRAPH.type_map.values() if isinstance(type, GraphQLObjectType)]

IDS = """{ viewer { id developer { id } } sessions { nodes { id
  timeline { nodes { id } } prompts { nodes { id } } subSessions { id flags { id } } } } }"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def flagged(asker: Asker, hour: int = 0) -> None:
    """A session whose arc has a flag."""
    one = recorded(*bug_fix(60 * hour), ended(60 * hour + 8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)
    [arc] = await arcs(asker.ctx, one)
    flag = Flag(uuid4(), FlagKind.TINY_PROMPT_BURST, arc.id, arc.started_at, "info", "many", (one.events[0].id,))
    async with asker.ctx.services.database.write(Tenant(asker.ctx.caller.org_id)) as db:
        await save_arcs(db, asker.ctx.caller.org_id, [Update(arc, replace(arc, flags=(flag,)))])


async def _ids(asker: Asker) -> dict[str, list[str]]:
    """All that the asker sees, by type."""
    data = await asker.data(IDS)
    sessions = data["sessions"]["nodes"]
    return {
        "Viewer": [data["viewer"]["id"]],
        "Developer": [data["viewer"]["developer"]["id"]],
        "Session": [session["id"] for session in sessions],
        "Event": [event["id"] for session in sessions for event in session["timeline"]["nodes"]],
        "Prompt": [prompt["id"] for session in sessions for prompt in session["prompts"]["nodes"]],
        "SubSession": [arc["id"] for session in sessions for arc in session["subSessions"]],
        "Flag": [flag["id"] for session in sessions for arc in session["subSessions"] for flag in arc["flags"]],
    }


def test_what_has_an_id_is_a_node_and_the_other_way_round() -> None:
    having = {type.name for type in OBJECTS if "id" in type.fields}
    assert having == {type.name for type in OBJECTS if "Node" in {face.name for face in type.interfaces}}
    assert having == nodes.TYPES
    assert all(str(type.fields["id"].type) == "ID!" for type in OBJECTS if "id" in type.fields)


async def test_every_object_is_found_again_by_its_id(ada: Asker) -> None:
    await flagged(ada)
    ids = await _ids(ada)
    rest = {"ApiKey", "Backfill", "Erasure", "Assessment", "Candidate", "WebhookDelivery", "Report", "ReportSchedule"}
    rest |= {"Insight", "InsightThreshold", "InsightAlert"}
    assert set(ids) == nodes.TYPES - rest, "which are not for developers, or have tests of their own"
    assert all(ids.values())
    all_ids = [id for some in ids.values() for id in some]
    assert len(all_ids) == len(set(all_ids))
    assert (await ada.data(NODES, ids=all_ids))["nodes"] == [
        {"__typename": type, "id": id} for type, some in ids.items() for id in some
    ]
    for type, some in ids.items():
        assert (await ada.data(NODE, id=some[0]))["node"] == {"__typename": type, "id": some[0]}


async def test_a_node_tells_what_it_tells_elsewhere(ada: Asker) -> None:
    await flagged(ada)
    ids = await _ids(ada)
    prompt, flag, viewer = ids["Prompt"][0], ids["Flag"][0], ids["Viewer"][0]
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Prompt { ts text tokenCount event { id } }
      ... on Flag { kind severity detail createdAt events { id } }
      ... on Viewer { email timeZone keyKind scopes developer { id } organisation { slug } } } }"""
    told = await ada.data(query, ids=[prompt, flag, viewer])
    listed = await ada.data("""{ viewer { email timeZone keyKind scopes developer { id } organisation { slug } }
      subSessions { nodes { prompts { ts text tokenCount event { id } }
        flags { kind severity detail createdAt events { id } } } } }""")
    [arc] = listed["subSessions"]["nodes"]
    assert told["nodes"] == [arc["prompts"][0], arc["flags"][0], listed["viewer"]]


async def test_an_event_that_is_no_prompt_is_none(ada: Asker) -> None:
    await flagged(ada)
    event = next(id for id in (await _ids(ada))["Event"] if nodes.decode(id).type == "Event")
    keys = [nodes.decode(id).key for id in (await _ids(ada))["Event"]]
    found = (await ada.data(NODES, ids=[nodes.encode("Prompt", key) for key in keys]))["nodes"]
    assert [node is not None for node in found] == [True, *[False] * 5, True, False]
    assert (await ada.data(NODE, id=event))["node"]["__typename"] == "Event"


async def test_nobody_else_finds_anything(ada: Asker, eve: Asker, judged: Services) -> None:
    await flagged(ada)
    ids = [id for some in (await _ids(ada)).values() for id in some]
    colleague = await make_asker(judged, ada.slug)
    for other in (eve, colleague):
        assert (await other.data(NODES, ids=ids))["nodes"] == [None] * len(ids)
        for id in ids:
            assert (await other.data(NODE, id=id))["node"] is None


async def test_whoever_sees_the_organisation_finds_all_but_the_viewer(ada: Asker, judged: Services) -> None:
    await flagged(ada)
    ids = await _ids(ada)
    lead = await make_asker(judged, ada.slug, admin=True)
    for type, some in ids.items():
        found = [{"__typename": type, "id": id} for id in some]
        assert (await lead.data(NODES, ids=some))["nodes"] == ([None] if type == "Viewer" else found)


async def test_a_candidate_finds_what_belongs_to_the_session_of_the_key(judged: Services) -> None:
    lead = await make_asker(judged, admin=True)
    assessment = await create_assessment(judged.database.urls, lead.slug, "Rounding")
    scopes = ("sessions:read", "events:write", "scores:read")
    hires = [
        await make_asker(
            judged, lead.slug, KeyKind.CANDIDATE, "hire@example.org", assessment_id=assessment, scopes=scopes
        )
        for _ in range(2)
    ]
    for hour, hire in enumerate(hires):
        await flagged(hire, hour)
    [own, other] = [await _ids(hire) for hire in hires]
    for type in ("Session", "Event", "Prompt", "SubSession", "Flag"):
        assert own[type]
        assert None not in (await hires[0].data(NODES, ids=own[type]))["nodes"]
        assert (await hires[0].data(NODES, ids=other[type]))["nodes"] == [None] * len(other[type])


@pytest.mark.parametrize("type", ["SubSession", "Flag"])
async def test_what_was_found_out_wants_the_scope_for_it(ada: Asker, judged: Services, type: str) -> None:
    await flagged(ada)
    [id] = (await _ids(ada))[type]
    reader = await make_asker(judged, ada.slug, scopes=("sessions:read", "org:read"))
    assert await reader.code(NODE, id=id) == "FORBIDDEN"
    answer = await reader.ask(NODES, ids=[id, nodes.encode("Session", "none")])
    assert answer["data"]["nodes"] == [None, None]
    assert [(e["path"], e["extensions"]["code"]) for e in answer["errors"]] == [(["nodes", 0], "FORBIDDEN")]


FORGED = [
    "", "x", "ÿ", "\x00", "💥", "a" * 5_000,
    nodes.encode("Password", "7"), nodes.encode("flag", uuid4()), nodes.encode("", ""),
    *(nodes.encode(type, key) for type in ("SubSession", "Flag", "Developer", "Viewer") for key in ("", "7", "a\x00b")),
    *(nodes.encode(type, key) for type in ("Event", "Prompt") for key in ("", "x", "x:session", ":", "a\x00b:c")),
]  # fmt: skip
ABSENT = [
    *(nodes.encode("Session", key) for key in ("", "none", "a\x00b", "x" * 10_000)),
    *(nodes.encode(type, uuid4()) for type in ("SubSession", "Flag", "Developer", "Viewer", "Event", "Prompt")),
    *(nodes.encode(type, f"{uuid4()}:{session}") for type in ("Event", "Prompt") for session in ("", "s", "a\x00b")),
]


async def test_forged_ids_are_errors_of_their_places_and_absent_ones_null(ada: Asker) -> None:
    own = (await _ids(ada))["Developer"][0]
    ids = [part for pair in zip(FORGED, ABSENT + [own] * len(FORGED), strict=False) for part in pair]
    answer = await ada.ask(NODES, ids=ids)
    assert [place for place, node in enumerate(answer["data"]["nodes"]) if node] == [
        place for place, id in enumerate(ids) if id == own
    ]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert sorted(error["path"][1] for error in answer["errors"]) == [
        place for place, id in enumerate(ids) if id in FORGED
    ]
    for id in FORGED:
        assert await ada.code(NODE, id=id) == "BAD_USER_INPUT"
    for id in ABSENT:
        assert (await ada.data(NODE, id=id))["node"] is None


TABLES = {"sessions", "sub_sessions", "events", "integrity_flags", "users"}


def _read(seen: list[str]) -> list[str]:
    """The tables that were read, one for each statement."""
    found = [one.partition("FROM ")[2].split()[0] for one in seen if one.startswith("SELECT") and "FROM " in one]
    return sorted(table for table in found if table in TABLES)


async def test_many_root_fields_cost_one_statement_for_each_type(ada: Asker) -> None:
    for hour in range(3):
        await flagged(ada, hour)
    ids = await _ids(ada)
    every = [id for some in ids.values() for id in some]
    fields = [f'n{place}: node(id: "{id}") {{ id }}' for place, id in enumerate(every[:40])]
    fields += [f's{place}: session(id: "{id}") {{ id }}' for place, id in enumerate(ids["Session"])]
    fields += [f'a{place}: subSession(id: "{id}") {{ id }}' for place, id in enumerate(ids["SubSession"])]
    with statements() as seen:
        data = await ada.data("{ " + " ".join(fields) + " }")
    assert [data[field.partition(":")[0]]["id"] for field in fields] == every[:40] + ids["Session"] + ids["SubSession"]
    assert _read(seen) == sorted(TABLES)


async def test_a_hundred_ids_cost_one_statement_for_each_type(ada: Asker) -> None:
    for hour in range(3):
        await flagged(ada, hour)
    every = [id for some in (await _ids(ada)).values() for id in some]
    absent = [nodes.encode("SubSession", SubSessionId(uuid4())) for _ in range(100 - len(every))]
    single = " ".join(f'n{place}: node(id: "{id}") {{ id }}' for place, id in enumerate(every[:10]))
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on Viewer {{ organisation {{ slug }} }} }} {single} }}"
    with statements() as seen:
        data = await ada.data(query, ids=every + absent)
    assert [node and node["id"] for node in data["nodes"]] == every + [None] * len(absent)
    assert _read(seen) == sorted(TABLES)
    with statements() as seen:
        data = await ada.data(query, ids=every[:1] * 100)
    assert len(data["nodes"]) == 100
    assert sum("FROM orgs" in one for one in seen) == 1
