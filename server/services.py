"""What one process holds open beside PostgreSQL: the pool, the bus, the judge, the background worker."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from domain.judging.rule_judge import RuleJudge
from persistence.bus import open_bus
from persistence.database import Database, Urls
from persistence.insights.clickhouse.client import Client, open_server
from persistence.insights.clickhouse.engine import ClickHouseEngine
from persistence.insights.engine import Engine
from persistence.insights.postgres import PostgresEngine
from persistence.live_feeds import LiveFeeds
from persistence.model_writer import ModelConfig, ModelWriter
from persistence.pdf import Press
from resolvers.context import Services
from resolvers.worker import run_worker
from server.settings import Settings


@asynccontextmanager
async def open_services(settings: Settings, urls: Urls) -> AsyncGenerator[Services]:
    """The services of a process that serves or works; `settings.bus_url` decides who hears its wake-ups."""
    async with AsyncExitStack() as stack:
        database = Database(urls)
        stack.push_async_callback(database.close)
        bus = await stack.enter_async_context(open_bus(settings.bus_url, database))
        press = Press(settings.font_dirs)
        stack.callback(press.close)
        engine, clickhouse = _engine(settings, database)
        if clickhouse is not None:
            stack.push_async_callback(clickhouse.close)
        writer = _writer(settings)
        if writer is not None:
            stack.push_async_callback(writer.close)
        services = Services(
            database,
            bus,
            RuleJudge(),
            lambda: datetime.now(UTC),
            LiveFeeds(database, bus),
            engine,
            settings.rate_limits == "on",
            settings.graphql_budget,
            writer=writer,
            webhook_allow=settings.webhook_networks,
            press=press,
            public_url=settings.public_url,
            insight_cache_bytes=settings.insight_cache_mb * 2**20,
            clickhouse=clickhouse,
        )
        stack.push_async_callback(services.intake.drain)
        yield services


def _engine(settings: Settings, database: Database) -> tuple[Engine, Client | None]:
    """What computes insights, and where to their events are copied for that, if anywhere."""
    engine = PostgresEngine(database)
    if settings.clickhouse_url is None:
        return engine, None
    client = open_server(settings.clickhouse_url.get_secret_value())
    return ClickHouseEngine(client, database, engine), client


def _writer(settings: Settings) -> ModelWriter | None:
    """The language model that this server has, if any."""
    if not settings.writer_model:
        return None
    key = None if settings.writer_api_key is None else settings.writer_api_key.get_secret_value()
    config = ModelConfig(
        settings.writer_model,
        settings.writer_base_url,
        key,
        settings.writer_timeout,
        settings.writer_report_tokens,
        settings.writer_day_tokens,
    )
    return ModelWriter(config, lambda: datetime.now(UTC))


@asynccontextmanager
async def working(services: Services, concurrency: int) -> AsyncGenerator[None]:
    """Runs background jobs beside the block; leaving it lets running jobs finish or hands them back.

    With a concurrency of 0 nothing runs: the work is done elsewhere.
    """
    if concurrency == 0:
        yield
        return
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(services, concurrency, stop))
    try:
        yield
    finally:
        stop.set()
        await worker
