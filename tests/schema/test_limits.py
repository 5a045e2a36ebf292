"""No query can hurt: what is too much is refused before it is validated, in time that does not grow with its traps."""

import time

import pytest
from graphql import get_introspection_query, parse

from schema.limits import MAX_COST, find_excess
from schema.root import schema
from schema.shapes import shapes_of
from tests.schema.asking import Asker

SHAPES = shapes_of(schema.as_str())
BUDGET_S = 0.5
"""Generous for a slow machine; the traps below take minutes where they work."""


def excess(query: str, **variables: object) -> str | None:
    return find_excess(SHAPES, parse(query), variables)


def _undone(levels: int, last: str = "id") -> str:
    """Two fields deeper with each level, and never a list."""
    return "rework { by { " * levels + last + " } }" * levels


def _nested(levels: int) -> str:
    """Three fields deep, and two more with each level."""
    return f"{{ subSessions(first: 1) {{ nodes {{ {_undone(levels)} }} }} }}"


def test_ordinary_queries_pass() -> None:
    assert excess("{ viewer { email } }") is None
    assert excess("{ sessions(first: 100) { nodes { id title subSessions { id title intent letterGrade } } } }") is None
    assert (
        excess("query ($id: ID!) { session(id: $id) { timeline(first: 2000) { nodes { id kind ts data } } } }") is None
    )


@pytest.mark.parametrize("descriptions", [True, False])
def test_introspection_passes(descriptions: bool) -> None:
    query = get_introspection_query(
        descriptions, specified_by_url=True, schema_description=True, input_value_deprecation=True
    )
    assert excess(query) is None


def test_depth_is_limited_also_through_fragments() -> None:
    assert excess(_nested(6)) is None
    assert "deeper" in str(excess(_nested(7)))
    chain = "".join(f"fragment F{n} on SubSession {{ {_undone(1, f'...F{n + 1}')} }} " for n in range(7))
    assert "deeper" in str(
        excess(f"{{ subSessions {{ nodes {{ ...F0 }} }} }} {chain} fragment F7 on SubSession {{ id }}")
    )
    # a fragment that fits where it is used first may be too deep where it is used next
    fragment = " fragment F on SubSession { " + _undone(2) + " }"
    assert excess("{ subSessions { nodes { ...F " + _undone(4, "...F") + " } } }" + fragment) is None
    assert "deeper" in str(excess("{ subSessions { nodes { ...F " + _undone(5, "...F") + " } } }" + fragment))


def test_cost_multiplies_by_what_is_asked_for() -> None:
    query = "query ($n: Int! = 1) { sessions(first: $n) { nodes { timeline(first: 2000) { nodes { id kind } } } } }"
    assert excess(query) is None
    assert excess(query, n=5) is None
    assert str(MAX_COST) in str(excess(query, n=100))
    assert str(MAX_COST) in str(excess(query.replace("= 1)", "= 100)")))
    assert excess(query.replace("first: $n", "first: 1")) is None
    assert str(MAX_COST) in str(excess(query.replace("first: $n", "first: 99999999999999")))


def test_a_variable_of_another_operation_does_not_lower_the_cost() -> None:
    costly = "query B($n: Int! = 100) { sessions(first: $n) { nodes { timeline(first: 2000) { nodes { id } } } } }"
    assert str(MAX_COST) in str(excess("query A($n: Int! = 1) { sessions(first: $n) { totalCount } } " + costly))


def test_a_page_size_left_out_costs_its_default() -> None:
    query = "{ sessions(first: 100) { nodes { timeline { nodes { id kind ts } } } } }"
    assert excess(query) is None
    assert excess("query ($n: Int) " + query.replace("timeline", "timeline(first: $n)")) is None


def test_nodes_cost_by_the_ids_given() -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Session { timeline(first: 2000) { nodes { id } } } } }"
    assert excess(query, ids=["x"] * 10) is None
    assert str(MAX_COST) in str(excess(query, ids=["x"] * 30))
    literal = query.replace("query ($ids: [ID!]!)", "").replace("$ids", "[" + '"x" ' * 30 + "]")
    assert str(MAX_COST) in str(excess(literal))


def test_fields_aliases_directives_and_definitions_are_limited() -> None:
    assert "fields" in str(excess("{ " + "viewer { email } " * 251 + "}"))
    assert "aliases" in str(excess("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }"))
    assert "directives" in str(excess("{ __typename " + "@include(if: true) " * 51 + "}"))
    assert "directives" in str(excess("query " + "@a " * 51 + "{ __typename }"))
    assert "operations" in str(excess(" ".join(f"query Q{n} {{ __typename }}" for n in range(51))))
    unused = "fragment F on Viewer { " + "email " * 501 + "}"
    assert "fields" in str(excess("{ viewer { email } } " + unused))


def test_repeated_introspection_is_too_much() -> None:
    query = get_introspection_query()
    body = query[query.index("{") + 1 : query.index("fragment FullType")].rpartition("}")[0]
    rest = query[query.index("fragment FullType") :]
    many = "query { " + " ".join(body.replace("__schema", f"s{n}: __schema") for n in range(12)) + " } " + rest
    assert excess(many) is not None


@pytest.mark.parametrize(
    "query",
    [
        # each fragment uses the next one twice: 2^45 fields if walked naively
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(45))
        + " fragment F45 on Query { __typename }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A ...B }",
        "{ ...F0 " + "... { " * 90 + "__typename" + " }" * 90 + " } fragment F0 on Query { __typename }",
        "{ " + "viewer { email " * 60 + "}" * 60 + " }",
        "{ viewer { " + "email " * 490 + "} }",
        "{ sessions(filter: {source: " + "[" * 100 + "]" * 100 + "}) { totalCount } }",
        "{ " + "a" * 500_000 + " }",
        "# " + "x" * 500_000 + "\n{ __typename }",
        '{ session(id: "' + "x" * 500_000 + '") { id } }',
        "{" * 3_000,
        "query (" + " ".join(f"$v{n}: Int" for n in range(400)) + ") { __typename }",
    ],
    ids=["bomb", "cycle", "inline", "deep", "same", "lists", "name", "comment", "string", "braces", "variables"],
)
async def test_traps_are_answered_soon(ada: Asker, query: str) -> None:
    await ada.ask("{ __typename }")
    began = time.process_time()
    answer = await ada.ask(query)
    assert time.process_time() - began < BUDGET_S
    for error in answer.get("errors", []):
        assert error["extensions"]["code"] in {
            "QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "NOT_FOUND",
        }  # fmt: skip


async def test_what_is_too_much_is_named(ada: Asker) -> None:
    assert await ada.code(_nested(7)) == "QUERY_TOO_COMPLEX"
    assert await ada.code("{ " + "__typename " * 2_000 + "}") == "GRAPHQL_PARSE_FAILED"
    [error] = (await ada.ask(_nested(7)))["errors"]
    assert "16 levels" in error["message"]


async def test_a_refused_document_is_refused_again(ada: Asker) -> None:
    query = "query ($n: Int!) { sessions(first: $n) { nodes { timeline(first: 2000) { nodes { id kind } } } } }"
    assert await ada.code(query, n=100) == "QUERY_TOO_COMPLEX"
    assert (await ada.data(query, n=1))["sessions"] == {"nodes": []}
    assert await ada.code(query, n=100) == "QUERY_TOO_COMPLEX"
