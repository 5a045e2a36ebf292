"""`python -m tests.bench.insights`: what insights cost beside DuckDB over the same ten million events."""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path

import duckdb
import structlog

from persistence.bus import open_bus
from persistence.database import Database, Urls
from persistence.file_locks import try_lock
from persistence.postgres_server import ADMIN, APP
from tests.bench.insights.measure import Turns, measure_cached, measure_cold
from tests.bench.insights.questions import QUESTIONS
from tests.bench.insights.world import NOW, World, kept_world
from tests.bench.kept import connect
from tests.bench.report import markdown
from tests.make_context import make_services


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.insights", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000, help="of 20 organisations together (10,000,000)")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each side (7)")
    parser.add_argument("--only", default="", help="questions whose name holds this text")
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "goalarc-bench")
    return parser.parse_args()


async def _main(options: argparse.Namespace) -> int:
    """The exit code: 1 when a target is missed, 2 while another run measures."""
    options.data_dir.mkdir(parents=True, exist_ok=True)
    if (lock := try_lock(options.data_dir / "lock")) is None:
        _tell(f"another run uses {options.data_dir}")
        return 2
    try:
        async with kept_world(options.data_dir, options.events, _tell) as world:
            turns = await measure(world, options.only, options.rounds)
    finally:
        os.close(lock)
    print(_table(turns))
    missed = [one.name for one in turns if one.most is not None and one.ratio > one.most]
    print(f"\nmissed: {'; '.join(missed)}" if missed else "\nevery target is met")
    return 1 if missed else 0


async def measure(world: World, only: str, rounds: int) -> list[Turns]:
    database = Database(Urls(world.cluster.url(ADMIN), world.cluster.url(APP)), pool_size=2)
    bare = await connect(world.cluster, ADMIN)
    asked = [one for one in QUESTIONS if only in one.name]
    try:
        async with open_bus("memory://", database) as bus:
            services = make_services(database, bus, now=NOW)
            with duckdb.connect(str(world.duck), read_only=True) as duck:
                duck.execute("SET TimeZone = 'UTC'")
                cold = [await measure_cold(services, duck, one, rounds) for one in asked]
            return cold + [await measure_cached(services, bare, one, rounds) for one in asked]
    finally:
        await bare.close()
        await database.close()


_HEADINGS = ("question", "beside", "most", "ratio", "(spread)", "ms", "beside, ms")


def _table(turns: list[Turns]) -> str:
    return markdown([_HEADINGS, *map(_row, turns)])


def _row(one: Turns) -> tuple[str, ...]:
    spread = f"{min(one.ratios):.1f}-{max(one.ratios):.1f}"
    most = "" if one.most is None else f"{one.most:g}"
    return one.name, one.beside, most, f"{one.ratio:.1f}", spread, f"{one.ms:.2f}", f"{one.their_ms:.2f}"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(asyncio.run(_main(_options())))
