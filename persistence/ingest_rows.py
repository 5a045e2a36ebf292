"""The rows of events and of the raw lines behind them: which are there, and many at once."""

from collections.abc import Collection, Mapping, Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from domain.ingest.batch import RawLine
from domain.timeline import Event
from domain.values import EventId, OrgId, SessionId, UserId
from persistence.database import Writing

_OURS = (sa.bindparam("org_id", type_=UUID), sa.bindparam("user_id", type_=UUID))

# OFFSET 0 has each id looked up in the index by itself: about an organisation that is new since the last ANALYZE,
# PostgreSQL believes that it has hardly any events, and would read all of them to join.
_KNOWN = sa.text(
    "SELECT one.session_id, asked.id FROM unnest(:ids) AS asked (id) CROSS JOIN LATERAL"
    " (SELECT session_id FROM events e WHERE e.org_id = :org_id AND e.id = asked.id OFFSET 0) AS one"
    " UNION ALL"
    " SELECT one.session_id, asked.id FROM unnest(:ids) AS asked (id) CROSS JOIN LATERAL"
    " (SELECT session_id FROM retold_events r WHERE r.org_id = :org_id AND r.id = asked.id OFFSET 0) AS one"
).bindparams(_OURS[0], sa.bindparam("ids", type_=ARRAY(UUID)))


async def known(db: Writing, org_id: OrgId, ids: Collection[EventId]) -> set[tuple[SessionId, EventId]]:
    """Which of these are there, in whatever session, also those that were told again under another id."""
    if not ids:
        return set()
    rows = await db.rows(_KNOWN, {"org_id": org_id, "ids": list(ids)})
    return {(SessionId(row["session_id"]), EventId(row["id"])) for row in rows}


_COLUMNS = (
    "session_id text, ts timestamptz, id uuid, kind text, ordinal integer, agent_id text, call_id text,"
    " request_id text, tool text, path text, exit_code bigint, succeeded boolean, duration_ms bigint, model text,"
    " input_tokens bigint, output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,"
    " cost_usd numeric, lines_added bigint, lines_removed bigint, actor text, attribution text,"
    " confidence double precision, observability text, source jsonb, data jsonb, raw_digest bytea"
)
_NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(", "))
_INSERT_EVENTS = sa.text(
    f"INSERT INTO events (org_id, user_id, {_NAMES})"
    f" SELECT :org_id, :user_id, {_NAMES} FROM json_to_recordset(CAST(:rows AS json)) AS row ({_COLUMNS})"
).bindparams(*_OURS)


async def insert_events(db: Writing, org_id: OrgId, user_id: UserId, events: Sequence[Event]) -> None:
    """Events that are not `known`, of sessions that are locked."""
    if events:
        rows = orjson.dumps([_told(_row(event)) for event in events]).decode()
        await db.rows(_INSERT_EVENTS, {"org_id": org_id, "user_id": user_id, "rows": rows})


def _told(row: Mapping[str, object]) -> dict[str, object]:
    """Without what is not known, most of it: PostgreSQL reads each name and value."""
    return {name: value for name, value in row.items() if value is not None}


def _row(event: Event) -> dict[str, object]:
    tokens = event.tokens
    return {
        "session_id": event.session_id,
        "ts": event.ts,
        "id": event.id,
        "kind": event.kind,
        "ordinal": event.ordinal,
        "agent_id": event.agent_id,
        "call_id": event.call_id,
        "request_id": event.request_id,
        "tool": event.tool,
        "path": event.path,
        "exit_code": event.exit_code,
        "succeeded": event.succeeded,
        "duration_ms": event.duration_ms,
        "model": event.model,
        "input_tokens": tokens and tokens.input,
        "output_tokens": tokens and tokens.output,
        "cache_read_tokens": tokens and tokens.cache_read,
        "cache_write_tokens": tokens and tokens.cache_write,
        "cost_usd": None if event.cost_usd is None else str(event.cost_usd),
        "lines_added": event.lines_added,
        "lines_removed": event.lines_removed,
        "actor": event.actor,
        "attribution": event.provenance.attribution,
        "confidence": event.provenance.confidence,
        "observability": event.provenance.observability,
        "source": event.source,
        "data": event.data,
        "raw_digest": None if event.raw_digest is None else f"\\x{event.raw_digest.hex()}",
    }


_INSERT_RAW = sa.text(
    "INSERT INTO raw_payloads (org_id, user_id, format, session_id, digest, position, body)"
    " SELECT :org_id, :user_id, :format, * FROM unnest(:session_ids, :digests, :positions, :bodies)"
    " ON CONFLICT DO NOTHING"
).bindparams(
    *_OURS,
    sa.bindparam("format", type_=sa.Text),
    sa.bindparam("session_ids", type_=ARRAY(sa.Text)),
    sa.bindparam("digests", type_=ARRAY(sa.LargeBinary)),
    sa.bindparam("positions", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("bodies", type_=ARRAY(sa.Text)),
)


async def insert_raw(db: Writing, org_id: OrgId, user_id: UserId, format: str, raw: Sequence[RawLine]) -> None:
    """Raw lines, each once, whoever sent it."""
    if not raw:
        return
    columns = {
        "session_ids": [line.session_id for line in raw],
        "digests": [line.digest for line in raw],
        "positions": [line.position for line in raw],
        "bodies": [line.body for line in raw],
    }
    await db.rows(_INSERT_RAW, {"org_id": org_id, "user_id": user_id, "format": format, **columns})
