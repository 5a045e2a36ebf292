"""What scopes send to PostgreSQL, told as it happens."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import cast

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

import persistence.database
from persistence.database import Row

Told = Callable[[object, str, Sequence[object]], None]


@contextmanager
def telling(told: Told) -> Generator[None]:
    """Tells of every statement of this process as it is sent: over which connection of the driver, SQL and values.

    BEGIN, with what it binds, COMMIT and ROLLBACK are told of, too. Of many sets of values the first stands for all.
    """
    fetch, command = persistence.database.fetch, persistence.database.command

    async def told_fetch(driver: asyncpg.Connection, sql: str, values: Sequence[object]) -> Sequence[Row]:
        told(driver, sql, values)
        return await fetch(driver, sql, values)

    async def told_command(driver: asyncpg.Connection, sql: str) -> None:
        told(driver, sql, ())
        await command(driver, sql)

    def executed(
        connection: sa.Connection, _cursor: object, sql: str, values: tuple[object, ...] | list[tuple[object, ...]],
        *_: object,
    ) -> None:  # fmt: skip
        driver = cast(object, connection.connection.driver_connection)
        told(driver, sql, values[0] if isinstance(values, list) else values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistence.database, "fetch", told_fetch)
        patch.setattr(persistence.database, "command", told_command)
        event.listen(sa.Engine, "before_cursor_execute", executed)
        try:
            yield
        finally:
            event.remove(sa.Engine, "before_cursor_execute", executed)
