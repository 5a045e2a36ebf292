"""Methods, paths and bodies: whatever arrives is answered, and in the words of the system it was meant for."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from starlette.types import Message

import resolvers.ingest
import resolvers.judging
import resolvers.sessions
from domain.access import KeyKind
from persistence.database import Database, Urls
from resolvers.context import Services
from rest_compat.routes import OPERATIONS
from rest_compat.wire import MOST_BODY_BYTES
from tests.make import arc_id, sub_session, time
from tests.rest_compat.envelopes import INGEST, new_id
from tests.rest_compat.house import House, app_of, client_of, house_of

RENAME = f"/v1/score_v3/sub-sessions/{arc_id('a')}"
TOGGLE = "/v1/score_v3/toggle"
JSON = {"content-type": "application/json"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"}


def paths() -> dict[str, set[str]]:
    """The methods of each path."""
    found: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path.replace("{id}", "x"), set()).add(operation.method)
    return found


@pytest.mark.parametrize(("path", "methods"), paths().items())
async def test_another_method_hears_of_those_that_there_are(house: House, path: str, methods: set[str]) -> None:
    allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    for method in sorted(METHODS - allowed):
        answer = await client_of(house.services).request(method, path)
        assert (answer.status_code, answer.content) == (405, b"")
        assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", paths())
async def test_options_needs_no_key(house: House, path: str) -> None:
    answer = await client_of(house.services).options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "OPTIONS" in answer.headers["allow"]


async def test_head_is_get_without_its_body(house: House) -> None:
    rev, ada = await house.reviewer(), (await house.developer()).client
    for client, path in ((rev, "/v1/sessions"), (rev, "/v1/sessions/unknown"), (ada, "/v1/score_v3/score")):
        head, get = await client.head(path), await client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/sessions/", {"error": "Not found"}),
        ("/v1/sessions/a/", {"error": "Not found"}),
        ("/v1/sessions/a/timeline/", {"error": "Not found"}),
        ("/v1/sessions/a/nothing", {"error": "Not found"}),
        ("/v1/sessions//timeline", {"error": "Not found"}),
        ("/v1/hooks", {"error": "Not found"}),
        ("/v1/hooks/ingest/", {"error": "Not found"}),
        ("/v1/sessionsx", {"code": 404, "message": "Not found"}),
        ("/v1/score_v3/score/", {"code": 404, "message": "Not found"}),
        ("/v1/score_v3/sub-sessions/", {"code": 404, "message": "Not found"}),
        ("/v1/score_v3", {"code": 404, "message": "Not found"}),
        ("/v1/nobody", {"code": 404, "message": "Not found"}),
        ("/v1/", {"code": 404, "message": "Not found"}),
        ("/v1/%00/%FF", {"code": 404, "message": "Not found"}),
        ("/v1/" + "x" * 10_000, {"code": 404, "message": "Not found"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_path_is_answered_by_the_system_it_would_belong_to(
    house: House, method: str, path: str, body: object
) -> None:
    answer = await client_of(house.services).request(method, path)
    assert (answer.status_code, answer.json()) == (404, body)


async def test_a_path_may_be_encoded_without_need(house: House) -> None:
    rev = await house.reviewer()
    assert (await rev.get("/v1/sess%69ons")).status_code == 200


class Senders:
    """Who may send a body to each of the routes that take one. Made once: what is refused leaves no trace."""

    def __init__(self, clients: dict[str, httpx2.AsyncClient]) -> None:
        self._clients = clients

    async def send(self, path: str, content: object, headers: dict[str, str] | None = None) -> httpx2.Response:
        method = {RENAME: "PATCH", TOGGLE: "PUT"}.get(path, "POST")
        return await self._clients[path].request(method, path, content=content, headers=headers or JSON)


@pytest.fixture(scope="module")
async def senders(services: Services) -> Senders:
    house = house_of(services, time(480))
    ada = await house.developer()
    await ada.has(sub_session("a"))
    reviewer, candidate = await house.reviewer(), await house.candidate()
    return Senders({RENAME: ada.client, TOGGLE: ada.client, "/v1/sessions": reviewer, INGEST: candidate})


def message(answer: httpx2.Response) -> str:
    body = answer.json()
    return body["message"] if "message" in body else ": ".join([body["error"], *body.get("details", [])])


TAKING = ("/v1/sessions", INGEST, RENAME, TOGGLE)


@pytest.mark.parametrize("path", TAKING)
@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"{", b"nul", b"{'a': 1}", b'{"a": NaN}', b'{"a": 1e400}', b'{"a": -Infinity}', b'{"a": 01}',
        b'{"a": 1,}', b'"\xff\xfe"', '{"ü": 1}'.encode("latin-1"), '{"a": 1}'.encode("utf-16"), b"\xef\xbb\xbf{}",
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"9" * 400 + b"}", b"{}{}", b"\x00", b"[" * 100_000, b"[" * 1_000 + b"]" * 1_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
    ids=range(21),
)  # fmt: skip
async def test_what_is_no_json_is_refused(senders: Senders, path: str, content: bytes) -> None:
    answer = await senders.send(path, content)
    assert answer.status_code == 400
    assert message(answer).startswith("Invalid request body: ")


@pytest.mark.parametrize("path", TAKING)
@pytest.mark.parametrize("content", [b"null", b"1", b'"text"', b"true", b"[]"])
async def test_what_is_no_object_is_refused(senders: Senders, path: str, content: bytes) -> None:
    answer = await senders.send(path, content)
    assert answer.status_code == 400


async def test_of_a_repeated_member_the_last_counts(senders: Senders) -> None:
    answer = await senders.send(RENAME, b'{"title": "first", "title": "second"}')
    assert answer.json()["title"] == "second"


@pytest.mark.parametrize("path", TAKING)
@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}, {"content-type": ""},
        {"content-type": "application/jsonx"}, {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)  # fmt: skip
async def test_another_type_of_body_is_refused(senders: Senders, path: str, headers: dict[str, str]) -> None:
    answer = await senders.send(path, gzip.compress(b"{}"), headers)
    assert (answer.status_code, message(answer)) == (415, "Send plain application/json")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-8"},
        {"content-type": "APPLICATION/JSON"},
        {"content-encoding": "identity"},
    ],
)
async def test_json_may_say_so_in_several_ways_or_not_at_all(senders: Senders, headers: dict[str, str]) -> None:
    assert (await senders.send("/v1/sessions", b"{}", headers)).status_code == 201


@pytest.mark.parametrize("path", TAKING)
async def test_a_body_that_is_too_large_is_refused_while_it_arrives(senders: Senders, path: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 4 * MOST_BODY_BYTES:
            sent += 2**20
            yield b" " * 2**20

    answer = await senders.send(path, endless())
    assert (answer.status_code, message(answer)) == (413, f"The body is larger than {MOST_BODY_BYTES} bytes")


async def test_a_body_of_the_largest_size_is_read(senders: Senders) -> None:
    content = b'{"metadata": {}' + b" " * (MOST_BODY_BYTES - 16) + b"}"
    assert len(content) == MOST_BODY_BYTES
    assert (await senders.send("/v1/sessions", content)).status_code == 201


async def test_who_hangs_up_is_not_waited_for(house: House, caplog: pytest.LogCaptureFixture) -> None:
    key = await house.key(KeyKind.REVIEWER)
    arrives = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    told: list[Message] = []

    async def receive() -> Message:
        return next(arrives)

    async def hear(message: Message) -> None:
        told.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/sessions", "raw_path": b"/v1/sessions", "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key.secret}".encode())],
    }  # fmt: skip
    await asyncio.wait_for(app_of(house.services)(scope, receive, hear), 5)
    assert told[0]["status"] == 400
    assert (await house.client(key).get("/v1/sessions")).json()["total"] == 0


@pytest.mark.parametrize(
    ("module", "name", "path", "body"),
    [
        (resolvers.sessions, "list_sessions_at", "/v1/sessions", {"error": "Internal server error"}),
        (resolvers.judging, "list_recent_sub_sessions", "/v1/score_v3/realtime/sub-sessions",
         {"code": 500, "message": "Internal server error"}),
    ],
)  # fmt: skip
async def test_what_nobody_expected_is_masked(
    house: House, monkeypatch: pytest.MonkeyPatch, module: object, name: str, path: str, body: object
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    client = await house.reviewer() if path == "/v1/sessions" else (await house.developer()).client
    monkeypatch.setattr(module, name, fail)
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (500, body)


async def test_a_database_that_is_away_is_told_in_the_words_of_each_system(house: House) -> None:
    nowhere = Database(Urls(owner="postgresql+asyncpg://a@localhost:1/a", app="postgresql+asyncpg://a@localhost:1/a"))
    client = client_of(replace(house.services, database=nowhere), {"authorization": "Bearer gck_" + new_id()})
    message = "the database does not answer: try again in a moment"
    for path, body in (("/v1/sessions", {"error": message}), ("/v1/score_v3/score", {"code": 503, "message": message})):
        answer = await client.get(path)
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, body, "1")
