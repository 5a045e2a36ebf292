"""Wake-ups: the same promises whatever carries them, and what happens when the connection is cut."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from persistence import bus_backends
from persistence.bus import Bus, open_bus
from persistence.bus_backends import MemoryBackend, PostgresBackend, RedisBackend, WakeBackend
from persistence.database import Database
from tests.conftest import TestCluster
from tests.redis_server import PROGRAM, RedisServer

SOON_S = 5.0
"""A wake-up that has not come by now does not come."""

SILENCE_S = 0.1


@dataclass
class Pair:
    """Two buses that hear each other, as two processes would; with memory they are one and the same."""

    speaker: Bus
    listener: Bus
    published: list[str] = field(default_factory=list[str])
    heard: list[str] = field(default_factory=list[str])


@asynccontextmanager
async def opened(one: WakeBackend, other: WakeBackend | None = None) -> AsyncGenerator[Pair]:
    """A pair that is known to hear each other, with a record of what passed between them from then on."""
    speaker = Bus(one)
    pair = Pair(speaker, speaker if other is None else Bus(other))
    async with AsyncExitStack() as stack:
        for bus in {pair.speaker, pair.listener}:
            await bus.open()
            stack.push_async_callback(bus.close)
        await until_heard(pair)
        record(pair, one, other or one)
        yield pair


async def until_heard(pair: Pair) -> None:
    """Returns when announcements arrive, and all that were under way have."""
    async with pair.listener.listen("up?") as wakes:
        while not await wakes.wait(SILENCE_S):
            pair.speaker.announce("up?")
        while await wakes.wait(SILENCE_S):
            pass


def record(pair: Pair, speaker: WakeBackend, listener: WakeBackend) -> None:
    publish, heard = speaker.publish, listener.heard

    async def publish_recorded(channel: str, message: str) -> None:
        pair.published.append(message)
        await publish(channel, message)

    def heard_recorded(message: str) -> None:
        pair.heard.append(message)
        heard(message)

    speaker.publish, listener.heard = publish_recorded, heard_recorded


@pytest.fixture(scope="session")
def redis() -> Generator[RedisServer]:
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not installed")
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "postgresql", "redis"])
async def pair(request: pytest.FixtureRequest, database: Database) -> AsyncGenerator[Pair]:
    match request.param:
        case "memory":
            ends = opened(MemoryBackend())
        case "postgresql":
            ends = opened(PostgresBackend(database), PostgresBackend(database))
        case _:
            url = request.getfixturevalue("redis").url
            ends = opened(RedisBackend(url), RedisBackend(url))
    async with ends as pair:
        yield pair


async def test_every_listener_of_the_channel_is_woken_and_no_other(pair: Pair) -> None:
    listen = pair.listener.listen
    async with listen("org:1") as first, listen("org:1") as second, listen("org:2") as other:
        pair.speaker.announce("org:1")
        assert await first.wait(SOON_S)
        assert await second.wait(SOON_S)
        assert not await other.wait(SILENCE_S)


async def test_the_speaker_s_own_listeners_are_woken(pair: Pair) -> None:
    async with pair.speaker.listen("jobs") as wakes:
        pair.speaker.announce("jobs")
        assert await wakes.wait(SOON_S)


async def test_an_announcement_after_each_look_wakes_again(pair: Pair) -> None:
    async with pair.listener.listen("jobs") as wakes:
        for _ in range(3):
            pair.speaker.announce("jobs")
            assert await wakes.wait(SOON_S)


async def test_wakes_can_be_iterated(pair: Pair) -> None:
    async with pair.listener.listen("jobs") as wakes:
        pair.speaker.announce("jobs")
        async with asyncio.timeout(SOON_S):
            await anext(aiter(wakes))  # where there is none it raises


async def test_a_thousand_announcements_are_a_handful_of_publications(pair: Pair) -> None:
    async with pair.listener.listen("org:7") as wakes:
        for _ in range(100):
            for _ in range(10):
                pair.speaker.announce("org:7")
            await asyncio.sleep(0)
        while await wakes.wait(SILENCE_S):
            pass
    assert 2 <= len(pair.published) <= 8
    assert len(pair.heard) == len(pair.published)


async def test_the_last_announcement_of_a_burst_is_heard(pair: Pair) -> None:
    async with pair.listener.listen("first") as first, pair.listener.listen("last") as last:
        pair.speaker.announce("first")
        assert await first.wait(SOON_S)
        pair.speaker.announce("last")  # within the pause after the first
        assert await last.wait(SOON_S)


async def test_a_slow_listener_costs_one_flag(pair: Pair) -> None:
    async with pair.listener.listen("org:7") as slow, pair.listener.listen("org:7") as quick:
        for _ in range(4):
            pair.speaker.announce("org:7")
            assert await quick.wait(SOON_S)
        assert await slow.wait(SOON_S)
        assert not await slow.wait(SILENCE_S)


async def test_more_channels_than_one_payload_holds_are_all_woken(pair: Pair) -> None:
    names = [f"org:{number:036}·é" for number in range(600)]
    async with AsyncExitStack() as stack:
        wakes = [await stack.enter_async_context(pair.listener.listen(name)) for name in names]
        for name in names:
            pair.speaker.announce(name)
        for wake in wakes:
            assert await wake.wait(SOON_S)
    assert len(pair.published) <= 2


async def test_the_first_announcement_goes_out_at_once_and_the_next_wait_for_the_interval() -> None:
    for interval_s, patience_s in ((60.0, SILENCE_S), (0.05, SOON_S)):
        bus = Bus(MemoryBackend(), interval_s)
        await bus.open()
        async with bus.listen("jobs") as wakes:
            bus.announce("jobs")
            assert await wakes.wait(SOON_S)
            bus.announce("jobs")
            assert await wakes.wait(patience_s) is (patience_s == SOON_S)
        await bus.close()


@pytest.mark.parametrize("name", ["", "two\nlines", "x" * 201])
async def test_a_name_that_would_break_a_message_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a channel"):
        Bus(MemoryBackend()).announce(name)


async def test_what_is_due_when_the_bus_closes_is_still_published(database: Database) -> None:
    async with opened(PostgresBackend(database)) as pair, pair.listener.listen("goodbye") as wakes:
        async with open_bus(None, database) as leaving:
            leaving.announce("hello")
            await asyncio.sleep(0.02)
            leaving.announce("goodbye")
        assert await wakes.wait(SOON_S)


async def test_an_unknown_scheme_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="kafka"):
        async with open_bus("kafka://somewhere", database):
            pass


# The connection is cut


LISTENING = "FROM pg_stat_activity WHERE application_name = 'goalarc-wakes' AND datname = current_database()"


async def cut(database: Database) -> None:
    async with database.unbound() as db:
        await db.execute(sa.text(f"SELECT pg_terminate_backend(pid) {LISTENING}"))


async def listening_pid(database: Database) -> int:
    async with database.unbound() as db:
        return int((await db.rows(sa.text(f"SELECT pid {LISTENING}")))[0]["pid"])


def channels(messages: list[str]) -> set[str]:
    return {channel for message in messages for channel in message.split("\n")}


async def test_everybody_looks_again_after_the_postgres_connection_was_cut(database: Database) -> None:
    async with opened(PostgresBackend(database), PostgresBackend(database)) as pair:
        listen = pair.listener.listen
        async with listen("org:1") as one, listen("jobs") as other:
            for _ in range(3):
                await cut(database)
                assert await one.wait(SOON_S)
                assert await other.wait(SOON_S)
        await until_heard(pair)


async def test_a_postgres_connection_that_answers_no_more_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_backends, "_KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(bus_backends, "_ANSWER_S", 0.3)
    async with opened(PostgresBackend(database)) as pair, pair.listener.listen("org:1") as wakes:
        pid = await listening_pid(database)
        os.kill(pid, signal.SIGSTOP)
        try:
            assert await wakes.wait(SOON_S)
            await until_heard(pair)
        finally:
            os.kill(pid, signal.SIGCONT)


async def test_announcements_made_while_postgres_is_away_arrive_once_it_is_back(
    fresh_database: Database, cluster: TestCluster
) -> None:
    name = sa.make_url(fresh_database.urls.app).database
    async with opened(PostgresBackend(fresh_database)) as pair:
        await cluster.run(
            f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false',
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        async with pair.listener.listen("org:1") as wakes:
            pair.speaker.announce("org:1")
            assert not await wakes.wait(SILENCE_S)
            await cluster.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            assert await wakes.wait(SOON_S)
            await until_heard(pair)
        assert "org:1" in channels(pair.heard)


async def test_a_bus_opens_before_its_server_does(redis: RedisServer) -> None:
    later = RedisServer()
    bus = Bus(RedisBackend(later.url))
    await bus.open()
    try:
        async with bus.listen("jobs") as wakes:
            assert not await wakes.wait(SILENCE_S)
            later.start()
            assert await wakes.wait(SOON_S)
    finally:
        await bus.close()
        later.kill()


async def test_everybody_looks_again_after_redis_was_restarted(redis: RedisServer) -> None:
    async with opened(RedisBackend(redis.url), RedisBackend(redis.url)) as pair:
        async with pair.listener.listen("org:1") as wakes:
            redis.kill()
            pair.speaker.announce("org:2")
            assert not await wakes.wait(SILENCE_S)
            redis.start()
            assert await wakes.wait(SOON_S)
            await until_heard(pair)
        assert "org:2" in channels(pair.heard)


async def test_a_redis_that_answers_no_more_is_left_and_found_again(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_backends, "_KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(bus_backends, "_ANSWER_S", 0.1)
    async with opened(RedisBackend(redis.url)) as pair, pair.listener.listen("org:1") as wakes:
        redis.freeze()
        await asyncio.sleep(0.3)
        redis.thaw()
        assert await wakes.wait(SOON_S)
        await until_heard(pair)
