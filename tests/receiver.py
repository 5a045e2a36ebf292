"""A server elsewhere that webhooks are posted to, on a real socket of this machine."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """A server of one answer, and what it was sent."""

    port: int = 0
    heads: list[str] = field(default_factory=list[str])
    bodies: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0


async def _read(reader: asyncio.StreamReader, told: Receiver) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    told.heads.append(head.lower())
    [size] = [int(line.split(":")[1]) for line in head.lower().splitlines() if line.startswith("content-length")]
    told.bodies.append(await reader.readexactly(size))


@asynccontextmanager
async def receiver(answer: bytes | Answer = OK, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver]:
    told = Receiver()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.connections += 1
        try:
            await _read(reader, told)
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
