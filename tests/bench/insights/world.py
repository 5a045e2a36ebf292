"""The invented events that insights are measured over, in PostgreSQL and, the same rows, in DuckDB."""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import duckdb

from domain.values import OrgId
from persistence.database import Urls
from persistence.embedded import Cluster, ensure_running
from persistence.migrate import migrate
from persistence.postgres_server import OWNER, server_below
from tests.bench.invented import invented_id
from tests.bench.kept import connect

VERSION = 1
"""Of the seeder: a database that another version made is made anew. Raise it also where a migration is edited that was
applied already."""

ORGS = 20
DAYS = 180
NOW = datetime(2026, 9, 16, 12, 0, tzinfo=UTC)
SINCE = NOW.replace(hour=0) - timedelta(days=DAYS - 1)
EVENTS_PER_SESSION = 100

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class World:
    """Where the rows are."""

    cluster: Cluster
    duck: Path


def org_id(number: int) -> OrgId:
    return OrgId(invented_id(f"insights-{number}"))


ASKED = org_id(7)


@asynccontextmanager
async def kept_world(data_dir: Path, events: int, tell: Tell) -> AsyncGenerator[World]:
    """Both databases, filled once and then migrated like any other."""
    folder = data_dir / f"insights-{events}-{VERSION}"
    _remove_outdated(data_dir, folder, events)
    cluster = await asyncio.to_thread(ensure_running, folder)
    world = World(cluster, folder / "events.duckdb")
    try:
        await migrate(Urls(cluster.url(OWNER), cluster.url(OWNER)))
        if not (folder / "seeded").exists():
            await _fill(world, events, tell)
            (folder / "seeded").touch()
        yield world
    finally:
        await asyncio.to_thread(cluster.close)


def _remove_outdated(data_dir: Path, folder: Path, events: int) -> None:
    for other in data_dir.glob(f"insights-{events}-*"):
        if other != folder and (other / "postgres").is_dir():
            server_below(other, {}).stop()
            shutil.rmtree(other)


async def _fill(world: World, events: int, tell: Tell) -> None:
    tell(f"making {events:,} events in {world.cluster.data_dir} ...")
    started = time.monotonic()
    owner = await connect(world.cluster, OWNER)
    try:
        await owner.execute("TRUNCATE insight_events, insight_quarters")
        for number in range(ORGS):
            async with owner.transaction():
                await _seed_org(owner, number, events // ORGS // EVENTS_PER_SESSION)
            await _copy(owner, world.duck, number)
        await owner.execute("VACUUM (ANALYZE) insight_events, insight_quarters")
    finally:
        await owner.close()
    tell(f"made them in {time.monotonic() - started:.0f} s; kept for the next run")


_FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.chance(a bigint, b bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(a * 1000003 + b, 7) & 1048575) / 1048576.0 $$;
"""
# An arc is 25 events of a session; what happens in it is drawn by lot, its first event asks for something.
_EVENTS = """
WITH numbers AS (
    SELECT number, number * 7919 + $4::text::bigint * 104729 AS lot FROM generate_series(1, $3::bigint) AS number
), starts AS (
    SELECT lot, number, floor(100 * power(pg_temp.chance(lot, 1), 1.5))::int AS developer,
        $2::timestamptz + floor($5 * pg_temp.chance(lot, 2)) * interval '1 day'
        + (7 + 10 * pg_temp.chance(lot, 3)) * interval '1 hour' AS started_at
    FROM numbers
)
INSERT INTO insight_events
    (org_id, session_id, id, user_id, event, ts, ordinal, sub_session_id, agent, project, model, tool, properties)
SELECT $1, md5($4::text || '/' || number), md5($4::text || '/' || number || '/' || place)::uuid,
    md5($4::text || '/developer/' || developer)::uuid,
    CASE WHEN place % 25 = 0 THEN 'prompt'
        WHEN drawn < 0.30 THEN 'tool_use' WHEN drawn < 0.52 THEN 'ai_response' WHEN drawn < 0.68 THEN 'edit'
        WHEN drawn < 0.82 THEN 'command' WHEN drawn < 0.88 THEN 'test_passed' WHEN drawn < 0.91 THEN 'test_failed'
        WHEN drawn < 0.935 THEN 'commit' WHEN drawn < 0.96 THEN 'arc_crushed' ELSE 'api_request' END,
    started_at + place * interval '21.5 seconds', place,
    md5($4::text || '/' || number || '/arc/' || place / 25)::uuid,
    (ARRAY['claude-code', 'codex', 'cursor', 'gemini-cli'])[1 + floor(4 * pg_temp.chance(lot, 4))::int],
    'project-' || floor(12 * pg_temp.chance(lot, 5))::int,
    (ARRAY['small', 'medium', 'large'])[1 + floor(3 * pg_temp.chance(lot, 6))::int], NULL,
    jsonb_build_object('duration_ms', floor(4000 * pg_temp.chance(lot, 1000 + place))::int)
FROM starts CROSS JOIN LATERAL (
    SELECT place, pg_temp.chance(lot, 100 + place) AS drawn FROM generate_series(0, $6::int - 1) AS place
) AS places
"""
_QUARTERS = """
INSERT INTO insight_quarters (org_id, session_id, event, quarter, user_id, count)
SELECT org_id, session_id, event, date_bin('15 minutes', ts, 'epoch'), user_id, count(*)
FROM insight_events WHERE org_id = $1 GROUP BY 1, 2, 3, 4, 5
"""


async def _seed_org(owner: asyncpg.Connection, number: int, sessions: int) -> None:
    org = org_id(number)
    await owner.execute(_FUNCTIONS)
    await owner.execute(f"SELECT set_config('app.org_id', '{org}', true), set_config('app.user_id', '*', true)")
    await owner.execute(_EVENTS, org, SINCE, sessions, str(number), DAYS, EVENTS_PER_SESSION)
    await owner.execute(_QUARTERS, org)


_COPIED = "org_id, session_id, id, user_id, event, ts, ordinal, sub_session_id, agent, project, model"
_DUCK = """
CREATE TABLE IF NOT EXISTS events (
    org_id VARCHAR, session_id VARCHAR, id VARCHAR, user_id VARCHAR, event VARCHAR, ts TIMESTAMPTZ, ordinal INTEGER,
    sub_session_id VARCHAR, agent VARCHAR, project VARCHAR, model VARCHAR, duration_ms DOUBLE
)
"""


async def _copy(owner: asyncpg.Connection, duck: Path, number: int) -> None:
    """The same rows, in the order of organisations, which is how DuckDB finds those of one."""
    file = duck.with_suffix(".csv")
    query = f"SELECT {_COPIED}, (properties ->> 'duration_ms')::float8 FROM insight_events WHERE org_id = $1"
    async with owner.transaction():
        await owner.execute(
            f"SELECT set_config('app.org_id', '{org_id(number)}', true), set_config('app.user_id', '*', true)"
        )
        await owner.copy_from_query(query, org_id(number), output=file, format="csv")
    with duckdb.connect(str(duck)) as made:
        made.execute("SET TimeZone = 'UTC'")
        made.execute(_DUCK)
        made.execute("COPY events FROM ? (FORMAT csv)", [str(file)])
    file.unlink()
