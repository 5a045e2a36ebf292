"""ClickHouse inside the test process: chDB is the same engine without its server. `make test-clickhouse` has it."""

from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_spec("chdb") is not None:
        return
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason="chDB is not installed: run `make test-clickhouse`"))


@pytest.fixture(scope="session")
def chdb() -> Generator["Client"]:
    """The driver over chDB: it binds values and reads errors as it does with a server."""
    import clickhouse_connect

    client = clickhouse_connect.get_client(interface="chdb")
    yield client
    client.close()
