"""The floor of the reads: the same bytes from hand-written SQL over asyncpg, without layers."""

import base64
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import orjson
from starlette.requests import Request

Row = asyncpg.Record
Body = dict[str, object]


def _ms(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def global_id(type: str, key: object) -> str:
    return base64.urlsafe_b64encode(f"{type}:{key}".encode()).decode().rstrip("=")


def cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _upper(word: str | None) -> str | None:
    return None if word is None else word.upper()


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


_SESSION = (
    "SELECT id, org_id, title, source_service, project, started_at, coalesce(ended_at, idle_ended_at) AS ended_at,"
    " ended_at AS stopped_at,"
    " last_activity_at, event_count, decision_count, ai_attribution_pct, metadata, cost_usd, created_at, updated_at,"
    " input_tokens + output_tokens + cache_read_tokens + cache_write_tokens AS total_tokens FROM sessions"
)
_ARC = (
    "SELECT id, session_id, title, summary, title_source, state, started_at, ended_at, intent, letter_grade,"
    " goal_complete, completion_confidence, qualifying, crushed, habits, rationale, evidence, rework_kind, reworked_at,"
    " turn_count, net_loc, substance_floor_passed,"
    " input_tokens + output_tokens + cache_read_tokens + cache_write_tokens AS total_tokens FROM sub_sessions"
)
_ARCS = f"{_ARC} WHERE org_id = $1 AND session_id = ANY ($2) AND state <> 'merged' ORDER BY started_at, id"
_FLAGS = (
    "SELECT sub_session_id, kind, severity, detail FROM integrity_flags"
    " WHERE org_id = $1 AND sub_session_id = ANY ($2) ORDER BY kind"
)


def _org(request: Request) -> str:
    return request.query_params["org"]


async def graphql_session(request: Request, db: asyncpg.Connection) -> object:
    """One session with its arcs, their verdicts, evidence and flags."""
    org, id = _org(request), request.query_params["id"]
    [session] = await db.fetch(f"{_SESSION} WHERE org_id = $1 AND id = $2", org, id)
    arcs = await db.fetch(_ARCS, org, [id])
    flags: dict[UUID, list[Body]] = {}
    for flag in await db.fetch(_FLAGS, org, [arc["id"] for arc in arcs]):
        shown = {"kind": flag["kind"].upper(), "severity": flag["severity"].upper(), "detail": flag["detail"]}
        flags.setdefault(flag["sub_session_id"], []).append(shown)
    judged = [{**_graphql_arc(arc), **_verdict(arc), "flags": flags.get(arc["id"], [])} for arc in arcs]
    return {"data": {"session": {**_graphql_head(session), "subSessions": judged}}}


def _graphql_head(session: Row) -> Body:
    return {
        "id": global_id("Session", session["id"]),
        "rawId": session["id"],
        "title": session["title"],
        "project": session["project"],
        "startedAt": _ms(session["started_at"]),
        "endedAt": _ms(session["ended_at"]),
        "eventCount": session["event_count"],
        "costUsd": _float(session["cost_usd"]),
        "tokens": {"total": session["total_tokens"]},
    }


def _graphql_arc(arc: Row) -> Body:
    return {
        "id": global_id("SubSession", arc["id"]),
        "rawId": str(arc["id"]),
        "title": arc["title"],
        "state": arc["state"].upper(),
        "startedAt": _ms(arc["started_at"]),
        "endedAt": _ms(arc["ended_at"]),
        "intent": _upper(arc["intent"]),
        "letterGrade": arc["letter_grade"],
        "goalComplete": arc["goal_complete"],
        "completionConfidence": arc["completion_confidence"],
        "qualifying": arc["qualifying"],
        "crushed": arc["crushed"],
        "tokens": {"total": arc["total_tokens"]},
    }


_HABITS = (
    "goal_explicit", "scope_bounded", "references_concrete", "context_sufficient", "verification_requested",
    "root_cause_oriented", "plan_first",
)  # fmt: skip


def _verdict(arc: Row) -> Body:
    habits, evidence = arc["habits"], arc["evidence"]
    named = ("criterion", "points", "quote")
    rework = {"kind": arc["rework_kind"].upper(), "at": _ms(arc["reworked_at"])} if arc["rework_kind"] else None
    return {
        "habits": [{"habit": habit.upper(), "shown": habits[habit]} for habit in _HABITS],
        "verdict": {
            "rationale": arc["rationale"],
            "evidence": [{"part": one["verdict"].upper(), **{name: one[name] for name in named}} for one in evidence],
        },
        "rework": rework,
    }


async def graphql_sessions(request: Request, db: asyncpg.Connection) -> object:
    """The 50 newest sessions of a developer with the scores of their arcs."""
    org, user = _org(request), request.query_params["user"]
    newest = "WHERE org_id = $1 AND user_id = $2 ORDER BY started_at DESC NULLS LAST, id LIMIT 51"
    sessions = await db.fetch(f"{_SESSION} {newest}", org, user)
    shown = sessions[:50]
    arcs: dict[str, list[Body]] = {}
    for arc in await db.fetch(_ARCS, org, [session["id"] for session in shown]):
        arcs.setdefault(arc["session_id"], []).append(_graphql_arc(arc))
    nodes = [{**_graphql_head(session), "subSessions": arcs.get(session["id"], [])} for session in shown]
    last = cursor("sessions", shown[-1]["started_at"], shown[-1]["id"])
    return {"data": {"sessions": {"nodes": nodes, "pageInfo": {"hasNextPage": len(sessions) > 50, "endCursor": last}}}}


async def rest_session(request: Request, db: asyncpg.Connection) -> object:
    sql = f"{_SESSION} WHERE org_id = $1 AND id = $2"
    [session] = await db.fetch(sql, _org(request), request.query_params["id"])
    return {"session": _rest_session(session)}


def _rest_session(session: Row) -> Body:
    return {
        "id": session["id"],
        "orgId": str(session["org_id"]),
        "sourceService": session["source_service"],
        "startedAt": _ms(session["started_at"]),
        "endedAt": _ms(session["stopped_at"]),
        "lastActivityAt": _ms(session["last_activity_at"]),
        "eventCount": session["event_count"],
        "decisionFlagCount": session["decision_count"],
        "aiAttributionPct": session["ai_attribution_pct"],
        "metadata": session["metadata"],
        "totalCostUsd": float(session["cost_usd"] or 0),
        "createdAt": _ms(session["created_at"]),
        "updatedAt": _ms(session["updated_at"]),
    }


async def rest_sessions(request: Request, db: asyncpg.Connection) -> object:
    org = _org(request)
    newest = "WHERE org_id = $1 ORDER BY started_at DESC NULLS LAST, id LIMIT 50"
    sessions = [_rest_session(session) for session in await db.fetch(f"{_SESSION} {newest}", org)]
    total = await db.fetchval("SELECT count(*) FROM sessions WHERE org_id = $1", org)
    return {"sessions": sessions, "total": total, "limit": 50, "offset": 0}


async def rest_arcs(request: Request, db: asyncpg.Connection) -> object:
    """The newest arcs of a developer, as the score page of the old system lists them."""
    sql = (
        f"{_ARC} WHERE org_id = $1 AND user_id = $2 AND started_at >= $3 AND state <> 'merged'"
        " ORDER BY started_at DESC, id DESC LIMIT 200"
    )
    since = datetime.fromisoformat(request.query_params["from"])
    return [_rest_arc(arc) for arc in await db.fetch(sql, _org(request), request.query_params["user"], since)]


def _rest_arc(arc: Row) -> Body:
    settled, is_open = arc["state"] == "scored", arc["state"] == "open"
    preview = is_open and arc["letter_grade"] is not None
    return {
        "id": str(arc["id"]),
        "claude_session_id": arc["session_id"],
        "title": arc["title"],
        "summary": arc["summary"],
        "title_source": arc["title_source"],
        "started_at": _plain(arc["started_at"]),
        "ended_at": _plain(arc["ended_at"]),
        "sub_session_id": str(arc["id"]),
        "status": "open" if is_open else "scored" if settled else "closed",
        "turns": arc["turn_count"],
        "total_tokens": arc["total_tokens"],
        "crushed": arc["crushed"] if arc["qualifying"] else None,
        "is_preview": preview,
        "substance_floor_passed": arc["substance_floor_passed"],
        "intent_class": arc["intent"],
        "letter_grade": arc["letter_grade"] if preview else None,
        "prompt_grade": arc["letter_grade"] if settled else None,
        "goal_complete": arc["goal_complete"],
        "rework": arc["rework_kind"] is not None,
    }


_EVENTS = (
    "SELECT id, session_id, kind, ts, data, attribution, confidence, observability, created_at, seq FROM events"
    " WHERE org_id = $1 AND session_id = $2 ORDER BY ts, seq LIMIT $3"
)


async def rest_timeline(request: Request, db: asyncpg.Connection) -> object:
    events = await db.fetch(_EVENTS, _org(request), request.query_params["id"], 501)
    return {"events": [_rest_event(event) for event in events[:500]], "hasMore": len(events) > 500}


def _rest_event(event: Row) -> Body:
    return {
        "id": str(event["id"]),
        "sessionId": event["session_id"],
        "kind": event["kind"],
        "ts": _ms(event["ts"]),
        "data": event["data"],
        "provenance": {name: event[name] for name in ("attribution", "confidence", "observability")},
        "createdAt": _ms(event["created_at"]),
    }


async def graphql_timeline(request: Request, db: asyncpg.Connection) -> object:
    id = request.query_params["id"]
    events = await db.fetch(_EVENTS, _org(request), id, 101)
    shown = events[:100]
    last = cursor(f"timeline {id}", shown[-1]["ts"], shown[-1]["seq"])
    info = {"hasNextPage": len(events) > 100, "endCursor": last}
    nodes = [_graphql_event(event) for event in shown]
    return {"data": {"session": {"timeline": {"nodes": nodes, "pageInfo": info}}}}


def _graphql_event(event: Row) -> Body:
    return {
        "rawId": str(event["id"]),
        "kind": event["kind"].upper(),
        "ts": _ms(event["ts"]),
        "data": event["data"],
        "provenance": {
            "attribution": event["attribution"].upper(),
            "confidence": event["confidence"],
            "observability": event["observability"].upper(),
        },
        "receivedAt": _ms(event["created_at"]),
    }
