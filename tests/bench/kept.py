"""The PostgreSQL that is measured: a cluster of its own, filled once and kept between runs."""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib import resources
from pathlib import Path

import asyncpg

from persistence import migrations
from persistence.database import Urls
from persistence.embedded import Cluster, ensure_running
from persistence.migrate import migrate, newest_revision
from persistence.postgres_server import ADMIN, APP, DATABASE, OWNER, server_below
from tests.bench.invented import VERSION, World
from tests.bench.seed import count_days, note_sessions, seed

Tell = Callable[[str], None]


@asynccontextmanager
async def kept_cluster(data_dir: Path, world: World, tell: Tell) -> AsyncGenerator[Cluster]:
    """The running cluster of `world`; where there is none of this schema and this seeder, it is made."""
    folder = data_dir / f"{world.events}-{_schema()}-{VERSION}"
    _remove_outdated(data_dir, folder, world)
    cluster = await asyncio.to_thread(ensure_running, folder)
    try:
        if not (folder / "seeded").exists():
            await _fill(cluster, world, tell)
            (folder / "seeded").touch()
        yield cluster
    finally:
        await asyncio.to_thread(cluster.close)


def _schema() -> str:
    """The newest migration, and a digest of all: before a release they are still edited."""
    scripts = resources.files(migrations) / "versions"
    texts = sorted(script.read_bytes() for script in scripts.iterdir() if script.name.endswith(".py"))
    return f"{newest_revision()}-{sha256(b''.join(texts)).hexdigest()[:8]}"


def _remove_outdated(data_dir: Path, folder: Path, world: World) -> None:
    """Removes worlds of the same size made by another schema or seeder: each takes gigabytes."""
    for other in data_dir.glob(f"{world.events}-*"):
        if other != folder and (other / "postgres").is_dir():
            server_below(other, {}).stop()
            shutil.rmtree(other)


async def _fill(cluster: Cluster, world: World, tell: Tell) -> None:
    tell(f"making {world.events:,} events in {cluster.data_dir} ...")
    await _empty(cluster)
    await migrate(Urls(cluster.url(OWNER), cluster.url(OWNER)))
    started = time.monotonic()
    owner = await connect(cluster, OWNER)
    try:
        await seed(owner, world)
        await count_days(Urls(cluster.url(APP), cluster.url(APP)), world)
        await note_sessions(Urls(cluster.url(APP), cluster.url(APP)), world)
        await owner.execute("VACUUM (ANALYZE)")
        size = await owner.fetchval("SELECT pg_size_pretty(pg_database_size($1))", DATABASE)
        events = await owner.fetchval("SELECT reltuples::bigint FROM pg_class WHERE relname = 'events'")
    finally:
        await owner.close()
    tell(f"made about {events:,} events, {size}, in {time.monotonic() - started:.0f} s; kept for the next run")


async def _empty(cluster: Cluster) -> None:
    """Without what a run left behind that was interrupted while it filled the database."""
    admin = await connect(cluster, ADMIN, "postgres")
    try:
        await admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        await admin.close()


async def connect(cluster: Cluster, user: str, database: str = DATABASE) -> asyncpg.Connection:
    return await asyncpg.connect(host=str(cluster.socket_dir), port=cluster.port, user=user, database=database)
