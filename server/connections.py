"""What holds for each connection, below HTTP and WebSocket."""

import asyncio
import socket
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UNREAD_MS = 60_000
"""So long a client may leave what was sent unread, whatever else it answers."""


class Connection(HttpToolsProtocol):
    """Ends for good where nobody reads: a connection that is closed waits for its last bytes to be taken, otherwise for
    ever, and keeps its memory. A WebSocket goes on over the same socket."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            own = cast(socket.socket, transport.get_extra_info("socket"))
            if own.family != socket.AF_UNIX:
                own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
