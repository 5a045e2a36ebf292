"""What a client is told when something goes wrong, and what not."""

import base64

import pytest
from structlog.testing import capture_logs

import resolvers.access
from schema import nodes
from tests.history import bug_fix, recorded, store
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
        ('{ sessions(after: "W251bGwsIm5vbmUiXQo") { nodes { id } } }', None),
        ('{ sessions(after: "forged") { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(after: "WzEsMl0") { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {developer: "nobody"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {source: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ subSessions(filter: {session: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
        ('{ sessions(filter: {source: "\\u0000"}) { totalCount } }', "BAD_USER_INPUT"),
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
        ('{ score(timeZone: "") { totalCount } }', None),
        ('mutation { renameSubSession(input: {id: "x", title: "y"}) { subSession { id } } }', "BAD_USER_INPUT"),
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


async def test_forged_places_in_a_timeline_are_refused(ada: Asker) -> None:
    one = recorded(*bug_fix(0))
    await store(ada.ctx, one)
    query = """query ($id: ID!, $a: String, $n: Int!) {
      session(id: $id) { timeline(after: $a, first: $n) { nodes { id } } } }"""
    places = ['["2026-03-02T09:00:00Z","x"]', '["0001-01-01T00:00:00+14:00",1]', '["2026-03-02T09:00:00Z",1e30]', "{}"]
    for after in ("x", "", *map(_cursor, places)):
        assert await ada.code(query, id=one.id, a=after, n=10) == "BAD_USER_INPUT"
    assert await ada.code(query, id=one.id, a=None, n=0) == "BAD_USER_INPUT"
    assert await ada.code(query, id=one.id, a=None, n=2_001) == "BAD_USER_INPUT"


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_a_missing_object_leaves_the_rest_of_the_answer(ada: Asker) -> None:
    answer = await ada.ask('{ session(id: "none") { id } viewer { timeZone } }')
    assert answer["data"] == {"session": None, "viewer": {"timeZone": "UTC"}}
    assert answer["errors"][0]["path"] == ["session"]
