"""Live deliveries: what it costs to tell many subscribers of an event, and how soon they know.

The floor is handed the messages that the subject's subscribers were sent, and sends the same to as many.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import NamedTuple, TypeAlias

import asyncpg
import orjson
import psutil

from persistence.embedded import Cluster
from tests.bench.documents import FOLLOW
from tests.bench.invented import READ, World, secret
from tests.bench.live_news import newsroom
from tests.bench.served import Served, cpu_s, served
from tests.bench.subscribers import Crowd, Face, Subscribers, subscribers

FACES: tuple[Face, ...] = ("WebSocket", "SSE")

Teller: TypeAlias = Callable[[int], Awaitable[float]]
"""Makes so many events happen at once; returns when they had happened, by `time.monotonic`."""

_REST_S = 0.2
"""What a server does once the last message has arrived belongs to the turn, too."""
_FEW = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """`bursts` transactions of `size` events each, one every `every_s`, however long the telling takes."""

    name: str
    bursts: int
    size: int
    every_s: float


PACES = (Pace("one event", 20, 1, 0.2), Pace("ten events at once", 4, 10, 1.0))
_ONCE = Pace("", 1, 1, 0.0)


@dataclass(frozen=True, slots=True)
class Turn:
    """Processor microseconds of the server for each delivery; the seconds from the commit to each arrival."""

    cpu_us: float
    delays: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The turns of one pace: `subject[i]` and `floor[i]` followed each other."""

    pace: Pace
    face: Face
    subscribers: int
    message_bytes: float
    subject: tuple[Turn, ...]
    floor: tuple[Turn, ...]
    held: tuple[float, float]
    """Bytes of memory that one subscriber takes: of the subject, of the floor."""

    @property
    def ratios(self) -> list[float]:
        return [ours.cpu_us / bare.cpu_us for ours, bare in zip(self.subject, self.floor, strict=True)]


class Unlike(Exception):
    """Subscribers were told something else than what happened."""


async def measure_live(
    cluster: Cluster,
    admin: asyncpg.Connection,
    world: World,
    subscribers: int,
    rounds: int,
    say: Callable[[str], None],
    faces: Sequence[Face] = FACES,
    paces: Sequence[Pace] = PACES,
) -> list[Delivered]:
    """Serves both sides in processes of their own, each face anew, because memory that was used once is used again."""
    found: list[Delivered] = []
    async with newsroom(cluster, admin, world) as news:
        for face in faces:
            with ExitStack() as stack:
                stage = _stage(stack, cluster, world, face, news.tell)
                say(f"gathering {subscribers:,} subscribers, {face} ...")
                held = await stage.fill(subscribers)
                for pace in paces:
                    say(f"telling them of {pace.name} ...")
                    turns = [await stage.both(pace) for _ in range(rounds)]
                    ours, bare, sizes = zip(*turns, strict=True)
                    found.append(Delivered(pace, face, subscribers, median(sizes), ours, bare, held))
    return found


def _stage(stack: ExitStack, cluster: Cluster, world: World, face: Face, tell: Teller) -> "_Stage":
    ours, bare = serve(stack, cluster, "subject"), serve(stack, cluster, "live_floor")
    audience = stack.enter_context(subscribers())  # leaves before the servers, which wait for it, are ended
    path = "/socket" if face == "WebSocket" else "/stream"
    subject = Side(ours, asking(face, ours, world, FOLLOW), audience)
    return _Stage(face, subject, Side(bare, Crowd(face, bare.port, path), audience), tell)


def serve(stack: ExitStack, cluster: Cluster, module: str) -> Served:
    """A module of this package, until the stack is left."""
    environment = {
        "GOALARC_DATA_DIR": str(cluster.data_dir),
        "GOALARC_WORKER_CONCURRENCY": "0",
        "GOALARC_RATE_LIMITS": "off",
        "GOALARC_BROADCAST_URL": "postgresql://",  # as several server processes have it: the news comes from elsewhere
    }
    return stack.enter_context(served(f"tests.bench.{module}", environment, cluster.data_dir / f"{module}.log"))


def asking(face: Face, server: Served, world: World, query: str) -> Crowd:
    """Who follows the whole organisation."""
    key = secret(world.orgs[READ].slug, "reviewer")
    return Crowd(face, server.port, "/graphql", key, query, greetings=2 if face == "WebSocket" else 1)


class Side:
    """A server and those who listen to it."""

    def __init__(self, server: Served, crowd: Crowd, audience: Subscribers) -> None:
        self.server = server
        self._crowd = crowd
        self._audience = audience

    async def fill(self, number: int, tell: Teller) -> tuple[float, list[bytes]]:
        """Gathers them; by how many bytes the server grew for each, and what they were told of one event.

        A few come before and leave again, after which the server has everything that it makes but once.
        """
        await self.gather(_FEW)
        await self.play(_ONCE, tell)
        await asyncio.to_thread(self._audience.leave, self.server.port)
        before = self.resident()
        await self.gather(number)
        _, messages = await self.play(_ONCE, tell)
        return (self.resident() - before) / number, messages

    async def gather(self, number: int) -> None:
        await asyncio.to_thread(self._audience.gather, self._crowd, number)

    async def play(self, pace: Pace, tell: Teller) -> tuple[Turn, list[bytes]]:
        """One turn, and the messages as they came."""
        before = cpu_s(self.server.pid)
        committed: list[float] = []
        began = time.monotonic()
        for number in range(pace.bursts):
            await asyncio.sleep(began + number * pace.every_s - time.monotonic())
            committed += [await tell(pace.size)] * pace.size
        arrived = await asyncio.to_thread(self._audience.arrivals, self.server.port, len(committed))
        await asyncio.sleep(_REST_S)
        spent = cpu_s(self.server.pid) - before
        delays = [at - told for times in arrived.times for at, told in zip(times, committed, strict=True)]
        return Turn(1e6 * spent / len(delays), tuple(delays)), arrived.messages

    def resident(self) -> int:
        """Bytes of memory that the server has."""
        return psutil.Process(self.server.pid).memory_info().rss


class _Stage:
    """Both sides, and how something happens of which the subject tells."""

    def __init__(self, face: Face, subject: Side, floor: Side, tell: Teller) -> None:
        self._face: Face = face
        self._subject = subject
        self._floor = floor
        self._tell = tell

    async def fill(self, number: int) -> tuple[float, float]:
        """Bytes that each subscriber takes of the subject and of the floor."""
        ours, messages = await self._subject.fill(number, self._tell)
        bare, _ = await self._floor.fill(number, self._repeat(messages))
        return ours, bare

    async def both(self, pace: Pace) -> tuple[Turn, Turn, float]:
        """A turn of each, and how many bytes a message has. Raises Unlike."""
        ours, messages = await self._subject.play(pace, self._tell)
        _check(self._face, messages)
        bare, same = await self._floor.play(pace, self._repeat(messages))
        if same != messages:
            raise Unlike("the floor sent something else")
        return ours, bare, sum(map(len, messages)) / len(messages)

    def _repeat(self, messages: Sequence[bytes]) -> Teller:
        """Has the floor send the messages once more, as many at a time as it is told to."""
        at = 0

        async def tell(number: int) -> float:
            nonlocal at
            body = orjson.dumps([message.decode() for message in messages[at : at + number]])
            at = (at + number) % len(messages)
            told = time.monotonic()
            await asyncio.to_thread(_post, self._floor.server.port, body)
            return told

        return tell


def _post(port: int, body: bytes) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/tell", body)
    connection.getresponse().read()
    connection.close()


def _check(face: Face, messages: Sequence[bytes]) -> None:
    """Raises Unlike unless they tell of consecutive events of arcs that are there."""
    events = [_event(face, message) for message in messages]
    first = events[0].number
    if [event.number for event in events] != list(range(first, first + len(events))):
        raise Unlike(f"not in order: {[event.number for event in events]}")
    if not all(event.has_arc for event in events):
        raise Unlike("an arc is missing")


class _Event(NamedTuple):
    number: int
    has_arc: bool


def _event(face: Face, message: bytes) -> _Event:
    body = orjson.loads(message if face == "WebSocket" else message.removeprefix(b"event: next\ndata: "))
    event = (body["payload"] if face == "WebSocket" else body)["data"]["subSessionEvents"]
    return _Event(event["data"]["told"], event["subSession"] is not None)
