"""The floor of ingest: an event is stored once and its session counted up, unchecked and unredacted."""

import asyncpg
import orjson
from starlette.requests import Request

from domain.values import JsonObject

_ROW = (
    "id uuid, ts timestamptz, kind text, tool text, path text, exit_code bigint, duration_ms bigint,"
    " lines_added bigint, lines_removed bigint, actor text, attribution text, confidence double precision,"
    " observability text, source jsonb, data jsonb"
)
_NAMES = ", ".join(column.split()[0] for column in _ROW.split(", "))
_OPEN = "INSERT INTO sessions (org_id, user_id, id, source_service) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_STORE = (
    f"INSERT INTO events (org_id, user_id, session_id, ordinal, {_NAMES})"
    f" SELECT $1, $2, $3, 0, {_NAMES} FROM json_to_recordset($4::json) AS row ({_ROW})"
    " ON CONFLICT DO NOTHING RETURNING id, ts"
)
_COUNT = (
    "UPDATE sessions SET event_count = event_count + $3, started_at = least(started_at, $4),"
    " last_activity_at = greatest(last_activity_at, $5), updated_at = now() WHERE org_id = $1 AND id = $2"
)


async def rest_ingest(request: Request, db: asyncpg.Connection) -> object:
    sent: list[JsonObject] | JsonObject = orjson.loads(await request.body())
    if isinstance(sent, dict):
        await _store(request, db, [sent])
        return {"ok": True, "id": sent["id"]}
    new = await _store(request, db, sent)
    return {"ok": True, "results": [{"ok": True, "id": event["id"]} for event in sent if event["id"] in new]}


async def graphql_ingest(request: Request, db: asyncpg.Connection) -> object:
    sent: list[JsonObject] = orjson.loads(await request.body())["variables"]["events"]
    new = await _store(request, db, [_envelope(event) for event in sent])
    results: list[JsonObject] = [
        {"status": "ACCEPTED", "rawId": event["rawId"], "userErrors": []} for event in sent if event["rawId"] in new
    ]
    return {"data": {"ingestEvents": {"results": results}}}


def _envelope(event: JsonObject) -> JsonObject:
    return {**event, "id": event["rawId"], "kind": str(event["kind"]).lower()}


async def _store(request: Request, db: asyncpg.Connection, sent: list[JsonObject]) -> set[str]:
    return await store(db, request.query_params["org"], request.query_params["user"], sent)


async def store(db: asyncpg.Connection, org: str, user: str, sent: list[JsonObject]) -> set[str]:
    """The ids that are new; the events of a call are of one session."""
    session = sent[0]["sessionId"]
    async with db.transaction():
        await db.execute(_OPEN, org, user, session, "claude-code")
        rows = orjson.dumps([_row(event) for event in sent]).decode()
        new = await db.fetch(_STORE, org, user, session, rows)
        if new:
            times = [row["ts"] for row in new]
            await db.execute(_COUNT, org, session, len(new), min(times), max(times))
    return {str(row["id"]) for row in new}


def _row(event: JsonObject) -> JsonObject:
    data = event["data"]
    assert isinstance(data, dict)
    return {
        "id": event["id"],
        "ts": event["ts"],
        "kind": event["kind"],
        "tool": data.get("toolName"),
        "path": data.get("path"),
        "exit_code": data.get("exitCode"),
        "duration_ms": data.get("durationMs"),
        "lines_added": data.get("linesAdded"),
        "lines_removed": data.get("linesRemoved"),
        "actor": "ai",
        "attribution": "unknown",
        "confidence": 0.5,
        "observability": "high",
        "source": event["source"],
        "data": data,
    }
