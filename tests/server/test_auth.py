"""Who asks, read from the headers; what the faces find in the state of a request."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from domain.access import KeyKind
from domain.errors import Unauthenticated, Unavailable
from persistence.bus import open_bus
from persistence.database import Database, Urls
from resolvers.access import KeyWish, create_key
from resolvers.context import Context, Services
from server.auth import Authenticate, Credential, presented
from tests.make_context import make_services


@pytest.mark.parametrize(
    ("headers", "credential"),
    [
        ({}, None),
        ({"Authorization": "Bearer gck_1"}, Credential("authorization", "gck_1")),
        ({"Authorization": "bearer   gck_1  "}, Credential("authorization", "gck_1")),
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": "Bearer "}, None),
        ({"Authorization": "Basic Z2NrXzE="}, None),
        ({"X-API-Key": " phx_1 "}, Credential("x-api-key", "phx_1")),
        ({"Mappa-Api-Key": "gas_1"}, Credential("mappa-api-key", "gas_1")),
        ({"X-API-Key": ""}, None),
        ({"Authorization": "Basic x", "X-API-Key": "phx_1"}, Credential("x-api-key", "phx_1")),
        ({"Authorization": "Bearer gck_1", "X-API-Key": "phx_1"}, Credential("authorization", "gck_1")),
    ],
)
def test_a_secret_is_taken_from_the_header_it_came_in(headers: dict[str, str], credential: Credential | None) -> None:
    assert presented({"headers": Headers(headers).raw}) == credential


async def state_of(services: Services, headers: dict[str, str], kind: str = "http") -> dict[str, object]:
    """The state of a request after authentication, as a face finds it."""
    seen: list[dict[str, object]] = []

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["state"])

    async def nothing() -> Message:
        raise AssertionError("authentication reads no body")

    async def silent(message: Message) -> None:
        raise AssertionError("authentication never answers by itself")

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await Authenticate(face)({"type": kind, "headers": raw, "state": {"services": services}}, nothing, silent)
    [state] = seen
    return state


async def secret_of(urls: Urls, kind: KeyKind) -> str:
    wish = KeyWish("auth-test", "kim@example.org", kind)
    return (await create_key(urls, wish, datetime(2026, 1, 1, tzinfo=UTC))).secret


@pytest.mark.parametrize("kind", [kind for kind in KeyKind if kind is not KeyKind.CANDIDATE])
@pytest.mark.parametrize("protocol", ["http", "websocket"])
async def test_one_caller_whichever_header_the_key_came_in(
    services: Services, urls: Urls, kind: KeyKind, protocol: str
) -> None:
    secret = await secret_of(urls, kind)
    headers: list[dict[str, str]] = [
        {"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}, {"Mappa-Api-Key": secret}
    ]  # fmt: skip
    states = [await state_of(services, each, protocol) for each in headers]
    contexts = [state["context"] for state in states]
    callers = {context.caller for context in contexts if isinstance(context, Context)}
    assert [caller.kind for caller in callers] == [kind]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "missing"), ({"X-API-Key": "gck_nobody"}, "unknown"), ({"Authorization": "Bearer \xff\xfe"}, "unknown")],
)
async def test_a_request_without_a_good_key_goes_on_without_a_context(
    services: Services, headers: dict[str, str], reason: str
) -> None:
    state = await state_of(services, headers)
    assert "context" not in state
    refused = state["refused"]
    assert isinstance(refused, Unauthenticated)
    assert refused.reason == reason


async def test_a_database_that_is_away_is_no_wrong_key() -> None:
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    database = Database(Urls(nowhere, nowhere))
    async with open_bus("memory://", database) as bus:
        state = await state_of(make_services(database, bus), {"X-API-Key": "gck_1"})
    await database.close()
    assert isinstance(state["failure"], Unavailable)
    assert "refused" not in state


async def test_what_is_no_request_passes_untouched() -> None:
    seen: list[Scope] = []

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    unused: Callable[..., object] = lambda *_: None  # noqa: E731
    await Authenticate(face)({"type": "lifespan"}, unused, unused)
    assert seen == [{"type": "lifespan"}]
