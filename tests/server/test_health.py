"""Health of a process whose database answers, and of one whose database is away."""

from collections.abc import AsyncGenerator

import pytest

from persistence.bus import open_bus
from persistence.database import Database, Urls
from resolvers.context import Services
from server.health import ROUTES
from tests.make_context import make_services
from tests.server.inside import client_of


@pytest.fixture
async def stranded() -> AsyncGenerator[Services]:
    """Services whose database is away."""
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    database = Database(Urls(nowhere, nowhere))
    async with open_bus("memory://", database) as bus:
        yield make_services(database, bus)
    await database.close()


async def test_a_whole_process_is_ready_and_counts_its_jobs(services: Services) -> None:
    async with client_of(services, ROUTES) as client:
        assert (await client.get("/readyz")).json() == {"ready": True}
        metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'goalarc_jobs{state="due"}' in metrics.text


async def test_without_its_database_a_process_lives_and_is_not_ready(stranded: Services) -> None:
    async with client_of(stranded, ROUTES) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_without_its_database_a_process_still_tells_its_own_metrics(stranded: Services) -> None:
    async with client_of(stranded, ROUTES) as client:
        metrics = await client.get("/metrics")
    assert metrics.status_code == 200
    assert "goalarc_requests_total" in metrics.text
    assert "goalarc_jobs{" not in metrics.text
