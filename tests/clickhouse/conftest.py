"""ClickHouse inside the test process: chDB is the same engine without its server. `make test-clickhouse` has it."""

from collections.abc import AsyncGenerator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from domain.values import OrgId, SessionId
from persistence.database import Database, Tenant
from persistence.insights import outbox
from persistence.insights.clickhouse import copy, table
from persistence.insights.clickhouse.client import Client, Server
from tests.make_insights import Made, put_events


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_spec("chdb") is not None:
        return
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason="chDB is not installed: run `make test-clickhouse`"))


@pytest.fixture(scope="session")
async def clickhouse() -> AsyncGenerator[Client]:
    """The driver over chDB: it binds values and reads errors as it does with a server."""
    import clickhouse_connect

    server = Server(lambda: clickhouse_connect.get_client(interface="chdb"))
    await table.copy_id(server)
    await table.begin(server, str(uuid4()))
    yield server
    await server.close()


class Put(Protocol):
    async def __call__(self, events: Sequence[Made]) -> Tenant: ...


@pytest.fixture(scope="session")
def put(database: Database, clickhouse: Client) -> Put:
    """Makes an organisation of these events, in PostgreSQL and from there in the copy."""

    async def put(events: Sequence[Made]) -> Tenant:
        tenant = Tenant(OrgId(uuid4()))
        async with database.write(tenant) as db:
            await put_events(db, tenant.org_id, events)
            taken = [outbox.Taken(SessionId(id), 1, 0) for id in {one.session_id for one in events}]
            await copy.write(clickhouse, tenant.org_id, taken, await outbox.lines(db, tenant.org_id, taken))
        return tenant

    return put
