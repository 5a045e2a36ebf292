"""The copy's one table, as this release wants it."""

from persistence.insights.clickhouse.client import Client
from persistence.insights.events import NUMBERS

COLUMNS = (
    "org_id",
    "event",
    "ts",
    "session_id",
    "id",
    "user_id",
    "ordinal",
    "sub_session_id",
    "agent",
    "project",
    "model",
    "tool",
    *NUMBERS,
    "texts",
    "numbers",
    "written",
    "version",
    "is_deleted",
)

_NUMBERS = "\n    ".join(f"{name} Nullable(Float64)," for name in NUMBERS)
# What identifies a row is what it is sorted by, its month included: versions of one row lie in one partition, where
# the newest wins. PostgreSQL has read the properties: `texts` is what it writes them as, `numbers` has those that are
# numbers, `written` their text where that of the number is another one (5.0 is the number 5).
_CREATE = f"""
CREATE TABLE IF NOT EXISTS insight_events (
    org_id UUID,
    event LowCardinality(String),
    ts DateTime64(6, 'UTC'),
    session_id String,
    id UUID,
    user_id UUID,
    ordinal Int32,
    sub_session_id Nullable(UUID),
    agent LowCardinality(Nullable(String)),
    project LowCardinality(Nullable(String)),
    model LowCardinality(Nullable(String)),
    tool LowCardinality(Nullable(String)),
    {_NUMBERS}
    texts Map(LowCardinality(String), String),
    numbers Map(LowCardinality(String), Float64),
    written Map(LowCardinality(String), String),
    version UInt64,
    is_deleted UInt8,
    INDEX of_session session_id TYPE bloom_filter GRANULARITY 1
) ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(ts)
ORDER BY (org_id, event, ts, session_id, id)
SETTINGS allow_experimental_replacing_merge_with_cleanup = 1, min_age_to_force_merge_seconds = 86400,
    min_age_to_force_merge_on_partition_only = 1, enable_replacing_merge_with_cleanup_for_min_age_to_force_merge = 1
"""
# Which copying the rows are of: with another one all of them are copied anew.
_CREATE_COPY = """
CREATE TABLE IF NOT EXISTS insight_copy (id UUID, layout UInt32, at DateTime DEFAULT now())
ENGINE = ReplacingMergeTree(at) ORDER BY tuple()
"""
LAYOUT = 1
"""Raised when the table becomes another one: then it is made anew and filled again."""


async def copy_id(client: Client) -> str | None:
    """Which copying the rows belong to, if they are laid out as this release has them; None: nothing that counts."""
    await client.command(_CREATE_COPY)
    rows = await client.rows("SELECT id, layout FROM insight_copy FINAL", {})
    return rows[0]["id"] if rows and rows[0]["layout"] == LAYOUT else None


async def begin(client: Client, id: str) -> None:
    """Makes the table anew, empty, for the copying of that id."""
    await client.command("DROP TABLE IF EXISTS insight_events SYNC")
    await client.command(_CREATE)
    await client.command("TRUNCATE TABLE insight_copy")
    await client.command(
        "INSERT INTO insight_copy (id, layout) SELECT {id:UUID}, {layout:UInt32}", {"id": id, "layout": LAYOUT}
    )
