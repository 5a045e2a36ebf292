"""The shape that all changes have in common, and what counts as an expected failure."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

import resolvers.judging
from domain.errors import Conflict, DomainError, Fault, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from domain.judging.labels import LabelErrorCode
from resolvers.context import Services
from schema.user_errors import expected
from tests.schema.asking import Asker, make_asker
from tests.schema.graph import GRAPH

FAULT = Fault(LabelErrorCode.BLANK, "title must not be empty", ("title",))


def _mutations() -> dict[str, GraphQLField]:
    assert GRAPH.mutation_type is not None
    return GRAPH.mutation_type.fields


@pytest.mark.parametrize("name", _mutations())
def test_every_change_takes_one_input_and_answers_a_nullable_payload(name: str) -> None:
    field = _mutations()[name]
    upper = name[0].upper() + name[1:]
    assert {argument: str(given.type) for argument, given in field.args.items()} == {"input": f"{upper}Input!"}
    assert str(field.type) == f"{upper}Payload"


@pytest.mark.parametrize("name", _mutations())
def test_every_payload_lists_user_errors_of_its_area(name: str) -> None:
    payload = get_named_type(_mutations()[name].type)
    assert isinstance(payload, GraphQLObjectType)
    error = get_named_type(payload.fields["userErrors"].type)
    assert isinstance(error, GraphQLObjectType)
    assert str(payload.fields["userErrors"].type) == f"[{error.name}!]!"
    assert [interface.name for interface in error.interfaces] == ["UserError"]
    assert str(error.fields["code"].type) == f"{error.name}Code!"
    assert isinstance(get_named_type(error.fields["code"].type), GraphQLEnumType)


def test_what_all_user_errors_share_is_an_interface() -> None:
    shared = GRAPH.type_map["UserError"]
    assert isinstance(shared, GraphQLInterfaceType)
    assert {name: str(field.type) for name, field in shared.fields.items()} == {
        "field": "[String!]",
        "message": "String!",
    }


@pytest.mark.parametrize(
    "error", [Invalid("m", ("title",), (FAULT,)), NotFound("m", FAULT), Forbidden("m", FAULT), Conflict("m", None)]
)
def test_faults_make_a_failure_an_expected_one(error: DomainError) -> None:
    if error.faults:
        assert expected(error) == (FAULT,)
    else:
        with pytest.raises(type(error)):
            expected(error)


@pytest.mark.parametrize("error", [Forbidden("no scope"), TooMany("slowly", 3), Unauthenticated("missing")])
def test_what_no_input_explains_stays_an_error(error: DomainError) -> None:
    with pytest.raises(type(error)) as raised:
        expected(error)
    assert raised.value is error


async def test_one_fragment_reads_the_errors_of_every_area(ada: Asker) -> None:
    answer = await ada.data(
        """mutation {
          a: renameSubSession(input: {id: "x", title: "y"}) { userErrors { ...Told } }
          b: ingestEvents(input: {events: []}) { userErrors { ...Told } }
        }
        fragment Told on UserError { __typename field message }"""
    )
    assert [answer[name]["userErrors"][0]["__typename"] for name in "ab"] == ["LabelError", "IngestError"]
    assert [answer[name]["userErrors"][0]["field"] for name in "ab"] == [["id"], ["events"]]


async def test_an_error_of_one_change_leaves_the_answers_of_the_others(
    ada: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = """mutation {
      first: renameSubSession(input: {id: "x", title: "y"}) { userErrors { code } }
      second: resetSubSessionLabel(input: {id: "11111111-2222-3333-4444-555555555555"}) { userErrors { code } }
    }"""

    async def slow_down(*_: object) -> None:
        raise TooMany("slowly", 3)

    monkeypatch.setattr(resolvers.judging, "reset_sub_session_label", slow_down)
    answer = await ada.ask(query)
    assert answer["data"] == {"first": {"userErrors": [{"code": "INVALID_ID"}]}, "second": None}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"], error["extensions"]["retryAfter"]) == (
        ["second"],
        "TOO_MANY_REQUESTS",
        3,
    )


async def test_a_missing_scope_is_no_user_error(ada: Asker, judged: Services) -> None:
    reader = await make_asker(judged, ada.slug, scopes=("sessions:read",))
    query = """mutation { renameSubSession(input: {id: "11111111-2222-3333-4444-555555555555", title: "y"}) {
      userErrors { code } } }"""
    answer = await reader.ask(query)
    assert answer["data"] == {"renameSubSession": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
