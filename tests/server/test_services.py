"""What runs beside the requests."""

import asyncio

from resolvers.context import Services
from server.services import working
from tests.bench.recorded import Recorder
from tests.sent import telling


async def looks(services: Services, concurrency: int) -> int:
    """How often the queue was looked at within a moment."""
    recorder = Recorder()
    with telling(recorder.told):
        async with working(services, concurrency):
            await asyncio.sleep(0.2)
        return len(recorder.transactions)


async def test_without_hands_nobody_looks_for_work(fresh_services: Services) -> None:
    assert await looks(fresh_services, 0) == 0
    assert await looks(fresh_services, 1) > 0
