"""The floor of sorted and searched lists of sessions."""

from uuid import UUID

import asyncpg
from starlette.requests import Request

from tests.bench.floor_reads import Row, cursor, global_id

_SHOWN = (
    "s.id, s.title, s.cost_usd,"
    " s.input_tokens + s.output_tokens + s.cache_read_tokens + s.cache_write_tokens AS total_tokens"
)


async def graphql_sessions_by_cost(request: Request, db: asyncpg.Connection) -> object:
    """The 50 dearest sessions of an organisation."""
    sql = (
        f"SELECT {_SHOWN}, f.cost_usd AS key FROM session_figures f JOIN sessions s ON s.org_id = $1"
        " AND s.id = f.session_id WHERE f.org_id = $1 ORDER BY f.cost_usd DESC NULLS LAST, f.session_id LIMIT 51"
    )
    return _listed(await db.fetch(sql, request.query_params["org"]), 50, "sessions by cost")


async def graphql_sessions_found(request: Request, db: asyncpg.Connection) -> object:
    """The 20 sessions of an organisation that meet a phrase of two words best."""
    org = request.query_params["org"]
    mark = UUID(org).hex[-6:]
    sql = (
        f"SELECT {_SHOWN}, ts_rank(t.words, $2::tsquery, 1) AS key FROM session_texts t JOIN sessions s"
        " ON s.org_id = $1 AND s.id = t.session_id WHERE t.words @@ $2::tsquery AND t.org_id = $1"
        " ORDER BY key DESC, t.session_id LIMIT 21"
    )
    first, second = request.query_params["words"].strip('"').split()
    return _listed(await db.fetch(sql, org, f"'{mark}{first}' <-> '{mark}{second}'"), 20, "sessions by relevance")


def _listed(found: list[Row], size: int, name: str) -> object:
    shown = found[:size]
    nodes = [
        {
            "id": global_id("Session", row["id"]),
            "title": row["title"],
            "costUsd": float(row["cost_usd"]),
            "tokens": {"total": row["total_tokens"]},
        }
        for row in shown
    ]
    info = {"hasNextPage": len(found) > size, "endCursor": cursor(name, shown[-1]["key"], shown[-1]["id"])}
    return {"data": {"sessions": {"nodes": nodes, "pageInfo": info}}}
