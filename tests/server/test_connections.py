"""A client that reads nothing is let go, however long it stays."""

import asyncio
import socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from server import connections

MUCH = 20_000_000
"""Bytes: more than all buffers between server and client take."""


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="needs Linux")
async def test_what_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD_MS", 500)
    over = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * MUCH, "more_body": True})
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        over.set()

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_level="critical", http=connections.Connection)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]))
    with socket.create_connection(listening.getsockname()) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        async with asyncio.timeout(15):
            await over.wait()
    server.should_exit = True
    await running
