"""A run on a kept cluster: tidy it, check every workload, then time them."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager

import asyncpg

from domain.judging.rule_judge import RuleJudge
from persistence.embedded import Cluster
from persistence.postgres_server import ADMIN
from resolvers.derivation import version
from server.settings import Settings
from tests.bench import floor
from tests.bench.checks import Checked, check
from tests.bench.invented import FLOOR_POSTED, POSTED, World
from tests.bench.measure import Side, measure
from tests.bench.report import Held, Result
from tests.bench.served import served
from tests.bench.storm import Beside, storm
from tests.bench.subject import subject
from tests.bench.targets import Target
from tests.bench.workloads import Workload

Tell = Callable[[str], None]


async def tidy(admin: asyncpg.Connection, world: World) -> None:
    """As it was made: nothing posted, and no session waiting to be derived because the rules have changed since."""
    for number in (POSTED, FLOOR_POSTED):
        org = world.orgs[number].id
        await admin.execute(
            "DELETE FROM session_ids WHERE digest IN (SELECT sha256(id::bytea) FROM sessions WHERE org_id = $1)", org
        )
        for posted in ("events", "raw_payloads", "jobs", "sessions"):
            await admin.execute(f"DELETE FROM {posted} WHERE org_id = $1", org)
    now = version(RuleJudge())
    await admin.execute("UPDATE jobs SET version = $1, state = 'idle' WHERE version IS DISTINCT FROM $1", now)


async def check_all(
    cluster: Cluster, made: Sequence[Workload], app: asyncpg.Connection, seqscan: bool = True
) -> list[Checked]:
    """See `checks.check`."""
    settings = Settings(data_dir=cluster.data_dir, worker_concurrency=0, rate_limits="off")
    return await check(made, subject(settings), floor.floor(dsn(cluster)), app, seqscan)


def dsn(cluster: Cluster) -> str:
    return cluster.url(ADMIN).replace("+asyncpg", "")


async def measure_all(
    cluster: Cluster,
    admin: asyncpg.Connection,
    checked: Sequence[Checked],
    held: Sequence[Target],
    rounds: int,
    turn_s: float,
    tell: Tell,
) -> tuple[list[Result], list[Held]]:
    """Serves both sides in processes of their own and measures each workload in turn, then each target."""
    loop = asyncio.get_running_loop()

    def run() -> tuple[list[Result], list[Held]]:
        with _sides(cluster, admin, loop) as (ours, bare):
            results: list[Result] = []
            for one in checked:
                if one.workload.alone:
                    continue
                tell(f"measuring {one.workload.name}, {one.workload.face} ...")
                results.append(Result(one, measure(one.workload, ours, bare, rounds, turn_s)))
            kept: list[Held] = []
            for target in held:
                tell(f"measuring {target.workload.name} beside {target.beside} ...")
                other = ours if target.itself else bare
                kept.append(Held(target, measure(target.workload, ours, other, rounds, turn_s / 2)))
            return results, kept

    return await asyncio.to_thread(run)


async def measure_storm(
    cluster: Cluster, admin: asyncpg.Connection, workload: Workload, rounds: int, calls: int
) -> Beside:
    """See `storm.storm`."""
    loop = asyncio.get_running_loop()

    def run() -> Beside:
        with _sides(cluster, admin, loop) as (ours, bare):
            return storm(workload, ours, bare, rounds, calls, _HANDS)

    return await asyncio.to_thread(run)


_HANDS = 64


@contextmanager
def _sides(
    cluster: Cluster, admin: asyncpg.Connection, loop: asyncio.AbstractEventLoop
) -> Generator[tuple[Side, Side]]:
    """The subject and the floor, each served by a process of its own."""
    environment = {
        "GOALARC_DATA_DIR": str(cluster.data_dir),
        "GOALARC_WORKER_CONCURRENCY": "0",
        "GOALARC_RATE_LIMITS": "off",
        "FLOOR_DSN": dsn(cluster),
    }
    with ExitStack() as stack:

        def side(module: str, application: str) -> Side:
            log = cluster.data_dir / f"{application}.log"
            server = stack.enter_context(served(f"tests.bench.{module}", environment, log))
            return Side(server, _backends(admin, application, loop))

        yield side("subject", "goalarc"), side("floor", floor.NAME)


def _backends(
    admin: asyncpg.Connection, application: str, loop: asyncio.AbstractEventLoop
) -> Callable[[], Sequence[int]]:
    """Asks, from another thread, which PostgreSQL processes serve an application."""

    async def pids() -> list[int]:
        rows = await admin.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = $1", application)
        return [row["pid"] for row in rows]

    return lambda: asyncio.run_coroutine_threadsafe(pids(), loop).result()
