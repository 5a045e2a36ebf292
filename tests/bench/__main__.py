"""`make bench`: what our answers cost beside bare ones, and whether every statement finds its rows by an index."""

import argparse
import asyncio
import logging
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import structlog

from persistence.embedded import Cluster
from persistence.file_locks import try_lock
from persistence.postgres_server import ADMIN, APP
from tests.bench.checks import Checked
from tests.bench.invented import World
from tests.bench.kept import connect, kept_cluster
from tests.bench.live import FACES, measure_live
from tests.bench.live_slow import MOST, measure_slow
from tests.bench.report import beside_table, held_table, import_line, live_table, table
from tests.bench.run import check_all, measure_all, measure_storm, tidy
from tests.bench.stores import measure_import, measure_stores
from tests.bench.subject import FRESH
from tests.bench.targets import targets
from tests.bench.workloads import Workload, choose, workloads

_LARGE = 500_000
"""With fewer events some tables are so small that reading them from end to end is sensible."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000, help="size of the invented database (2,000,000)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side in each workload (5)")
    parser.add_argument("--turn", type=float, default=0.4, help="seconds that half a turn takes about (0.4)")
    parser.add_argument("--subscribers", type=int, default=1_000, help="who follow live events (1,000)")
    parser.add_argument("--hooks", type=int, default=3_000, help="single hooks in a turn (3,000)")
    parser.add_argument("--megabytes", type=int, default=40, help="size of the history that is imported (40)")
    parser.add_argument("--quick", action="store_true", help="50,000 events, few subscribers, short turns, to try it")
    parser.add_argument(
        "--only",
        default="",
        help='workloads whose name holds this text; "live" for live events, "ingest" for all that is taken in',
    )
    parser.add_argument(
        "--fresh",
        choices=("answers", "figures", "all"),
        help="keep no answers, each is made anew; nor the figures they are made of; nor what days gone by add up to",
    )
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement")
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "goalarc-bench")
    options = parser.parse_args()
    if options.fresh:
        os.environ[FRESH] = options.fresh
    if options.quick:
        options.events, options.rounds, options.turn, options.subscribers = 50_000, 3, 0.15, 100
        options.hooks, options.megabytes = 500, 5
    return options


async def _main(options: argparse.Namespace) -> int:
    """The exit code: 1 when an answer is wrong or a statement reads too much, 2 while another run measures."""
    world = World(options.events)
    options.data_dir.mkdir(parents=True, exist_ok=True)
    if (lock := try_lock(options.data_dir / "lock")) is None:
        _tell(f"another run uses {options.data_dir}")
        return 2
    try:
        async with kept_cluster(options.data_dir, world, _tell) as cluster:
            return await _bench(options, cluster, world)
    finally:
        os.close(lock)


async def _bench(options: argparse.Namespace, cluster: Cluster, world: World) -> int:
    admin, app = await connect(cluster, ADMIN), await connect(cluster, APP)
    try:
        await tidy(admin, world)
        all = workloads(await choose(admin, world))
        made = [one for one in all if options.only in one.name]
        held = [one for one in targets(all) if options.only in one.workload.name]
        checked = await check_all(cluster, made, app, seqscan=world.events >= _LARGE)
        faults: list[str] = []
        if checked:
            faults += _report(checked, options.plans)
            results, kept = await measure_all(cluster, admin, checked, held, options.rounds, options.turn, _tell)
            print(table(results), held_table(kept), sep="\n\n", end="\n\n")
        if options.only in "ingest":
            await _bench_ingest(options, cluster, admin, world, all)
        if options.only in "live":
            faults += await _bench_live(options, cluster, admin, world)
        await tidy(admin, world)
        return 1 if faults else 0
    finally:
        await admin.close()
        await app.close()


async def _bench_ingest(
    options: argparse.Namespace, cluster: Cluster, admin: asyncpg.Connection, world: World, all: Sequence[Workload]
) -> None:
    """Prints how much is taken in."""
    named = {one.name: one for one in all if one.face == "REST"}
    _tell("measuring single hooks over many connections ...")
    hooks = await measure_storm(cluster, admin, named["ingest, one event"], options.rounds, options.hooks)
    print(beside_table([hooks], "REST"), end="\n\n")
    _tell("measuring the store ...")
    stores = await measure_stores(cluster, admin, world, named["ingest, 1,000 events"], 4 * options.rounds)
    print(beside_table(stores, "none"), end="\n\n")
    with tempfile.TemporaryDirectory() as folder:
        print(import_line(await measure_import(cluster, admin, world, Path(folder), options.megabytes)), end="\n\n")


async def _bench_live(
    options: argparse.Namespace, cluster: Cluster, admin: asyncpg.Connection, world: World
) -> list[str]:
    """Prints the figures and returns the faults."""
    print(live_table(await measure_live(cluster, admin, world, options.subscribers, options.rounds, _tell)))
    faults: list[str] = []
    for face in FACES:
        held = await measure_slow(cluster, admin, world, face, 20, _tell)
        print(f"{face}: who does not read takes {held / 1000:.0f} KB")
        if held > MOST:
            faults.append(f"{face}: who does not read takes more than {MOST / 1000:.0f} KB")
    return faults


def _report(checked: Sequence[Checked], plans: bool) -> list[str]:
    """Prints the faults and returns them."""
    for one in checked if plans else ():
        for plan in one.plans:
            print(f"{one.workload.name}, {one.workload.face}, {plan.mode} plan\n  {plan.sql}\n{plan.text}\n")
    faults = [fault for one in checked for fault in one.faults]
    print("\n\n".join(faults) or "every answer is the floor's to the byte, every statement finds its rows", end="\n\n")
    return faults


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _many_connections() -> None:
    """Each subscriber takes a file descriptor in the server and one in its own process."""
    wanted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(wanted, 20_000) if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


if __name__ == "__main__":
    _many_connections()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(asyncio.run(_main(_options())))
