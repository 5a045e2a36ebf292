import asyncio
from collections.abc import AsyncIterator

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportClosed, TransportConnectionFailed
from gql.transport.websockets import WebsocketsTransport

FOLLOW = """
subscription Follow($after: String) {
  subSessionEvents(after: $after) { cursor resync change subSessionId data }
}
"""


def client(url: str, key: str) -> Client:
    """For queries and changes: `async with client(URL, KEY) as session: await session.execute(gql("…"))`."""
    transport = AIOHTTPTransport(url, headers={"Authorization": f"Bearer {key}"})
    return Client(transport=transport, fetch_schema_from_transport=True)


async def follow(url: str, key: str, cursor: str | None = None) -> AsyncIterator[dict]:
    """Every event after the cursor, once, also when the server was away in between."""
    while True:
        transport = WebsocketsTransport(url.replace("http", "ws", 1), init_payload={"apiKey": key})
        try:
            async with Client(transport=transport) as session:
                async for answer in session.subscribe(GraphQLRequest(FOLLOW, variable_values={"after": cursor})):
                    yield answer["subSessionEvents"]
                    cursor = answer["subSessionEvents"]["cursor"]
        except (OSError, TransportClosed, TransportConnectionFailed):
            await asyncio.sleep(1)
