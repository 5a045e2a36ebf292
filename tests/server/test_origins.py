"""Pages of other origins may call only where they were let in."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from server.app import origins
from server.settings import Settings

HERE, ELSEWHERE = "https://app.example.org", "https://elsewhere.example.org"


def _client(allowed: str) -> httpx2.AsyncClient:
    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse("yes")

    app = Starlette(
        routes=[Route("/graphql", answer, methods=["POST"])], middleware=origins(Settings(allow_origins=allowed))
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://goalarc")


@pytest.mark.parametrize(
    ("allowed", "origin", "let_in"),
    [("", HERE, None), (HERE, HERE, HERE), (f"{ELSEWHERE}/, {HERE}", HERE, HERE), (HERE, ELSEWHERE, None)],
)
async def test_a_page_is_let_in_by_its_origin(allowed: str, origin: str, let_in: str | None) -> None:
    async with _client(allowed) as http:
        headers = {"origin": origin, "access-control-request-method": "POST"}
        asked = await http.options(
            "/graphql", headers={**headers, "access-control-request-headers": "authorization,content-type"}
        )
        assert asked.headers.get("access-control-allow-origin") == let_in
        answer = await http.post("/graphql", headers={"origin": origin})
        assert (answer.text, answer.headers.get("access-control-allow-origin")) == ("yes", let_in)


async def test_all_may_be_let_in_but_cookies_never_are() -> None:
    async with _client("*") as http:
        answer = await http.post("/graphql", headers={"origin": ELSEWHERE})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "x-ratelimit-remaining" in answer.headers["access-control-expose-headers"]
