"""GraphQL over HTTP: whatever is sent, the answer is JSON with a fitting status."""

from datetime import timedelta
from hashlib import sha256

import pytest
from orjson import dumps
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import Unavailable
from tests.make_context import end_key
from tests.schema.asking import Asker, client, make_endpoint, socket

VIEWER = "{ viewer { email } }"


async def test_a_query_is_answered_over_post_and_get(ada: Asker) -> None:
    query = "query A($n: Int!) { sessions(first: $n) { totalCount } }"
    posted = await ada.post({"query": query, "variables": {"n": 5}, "operationName": "A", "unknown": 1})
    got = await ada.get({"query": query, "variables": '{"n": 5}', "operationName": "A", "unknown": "1"})
    assert posted.status_code == got.status_code == 200
    assert posted.json()["data"] == got.json()["data"] == {"sessions": {"totalCount": 0}}
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["x-content-type-options"] == "nosniff"
    assert posted.headers["cache-control"] == "no-store"


async def test_the_operation_named_is_the_one_that_runs(ada: Asker) -> None:
    query = "query A { viewer { email } } query B { viewer { timeZone } }"
    answer = await ada.post({"query": query, "operationName": "B"})
    assert answer.json()["data"] == {"viewer": {"timeZone": "UTC"}}
    newer = "application/graphql-response+json"
    assert (await ada.post({"query": query, "operationName": "C"}, accept=newer)).status_code == 400


async def test_with_several_operations_the_one_to_run_must_be_named(ada: Asker) -> None:
    query = "query A { viewer { email } } query B { viewer { timeZone } }"
    change = 'mutation A { resetSubSessionLabel(input: {id: "x"}) { subSession { id } } } query B { __typename }'
    for document in (query, change):
        answer = (await ada.post({"query": document})).json()
        assert answer.keys() == {"errors"}
        assert answer["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
    for document, name in ((query, "C"), ("fragment F on Query { __typename }", None)):
        answer = (await ada.post({"query": document, "operationName": name})).json()
        assert answer["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
    assert "data" in (await ada.post({"query": query, "operationName": "A"})).json()


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Unavailable("the database does not answer"), 503, "UNAVAILABLE"),
        (RuntimeError("password is hunter2"), 500, "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_when_nobody_can_tell_who_asks_the_answer_is_json_too(failure: Exception, status: int, code: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await make_endpoint()({**scope, "state": {"failure": failure}}, receive, send)

    async with client(app) as http:
        answer = await http.post("/graphql", json={"query": "{ __typename }"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("method", "url", "page"),
    [
        ("GET", "/graphql", True),
        ("GET", "/graphql?operationName=A&variables={}", True),
        ("GET", "/graphql?query=", True),
        ("GET", "/graphql?query={__typename}", False),
        ("GET", "/graphql?documentId=x", False),
        ("GET", "/graphql?extensions={}", False),
        ("POST", "/graphql", False),
        ("HEAD", "/graphql", True),
        ("HEAD", "/graphql?query={__typename}", False),
    ],
)
async def test_a_browser_that_asks_for_nothing_gets_a_page(method: str, url: str, page: bool) -> None:
    """Also without a key, and where nobody can tell who asks; all that ask get what they got."""
    endpoint = make_endpoint(page=lambda request: Response("a page", media_type="text/html"))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint({**scope, "state": {"failure": Unavailable("the database does not answer")}}, receive, send)

    async with client(app) as http:
        answer = await http.request(method, url, headers={"accept": "text/html,*/*;q=0.8"})
        other = await http.request(method, url, headers={"accept": "*/*"})
    assert (answer.headers["content-type"] == "text/html; charset=utf-8") is page
    assert (answer.status_code == 200) is page
    assert other.headers["content-type"] == "application/json"
    assert other.headers["vary"] == "accept"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"1",
        b'"query"',
        b"[]",
        b'[{"query": "{ viewer { email } }"}]',
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": ""}',
        b"{}",
        b'{"query": "{ viewer { email } }", "variables": []}',
        b'{"query": "{ viewer { email } }", "variables": "x"}',
        b'{"query": "{ viewer { email } }", "operationName": 1}',
        b'{"query": "{ viewer { email } }", "extensions": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"query": ' + b"1" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
async def test_a_body_that_is_no_request_is_refused_with_json(ada: Asker, body: bytes) -> None:
    answer = await ada.post(body)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["message"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "data" not in answer.json()


async def test_huge_integers_in_variables_are_the_clients_fault(ada: Asker) -> None:
    body = b'{"query": "query ($n: Int!) { sessions(first: $n) { totalCount } }", "variables": {"n": %s}}'
    for number in (b"9" * 25, b"9" * 5_000, b"1e999"):
        answer = await ada.post(body % number)
        assert answer.status_code in (200, 400), number
        assert answer.json()["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "BAD_REQUEST")


async def test_the_body_is_measured_as_it_arrives(ada: Asker) -> None:
    async def chunks():
        for _ in range(40):
            yield b" " * 2**16

    async with client(ada.app) as http:
        headers = {**ada.headers, "content-type": "application/json"}
        answer = await http.post("/graphql", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_only_json_is_taken(ada: Asker) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert (await ada.post(b"{}", content_type=content_type)).status_code == 415
    assert (await ada.post({"query": VIEWER}, content_type="application/json; charset=utf-8")).status_code == 200


async def test_other_methods_are_told_which_are_allowed(ada: Asker) -> None:
    async with client(ada.app) as http:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = await http.request(method, "/graphql", headers=ada.headers)
            assert answer.status_code == 405
            assert answer.headers["allow"] == "GET, HEAD, POST"
            assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_get_changes_nothing(ada: Asker) -> None:
    query = 'mutation { renameSubSession(input: {id: "x", title: "y"}) { subSession { id } } }'
    async with client(ada.app) as http:
        for method in ("GET", "HEAD"):
            answer = await http.request(method, "/graphql", params={"query": query}, headers=ada.headers)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_head_is_answered_as_a_get_but_follows_nothing(ada: Asker) -> None:
    stream = ada.headers | {"accept": "text/event-stream"}
    cases = [(VIEWER, ada.headers, "application/json"), ("subscription { subSessionEvents { cursor } }", stream, None)]
    async with client(ada.app) as http:
        for query, headers, type in cases:
            answer = await http.head("/graphql", params={"query": query}, headers=headers)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == (type or "text/event-stream; charset=utf-8")


@pytest.mark.parametrize(
    "params", [{}, {"query": ""}, {"query": VIEWER, "variables": "{"}, {"query": VIEWER, "extensions": "1"}]
)
async def test_a_url_that_asks_nothing_is_refused(ada: Asker, params: dict[str, str]) -> None:
    assert (await ada.get(params)).status_code == 400


async def test_a_client_that_reads_no_stream_is_told_where_subscriptions_are_served(ada: Asker) -> None:
    answer = await ada.post({"query": "subscription { subSessionEvents { cursor } }"}, accept="application/json")
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/json")
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "NOT_ACCEPTABLE"
    assert "text/event-stream" in error["message"]


async def test_the_newer_media_type_has_statuses_of_its_own(ada: Asker) -> None:
    accept = "application/graphql-response+json, application/json;q=0.9"
    for query, code in (("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")):
        answer = await ada.post({"query": query}, accept=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/graphql-response+json")
        assert answer.json().keys() == {"errors"}
        assert answer.json()["errors"][0]["extensions"]["code"] == code
        old = await ada.post({"query": query})
        assert (old.status_code, old.json()["errors"][0]["extensions"]["code"]) == (200, code)
    wrong = {"query": "query ($n: Int!) { sessions(first: $n) { totalCount } }", "variables": {"n": "x"}}
    assert (await ada.post(wrong, accept=accept)).status_code == 400
    assert (await ada.post({"query": VIEWER}, accept=accept)).status_code == 200
    found = await ada.post({"query": '{ session(id: "none") { id } viewer { email } }'}, accept=accept)
    assert (found.status_code, found.json()["data"]["session"]) == (200, None)


async def test_without_a_good_key_nothing_is_answered(ada: Asker) -> None:
    async def asked(headers: dict[str, str]) -> str:
        async with client(ada.app) as http:
            answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        return error["message"]

    assert "send an API key" in await asked({})
    assert "not known" in await asked({"authorization": "Bearer gck_nobody"})
    assert "not known" in await asked({"x-api-key": "gck_nobody"})
    await end_key(ada.ctx.services.database.urls, ada.ctx.caller.org_id, ada.key_id, ada.ctx.now() - timedelta(days=1))
    assert "revoked" in await asked(dict(ada.headers))


async def test_either_header_carries_the_key(ada: Asker) -> None:
    async with client(ada.app) as http:
        for headers in ({"x-api-key": ada.secret}, {"authorization": f"bearer {ada.secret}"}):
            answer = await http.post("/graphql", json={"query": VIEWER}, headers=headers)
            assert answer.status_code == 200


async def test_a_document_is_sent_once_and_then_named_on_every_transport(ada: Asker) -> None:
    query = "query Zone { viewer { timeZone } }"
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    unknown = await ada.post({"extensions": named})
    assert (unknown.status_code, unknown.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
    newer = await ada.post({"extensions": named}, accept="application/graphql-response+json")
    assert (newer.status_code, newer.json().keys()) == (400, {"errors"})
    expected = {"viewer": {"timeZone": "UTC"}}
    assert (await ada.post({"query": query, "extensions": named})).json()["data"] == expected
    assert (await ada.get({"extensions": dumps(named).decode()})).json()["data"] == expected
    assert (await ada.get({"documentId": f"sha256:{named['persistedQuery']['sha256Hash']}"})).json()["data"] == expected
    async with socket(ada.app, ada.headers) as ws:
        await ws.init()
        await ws.send({"type": "subscribe", "id": "1", "payload": {"extensions": named}})
        assert (await ws.next())["viewer"] == expected["viewer"]
        assert (await ws.receive())["type"] == "complete"
        await ws.send({"type": "subscribe", "id": "2", "payload": {"documentId": "sha256:" + "0" * 64}})
        assert (await ws.receive())["type"] == "error"
