"""Our backends for broadcaster, because those it brings lose a cut connection silently and grow without bound.

All channels travel over one physical channel. A message names the channels to look at again, one per line.
"""

import asyncio
import logging
import random
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast

import asyncpg
import sqlalchemy as sa
from broadcaster import BroadcastBackend, Event
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from persistence.database import Database

_log = logging.getLogger(__name__)

EVERY_CHANNEL = "*"
_PHYSICAL = "goalarc_wakes"

_PAYLOAD_MAX = 7_900
"""Bytes; PostgreSQL refuses a payload of 8,000."""

_KEEP_ALIVE_S = 15.0
_ANSWER_S = 5.0
_BACK_OFF_S = 0.1
_BACK_OFF_MAX_S = 5.0


class WakeBackend(BroadcastBackend):
    """What broadcaster asks of a backend, with the inbox that all of ours fill.

    The inbox stays short: the bus empties it without ever waiting for a listener.
    """

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[str] = asyncio.Queue()

    async def connect(self) -> None: ...

    async def disconnect(self) -> None: ...

    async def subscribe(self, group: str) -> None: ...

    async def unsubscribe(self, group: str) -> None: ...

    async def next_published(self) -> Event:
        return Event(EVERY_CHANNEL, await self._inbox.get())

    def heard(self, message: str) -> None:
        self._inbox.put_nowait(message)


class MemoryBackend(WakeBackend):
    """For one process."""

    async def publish(self, channel: str, message: str) -> None:
        self.heard(message)


class SupervisedBackend(WakeBackend):
    """Keeps one listening connection alive and tells everybody to look again each time it was made anew."""

    def __init__(self) -> None:
        super().__init__()
        self._back_off_s = _BACK_OFF_S

    async def connect(self) -> None:
        self._supervisor = asyncio.create_task(self._supervise())

    async def disconnect(self) -> None:
        await end(self._supervisor)

    def listening(self) -> None:
        """To be called once a new connection listens: what was announced meanwhile passed unheard."""
        self._back_off_s = _BACK_OFF_S
        self.heard(EVERY_CHANNEL)

    @abstractmethod
    async def listen(self) -> None:
        """Connects, calls `listening`, then `heard` for each message; raises when the connection is lost."""

    async def _supervise(self) -> None:
        while True:
            try:
                await self.listen()
            except Exception as error:  # drivers raise many kinds for a lost connection, plain OSError among them
                _log.warning("the wake-up connection was lost: %s", error or type(error).__name__)
            await asyncio.sleep(self._back_off_s * random.uniform(0.5, 1.0))  # noqa: S311  (spreads load, no secret)
            self._back_off_s = min(self._back_off_s * 2, _BACK_OFF_MAX_S)


class PostgresBackend(SupervisedBackend):
    """LISTEN on a connection of its own, which must not pass through a transaction pooler; NOTIFY through the pool."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def publish(self, channel: str, message: str) -> None:
        async with self._database.unbound() as db:
            await db.execute(_NOTIFY, {"channel": _PHYSICAL, "payloads": list(_payloads(message))})

    async def listen(self) -> None:
        options = _asyncpg_options(self._database.urls.app)
        connection = await asyncpg.connect(
            **options, timeout=_ANSWER_S, server_settings={"application_name": "goalarc-wakes"}
        )
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(_PHYSICAL, self._notified)
            self.listening()
            while not await happens(lost, _KEEP_ALIVE_S):
                await connection.execute("SELECT 1", timeout=_ANSWER_S)
        finally:
            connection.terminate()
        raise ConnectionError("closed by the server")

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.heard(str(payload))


class _PubSub(AbstractAsyncContextManager["_PubSub"], Protocol):
    async def subscribe(self, channel: str, /) -> None: ...
    async def get_message(self, *, timeout: float) -> Mapping[str, str] | None: ...  # noqa: ASYNC109  (their name)
    async def ping(self) -> None: ...


class _Redis(AbstractAsyncContextManager["_Redis"], Protocol):
    """The part of the client that is used here; its own annotations are full of holes."""

    async def publish(self, channel: str, message: str, /) -> int: ...
    async def aclose(self) -> None: ...
    def pubsub(self) -> _PubSub: ...


class RedisBackend(SupervisedBackend):
    """PUBLISH and SUBSCRIBE. Servers that share a Redis hear each other's wake-ups, which do no harm."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._client = _redis(url, retries=1)

    async def disconnect(self) -> None:
        await super().disconnect()
        await self._client.aclose()

    async def publish(self, channel: str, message: str) -> None:
        await self._client.publish(_PHYSICAL, message)

    async def listen(self) -> None:
        # No retries: the client would connect anew without a word, and what passed meanwhile would be lost.
        async with _redis(self._url, retries=0) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(_PHYSICAL)
            asked = False
            while True:
                heard = await pubsub.get_message(timeout=_KEEP_ALIVE_S)
                if heard is None:
                    if asked:
                        raise ConnectionError("no answer to a ping")
                    await pubsub.ping()
                elif heard["type"] == "subscribe":
                    self.listening()
                elif heard["type"] == "message":
                    self.heard(heard["data"])
                asked = heard is None


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancels until it is heard: up to Python 3.11 `wait_for`, which the Redis client uses, may swallow a cancel."""
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)


_NOTIFY = sa.text("SELECT pg_notify(:channel, payload) FROM unnest(CAST(:payloads AS text[])) AS payload")


def _payloads(message: str) -> Iterator[str]:
    """The lines of `message` in as few pieces as PostgreSQL takes."""
    piece = ""
    for line in message.split("\n"):
        longer = f"{piece}\n{line}" if piece else line
        if len(longer.encode()) > _PAYLOAD_MAX:
            yield piece
            longer = line
        piece = longer
    yield piece


def _asyncpg_options(url: str) -> dict[str, Any]:
    """What SQLAlchemy would hand to `asyncpg.connect` for `url`."""
    options = asyncpg_dialect().create_connect_args(sa.make_url(url))[1]
    for of_sqlalchemy in ("prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"):
        options.pop(of_sqlalchemy, None)
    return dict(options)


async def happens(event: asyncio.Event, within_s: float) -> bool:
    """Whether it does in that time."""
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False


def _redis(url: str, retries: int) -> _Redis:
    pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  (its **kwargs are untyped)
        url,
        decode_responses=True,
        socket_connect_timeout=_ANSWER_S,
        socket_timeout=_ANSWER_S,
        retry=Retry(NoBackoff(), retries),
    )
    return cast(_Redis, Redis.from_pool(pool))
