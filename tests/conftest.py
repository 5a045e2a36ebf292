"""What tests with a database share: one migrated template, cloned where a test wants its own.

`urls`, `database` and `services` are shared by all tests of the process: make an organisation of your own
(`make_context`, or the fixture `context`), and row-level security keeps you apart from the others.
`fresh_urls`, `fresh_database` and `fresh_services` are for one test alone: for what organisations do not keep apart
(the queue, migrations, cut connections). It is a clone, about 0.1 s, or the one of the test before, emptied.
"""

import atexit
import gc
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings

import persistence.passwords
from persistence.bus import open_bus
from persistence.database import Database, Urls
from persistence.embedded import Cluster
from persistence.migrate import migrate
from persistence.postgres_server import ADMIN
from persistence.sql_walls import put_up
from resolvers.context import Context, Services
from tests.emptied import Emptied, emptied
from tests.make_context import make_context, make_services
from tests.owner import kept_owner
from tests.postgres import one_at_a_time, start_test_cluster, stop_test_cluster

_TEMPLATE = "template_migrated"
_numbers = count(1)

# How long an example takes says how busy the machine is. The same examples are made up in each run, so that nobody's
# change fails by chance; `pytest --hypothesis-profile=search` looks for new ones, and for many more.
settings.register_profile("suite", deadline=None, max_examples=40, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("suite")

# A shell that runs the suite in the background lets it ignore ctrl-C, and so would the processes that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: looking through it for garbage again and again took a tenth of all.

    From there on it is looked less often for than by default; tests come and go faster than a server's requests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(5_000, 20, 20)
        gc.enable()


def pytest_unconfigure() -> None:
    """Lets go of it in time: DuckDB tells of every type that is still there when the process ends.

    A worker has said all by now, and ends without: taking apart what was collected took it five seconds.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        gc.unfreeze()


if "PYTEST_XDIST_WORKER" in os.environ:
    # Registered this early it runs last, when everything else that waits for the end has had its turn.
    atexit.register(os._exit, 0)


@pytest.fixture(scope="session", autouse=True)
def _light_passwords() -> Generator[None]:
    """What the true profile takes (64 MiB, a sixth of a second) tells nothing more; one test asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistence.passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


_LONGEST = ("web", "server", "bench", "resolvers", "persistence")
"""Folders, with what is in them, whose tests start processes and wait for them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begun last, what takes longest would be waited for by all other workers."""
    tests = Path(__file__).parent
    rank = {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.relative_to(tests).parts[0], len(_LONGEST)))


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores, for while others wait: for a process, a time-out, a lock."""
    return (yield) + 1


class TestCluster:
    """The PostgreSQL of this pytest run; `prefix` keeps the databases of its processes apart."""

    __test__ = False

    def __init__(self, server: Cluster) -> None:
        self.server = server
        self.prefix = f"test_{os.getpid()}_"

    def urls(self, name: str) -> Urls:
        database = self.prefix + name
        return Urls(self.server.url("goalarc_owner", database), self.server.url("goalarc_app", database))

    async def run(self, *statements: str) -> None:
        """Runs statements as superuser, outside a transaction."""
        connection = await self.connect("postgres")
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def has(self, database: str) -> bool:
        connection = await self.connect("postgres")
        try:
            return bool(await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", database))
        finally:
            await connection.close()

    async def connect(self, database: str) -> asyncpg.Connection:
        """As superuser."""
        return await asyncpg.connect(
            host=str(self.server.socket_dir), port=self.server.port, user=ADMIN, database=database
        )

    async def create(self, name: str) -> Urls:
        await self.run(
            f'CREATE DATABASE "{self.prefix}{name}" OWNER goalarc_owner TEMPLATE {_TEMPLATE} STRATEGY file_copy'
        )
        return self.urls(name)

    @asynccontextmanager
    async def clone(self, name: str) -> AsyncGenerator[Urls]:
        """A migrated database for as long as the block runs."""
        urls = await self.create(name)
        try:
            yield urls
        finally:
            await self.drop(self.prefix + name)

    async def emptied(self, name: str) -> Emptied:
        """A migrated database that can be emptied."""
        await self.create(name)
        return await emptied(self.urls(name), self.prefix + name, self.connect)

    async def drop(self, database: str) -> None:
        await self.run(f'DROP DATABASE "{database}" WITH (FORCE)')


@pytest.fixture(scope="session")
def bare_cluster() -> Generator[TestCluster]:
    """A running PostgreSQL with the roles and no migrated database; its disk is not synced: tests do not cut power.

    Statistics are nobody's: plans would depend on what other tests had left when autovacuum came by."""
    server = start_test_cluster({"fsync": "off", "autovacuum": "off"})
    yield TestCluster(server)
    stop_test_cluster(server)


@pytest.fixture(scope="session")
async def cluster(bare_cluster: TestCluster) -> TestCluster:
    """The cluster with a migrated template in it, which the first worker makes for all."""
    with one_at_a_time():
        if not await bare_cluster.has(_TEMPLATE):
            await bare_cluster.run(f"CREATE DATABASE {_TEMPLATE} OWNER goalarc_owner TEMPLATE template0")
            await put_up(bare_cluster.server.url(ADMIN, _TEMPLATE))
            await migrate(Urls(bare_cluster.server.url("goalarc_owner", _TEMPLATE), ""))
    return bare_cluster


@pytest.fixture(scope="session")
async def urls(cluster: TestCluster) -> AsyncGenerator[Urls]:
    """The database that the tests of this process share."""
    async with cluster.clone("shared") as urls, kept_owner(urls):
        yield urls


@pytest.fixture(scope="session")
async def database(urls: Urls) -> AsyncGenerator[Database]:
    database = Database(urls)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def services(database: Database) -> AsyncGenerator[Services]:
    async with open_bus("memory://", database) as bus:
        yield make_services(database, bus)


@pytest.fixture
async def context(services: Services) -> Context:
    """A developer of an organisation that nobody else uses."""
    return await make_context(services)


@pytest.fixture(scope="session")
def left() -> list[Emptied]:
    """The database of the last test that wanted one for itself, if it is as good as new."""
    return []


@pytest.fixture
async def fresh_urls(cluster: TestCluster, left: list[Emptied], urls: Urls) -> AsyncGenerator[Urls]:
    """A migrated database for this test alone. `urls` brings the owners that are kept."""
    own = left.pop() if left else await cluster.emptied(f"fresh_{next(_numbers)}")
    yield own.urls
    if await own.empty():
        left.append(own)
    else:
        await cluster.drop(own.name)


@cache
def _database(urls: Urls) -> Database:
    """A closed one is as good as new, but for the statements that it has compiled."""
    return Database(urls)


@pytest.fixture
async def fresh_database(fresh_urls: Urls) -> AsyncGenerator[Database]:
    database = _database(fresh_urls)
    yield database
    await database.close()


@pytest.fixture
async def fresh_services(fresh_database: Database) -> AsyncGenerator[Services]:
    """The services on a database of their own, with wake-ups over PostgreSQL."""
    async with open_bus(None, fresh_database) as bus:
        yield make_services(fresh_database, bus)
