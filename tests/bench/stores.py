"""Storing without HTTP, in this process: batches beside a bare insert, and the import of a long history."""

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import orjson

from domain.access import DEFAULT_SCOPES, Caller, KeyKind, OrgSettings
from domain.ingest import upload
from domain.ingest.batch import Batch
from domain.redaction import redact_json
from domain.values import JsonObject, JsonValue, KeyId
from persistence.bus import open_bus
from persistence.database import Database, Urls
from persistence.embedded import Cluster
from persistence.postgres_server import ADMIN, APP
from resolvers.context import Context
from resolvers.ingest import ingest_events, save_batch
from resolvers.transcripts import find_transcripts, import_transcripts
from server.app import spare_what_stays
from tests.bench import floor_ingest
from tests.bench.invented import BUSY, FLOOR_POSTED, NOW, POSTED, Org, World
from tests.bench.kept import connect
from tests.bench.measure import Cpu
from tests.bench.served import cpu_s
from tests.bench.storm import Beside, Taken
from tests.bench.workloads import TEXT, Workload
from tests.make_context import context_of, make_services


async def measure_stores(
    cluster: Cluster, admin: asyncpg.Connection, world: World, batches: Workload, rounds: int
) -> list[Beside]:
    """The store alone, with what it is given read before, and both together; beside the floor's rows and insert."""
    database = _database(cluster)
    bare = await connect(cluster, ADMIN)
    alone, whole = Beside("the store alone", [], []), Beside("reading and storing", [], [])
    try:
        async with open_bus("memory://", database) as bus:
            ctx = context_of(make_services(database, bus), _caller(world.orgs[POSTED]))
            await _store_read(ctx, await _sent(batches))  # warms up
            spare_what_stays()
            ours, theirs = await _backend(admin), bare.get_server_pid()
            for _ in range(rounds):
                one, other, third = [await _sent(batches) for _ in range(3)]
                read = _read(one)
                alone.ours.append(await _spent(len(one), ours, save_batch(ctx.services, ctx.caller, read)))
                whole.ours.append(await _spent(len(other), ours, ingest_events(ctx, [*other])))
                floor = await _spent(len(third), theirs, _bare(bare, world.orgs[FLOOR_POSTED], third))
                alone.floor.append(floor)
                whole.floor.append(floor)
    finally:
        await bare.close()
        await database.close()
    return [alone, whole]


def _database(cluster: Cluster) -> Database:
    return Database(Urls(cluster.url(ADMIN), cluster.url(APP)), pool_size=1)


def _caller(org: Org) -> Caller:
    scopes = DEFAULT_SCOPES[KeyKind.DEVELOPER]
    return Caller(org.id, 1, org.user_id(BUSY), "UTC", KeyId(uuid4()), KeyKind.DEVELOPER, scopes, OrgSettings())


async def _sent(batches: Workload) -> list[JsonObject]:
    [pair] = batches.take(1)
    return orjson.loads(pair.subject.body or b"")


def _read(sent: Sequence[JsonObject]) -> Batch:
    return upload.read([upload.check(event) for event in sent], redact_json)


async def _store_read(ctx: Context, sent: Sequence[JsonObject]) -> None:
    await save_batch(ctx.services, ctx.caller, _read(sent))


async def _bare(db: asyncpg.Connection, org: Org, sent: list[JsonObject]) -> None:
    await floor_ingest.store(db, str(org.id), str(org.user_id(BUSY)), sent)


async def _backend(admin: asyncpg.Connection) -> int:
    """The one that serves this process."""
    return await admin.fetchval("SELECT pid FROM pg_stat_activity WHERE application_name = 'goalarc'")


async def _spent(amount: int, backend: int, work: Awaitable[object]) -> Taken:
    started, mine, postgres = time.perf_counter(), time.process_time(), cpu_s(backend)
    await work
    spent = Cpu(time.process_time() - mine, cpu_s(backend) - postgres)
    return Taken(amount, time.perf_counter() - started, spent)


async def measure_import(
    cluster: Cluster, admin: asyncpg.Connection, world: World, folder: Path, megabytes: int
) -> Taken:
    """Bytes of an invented history in `folder`, imported by one developer."""
    write_history(folder, megabytes * 10**6)
    database = _database(cluster)
    try:
        async with open_bus("memory://", database) as bus:
            services, caller = make_services(database, bus), _caller(world.orgs[POSTED])
            async with database.unbound():  # opens the connection
                backend = await _backend(admin)
            found = find_transcripts([folder])
            size = sum(file.size for file in found.files)
            return await _spent(size, backend, import_transcripts(services, caller, found, lambda _: None))
    finally:
        await database.close()


_LINES = 2_000


def write_history(folder: Path, size: int) -> None:
    """Transcripts of Claude Code in `folder`, together a little more than `size` bytes, each of some 2,000 lines."""
    dice = random.Random(size)
    written = 0
    while written < size:
        session = str(UUID(int=dice.getrandbits(128), version=4))
        lines = b"".join(orjson.dumps(line) + b"\n" for line in _lines(dice, session))
        (folder / f"{session}.jsonl").write_bytes(lines)
        written += len(lines)


def _lines(dice: random.Random, session: str) -> Iterator[JsonObject]:
    start = NOW - timedelta(days=dice.randint(1, 300))
    for number in range(_LINES):
        call, text = f"toolu_{session[:8]}{number // 4}", TEXT * dice.randint(1, 12)
        role, content = _TURNS[number % 4](call, text)
        message: JsonObject = {"role": role, "content": content}
        if role == "assistant":
            usage: JsonObject = {"input_tokens": 9, "output_tokens": len(text) // 4}
            message |= {"id": f"msg_{session[:8]}{number}", "model": "claude-opus-4", "usage": usage}
        yield {
            "type": role,
            "uuid": str(UUID(int=dice.getrandbits(128), version=4)),
            "sessionId": session,
            "timestamp": (start + timedelta(seconds=7 * number)).isoformat(),
            "cwd": "/home/ada/shop",
            "version": "2.0.1",
            "message": message,
        }


_TURNS: tuple[Callable[[str, str], tuple[str, list[JsonValue]]], ...] = (
    lambda call, text: ("user", [{"type": "text", "text": text[:300]}]),
    lambda call, text: ("assistant", [{"type": "text", "text": text}]),
    lambda call, text: ("assistant", [{"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "make"}}]),
    lambda call, text: ("user", [{"type": "tool_result", "tool_use_id": call, "content": text}]),
)
