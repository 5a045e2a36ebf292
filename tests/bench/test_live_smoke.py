"""The bench of live deliveries with a handful of subscribers: everything but the figures."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from persistence.embedded import Cluster
from persistence.postgres_server import ADMIN
from tests.bench import live
from tests.bench.invented import World
from tests.bench.kept import connect, kept_cluster
from tests.bench.live import Pace, Unlike, measure_live
from tests.bench.live_slow import MOST, measure_slow
from tests.bench.report import live_table
from tests.bench.subscribers import Face

WORLD = World(2_000)
PACES = (Pace("one", 2, 1, 0.01), Pace("three", 2, 3, 0.01))


def silent(text: str) -> None:
    pass


@pytest.fixture(scope="module")
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Cluster]:
    async with kept_cluster(tmp_path_factory.mktemp("live"), WORLD, silent) as cluster:
        yield cluster


@pytest.fixture
async def admin(small: Cluster) -> AsyncGenerator[asyncpg.Connection]:
    connection = await connect(small, ADMIN)
    yield connection
    await connection.close()


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("face", ["WebSocket", "SSE"])
async def test_all_are_told_by_both_servers(small: Cluster, admin: asyncpg.Connection, face: Face) -> None:
    before = await events(admin)
    found = await measure_live(small, admin, WORLD, 20, 2, silent, [face], PACES)
    assert [(one.pace, one.face, len(one.subject), len(one.floor)) for one in found] == [
        (pace, face, 2, 2) for pace in PACES
    ]
    for one in found:
        turns = (*one.subject, *one.floor)
        assert {len(turn.delays) for turn in turns} == {one.pace.bursts * one.pace.size * 20}
        assert all(turn.cpu_us > 0 and min(turn.delays) > 0 for turn in turns)
        assert one.held[0] > one.held[1] / 10
    assert f"| three        | {face}" in live_table(found)
    assert await events(admin) == before


async def events(admin: asyncpg.Connection) -> int:
    return await admin.fetchval("SELECT count(*) FROM live_events")


@pytest.mark.usefixtures("forked")
async def test_who_reads_hears_all_beside_who_does_not(small: Cluster, admin: asyncpg.Connection) -> None:
    held = await measure_slow(small, admin, WORLD, "WebSocket", 4, silent, Pace("", 2, 50, 0.0))
    assert held < 50 * MOST  # what a server grows by itself is much for so few


def test_events_that_are_not_told_in_order_are_noticed() -> None:
    message = '{"payload":{"data":{"subSessionEvents":{"data":{"told":%d},"subSession":%s}}}}'
    told = [(message % (number, "{}")).encode() for number in (4, 5, 6)]
    check = live._check  # pyright: ignore[reportPrivateUsage]
    check("WebSocket", told)
    for wrong in ([told[0], told[2]], [told[1], told[0]], [(message % (4, "null")).encode()]):
        with pytest.raises(Unlike):
            check("WebSocket", wrong)
