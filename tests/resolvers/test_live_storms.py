"""Live events under six writers, cut connections and killed processes: each comes once, in one order, to everybody."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import persistence.live
from domain.access import Org, Scope, User
from domain.live import BEGINNING, LiveEvent
from persistence.bus import live_channel
from persistence.database import Tenant
from resolvers.context import Context, Services
from tests.make_context import DEVELOPER, make_context, make_org, make_user
from tests.make_live import SOON_S, cut, follow, make_news, number_of, take_numbers, tell

LAST = -1
"""The number of the event that ends a storm."""

STORM_S = 2.0


class Writer:
    """Writes short, long and failing transactions, one after the other."""

    def __init__(self, services: Services, org: Org, users: list[User], name: int) -> None:
        self._services = services
        self._org = org
        self._users = users
        self._random = random.Random(name)
        self._next = name * 1_000_000

    async def run(self, until: float) -> None:
        while asyncio.get_running_loop().time() < until:
            await self._transaction(self._random.choice(["short", "short", "long", "failing"]))
            await asyncio.sleep(self._random.uniform(0, 0.02))

    async def _transaction(self, kind: str) -> None:
        try:
            async with self._services.database.write(Tenant(self._org.id)) as db:
                for _ in range(self._random.randint(1, 3)):
                    self._next += 1
                    user = self._random.choice(self._users)
                    await persistence.live.append(db, self._org.id, [make_news(user.id, self._next)])
                    if kind != "short":
                        await asyncio.sleep(self._random.uniform(0, 0.1))
                if kind == "failing":
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return
        self._services.bus.announce(live_channel(self._org.id))


async def collect(ctx: Context, cursor: str, resumes: bool) -> list[object]:
    """All numbers after the cursor to `LAST`; who resumes leaves again and again, and comes back with the newest."""
    seen: list[object] = []
    while True:
        left = random.Random(len(seen)).randint(1, 30) if resumes else sys.maxsize
        async with aclosing(follow(ctx, cursor)) as events:
            async for event in events:
                seen.append(number_of(event))
                cursor = str(event.cursor)
                left -= 1
                if not left or seen[-1] == LAST:
                    break
        if seen[-1] == LAST:
            return seen


async def now(ctx: Context) -> str:
    async with ctx.read() as db:
        return str(await persistence.live.newest(db, ctx.caller.org_id))


async def log_of(ctx: Context) -> list[LiveEvent]:
    async with ctx.read() as db:
        return await persistence.live.after(db, ctx.caller.org_id, BEGINNING, 1_000_000)


async def test_six_writers_lose_nothing_and_repeat_nothing(fresh_services: Services) -> None:
    database = fresh_services.database
    org = await make_org(database.urls)
    users = [await make_user(database.urls, org) for _ in range(2)]
    developer = await make_context(fresh_services, org=org, user=users[0])
    reader = await make_context(fresh_services, org=org, user=users[1], scopes=DEVELOPER | {Scope.ORG_READ})
    start = await now(reader)
    watchers = [
        asyncio.create_task(collect(ctx, start, resumes)) for ctx in (developer, reader) for resumes in (False, True)
    ]
    until = asyncio.get_running_loop().time() + STORM_S
    writers = [asyncio.create_task(Writer(fresh_services, org, users, name).run(until)) for name in range(6)]
    for _ in range(3):
        await asyncio.sleep(STORM_S / 4)
        await cut(database, "goalarc-wakes")
    await asyncio.gather(*writers)
    await tell(database, org.id, users[0].id, LAST)
    async with asyncio.timeout(SOON_S):
        mine, mine_resumed, all_, all_resumed = await asyncio.gather(*watchers)
    log = await log_of(reader)
    assert all_ == all_resumed == [number_of(event) for event in log]
    assert mine == mine_resumed == [number_of(event) for event in log if event.user_id == users[0].id]
    assert len(log) > 20


# Killed processes

PROCESS = """
import asyncio, sys
from uuid import UUID
import persistence.live
from domain.live import read_cursor
from domain.values import OrgId, UserId
from persistence.bus import open_bus
from persistence.database import Database, Tenant, Urls
from persistence.live_feeds import LiveFeeds
from persistence.logs import ChangeLog
from tests.make_live import make_news

async def watch(database, tenant, cursor):
    async with open_bus(None, database) as bus:
        place = read_cursor(cursor, tenant.org_id)
        async with LiveFeeds(database, bus).reading(ChangeLog(tenant.org_id), tenant, place) as reader:
            while True:
                for event in await reader.next_page():
                    print(event.cursor, event.payload["number"], flush=True)

async def write(database, tenant, number):
    async with database.write(tenant) as db:
        await persistence.live.append(db, tenant.org_id, [make_news(tenant.user_id, int(number))])
        print("written", flush=True)
        await asyncio.sleep(60)

doing, owner, app, org, user, argument = sys.argv[1:]
tenant = Tenant(OrgId(UUID(org)), UserId(UUID(user)))
asyncio.run({"watch": watch, "write": write}[doing](Database(Urls(owner, app)), tenant, argument))
"""


class Process:
    """A process of its own on the same database, with a line on its output for each thing it did."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> list[str]:
        assert self._process.stdout is not None
        async with asyncio.timeout(2 * SOON_S):
            return (await self._process.stdout.readline()).decode().split()

    async def kill(self) -> list[list[str]]:
        """Kills it; the whole lines that it had still written."""
        self._process.send_signal(signal.SIGKILL)
        rest, _ = await self._process.communicate()
        return [line.split() for line in rest.decode().splitlines(keepends=True) if line.endswith("\n")]


@asynccontextmanager
async def process(ctx: Context, doing: str, argument: str) -> AsyncGenerator[Process]:
    urls, caller = ctx.services.database.urls, ctx.caller
    arguments = [doing, urls.owner, urls.app, str(caller.org_id), str(caller.user_id), argument]
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, *arguments, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        yield Process(started)
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def test_after_a_killed_server_the_cursor_goes_on_where_it_was(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    cursor = await now(ctx)

    async def write() -> None:
        for number in range(60):
            await tell(fresh_services.database, ctx.caller.org_id, ctx.caller.user_id, number, settle=False)
            fresh_services.bus.announce(live_channel(ctx.caller.org_id))
            await asyncio.sleep(0.01)

    seen: list[list[str]] = []
    async with process(ctx, "watch", cursor) as first:
        writing = asyncio.create_task(write())
        seen += [await first.line() for _ in range(10)]
        seen += await first.kill()
    async with process(ctx, "watch", seen[-1][0]) as second:
        seen += [await second.line() for _ in range(60 - len(seen))]
    await writing
    assert [int(number) for _, number in seen] == list(range(60))


async def test_a_killed_writer_holds_nobody_back_and_has_told_nothing(fresh_services: Services) -> None:
    ctx = await make_context(fresh_services)
    events = follow(ctx, await now(ctx))
    async with process(ctx, "write", "999") as writer:
        assert await writer.line() == ["written"]
        await tell(fresh_services.database, ctx.caller.org_id, ctx.caller.user_id, 1, settle=False)
        waiting = asyncio.ensure_future(take_numbers(events, 1))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await writer.kill()
    assert await waiting == [1]
