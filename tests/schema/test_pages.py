"""Relay's connections as clients see them; what lies in which window is tested where windows are read."""

import pytest
from graphql import GraphQLField, GraphQLObjectType

from resolvers.context import Services
from tests.history import bug_fix, derive, ended, recorded, store
from tests.make import event, prompt
from tests.schema.asking import Asker, make_asker
from tests.schema.graph import GRAPH

ARGUMENTS = ["first", "after", "last", "before"]
CONNECTIONS = [type for name, type in GRAPH.type_map.items() if name.endswith("Connection")]
FIELDS = [
    (f"{type.name}.{name}", field)
    for type in GRAPH.type_map.values()
    if isinstance(type, GraphQLObjectType)
    for name, field in type.fields.items()
    if str(field.type).rstrip("!").endswith("Connection")
]

INFO = "hasNextPage hasPreviousPage startCursor endCursor"
PAGE = f"totalCount nodes {{ id }} edges {{ cursor node {{ id }} }} pageInfo {{ {INFO} }}"
LISTS = {
    "sessions": "query ($n: Int, $a: String, $l: Int, $b: String) { sessions(%s) { %s } }",
    "subSessions": "query ($n: Int, $a: String, $l: Int, $b: String) { subSessions(%s) { %s } }",
    "timeline": "query ($n: Int, $a: String, $l: Int, $b: String) { sessions { nodes { timeline(%s) { %s } } } }",
    "prompts": "query ($n: Int, $a: String, $l: Int, $b: String) { sessions { nodes { prompts(%s) { %s } } } }",
    "arc": "query ($n: Int, $a: String, $l: Int, $b: String) { subSessions { nodes { timeline(%s) { %s } } } }",
}
GIVEN = "first: $n, after: $a, last: $l, before: $b"


@pytest.mark.parametrize("connection", CONNECTIONS, ids=str)
def test_connections_have_the_shape_of_the_specification(connection: GraphQLObjectType) -> None:
    name = connection.name.removesuffix("Connection")
    assert {field: str(told.type) for field, told in connection.fields.items()} == {
        "edges": f"[{name}Edge!]!",
        "nodes": f"[{name}!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Int!",
    }
    edge, info = GRAPH.type_map[f"{name}Edge"], GRAPH.type_map["PageInfo"]
    assert isinstance(edge, GraphQLObjectType)
    assert {field: str(told.type) for field, told in edge.fields.items()} == {"cursor": "String!", "node": f"{name}!"}
    assert isinstance(info, GraphQLObjectType)
    assert {field: str(told.type) for field, told in info.fields.items()} == {
        "hasNextPage": "Boolean!", "hasPreviousPage": "Boolean!", "startCursor": "String", "endCursor": "String",
    }  # fmt: skip


@pytest.mark.parametrize("field", [field for _, field in FIELDS], ids=[place for place, _ in FIELDS])
def test_every_connection_takes_the_four_arguments_and_says_how_many(field: GraphQLField) -> None:
    args = field.args
    assert [name for name in args if name in ARGUMENTS] == ARGUMENTS
    assert [str(args[name].type) for name in ARGUMENTS] == ["Int", "String", "Int", "String"]
    assert str(field.type).endswith("Connection!")
    default = 100 if str(field.type) in {"EventConnection!", "PromptConnection!"} else 20
    assert "1-100" in args["first"].description
    assert f"`first: {default}`" in args["first"].description
    assert "1-100" in args["last"].description


async def _one_arc(asker: Asker) -> None:
    one = recorded(*bug_fix(0), ended(8))
    await store(asker.ctx, one)
    await derive(asker.ctx, one)


@pytest.fixture
async def worker(judged: Services) -> Asker:
    """Somebody with one session, whose arc has eight events."""
    asker = await make_asker(judged)
    await _one_arc(asker)
    return asker


def _page(data: dict[str, object], name: str) -> dict[str, object]:
    [value] = data.values()
    return value if name in ("sessions", "subSessions") else value["nodes"][0]["timeline" if name == "arc" else name]


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_tells_its_items_twice_and_where_it_stands(worker: Asker, name: str) -> None:
    query = LISTS[name] % (GIVEN, PAGE)
    page = _page(await worker.data(query), name)
    count = page["totalCount"]
    assert count == len(page["nodes"]) == {"timeline": 8, "arc": 8, "prompts": 2}.get(name, 1)
    assert page["nodes"] == [edge["node"] for edge in page["edges"]]
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][-1]["cursor"],
    }
    end = _page(await worker.data(query, a=page["pageInfo"]["endCursor"]), name)
    assert end == {"totalCount": count, "nodes": [], "edges": [], "pageInfo": end["pageInfo"]}
    assert end["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None}
    last = _page(await worker.data(query, l=1), name)
    assert (last["edges"], last["totalCount"]) == (page["edges"][-1:], count)
    assert last["pageInfo"]["hasPreviousPage"] is (count > 1)
    assert last["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 0}, "first must lie between 1 and 100"),
        ({"n": -1}, "first must lie between 1 and 100"),
        ({"n": 101}, "first must lie between 1 and 100"),
        ({"l": 0}, "last must lie between 1 and 100"),
        ({"l": 2**31 - 1}, "last must lie between 1 and 100"),
        ({"n": 1, "l": 1}, "give first or last, not both: first counts from the start, last from the end"),
        ({"a": ""}, "this cursor was not made by this server"),
        ({"n": 1, "b": "true"}, "this cursor was not made by this server"),
        ({"l": 1, "b": "WyJlZGdlcyIsbnVsbCwieCJd"}, "this cursor is of another list"),
    ],
)
async def test_what_cannot_be_paged_so_is_an_error_of_the_field(
    worker: Asker, name: str, given: dict[str, object], message: str
) -> None:
    answer = await worker.ask(LISTS[name] % (GIVEN, "nodes { id }"), **given)
    [error] = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
    assert error["path"][-1] == ("timeline" if name == "arc" else name)


async def test_nulls_are_as_good_as_nothing(worker: Asker) -> None:
    query = "{ sessions(first: null, after: null, last: null, before: null) { nodes { id } } }"
    assert len((await worker.data(query))["sessions"]["nodes"]) == 1


async def test_pages_without_a_size_hold_twenty_and_timelines_a_hundred(ada: Asker) -> None:
    long = recorded(*(prompt("on", n) if n % 2 else event("planning", n) for n in range(210)))
    await store(ada.ctx, *(recorded(prompt("hello", -n)) for n in range(1, 22)), long)
    page = (await ada.data("{ sessions { nodes { rawId } pageInfo { hasNextPage } } }"))["sessions"]
    assert (len(page["nodes"]), page["pageInfo"]) == (20, {"hasNextPage": True})
    query = """query ($id: ID!) { session(id: $id) { timeline { totalCount nodes { ts } pageInfo { hasNextPage } }
      back: timeline(last: 100) { nodes { ts } } prompts { totalCount nodes { ts } pageInfo { hasNextPage } } } }"""
    session = (await ada.data(query, id=long.id))["session"]
    assert (len(session["timeline"]["nodes"]), session["timeline"]["totalCount"]) == (100, 210)
    assert (len(session["prompts"]["nodes"]), session["prompts"]["totalCount"]) == (100, 105)
    assert session["timeline"]["pageInfo"] == session["prompts"]["pageInfo"] == {"hasNextPage": True}
    assert [node["ts"] for node in session["back"]["nodes"]] == sorted(node["ts"] for node in session["back"]["nodes"])
    assert session["back"]["nodes"][-1]["ts"] == "2026-03-02T12:29:00.000Z"


async def test_a_timeline_is_walked_from_its_end(ada: Asker) -> None:
    one = recorded(*(event("planning", n // 3) for n in range(10)))
    await store(ada.ctx, one)
    query = """query ($id: ID!, $b: String) { session(id: $id) { timeline(last: 4, before: $b) {
      nodes { rawId } pageInfo { hasPreviousPage startCursor } } } }"""
    seen: list[object] = []
    before, more = None, True
    while more:
        page = (await ada.data(query, id=one.id, b=before))["session"]["timeline"]
        seen = [node["rawId"] for node in page["nodes"]] + seen
        before, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert seen == [str(event.id) for event in one.events]
