"""Logged hooks of real sessions, beside the transcripts of the same sessions."""

import json
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

import persistence.timeline
import persistence.transcripts
import resolvers.hooks
import resolvers.transcripts
from domain.ingest.claude_hooks import CLAUDE_CODE
from domain.redaction import redact_json
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId
from resolvers.context import Context
from tests.make_context import NOW

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the development set does not lie beside the repository")

LOGS = {
    "kesslerio__attio-mcp-server": "chat-2025-08-07.jsonl",
    "TomSelander__home-assistant-green-button": "chat-2026-03-10.jsonl",
}
RECEIVED = NOW - timedelta(days=1)


def lines_of(transcript: Path) -> list[JsonObject]:
    return [json.loads(line) for line in transcript.read_text().splitlines()]


def session_of(lines: list[JsonObject]) -> SessionId:
    return SessionId(next(str(line["sessionId"]) for line in lines if line.get("sessionId")))


def calls_in(lines: list[JsonObject]) -> Counter[str]:
    """By id where hooks tell one, else by tool and input."""
    blocks = [block for line in lines for block in (line.get("message") or {}).get("content") or []]
    uses = [block for block in blocks if isinstance(block, dict) and block["type"] == "tool_use"]
    return Counter(key for use in uses for key in (use["id"], said(use["name"], use["input"])))


def said(tool: JsonValue, input: JsonValue) -> str:
    return json.dumps([tool, input], sort_keys=True)


def not_in(lines: list[JsonObject], payloads: list[JsonObject]) -> int:
    """How many of the calls that hooks told of the transcript does not hold."""
    known = calls_in(lines)
    calls = [p for p in payloads if p["hook_event_name"] == "PreToolUse"]
    told = Counter(str(p.get("tool_use_id") or said(p["tool_name"], p["tool_input"])) for p in calls)
    return (told - known).total()


def logged(folder: str, session: SessionId) -> list[JsonObject]:
    files = sorted((DATA / "hooks" / "claude-code" / folder).glob("*.json"))
    return [payload for file in files for payload in json.loads(file.read_text()) if payload["session_id"] == session]


async def replay(context: Context, payloads: list[JsonObject]) -> None:
    for payload, second in zip(payloads, count()):
        await resolvers.hooks.ingest_hook(context, CLAUDE_CODE, payload, RECEIVED + timedelta(seconds=second))


async def import_it(context: Context, transcript: Path) -> None:
    found = persistence.transcripts.find([transcript])
    await resolvers.transcripts.import_transcripts(context.services, context.caller, found, lambda _: None)


async def kept(context: Context, session: SessionId) -> list[Event]:
    async with context.services.database.read(context.tenant) as db:
        return await persistence.timeline.events_of_session(db, context.caller.org_id, session)


def told(events: list[Event]) -> list[tuple[object, ...]]:
    return sorted(
        (e.ts, e.ordinal, e.kind, e.call_id or "", e.tool or "", json.dumps(e.data, sort_keys=True)) for e in events
    )


@pytest.mark.parametrize("folder", LOGS)
@pytest.mark.parametrize("hooks_first", [True, False])
async def test_hooks_and_transcript_make_one_session(context: Context, folder: str, hooks_first: bool) -> None:
    """What the transcript holds is told by it. Both transcripts lack some of what the hooks saw: the older one breaks
    off, of the newer one the files of its sub-agents are not there."""
    transcript = DATA / "claude-code" / folder / LOGS[folder]
    lines = lines_of(transcript)
    session = session_of(lines)
    payloads = logged(folder, session)
    if hooks_first:
        await replay(context, payloads)
    await import_it(context, transcript)
    if not hooks_first:
        await replay(context, payloads)
    events = await kept(context, session)
    by_hook = Counter(event.kind for event in events if event.source["channel"] == "hook")
    assert by_hook[Kind.TOOL_USE] == not_in(lines, payloads)
    assert told([event for event in events if event.source["channel"] == "import"]) == told(read(transcript))


def read(transcript: Path) -> list[Event]:
    [file] = persistence.transcripts.find([transcript]).files
    reader = file.format.reader(file.origin, redact_json)
    lines = enumerate(transcript.read_bytes().splitlines(keepends=True), 1)
    told = [event for number, raw in lines for event in reader.read(raw, number).events]
    return list({event.id: event for event in [*told, *reader.flush()]}.values())
