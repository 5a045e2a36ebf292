"""gql for Python: over aiohttp, over httpx2, over a WebSocket, and its multipart subscriptions."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from recipes.python_gql import FOLLOW, client, follow

URL, KEY, PID_FILE = (os.environ[name] for name in ("URL", "KEY", "PID_FILE"))
HEADERS = {"Authorization": f"Bearer {KEY}"}
ARCS = "query Arcs($first: Int!) { subSessions(first: $first) { nodes { id title } } }"
RENAME = """
mutation Rename($input: RenameSubSessionInput!) {
  renameSubSession(input: $input) { subSession { id title } }
}
"""


def over_aiohttp() -> AsyncTransport:
    return AIOHTTPTransport(URL, headers=HEADERS)


def over_httpx() -> AsyncTransport:
    return HTTPXAsyncTransport(URL, headers=HEADERS)


def over_websocket() -> AsyncTransport:
    return WebsocketsTransport(URL.replace("http", "ws", 1), init_payload={"apiKey": KEY})


async def asks_and_renames(asking: Client) -> str:
    """Fetches the schema, so that every document is checked by it, then asks, renames and errs."""
    transport = asking.transport
    async with asking as session:
        [first, *_] = await arcs(session)
        title = f"Renamed over {type(transport).__name__}"
        renamed = await rename(session, first["id"], title)
        assert renamed == {"id": first["id"], "title": title}
        assert await code(session, '{ session(id: "not-there") { id } }') == "NOT_FOUND"
    return str(getattr(transport, "response_headers", {}).get("content-type", ""))


async def arcs(session: AsyncClientSession) -> list[dict]:
    answer = await session.execute(GraphQLRequest(ARCS, variable_values={"first": 3}))
    return answer["subSessions"]["nodes"]


async def code(session: AsyncClientSession, query: str) -> str | None:
    """Of the first error; None where there is none."""
    try:
        await session.execute(gql(query))
    except TransportQueryError as error:
        return error.errors[0]["extensions"]["code"] if error.errors else None
    return None


async def rename(session: AsyncClientSession, id: str, title: str) -> dict:
    request = GraphQLRequest(RENAME, variable_values={"input": {"id": id, "title": title}})
    return (await session.execute(request))["renameSubSession"]["subSession"]


async def follows(transport: AsyncTransport) -> str:
    async with Client(transport=over_aiohttp()) as asking, Client(transport=transport) as following:
        [_, arc, *_] = await arcs(asking)
        title = f"Told over {type(transport).__name__}"
        async for answer in following.subscribe(GraphQLRequest(FOLLOW)):
            event = answer["subSessionEvents"]
            if event["resync"]:
                await rename(asking, arc["id"], title)
            elif event["data"]["title"] == title:  # the sample may still be judged meanwhile
                break
        assert await refused(following.subscribe(GraphQLRequest(FOLLOW, variable_values={"after": "?"})))
    return str(getattr(transport, "response_headers", {}).get("content-type", ""))


async def refused(answers: AsyncIterator[dict]) -> bool:
    """That the first of the answers says that the cursor is none."""
    try:
        await anext(answers)
    except TransportError as error:
        return "cursor" in str(error)
    return False


async def goes_on_after_a_kill() -> str:
    titles = [f"Python name {at}" for at in range(12)]
    seen: list[dict] = []
    async with Client(transport=over_aiohttp()) as session:
        [_, _, arc] = await arcs(session)
    async for event in follow(URL, KEY):
        seen.append(event)
        if event["data"] and event["data"]["title"] == titles[-1]:
            break
        if len(seen) == 6:
            kill_server()
        renaming = asyncio.create_task(keep_renaming(arc["id"], titles[len(seen) - 1]))
    await renaming
    assert [event["resync"] for event in seen] == [True] + [False] * 12
    assert [event["data"]["title"] for event in seen[1:]] == titles
    return f"{len(seen) - 1} events, 1 kill"


def kill_server() -> None:
    os.kill(int(Path(PID_FILE).read_text()), signal.SIGKILL)


async def keep_renaming(id: str, title: str) -> None:
    """Until it is acknowledged: meanwhile the server may be down."""
    while True:
        try:
            async with Client(transport=over_aiohttp()) as session:
                await rename(session, id, title)
                return
        except Exception:
            await asyncio.sleep(0.1)


logging.getLogger("gql").setLevel(logging.CRITICAL)  # it tells of errors that we provoke

CHECKS: dict[str, Callable[[], Awaitable[str]]] = {
    "aiohttp": lambda: asks_and_renames(client(URL, KEY)),
    "httpx2": lambda: asks_and_renames(Client(transport=over_httpx(), fetch_schema_from_transport=True)),
    "websockets": lambda: asks_and_renames(Client(transport=over_websocket(), fetch_schema_from_transport=True)),
    "subscription over websockets": lambda: follows(over_websocket()),
    "subscription as multipart over aiohttp": lambda: follows(over_aiohttp()),
    "over a kill of the server no event is lost or doubled": goes_on_after_a_kill,
}


async def check(name: str, run: Callable[[], Awaitable[str]]) -> bool:
    try:
        async with asyncio.timeout(40):
            told = await run()
        print(f"  ok    {name}{told and ': '}{told}")
        return True
    except Exception as error:
        print(f"  FAIL  {name}: {type(error).__name__} {error}"[:500])
        return False


async def main() -> int:
    return 0 if all([await check(name, run) for name, run in CHECKS.items()]) else 1


sys.exit(asyncio.run(main()))
