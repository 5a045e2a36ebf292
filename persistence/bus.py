"""Wake-ups between processes: "look again at this channel", never the news itself, which stands in a table.

A wake-up may come late, twice or for nothing, so whoever listens also looks once a second. What is promised: each
listener is woken at least once after each announcement that reaches its process, and after every connection that
was lost and found again, because announcements may have passed unheard.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from broadcaster import Broadcast, Event

from domain.reports.records import ReportId
from domain.values import OrgId, SessionId
from persistence.bus_backends import EVERY_CHANNEL, MemoryBackend, PostgresBackend, RedisBackend, WakeBackend, end
from persistence.database import Database

_log = logging.getLogger(__name__)

_INTERVAL_S = 0.075
"""At most one publication per process in this time: every notify takes a lock that all commits of the server share."""

_RETRY_S = 0.5
_LAST_WORDS_S = 2.0
_CHANNEL_MAX = 200

JOBS = "jobs"
"""Announced when a job was queued."""


def live_channel(org_id: OrgId) -> str:
    """Announced when live events of an organisation were committed."""
    return f"org:{org_id}"


def session_channel(org_id: OrgId, session_id: SessionId) -> str:
    """Announced when events of a session were committed. Its name is hashed: it may be any text."""
    return f"session:{hashlib.sha256(org_id.bytes + session_id.encode()).hexdigest()[:32]}"


def report_channel(org_id: OrgId, report_id: ReportId) -> str:
    """Announced when a report was changed."""
    return f"report:{org_id}:{report_id}"


def alerts_channel(org_id: OrgId) -> str:
    """Announced when an alert of an organisation was checked or changed."""
    return f"alerts:{org_id}"


def insight_channel(org_id: OrgId, key: bytes) -> str:
    """Announced when a result of an insight was kept under this key, or a run that computes it was changed."""
    return f"insight:{org_id}:{key.hex()}"


class Wakes:
    """One listener's flag: however many wake-ups pass while it is busy, it looks again once."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Until the next wake-up: True, or False when `timeout_s` passed without one."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def __aiter__(self) -> "Wakes":
        return self

    async def __anext__(self) -> None:
        await self.wait()


class Bus:
    """The process's ear and voice. Use through `open_bus`, or `open` and `close` it."""

    def __init__(self, backend: WakeBackend, interval_s: float = _INTERVAL_S) -> None:
        self._broadcast = Broadcast(backend=backend)
        self._interval_s = interval_s
        self._listeners: dict[str, set[Wakes]] = {}
        self._due: set[str] = set()
        self._announced = asyncio.Event()
        self._open = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Starts listening; a server that is away is looked for in the background."""
        await self._broadcast.connect()
        heard = await self._open.enter_async_context(self._broadcast.subscribe(EVERY_CHANNEL))
        self._tasks = [asyncio.create_task(self._hear(heard.get)), asyncio.create_task(self._speak())]

    async def close(self) -> None:
        """Publishes what is still due, for a moment at most, and lets go of everything."""
        await end(*self._tasks)
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._publish()
        except Exception as error:  # the listeners' own look once a second makes up for it
            _log.warning("the last wake-ups were not published: %s", error)
        await self._open.aclose()
        await self._broadcast.disconnect()

    def announce(self, channel: str) -> None:
        """Wakes the listeners of `channel` in every process. Call it after the commit; it costs next to nothing.

        The first announcement goes out at once, those of the next 75 ms together.
        """
        if not 0 < len(channel) <= _CHANNEL_MAX or "\n" in channel:
            raise ValueError(f"not a channel: {channel[:_CHANNEL_MAX]!r}")
        self._due.add(channel)
        self._announced.set()

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncGenerator[Wakes]:
        """Wake-ups of `channel` from here on."""
        wakes = Wakes()
        self._listeners.setdefault(channel, set()).add(wakes)
        try:
            yield wakes
        finally:
            self._listeners[channel].remove(wakes)
            if not self._listeners[channel]:
                del self._listeners[channel]

    async def _speak(self) -> None:
        while True:
            await self._announced.wait()
            self._announced.clear()
            try:
                await self._publish()
                await asyncio.sleep(self._interval_s)
            except Exception as error:  # whatever the driver raises for a lost connection
                _log.warning("wake-ups were not published, trying again: %s", error)
                self._announced.set()
                await asyncio.sleep(_RETRY_S)

    async def _publish(self) -> None:
        channels, self._due = self._due, set()
        try:
            if channels:
                await self._broadcast.publish(EVERY_CHANNEL, "\n".join(sorted(channels)))
        except BaseException:
            self._due |= channels
            raise

    async def _hear(self, next_event: Callable[[], Awaitable[Event]]) -> None:
        while True:
            for channel in (await next_event()).message.split("\n"):
                self._ring(channel)

    def _ring(self, channel: str) -> None:
        rung = self._listeners.values() if channel == EVERY_CHANNEL else [self._listeners.get(channel, set())]
        for listeners in rung:
            for wakes in listeners:
                wakes.ring()


@asynccontextmanager
async def open_bus(url: str | None, database: Database) -> AsyncGenerator[Bus]:
    """The bus that `url` names: None for the database itself, `memory://` for one process, `redis://…`.

    Raises ValueError for any other scheme.
    """
    bus = Bus(_backend(url, database))
    await bus.open()
    try:
        yield bus
    finally:
        await bus.close()


def _backend(url: str | None, database: Database) -> WakeBackend:
    scheme = "postgresql" if url is None else url.partition(":")[0]
    if scheme == "memory":
        return MemoryBackend()
    if scheme in ("redis", "rediss", "unix"):
        return RedisBackend(str(url))
    if scheme == "postgresql":
        return PostgresBackend(database)
    raise ValueError(f"wake-ups cannot travel over {scheme}://: use memory://, postgresql:// or redis://")
