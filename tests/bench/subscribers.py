"""Many subscribers in a process of their own, so that what they spend is not the server's.

Each notes when its messages arrive and looks no further into them. They ask as real clients do: for frames that are
compressed, too, if the server likes.
"""

import asyncio
import base64
import multiprocessing
import os
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Literal, TypeAlias
from zlib import crc32

import orjson

from domain.values import JsonObject

_AT_ONCE = 50
"""So many subscribe at the same time: more would be asked to come again in a moment."""
_PATIENCE_S = 120.0
_LOOK_S = 0.002
"""Arrivals are exact to this much."""
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_BEAT = b":\n\n"


Face: TypeAlias = Literal["WebSocket", "SSE"]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Subscribers that are all alike; each is greeted with `greetings` messages."""

    face: Face
    port: int
    path: str
    key: str = ""
    query: str = ""
    greetings: int = 0
    receive_buffer: int | None = None
    """Bytes that the kernel keeps for who does not read; None for what it thinks best."""

    @property
    def request(self) -> bytes:
        return self._upgrade() if self.face == "WebSocket" else self._post()

    @property
    def opening(self) -> bytes:
        """What a socket begins with."""
        if not self.query:
            return b""
        init: JsonObject = {"type": "connection_init", "payload": {"apiKey": self.key}}
        subscribe: JsonObject = {"id": "1", "type": "subscribe", "payload": {"query": self.query}}
        return _frame(_TEXT, orjson.dumps(init)) + _frame(_TEXT, orjson.dumps(subscribe))

    def _upgrade(self) -> bytes:
        nonce = base64.b64encode(os.urandom(16)).decode()
        return _head(
            f"GET {self.path} HTTP/1.1", "host: bench", "connection: Upgrade", "upgrade: websocket",
            f"sec-websocket-key: {nonce}", "sec-websocket-version: 13",
            "sec-websocket-protocol: graphql-transport-ws",
            "sec-websocket-extensions: permessage-deflate; client_max_window_bits",
        )  # fmt: skip

    def _post(self) -> bytes:
        body = orjson.dumps({"query": self.query})
        return _head(
            f"POST {self.path} HTTP/1.1", "host: bench", "accept: text/event-stream", "content-type: application/json",
            f"authorization: Bearer {self.key}", f"content-length: {len(body)}",
        ) + body  # fmt: skip


def _head(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "")).encode()


def _frame(opcode: int, body: bytes) -> bytes:
    """Masked, as those of clients must be, with a mask that changes nothing."""
    size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + bytes(4) + body


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When the messages asked for came, by `time.monotonic`: for each subscriber in turn, all in their order."""

    times: list[list[float]]
    messages: list[bytes]
    """Of the first subscriber, as they came over the wire."""


class Subscribers:
    """The process, as its owner commands it. A server has one crowd at a time, which is called by its port."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def gather(self, crowd: Crowd, number: int) -> None:
        """Connects so many; returns once all are subscribed."""
        self._ask("gather", crowd.port, (crowd, number))

    def arrivals(self, port: int, number: int) -> Arrivals:
        """Waits until each has `number` more messages. Raises RuntimeError if it takes too long, or one has others."""
        found = self._ask("arrivals", port, number)
        assert isinstance(found, Arrivals)
        return found

    def stop_reading(self, port: int) -> None:
        self._ask("stop_reading", port)

    def leave(self, port: int) -> None:
        self._ask("leave", port)

    def _ask(self, verb: str, port: int, more: object = None) -> object:
        self._pipe.send((verb, port, more))
        if not self._pipe.poll(_PATIENCE_S + 10):
            raise RuntimeError(f"the subscribers do not answer: {verb}")
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def subscribers() -> Generator[Subscribers]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_live, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Subscribers(ours)
    finally:
        ours.close()  # the other side ends
        process.join(10)
        process.kill()


class _Coalescing(selectors.DefaultSelector):
    """Looks every so often what has come, as network cards do.

    Waiting for each message would have each sender wake this process up, which costs more than sending.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        time.sleep(_LOOK_S)
        return super().select(0)


def _live(pipe: Connection) -> None:
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Coalescing())) as runner:
        runner.run(_obey(pipe))


async def _obey(pipe: Connection) -> None:
    crowds: dict[int, _Members] = {}
    while True:
        try:
            command = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer = await _do(crowds, *command)
        except Exception as error:
            answer = RuntimeError(f"{command[0]}: {error!r}")
        pipe.send(answer)


async def _do(crowds: "dict[int, _Members]", verb: str, port: int, more: object) -> Arrivals | None:
    match verb, more:
        case "gather", (Crowd() as crowd, int(number)):
            crowds[port] = _Members(crowd, number)
            await crowds[port].gather()
        case "arrivals", int(number):
            return await crowds[port].arrivals(number)
        case "stop_reading", _:
            crowds[port].stop_reading()
        case _:
            crowds.pop(port).leave()
    return None


class _Members:
    """A crowd that is there."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self._crowd = crowd
        self._number = number
        self._members: list[_Subscriber] = []
        self._changed = asyncio.Event()
        self._missing = 0
        self._lost: str | None = None

    async def gather(self) -> None:
        for start in range(0, self._number, _AT_ONCE):
            few = min(_AT_ONCE, self._number - start)
            self._missing += few * (1 + self._crowd.greetings)
            self._members += await asyncio.gather(*(self._connect() for _ in range(few)))
            await self._all_came()
        self._take()

    async def arrivals(self, number: int) -> Arrivals:
        self._missing += number * self._number
        await self._all_came()
        return self._take()

    def stop_reading(self) -> None:
        for member in self._members:
            member.stop_reading()

    def leave(self) -> None:
        for member in self._members:
            member.leave()

    def came(self, number: int) -> None:
        self._missing -= number
        if self._missing <= 0:
            self._changed.set()

    def lost(self, why: str) -> None:
        self._lost = why
        self._changed.set()

    async def _connect(self) -> "_Subscriber":
        connection = socket.socket()
        connection.setblocking(False)
        if self._crowd.receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._crowd.receive_buffer)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", self._crowd.port))
        kind = _Frames if self._crowd.face == "WebSocket" else _Chunks
        _, member = await loop.create_connection(lambda: kind(self._crowd, self), sock=connection)
        return member

    async def _all_came(self) -> None:
        while self._missing > 0 and self._lost is None:
            self._changed.clear()
            await self._changed.wait()
        if self._lost is not None:
            raise RuntimeError(self._lost)

    def _take(self) -> Arrivals:
        if len({member.digest for member in self._members}) > 1:
            raise RuntimeError("some subscribers were told something else than others")
        taken = [member.take() for member in self._members]
        return Arrivals([times for times, _ in taken], taken[0][1])


class _Subscriber(asyncio.Protocol):
    """One connection; what stands between the messages is told apart by those who know the face."""

    def __init__(self, crowd: Crowd, members: _Members) -> None:
        self._crowd = crowd
        self._members = members
        self._buffer = bytearray()
        self._welcome = False
        self._times: list[float] = []
        self._messages: list[bytes] = []
        self._left = False
        self.digest = 0
        """Of all its messages."""

    def take(self) -> tuple[list[float], list[bytes]]:
        taken = self._times, self._messages
        self._times, self._messages = [], []
        return taken

    def stop_reading(self) -> None:
        self.transport.pause_reading()

    def leave(self) -> None:
        self._left = True
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._crowd.request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._left:
            self._members.lost(f"a subscriber lost its connection: {exc or bytes(self._buffer[-300:])}")

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._welcome and not self._enter():
            return
        found = self._split()
        self._messages += found
        self._times += [now] * len(found)
        self.digest = crc32(b"".join(found), self.digest)
        if found:
            self._members.came(len(found))

    def _enter(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith((b"HTTP/1.1 101 ", b"HTTP/1.1 200 ")):
            self._members.lost(bytes(self._buffer[:300]).decode())
            return False
        del self._buffer[: end + 4]
        self._welcome = True
        self._members.came(1)
        if self._crowd.face == "WebSocket":
            self.transport.write(self._crowd.opening)
        return True

    def _split(self) -> Sequence[bytes]:
        """Takes the whole messages out of the buffer."""
        raise NotImplementedError


class _Frames(_Subscriber):
    def _split(self) -> Sequence[bytes]:
        found: list[bytes] = []
        buffer, at = self._buffer, 0
        while len(buffer) >= at + 2:
            opcode, size, start = buffer[at] & 15, buffer[at + 1], at + 2
            if size > 125:
                start += 2 if size == 126 else 8
                size = int.from_bytes(buffer[at + 2 : start], "big")
            if len(buffer) < start + size:
                break
            at = start + size
            self._take_frame(opcode, bytes(buffer[start:at]), found)
        del buffer[:at]
        return found

    def _take_frame(self, opcode: int, body: bytes, found: list[bytes]) -> None:
        if opcode == _PING:
            self.transport.write(_frame(_PONG, body))
        elif opcode == _CLOSE:
            self._members.lost(f"a socket was closed: {body!r}")
        else:
            found.append(body)


class _Chunks(_Subscriber):
    """Each event of a stream comes as one chunk of its body."""

    def _split(self) -> Sequence[bytes]:
        found: list[bytes] = []
        buffer, at = self._buffer, 0
        while (line := buffer.find(b"\r\n", at)) >= 0:
            start = line + 2
            end = start + int(buffer[at:line], 16)
            if len(buffer) < end + 2:
                break
            at = end + 2
            if (chunk := bytes(buffer[start:end])) != _BEAT:
                found.append(chunk)
        del buffer[:at]
        return found
