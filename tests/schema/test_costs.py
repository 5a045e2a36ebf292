"""What an operation costs: the more it asks for the more, and never less than its answer turns out to cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedOutputType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    print_ast,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import JsonValue
from schema.costs import actual_cost, costs_of
from schema.shapes import shapes_of

SDL = """
scalar JSON
interface Node { id: ID! }
type User implements Node { id: ID! name: String tags: [String!]! friends: [User!]!
  notes(last: Int, first: Int): NoteConnection! }
type Note implements Node { id: ID! text: String data: JSON author: User! }
type NoteConnection { edges: [NoteEdge!]! nodes: [Note!]! pageInfo: PageInfo! totalCount: Int! }
type NoteEdge { cursor: String! node: Note! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Query {
  me: User!
  notes(first: Int, last: Int, after: String): NoteConnection!
  log(first: Int! = 3): NoteConnection!
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}
input SendInput { notes: [String!]!, sign: String }
input RenameInput { id: ID! }
type SendError { field: [String!] message: String! }
type SendResult { id: ID status: String! }
type SendPayload { results: [SendResult!]! userErrors: [SendError!]! }
type RenamePayload { user: User userErrors: [SendError!]! }
type Mutation { send(input: SendInput!): SendPayload! rename(input: RenameInput!): RenamePayload! }
"""
SCHEMA = build_schema(SDL)
SHAPES = shapes_of(SCHEMA)


def cost(query: str, **variables: object) -> int:
    document = parse(query)
    assert not validate(SCHEMA, document), query
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return costs_of(document).requested(SHAPES, operation, variables)


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ("{ me { id } }", 2),
        ("{ me { tags } }", 2),
        ("{ me { friends { id } } }", 2 + 5),
        ("{ notes(first: 7) { nodes { id text } } }", 2 + 7 * 2),
        ("{ notes(last: 7) { nodes { id text } } }", 2 + 7 * 2),
        ("{ notes(first: 7) { edges { cursor node { id } } } }", 2 + 7 * 3),
        ("{ notes(first: 7) { nodes { id } edges { cursor } totalCount pageInfo { endCursor } } }", 3 + 7 * 2 + 3),
        ("{ notes { nodes { id } } }", 2 + 20),
        ("{ log { nodes { id } } }", 2 + 3),
        ("{ notes(first: null) { nodes { id } } }", 2 + 20),
        ("{ notes(first: 2, last: 7) { nodes { id } } }", 2 + 7),
        ("{ notes(first: 7) { nodes { author { notes(first: 2) { nodes { id } } } } } }", 2 + 7 * (3 + 2)),
        ("{ nodes(ids: [1, 2, 3]) { id __typename } }", 1 + 3 * 2),
        ("{ nodes(ids: 1) { id __typename } }", 1 + 2),
        ('mutation { send(input: {notes: ["a", "b", "c"]}) { results { id status } } }', 2 + 3 * 2),
        ('mutation { rename(input: {id: "a"}) { user { id } userErrors { message } } }', 3 + 1 + 5),
    ],
)
def test_a_field_costs_one_and_a_list_its_length_times_what_is_asked(query: str, points: int) -> None:
    assert cost(query) == points


def test_a_page_costs_its_length_even_if_nothing_of_it_is_shown() -> None:
    assert cost("{ notes(first: 100) { totalCount } }") == 2 + 100
    assert cost("{ notes(first: 100) { pageInfo { hasNextPage } } }") == 3 + 100
    assert cost("mutation ($n: [String!]!) { send(input: {notes: $n}) { __typename } }", n=["x"] * 50) == 2 + 50


@pytest.mark.parametrize(
    ("first", "length"),
    [
        (1, 1), (2000, 2000), (2001, 2000), (10**30, 2000), (0, 1), (-5, 1), (-(10**30), 1), (None, 20),
        ("7", 2000), (7.0, 2000), (float("inf"), 2000), (True, 2000), ([], 2000), ({}, 2000), ({"a": [1]}, 2000),
    ],
)  # fmt: skip
def test_whatever_a_variable_holds_the_page_is_bounded(first: object, length: int) -> None:
    query = "query ($n: Int) { notes(first: $n) { nodes { id } } }"
    assert cost(query, n=first) == 2 + length
    assert cost(query.replace("$n: Int", "$n: Int = 9"), n=first) == 2 + length


def test_a_variable_that_is_left_out_has_its_default() -> None:
    query = "query ($n: Int = 9) { notes(first: $n) { nodes { id } } }"
    assert cost(query) == 2 + 9
    assert cost(query.replace(" = 9", "")) == 2 + 20
    assert cost(query, m=3) == 2 + 9


def test_lists_of_variables_cost_their_length() -> None:
    query = "query ($ids: [ID!]! = [1, 2]) { nodes(ids: $ids) { id } }"
    assert cost(query) == 1 + 2
    assert cost(query, ids=["x"] * 1_000_000) == 1 + 1_000_000
    assert [cost(query, ids=odd) for odd in ("xyz", 7, {"a": 1, "b": 2}, [])] == [2, 2, 2, 2]
    query = "mutation ($in: SendInput!) { send(input: $in) { results { id } } }"
    assert cost(query, **{"in": {"notes": ["x"] * 30, "sign": "long enough"}}) == 2 + 30
    assert [cost(query, **{"in": odd}) for odd in (None, "xyz", ["x"] * 30, {})] == [2 + 5] * 4


def test_what_is_left_out_is_not_charged() -> None:
    query = "query ($on: Boolean!) { me { id friends @include(if: $on) { id name } } }"
    assert [cost(query, on=on) for on in (True, False)] == [2 + 1 + 10, 2]
    assert [cost(query.replace("include", "skip"), on=on) for on in (True, False)] == [2, 2 + 1 + 10]
    assert cost("{ me { id ... @include(if: false) { name } ...F @skip(if: true) } } fragment F on User { tags }") == 2
    assert cost("{ me { id ... @include(if: true) { name } ...F @skip(if: false) } } fragment F on User { tags }") == 4
    both = "query ($a: Boolean!, $b: Boolean = false) { me { id name @include(if: $a) @skip(if: $b) } }"
    assert [cost(both, a=a, b=b) for a in (True, False) for b in (True, False)] == [2, 3, 2, 2]
    assert cost(both, a=True) == 3


@pytest.mark.parametrize("value", [0, 1, "false", None, [], {}])
def test_only_a_real_boolean_leaves_something_out(value: object) -> None:
    """Others are refused when they are read; until then they must not make anything cheap."""
    query = "query ($on: Boolean!) { me { id name @include(if: $on) tags @skip(if: $on) } }"
    assert cost(query, on=value) == 4


def test_fragments_of_connections_cost_by_where_they_stand() -> None:
    fragment = " fragment F on NoteConnection { totalCount nodes { id } }"
    assert cost(
        "query ($n: Int) { few: notes(first: 2) { ...F } many: notes(first: $n) { ...F } }" + fragment, n=9
    ) == (2 * 3 + 2 + 9)


def actual(query: str, data: Mapping[str, JsonValue]) -> int:
    return actual_cost(dict(data), parse(query))


def test_the_answer_costs_its_fields() -> None:
    query = "{ me { id tags friends { id name } } }"
    friends: JsonValue = [{"id": 1, "name": None}, {"id": 2, "name": "x"}]
    assert actual(query, {"me": {"id": 1, "tags": ["a", "b"], "friends": friends}}) == 4 + 4
    assert actual(query, {"me": None}) == 1
    assert actual_cost(None, parse(query)) == 0
    assert actual("{ nodes(ids: [1, 2]) { id } }", {"nodes": [None, {"id": 1}]}) == 2


def test_what_stands_in_json_is_not_counted() -> None:
    deep: JsonValue = {}
    for _ in range(100_000):
        deep = {"id": [deep]}
    query = "{ a: notes(first: 1) { nodes { d: data data } } }"
    assert actual(query, {"a": {"nodes": [{"d": deep, "data": [{"me": 1}] * 9}]}}) == 4


def test_an_object_under_a_name_of_json_is_counted_nevertheless() -> None:
    query = "{ data: me { id } notes(first: 1) { nodes { data } } }"
    assert actual(query, {"data": {"id": 1}, "notes": {"nodes": [{"data": 5}]}}) == 5


@dataclass
class Writer:
    """Writes a valid operation over the schema; what it calls comes out of `random`."""

    random: Random
    fragments: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, JsonValue]] = field(default_factory=dict)
    names: int = 0

    def name(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def variable(self, type: str, value: JsonValue) -> str:
        name = self.name()
        self.variables[name] = (type, value)
        return f"${name}"

    def operation(self) -> str:
        body = self.selections(SCHEMA.type_map["Query"], 5)
        declared = " ".join(f"${name}: {type}" for name, (type, _) in self.variables.items())
        return f"query {f'({declared}) ' if declared else ''}{body} {' '.join(self.fragments)}"

    def selections(self, type: GraphQLNamedOutputType, depth: int) -> str:
        parts = [self.selection(type, depth) for _ in range(self.random.randint(1, 4))]
        return "{ " + " ".join(parts) + " }"

    def selection(self, type: GraphQLNamedOutputType, depth: int) -> str:
        kind = self.random.choice(["field", "field", "field", "inline", "spread"]) if depth > 1 else "field"
        if kind == "field":
            return self.field(type, depth)
        narrowed = self.narrowed(type)
        below = self.selections(narrowed, depth - 1)
        if kind == "inline":
            return f"... on {narrowed.name} {self.switch()} {below}"
        name = self.name()
        self.fragments.append(f"fragment {name} on {narrowed.name} {below}")
        return " ".join(f"...{name} {self.switch()}" for _ in range(self.random.randint(1, 2)))

    def narrowed(self, type: GraphQLNamedOutputType) -> GraphQLNamedOutputType:
        if isinstance(type, GraphQLInterfaceType):
            return self.random.choice([type, *SCHEMA.get_possible_types(type)])
        return type

    def field(self, type: GraphQLNamedOutputType, depth: int) -> str:
        assert isinstance(type, GraphQLObjectType | GraphQLInterfaceType)
        fields = {n: f for n, f in type.fields.items() if depth > 1 or is_leaf_type(get_named_type(f.type))}
        if not fields:
            return "__typename"
        name = self.random.choice(list(fields))
        result = get_named_type(fields[name].type)
        below = "" if is_leaf_type(result) else self.selections(result, depth - 1)
        return f"{self.name()}: {name}{self.arguments(list(fields[name].args))} {self.switch()} {below}"

    def arguments(self, known: list[str]) -> str:
        if "ids" in known:
            ids: JsonValue = [str(n) for n in range(self.random.randint(0, 4))]
            given = self.variable("[ID!]!", ids) if self.random.random() < 0.5 else "[" + '"i" ' * len(ids) + "]"
            return f"(ids: {given})"
        if "id" in known:
            return '(id: "i")'
        if "first" not in known or self.random.random() < 0.3:
            return ""
        size = self.random.randint(1, 6)
        side = self.random.choice([name for name in known if name in ("first", "last")])
        return f"({side}: {self.variable('Int!', size) if self.random.random() < 0.5 else size})"

    def switch(self) -> str:
        if self.random.random() < 0.7:
            return ""
        on = self.random.random() < 0.5
        given = self.variable("Boolean!", on) if self.random.random() < 0.5 else str(on).lower()
        return f"@{self.random.choice(['skip', 'include'])}(if: {given})"


def answer(random: Random, full: bool) -> object:
    """A resolver for every field: as many items as may be (`full`), or fewer."""

    def resolve(source: Mapping[str, object], info: GraphQLResolveInfo, **arguments: object) -> object:
        type = get_nullable_type(info.return_type)
        named = get_named_type(info.return_type)
        if is_leaf_type(named):
            return (
                [1] * random.randint(0, 9) if is_list_type(type) else {"id": [{"id": 1}]} if named.name == "JSON" else 1
            )
        if isinstance(named, GraphQLInterfaceType):
            named = random.choice(SCHEMA.get_possible_types(named))
        length = arguments.get("first") or arguments.get("last") or (20 if named.name == "NoteConnection" else 5)
        ids = arguments.get("ids")
        most = len(ids) if isinstance(ids, list) else source["length"] if info.field_name in ("nodes", "edges") else 5
        assert isinstance(most, int)
        assert isinstance(length, int)
        made = {"__typename": named.name, "length": length if full else random.randint(0, length)}
        return [made] * (most if full else random.randint(0, most)) if is_list_type(type) else made

    return resolve


@settings(max_examples=120)
@given(st.integers(0, 2**64), st.booleans())
def test_no_answer_costs_more_than_was_requested(seed: int, full: bool) -> None:
    writer = Writer(Random(seed))
    query = writer.operation()
    document = parse(query)
    assert not validate(SCHEMA, document), print_ast(document)
    variables = {name: value for name, (_, value) in writer.variables.items()}
    result = execute_sync(
        SCHEMA, document, {"length": 0}, variable_values=variables, field_resolver=answer(Random(seed), full)
    )
    assert not result.errors, result.errors
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    requested = costs_of(document).requested(SHAPES, operation, variables)
    assert actual_cost(result.data, document) <= requested, print_ast(document)
