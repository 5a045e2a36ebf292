"""No query can hurt: what is too much is refused before it is validated, in time that does not grow with its traps."""

import pytest
from graphql import DocumentNode, GraphQLObjectType, OperationDefinitionNode, get_introspection_query, parse

from schema.limits import MAX_COST, TooMuch, weigh
from schema.root import schema
from schema.shapes import shapes_of
from tests.schema.asking import Asker

SHAPES = shapes_of(schema.graphql_schema)
MAX_TOKENS = 2_000
TOO_COMPLEX, INVALID, UNPARSED = "QUERY_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"


def operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def cost(query: str, **variables: object) -> int:
    """Of the first operation."""
    document = parse(query)
    return weigh(SHAPES, document, operations(document)[0], variables)


def excess(query: str, **variables: object) -> str:
    """Why it is refused."""
    with pytest.raises(TooMuch) as refused:
        cost(query, **variables)
    return str(refused.value)


def _undone(levels: int, last: str = "id") -> str:
    """Two fields deeper with each level, and never a list."""
    return "rework { by { " * levels + last + " } }" * levels


def _nested(levels: int) -> str:
    """Three fields deep, and two more with each level."""
    return f"{{ subSessions(first: 1) {{ nodes {{ {_undone(levels)} }} }} }}"


def test_ordinary_queries_pass() -> None:
    assert cost("{ viewer { email } }") == 2
    assert cost("{ sessions(first: 100) { nodes { id title subSessions { id title intent letterGrade } } } }") == 2_302
    assert (
        cost("query ($id: ID!) { session(id: $id) { timeline(first: 2000) { nodes { id kind ts data } } } }") == 8_003
    )


@pytest.mark.parametrize("descriptions", [True, False])
def test_introspection_passes(descriptions: bool) -> None:
    query = get_introspection_query(
        descriptions, specified_by_url=True, schema_description=True, input_value_deprecation=True
    )
    assert cost(query) < MAX_COST * 9 / 10


def test_introspection_costs_by_the_size_of_the_schema() -> None:
    names = cost("{ __schema { types { name fields { name } } } }")
    assert names > sum(1 + len(fields) for type, fields in SHAPES.items() if not type.startswith("__"))
    assert names < 3_000


async def test_introspection_cannot_go_in_circles(ada: Asker) -> None:
    circle = "fields { type { ofType { " * 3 + "name" + " } } }" * 3
    assert await ada.code(f"{{ __schema {{ types {{ {circle} }} }} }}") in {TOO_COMPLEX, INVALID}
    assert await ada.code(f'{{ __type(name: "Query") {{ {circle} }} }}') in {TOO_COMPLEX, INVALID}


def test_repeated_introspection_is_too_much() -> None:
    query = get_introspection_query()
    body = query[query.index("{") + 1 : query.index("fragment FullType")].rpartition("}")[0]
    rest = query[query.index("fragment FullType") :]
    many = "query { " + " ".join(body.replace("__schema", f"s{n}: __schema") for n in range(12)) + " } " + rest
    assert "cost" in excess(many)


def test_depth_is_limited_also_through_fragments() -> None:
    assert cost(_nested(6))
    assert "deeper" in excess(_nested(7))
    chain = "".join(f"fragment F{n} on SubSession {{ {_undone(1, f'...F{n + 1}')} }} " for n in range(7))
    assert "deeper" in excess(f"{{ subSessions {{ nodes {{ ...F0 }} }} }} {chain} fragment F7 on SubSession {{ id }}")
    # a fragment that fits where it is used first may be too deep where it is used next
    fragment = " fragment F on SubSession { " + _undone(2) + " }"
    assert cost("{ subSessions { nodes { ...F " + _undone(4, "...F") + " } } }" + fragment)
    assert "deeper" in excess("{ subSessions { nodes { ...F " + _undone(5, "...F") + " } } }" + fragment)


def test_braces_are_limited_also_where_they_add_no_field() -> None:
    def inline(levels: int) -> str:
        return "... { " * levels + "__typename" + " }" * levels

    assert cost("{ " + inline(63) + " }") == 1
    assert "nested" in excess("{ " + inline(64) + " }")

    def chain(length: int) -> str:
        links = [f"fragment F{n} on Query {{ ... {{ ...F{n + 1} }} }}" for n in range(length)]
        return " ".join(["{ ...F0 }", *links, f"fragment F{length} on Query {{ __typename }}"])

    assert cost(chain(31)) == 1
    assert "nested" in excess(chain(32))


def test_an_unused_or_doubled_fragment_counts_as_well() -> None:
    ask = "{ viewer { email } } "
    assert "deeper" in excess(ask + "fragment F on SubSession { " + _undone(9) + " }")
    assert "fields" in excess(ask + "fragment F on Viewer { " + "email " * 501 + "}")
    assert "fields" in excess(ask + "fragment F on Viewer { " + "email " * 501 + "} fragment F on Viewer { email }")
    assert "fields" in excess(ask + "query Other { viewer { " + "email " * 501 + "} }")


def test_fields_aliases_directives_and_definitions_are_limited() -> None:
    assert "fields" in excess("{ " + "viewer { email } " * 251 + "}")
    assert "aliases" in excess("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }")
    assert "directives" in excess("{ __typename " + "@include(if: true) " * 51 + "}")
    assert "directives" in excess("query " + "@a " * 51 + "{ __typename }")
    assert "directives" in excess("query ($v: Int " + "@a " * 51 + ") { __typename }")
    assert "directives" in excess("{ ...F } fragment F on Query " + "@a " * 51 + "{ __typename }")
    assert "operations" in excess(" ".join(f"query Q{n} {{ __typename }}" for n in range(51)))


def test_only_the_operation_to_be_run_is_charged() -> None:
    costly = "query B { sessions(first: 100) { nodes { timeline(first: 2000) { nodes { id } } } } }"
    document = parse("query A { viewer { email } } " + costly)
    [a, b] = operations(document)
    assert weigh(SHAPES, document, a, {}) == 2
    with pytest.raises(TooMuch, match=str(MAX_COST)):
        weigh(SHAPES, document, b, {})


def test_each_operation_has_its_own_defaults() -> None:
    fragment = " fragment F on Query { sessions(first: $n) { nodes { id } } }"
    document = parse("query A($n: Int = 1) { ...F } query B($n: Int = 50) { ...F }" + fragment)
    [a, b] = operations(document)
    assert [weigh(SHAPES, document, one, {}) for one in (a, b, a)] == [3, 52, 3]
    assert [weigh(SHAPES, document, one, {"n": 7}) for one in (a, b)] == [9, 9]


def test_a_refusal_depends_on_the_variables_of_the_request() -> None:
    document = parse(
        "query ($n: Int!) { sessions(first: $n) { nodes { timeline(first: 2000) { nodes { id kind } } } } }"
    )
    [operation] = operations(document)
    assert weigh(SHAPES, document, operation, {"n": 1}) == 4_004
    with pytest.raises(TooMuch, match=str(MAX_COST)):
        weigh(SHAPES, document, operation, {"n": 100})
    assert weigh(SHAPES, document, operation, {"n": 1}) == 4_004


TRAPS = {
    # each fragment uses the next one twice: 2^45 fields if walked naively
    "bomb": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(45))
    + " fragment F45 on Query { __typename }",
    "bomb of variables": "query ($n: Int) { ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(45))
    + " fragment F45 on Query { sessions(first: $n) { totalCount } }",
    "cycle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A ...B }",
    "unused cycle": "{ __typename } fragment A on Query { ...A }",
    "inline": "{ " + "... { " * 90 + "__typename" + " }" * 90 + " }",
    "deep": "{ " + "viewer { email " * 60 + "}" * 60 + " }",
    "pages": "{ subSessions(first: 100) { nodes { " + "session { subSessions { " * 6 + "id" + " } }" * 6 + " } } }",
    "tall": "{ sessions(first: 99999999999999999999999) { nodes { timeline(first: 2000) { nodes { id } } } } }",
    "wide": "{ nodes(ids: [" + '"x" ' * 1_900 + "]) { ... on Session { timeline { nodes { id kind } } } } }",
}  # fmt: skip
HARMLESS = {
    "unused bomb": "{ __typename } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(45))
    + " fragment F45 on Query { __typename }",
    "same": "{ viewer { " + "email " * 490 + "} }",
    "lists": "{ sessions(filter: {sourceService: " + "[" * 100 + "]" * 100 + "}) { totalCount } }",
    "objects": "mutation { ingestEvents(input: " + "{a: " * 90 + "1" + "}" * 90 + ") { results { status } } }",
    "name": "{ " + "a" * 500_000 + " }",
    "string": '{ session(id: "' + "x" * 500_000 + '") { id } }',
    "variables": "query (" + " ".join(f"$v{n}: Int" for n in range(400)) + ") { __typename }",
    "unknown": "{ ...Gone nothing(first: 3) { ...Gone ... on Nothing { nodes { x(ids: null) } } } }",
    "not to be run": "{ __typename } type Query { a: Int @b }",
    "negative": "{ sessions(first: -99999999999999999999999) { totalCount } }",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_are_refused(trap: str) -> None:
    """Where they work these take years, or all of the memory."""
    assert excess(TRAPS[trap])


@pytest.mark.parametrize("name", HARMLESS)
def test_odd_documents_are_left_to_validation(name: str) -> None:
    assert cost(HARMLESS[name])


@pytest.mark.parametrize("query", [*TRAPS.values(), *HARMLESS.values(), "{" * 3_000], ids=[*TRAPS, *HARMLESS, "braces"])
async def test_no_trap_is_our_fault(ada: Asker, query: str) -> None:
    for error in (await ada.ask(query)).get("errors", []):
        assert error["extensions"]["code"] in {TOO_COMPLEX, INVALID, UNPARSED, "BAD_USER_INPUT", "NOT_FOUND"}


async def test_what_is_too_much_is_named(ada: Asker) -> None:
    assert await ada.code(_nested(7)) == TOO_COMPLEX
    assert await ada.code("{ " + "__typename " * MAX_TOKENS + "}") == UNPARSED
    [error] = (await ada.ask(_nested(7)))["errors"]
    assert "16 levels" in error["message"]


async def test_a_refused_document_is_refused_again(ada: Asker) -> None:
    query = "query ($n: Int!) { sessions(first: $n) { nodes { timeline(first: 2000) { nodes { id kind } } } } }"
    assert await ada.code(query, n=100) == TOO_COMPLEX
    assert (await ada.data(query, n=1))["sessions"] == {"nodes": []}
    assert await ada.code(query, n=100) == TOO_COMPLEX


def test_a_page_without_a_size_is_priced_as_its_description_says() -> None:
    told: dict[str, int] = {}
    for type in schema.graphql_schema.type_map.values():
        for name, field in type.fields.items() if isinstance(type, GraphQLObjectType) else ():
            if first := field.args.get("first"):
                told[f"{type.name}.{name}"] = int(str(first.description).rpartition("first: ")[2].rstrip("`."))
    shapes = shapes_of(schema.graphql_schema)
    priced = {place: shapes[place.split(".")[0]][place.split(".")[1]].page for place in told}
    assert priced == told
    assert set(told.values()) == {3, 20, 100}


def test_an_event_may_cost_less_than_a_query() -> None:
    fields = " ".join(f"a{n}: id" for n in range(30))
    arc = "subSession { timeline(first: 100) { nodes { " + fields + " } } }"
    assert "more than 2000" in excess("subscription { subSessionEvents { cursor " + arc + " } }")
    assert cost("subscription { subSessionEvents { cursor change subSession { id title state } } }") < 10
