"""Writing the copy: rows as PostgreSQL has them, tombstones for those it has no longer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from domain.values import OrgId, SessionId
from persistence.insights.clickhouse.client import Client
from persistence.insights.outbox import Line, Taken

_TABLE = "insight_events"


class Key(NamedTuple):
    """What tells rows of an organisation apart."""

    session_id: str
    event: str
    ts_us: int
    id: str


_KNOWN = (
    "SELECT session_id, event, toUnixTimestamp64Micro(ts) AS ts_us, toString(id) AS id FROM insight_events FINAL"
    " WHERE org_id = {org:UUID} AND session_id IN {ids:Array(String)}"
)
_BY_MONTHS = {"do_not_merge_across_partitions_select_final": 1}


async def write(client: Client, org_id: OrgId, taken: Sequence[Taken], lines: Sequence[Line]) -> None:
    """Makes these lines all that the copy has of these sessions. Done again it changes nothing.

    A row that changes its place in the table's order is another one there, so the old one gets a tombstone, too.
    """
    ids = [one.session_id for one in taken]
    rows = await client.rows(_KNOWN, {"org": str(org_id), "ids": ids}, _BY_MONTHS)
    known = {Key(row["session_id"], row["event"], row["ts_us"], row["id"]) for row in rows}
    gone = known - {Key(*line[:4]) for line in lines}
    versions: Mapping[str, int] = {one.session_id: one.version for one in taken}
    tombstones = [_tombstone(org_id, key, versions[key.session_id]) for key in sorted(gone)]
    await client.insert(_TABLE, [*(line.json for line in lines), *tombstones])


def _tombstone(org_id: OrgId, key: Key, version: int) -> str:
    seconds, micros = divmod(key.ts_us, 1_000_000)
    row = {
        "org_id": str(org_id),
        "event": key.event,
        "ts": f"{seconds}.{micros:06}",
        "session_id": key.session_id,
        "id": key.id,
        "version": version,
        "is_deleted": 1,
    }
    return orjson.dumps(row).decode()


_PURGE = "DELETE WHERE org_id = {org:UUID}"


async def purge(client: Client, org_id: OrgId, ids: Sequence[SessionId] | None = None) -> None:
    """Takes the rows of these sessions, or of the whole organisation, out of the files, tombstones as well: asked for
    here, done by ClickHouse in its own time, also if it is stopped in between."""
    values: dict[str, object] = {"org": str(org_id)}
    of_these = ""
    if ids is not None:
        values["ids"], of_these = list(ids), " AND session_id IN {ids:Array(String)}"
    await client.command(f"ALTER TABLE {_TABLE} {_PURGE}{of_these}", values)


async def organisations(client: Client) -> set[str]:
    """The ids of those that have rows in the copy, tombstones as well."""
    rows = await client.rows("SELECT DISTINCT toString(org_id) AS org FROM insight_events", {})
    return {row["org"] for row in rows}
