"""A worker in a process of its own that is killed amid an erasure.

The kernel ends it without a word after so many pieces, the last of which was not committed.
"""

import asyncio
import os
import signal
from datetime import timedelta

import persistence.erasures
from domain.erasure import Erasure
from persistence.bus import open_bus
from persistence.database import Database, Urls, Writing
from resolvers.worker import Worker
from tests.history import judging
from tests.make_context import make_services

LEASE = timedelta(seconds=1)


def die_after(pieces: int) -> None:
    """Has the process die where it notes in its transaction how far it came."""
    noted, left = persistence.erasures.advance, [pieces]

    async def note(db: Writing, erasure: Erasure, sessions: int, events: int) -> None:
        await noted(db, erasure, sessions, events)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    persistence.erasures.advance = note


def run(url: str, pieces: int) -> None:
    die_after(pieces)
    asyncio.run(_work(url))


async def _work(url: str) -> None:
    database = Database(Urls(owner=url, app=url))
    async with open_bus("memory://", database) as bus:
        await Worker(judging(make_services(database, bus)), 1, LEASE).run(asyncio.Event())
