"""The table owner's work on a database that many tests share, over connections that are kept."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import lru_cache
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from persistence.database import Urls, owner_engine


@asynccontextmanager
async def kept_owner(urls: Urls) -> AsyncGenerator[None]:
    """Has owners of `urls` find an open connection as long as the block runs, and those of others an engine at least.

    Nearly every test makes an organisation: connecting, and teaching a new engine its dialect, took most of that.
    """
    kept, loop = create_async_engine(urls.owner, pool_use_lifo=True, hide_parameters=True), asyncio.get_running_loop()
    without_connections = lru_cache(owner_engine)

    def owner(asked: Urls) -> AsyncEngine:
        return kept if asked == urls and asyncio.get_running_loop() is loop else without_connections(asked)

    with patch("persistence.database.owner_engine", owner):
        yield
    await kept.dispose()
