"""What a connection needs to know of PostgreSQL's own types is asked once in a process."""

from uuid import uuid4

import asyncpg
import pytest

from persistence.database import Urls
from persistence.known_types import KnowingTypes


async def asked(urls: Urls, statement: str, *values: object) -> object:
    """By a new connection."""
    connection = await asyncpg.connect(urls.app.replace("+asyncpg", ""), connection_class=KnowingTypes)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def test_a_second_connection_knows_arrays_without_asking(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [uuid4(), uuid4()]
    assert await asked(urls, "SELECT $1::uuid[]", ids) == ids
    ranges = await asked(urls, "SELECT ARRAY[int4range(1, 2)]")
    monkeypatch.delattr(asyncpg.Connection, "_introspect_types")
    assert await asked(urls, "SELECT $1::uuid[]", ids) == ids
    assert await asked(urls, "SELECT ARRAY[int4range(1, 2)]") == ranges


async def test_types_of_a_database_are_its_own(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "SELECT NULL::orgs[]"
    await asked(urls, own)
    monkeypatch.delattr(asyncpg.Connection, "_introspect_types")
    with pytest.raises(AttributeError):
        await asked(urls, own)
