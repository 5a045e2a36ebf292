"""What was seen of events and their properties: for choosing among them, not for counting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from persistence.database import Reading, Tenant

SAMPLE = 2_000
"""Values are looked for among so many of the latest events of each of a few names."""
MOST_VALUES = 10
_SAMPLED = ("session_started", "arc_opened", "tool_use")
_COLUMNS = ("agent", "project", "model", "tool")


@dataclass(frozen=True, slots=True)
class Seen:
    count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


_WHOSE = "org_id = :org_id AND (CAST(:user_id AS uuid) IS NULL OR user_id = :user_id)"
_TYPES = (sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))
_NAMES = sa.bindparam("names", type_=ARRAY(sa.Text))


def _end(order: str) -> str:
    return (
        f"(SELECT quarter FROM insight_quarters WHERE {_WHOSE} AND event = wanted.name AND quarter <= :now"
        f" ORDER BY quarter {order} LIMIT 1)"
    )


_SEEN = sa.text(
    f"SELECT {_end('ASC')} AS first_seen_at, {_end('DESC')} AS last_seen_at, ("
    f"   SELECT coalesce(sum(count), 0)::bigint FROM insight_quarters WHERE {_WHOSE} AND event = wanted.name"
    "    AND quarter BETWEEN :since AND :now) AS count"
    " FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS wanted (name, place) ORDER BY place"
).bindparams(*_TYPES, _NAMES)


async def events(db: Reading, tenant: Tenant, names: Sequence[str], since: datetime, now: datetime) -> list[Seen]:
    """Of each name, in their order: how often since `since`, and when at all, up to `now`."""
    wanted = {"org_id": tenant.org_id, "user_id": tenant.user_id, "names": names, "since": since, "now": now}
    return [Seen(row["count"], row["first_seen_at"], row["last_seen_at"]) for row in await db.rows(_SEEN, wanted)]


_TOLD = ", ".join(f"('{column}', {column})" for column in _COLUMNS)
_VALUES = sa.text(
    "WITH sample AS MATERIALIZED (SELECT latest.* FROM unnest(CAST(:names AS text[])) AS wanted (name)"
    f" CROSS JOIN LATERAL (SELECT {', '.join(_COLUMNS)} FROM insight_events WHERE {_WHOSE} AND event = wanted.name"
    "   AND ts BETWEEN :since AND :now ORDER BY ts DESC LIMIT :sample) AS latest"
    "), counted AS (SELECT told.name, told.value,"
    "   row_number() OVER (PARTITION BY told.name ORDER BY count(*) DESC, told.value) AS place"
    f"  FROM sample CROSS JOIN LATERAL (VALUES {_TOLD}) AS told (name, value)"
    "  WHERE told.value IS NOT NULL GROUP BY told.name, told.value"
    ") SELECT name, array_agg(value ORDER BY place) AS values FROM counted WHERE place <= :most GROUP BY name"
).bindparams(*_TYPES, _NAMES)


async def values(db: Reading, tenant: Tenant, since: datetime, now: datetime) -> dict[str, list[str]]:
    """The most frequent values of the columns that hold names, by column, among the latest events."""
    whose = {"org_id": tenant.org_id, "user_id": tenant.user_id, "since": since, "now": now}
    rows = await db.rows(_VALUES, {**whose, "names": _SAMPLED, "sample": SAMPLE, "most": MOST_VALUES})
    return {row["name"]: list(row["values"]) for row in rows}
