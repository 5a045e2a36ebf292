"""Each request has an id, one line in the log and a place in the metrics; none of them holds what was asked."""

import subprocess
import sys
from uuid import UUID

import orjson
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from server.requests import REGISTRY, Observe


async def _say_id(request: Request) -> Response:
    return PlainTextResponse(str(structlog.contextvars.get_contextvars().get("request_id")))


async def _fall(request: Request) -> Response:
    raise RuntimeError("secret prompt")


ROUTES = [Route("/things/{id}", _say_id), Route("/fall", _fall)]


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(Observe)]), raise_server_exceptions=False)


def counted(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("goalarc_requests_total", labels) or 0.0


@pytest.mark.parametrize("given", ["abc", "A-1_2.3", "x" * 64])
def test_a_plain_id_of_the_client_is_kept(client: TestClient, given: str) -> None:
    answer = client.get("/things/1", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given
    assert answer.text == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", '{"a":1}', "ä"])
def test_any_other_id_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/things/1", headers={"X-Request-Id": given.encode()})
    assert UUID(answer.headers["x-request-id"])
    assert answer.text == answer.headers["x-request-id"]


def test_two_requests_have_two_ids(client: TestClient) -> None:
    assert client.get("/things/1").text != client.get("/things/1").text


def test_the_log_names_the_pattern_and_never_the_path(client: TestClient) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = client.get("/things/secret?q=secret", headers={"authorization": "Bearer secret"})
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/things/{id}", 200)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in str(line)


def test_a_fall_is_answered_and_counted_as_500(client: TestClient) -> None:
    before = counted("GET", "/fall", 500)
    answer = client.get("/fall", headers={"x-request-id": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert "secret" not in answer.text
    assert counted("GET", "/fall", 500) == before + 1


_LOGGING = """
import logging, structlog
from server.logs import set_up_logs
set_up_logs("{form}")
for log in (structlog.get_logger("ours"), logging.getLogger("uvicorn.error")):
    try:
        try:
            int("the secret prompt")
        except ValueError as error:
            raise RuntimeError("secret") from error
    except RuntimeError:
        log.exception("it fell")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_log_tells_where_an_error_came_from_and_not_its_words(form: str) -> None:
    """In a process of its own: logs are set up once for all. Standard output belongs to the answers of commands."""
    code = _LOGGING.format(form=form)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == ""
    assert done.stderr.count("it fell") == 2
    assert done.stderr.count("RuntimeError") >= 2
    assert done.stderr.count("ValueError") >= 2
    assert "secret" not in done.stderr.replace('int("the secret prompt', "").replace('Error("secret")', "")
    if form == "json":
        assert [orjson.loads(line)["event"] for line in done.stderr.splitlines()] == ["it fell", "it fell"]


def test_what_clients_make_up_does_not_multiply_the_metrics(client: TestClient) -> None:
    before = counted("other", "other", 404)
    for word in ("BREW", "WHEN"):
        client.request(word, f"/{word}")
    assert counted("other", "other", 404) == before + 2
