"""What a client is told when something goes wrong, and what not."""

import ast
import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLSyntaxError,
    Source,
    execute_sync,
    parse,
)
from structlog.testing import capture_logs

import resolvers.access
import resolvers.sessions
import schema.errors
from domain.errors import DomainError, TooMany
from domain.values import JsonValue
from schema import nodes
from schema.errors import MESSAGE_CHARS, Code, shown, unresolved
from tests.schema.asking import Asker


async def test_an_unknown_error_is_logged_and_masked(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(ctx: object) -> None:
        raise RuntimeError("password is hunter2")

    monkeypatch.setattr(resolvers.access, "get_viewer", broken)
    with capture_logs() as logs:
        answer = await ada.ask("{ viewer { email } }")
    [error] = answer["errors"]
    assert (error["message"], error["path"]) == ("Internal error", ["viewer"])
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "hunter2" not in str(answer)
    [line] = [one for one in logs if one["log_level"] == "error"]
    assert line["request_id"] == error["extensions"]["requestId"]
    assert "hunter2" in repr(line["exc_info"])


async def test_an_answer_that_does_not_fit_its_type_is_our_fault(ada: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(ctx: object) -> object:
        class Odd:
            slug, environment_id = "x", 2**40

        return Odd()

    monkeypatch.setattr(resolvers.access, "get_organisation", odd)
    with capture_logs() as logs:
        answer = await ada.ask("{ viewer { organisation { environmentId } } }")
    assert answer["errors"][0]["message"] == "Internal error"
    assert str(2**40) not in str(answer)
    assert logs


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ sessions(first: true) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { sessions(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ("{ sessions(first: 0) { totalCount } }", "BAD_USER_INPUT"),
        ("{ sessions(first: 101) { totalCount } }", "BAD_USER_INPUT"),
        ("{ sessions(first: -1) { totalCount } }", "BAD_USER_INPUT"),
        ('{ sessions(after: "") { totalCount } }', "BAD_USER_INPUT"),
        ('{ sessions(after: "WyJzZXNzaW9ucyIsbnVsbCwibm9uZSJd") { nodes { id } } }', None),
        ('{ sessions(after: "forged") { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(after: "WzEsMl0") { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {developer: "nobody"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {sourceService: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {session: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ sessions(filter: {sourceService: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ sessions(filter: {startedAt: {from: "2026-01-02T00:00:00Z", to: "2026-01-02T00:00:00Z"}}) { totalCount } }',
         "BAD_USER_INPUT"),
        ('{ sessions(filter: {startedAt: {from: "yesterday"}}) { totalCount } }', "GRAPHQL_VALIDATION_FAILED"),
        ('{ sessions(filter: {startedAt: {from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z"}}) { totalCount } }',
         None),
        ('{ session(id: "\\u0000") { id } }', "NOT_FOUND"),
        ('{ session(id: "nowhere") { id } }', "NOT_FOUND"),
        ('{ subSession(id: "nowhere") { id } }', "BAD_USER_INPUT"),
        ('{ subSession(id: "11111111-2222-3333-4444-555555555555") { id } }', "NOT_FOUND"),
        ('{ node(id: "nonsense") { id } }', "BAD_USER_INPUT"),
        ('{ node(id: "ÿ") { id } }', "BAD_USER_INPUT"),
        ('{ nodes(ids: ["nonsense"]) { id } }', "BAD_USER_INPUT"),
        ('{ nodes(ids: ["nonsense", "U2Vzc2lvbjp4"]) { id } }', "BAD_USER_INPUT"),
        ("{ nodes(ids: []) { id } }", None),
        ('{ score(timeZone: "../../etc/passwd") { totalCount } }', "BAD_USER_INPUT"),
        ('{ score(timeZone: "") { totalCount } }', "BAD_USER_INPUT"),
        ('mutation { renameSubSession(input: {id: "x", title: "y"}) { subSession { id } } }', None),
        ("mutation { ingestEvents(input: {events: []}) { results { index } } }", None),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
    ],
)  # fmt: skip
async def test_a_clients_fault_has_a_code_and_is_not_logged(ada: Asker, query: str, code: str | None) -> None:
    with capture_logs() as logs:
        answer = await ada.ask(query)
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == ([] if code is None else [code])
    assert all(error["extensions"]["requestId"] for error in answer.get("errors", []))
    assert not [line for line in logs if line["log_level"] == "error"]


@pytest.mark.parametrize(
    "id",
    [
        nodes.encode("SubSession", "no uuid"),
        nodes.encode("Event", "no uuid:session"),
        nodes.encode("Event", ""),
        nodes.encode("Developer", "7"),
        nodes.encode("Password", "7"),
        base64.b64encode(b"Session").decode(),
        base64.b64encode(b"\xff\xfe:x").decode(),
    ],
)
async def test_forged_ids_are_refused(ada: Asker, id: str) -> None:
    assert await ada.code("query ($id: ID!) { node(id: $id) { id } }", id=id) == "BAD_USER_INPUT"


async def test_a_forged_id_among_others_is_an_error_of_its_place(ada: Asker) -> None:
    own = (await ada.data("{ viewer { developer { id } } }"))["viewer"]["developer"]["id"]
    answer = await ada.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[own, "forged", own])
    assert answer["data"]["nodes"] == [{"id": own}, None, {"id": own}]
    assert [error["path"] for error in answer["errors"]] == [["nodes", 1]]


async def test_the_id_of_something_else_is_told_apart(ada: Asker) -> None:
    viewer = (await ada.data("{ viewer { developer { id } } }"))["viewer"]["developer"]["id"]
    answer = await ada.ask("query ($id: ID!) { session(id: $id) { id } }", id=viewer)
    assert answer["errors"][0]["message"] == "this is the id of another type: Developer, not Session"


async def test_a_missing_object_leaves_the_rest_of_the_answer(ada: Asker) -> None:
    answer = await ada.ask('{ session(id: "none") { id } viewer { timeZone } }')
    assert answer["data"] == {"session": None, "viewer": {"timeZone": "UTC"}}
    assert answer["errors"][0]["path"] == ["session"]


SECRET = "sk-ant-api03-" + "Zq8Lw3Xr" * 11 + "AA"  # of the length of a real one, but none
VARIABLES = """query ($n: Int, $f: SubSessionFilterInput, $ids: [ID!]!) {
  sessions(first: $n) { totalCount } subSessions(filter: $f) { totalCount } nodes(ids: $ids) { id } }"""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"ids": None},
        {"ids": [None]},
        {"ids": [True]},
        {"ids": {}},
        {"ids": [], "n": "1"},
        {"ids": [], "n": 1.5},
        {"ids": [], "n": 2**40},
        {"ids": [], "f": "x"},
        {"ids": [], "f": {"nothing": 1}},
        {"ids": [], "f": {"state": "scored"}},
        {"ids": [], "f": {"state": 7}},
        {"ids": [], "f": {"startedAt": {"from": "yesterday"}}},
        {"ids": [], "f": {"startedAt": {"from": 5}}},
        {"ids": [], "f": {"sourceService": ["x"]}},
    ],
)
async def test_a_variable_that_does_not_fit_is_bad_user_input(ada: Asker, variables: dict[str, JsonValue]) -> None:
    with capture_logs() as logs:
        answer = await ada.ask(VARIABLES, **variables)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert all("$" in error["message"] for error in answer["errors"])
    assert not [line for line in logs if line["log_level"] == "error"]


async def test_a_refused_value_is_told_in_few_words_and_without_its_secrets(ada: Asker) -> None:
    huge: list[JsonValue] = [{"key": SECRET, "text": "ü" * 200} for _ in range(2_000)]
    for wrong in (SECRET, {"token": SECRET}, [SECRET], huge, "x" * 500_000, {"x" * 500_000: 1}):
        answer = await ada.ask(VARIABLES, ids=[], f=wrong)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
        assert all(len(error["message"]) <= MESSAGE_CHARS for error in answer["errors"])
        assert SECRET[:40] not in str(answer)
    zone = "query ($z: String) { score(timeZone: $z) { totalCount } }"
    for query in ("{ " + "x" * 90_000 + " }", '{ sessions(first: "' + SECRET + '") { totalCount } }', zone):
        [error] = (await ada.ask(query, z=SECRET + "/" * 500_000))["errors"]
        assert len(error["message"]) <= MESSAGE_CHARS
        assert SECRET[:40] not in str(error)


async def test_unknown_errors_of_one_answer_are_each_logged_once_under_one_id(
    ada: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(resolvers.sessions, "get_session", broken)
    with capture_logs() as logs:
        answer = await ada.ask('{ a: session(id: "1") { id } b: session(id: "2") { id } c: node(id: "x") { id } }')
    assert answer["data"] == {"a": None, "b": None, "c": None}
    lines = [line for line in logs if line["log_level"] == "error"]
    assert sorted(line["path"] for line in lines) == [["a"], ["b"]]
    assert {line["request_id"] for line in lines} == {error["extensions"]["requestId"] for error in answer["errors"]}
    assert all(line["exc_info"].__traceback__ is not None for line in lines)
    codes = [error["extensions"]["code"] for error in sorted(answer["errors"], key=lambda error: error["path"])]
    assert codes == ["INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR", "BAD_USER_INPUT"]


def test_the_fallback_names_what_carries_no_code_of_its_own() -> None:
    coded = GraphQLError("too much", extensions={"code": "QUERY_TOO_COMPLEX"})
    syntax = GraphQLSyntaxError(Source("{"), 1, "odd")
    for fallback in (Code.GRAPHQL_VALIDATION_FAILED, Code.BAD_USER_INPUT):
        told = shown([GraphQLError("odd"), coded, syntax, unresolved("A"), unresolved(None)], fallback)
        assert [error["extensions"]["code"] for error in told] == [
            fallback,
            "QUERY_TOO_COMPLEX",
            "GRAPHQL_PARSE_FAILED",
            "OPERATION_RESOLUTION_FAILURE",
            "OPERATION_RESOLUTION_FAILURE",
        ]
        assert len({error["extensions"]["requestId"] for error in told}) == 1


def test_a_domain_error_is_found_below_what_the_library_wraps_around_it() -> None:
    inner = GraphQLError("in", original_error=TooMany("slowly", 7))
    with capture_logs() as logs:
        [told] = shown([GraphQLError("out", path=["a", 0], original_error=inner)], Code.BAD_USER_INPUT)
    assert (told["message"], told["path"]) == ("slowly", ["a", 0])
    assert told["extensions"] == {**told["extensions"], "code": "TOO_MANY_REQUESTS", "retryAfter": 7}
    assert logs == []


def test_an_exception_in_a_scalar_is_our_fault_and_says_nothing() -> None:
    """The library would print its words."""

    def parse_value(value: object) -> object:
        raise KeyError("hunter2")

    scalar = GraphQLScalarType("Odd", parse_value=parse_value)
    argument = {"o": GraphQLArgument(scalar)}
    query = GraphQLObjectType("Query", {"a": GraphQLField(GraphQLString, argument)})
    result = execute_sync(GraphQLSchema(query), parse("query ($o: Odd) { a(o: $o) }"), variable_values={"o": 1})
    with capture_logs() as logs:
        [told] = shown(result.errors or [], Code.BAD_USER_INPUT)
    assert (told["message"], told["extensions"]["code"]) == ("Internal error", "INTERNAL_SERVER_ERROR")
    assert len(logs) == 1


def _domain_errors(parent: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _domain_errors(child)


def test_every_code_is_in_the_one_list() -> None:
    assert {error.code for error in _domain_errors()} <= set(Code)
    folder = Path(schema.errors.__file__).parent
    said = {
        node.value
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and re.fullmatch(r"[A-Z]+(_[A-Z]+)+", str(node.value))
    }
    assert said <= set(Code), "add it to schema.errors.Code, and to docs/graphql.md"


def test_the_documentation_names_each_code_once() -> None:
    text = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text()
    table = text.partition("| code | status | means |")[2].partition("\n\n")[0]
    named = [code for row in table.splitlines() if row for code in re.findall(r"`([A-Z_]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(Code)
