"""What a subscriber holds of the server's memory that has stopped to read, while the others are told on."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import asyncpg

from persistence.embedded import Cluster
from tests.bench.invented import World
from tests.bench.live import Pace, Side, asking, serve
from tests.bench.live_news import newsroom
from tests.bench.subscribers import Face, subscribers

MOST = 1_000_000
"""Bytes that each may hold."""

_ARC = "{ id title state verdict { rationale evidence { part criterion points quote } } }"
_FOLLOW_MUCH = f"""
subscription FollowMuch {{
  subSessionEvents {{ cursor {" ".join(f"arc{number}: subSession {_ARC}" for number in range(12))} }}
}}
"""
_RECEIVE_BUFFER = 4_096

MUCH = Pace("", 8, 100, 0.0)
"""Some megabytes for each: more than the system keeps for them."""


async def measure_slow(
    cluster: Cluster,
    admin: asyncpg.Connection,
    world: World,
    face: Face,
    number: int,
    say: Callable[[str], None],
    much: Pace = MUCH,
) -> float:
    """Bytes that each of so many holds; beside them somebody reads everything. They are not waited for to be ended."""
    async with newsroom(cluster, admin, world) as news:
        with ExitStack() as stack:
            server = serve(stack, cluster, "subject")
            crowd = asking(face, server, world, _FOLLOW_MUCH)
            reader = Side(server, crowd, stack.enter_context(subscribers()))
            others = stack.enter_context(subscribers())
            say(f"telling {number} that do not read, {face} ...")
            await reader.gather(1)
            await reader.play(much, news.tell)
            await asyncio.to_thread(others.gather, replace(crowd, receive_buffer=_RECEIVE_BUFFER), number)
            await asyncio.to_thread(others.stop_reading, server.port)
            before = reader.resident()
            await reader.play(much, news.tell)
            return (reader.resident() - before) / number
