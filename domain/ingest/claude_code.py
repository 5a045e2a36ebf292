"""Claude Code transcripts: raw lines in, events out, in bounded memory (event formats reference, section 1)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from domain.ingest import fields
from domain.ingest.claude_messages import (
    attachment_events,
    response_events,
    start_events,
    system_events,
    title_event,
    user_events,
)
from domain.ingest.claude_results import call_of, result_events, result_of
from domain.ingest.claude_usage import Responses
from domain.ingest.clean import excerpt
from domain.ingest.facts import TITLE_CHARS, TitleRank
from domain.ingest.joins import PullRequests, Summaries, ToolCalls
from domain.ingest.line import Line, timestamp
from domain.ingest.reading import Format, Heading, Look, Origin, Reader, Redact, keep_all
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId

SERVICE = "claude-code"
INLINE_AGENT = "inline"
"""Stands for the sub-agents of old versions, whose lines lie in the main file and bear no agent id."""

SUMMARY_CHARS = 4 * 2**10
_DESCRIBED = ("version", "slug", "entrypoint")


def heading(look: Look) -> Heading | None:
    """None when none of the first lines is one of a conversation."""
    talk = [record for record in look.records if _is_talk(record)]
    if not talk:
        return None
    ids = (fields.name(record, "sessionId") for record in talk)
    times = (timestamp(record) for record in talk)
    session_id = next((SessionId(id) for id in ids if id), None)
    return Heading(session_id, min((ts for ts in times if ts is not None), default=None))


def _is_talk(record: JsonObject) -> bool:
    return record.get("type") in ("user", "assistant") and isinstance(record.get("message"), dict)


class ClaudeCodeReader(Reader):
    """Reads the file of a session or of one of its sub-agents.

    A line that names no session belongs to that of the file. What a main file repeats in its progress lines of
    sub-agents that have files of their own is left to those files. The time of a line without a time stamp is that
    of the line before it.
    """

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._last_ts: datetime | None = None
        self._tools = ToolCalls(result_events)
        self._responses = Responses()
        self._requests = PullRequests()
        self._summaries = Summaries()

    def flush(self) -> tuple[Event, ...]:
        return (*self._tools.flush(), *self._responses.flush(), *self._requests.flush())

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        session_id = SessionId(fields.name(record, "sessionId") or self._origin.session_id)
        self._last_ts = timestamp(record) or self._last_ts
        return Line(
            session_id=session_id,
            agent_id=agent_of(record, self._origin.agent_id),
            ts=self._last_ts,
            key=fields.name(record, "uuid") or f"{session_id}/{digest.hex()}",
            digest=digest,
            source=self.source(fields.name(record, "version")),
            cwd=fields.path(record, "cwd"),
            redacted=redacted,
        )

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        uuid = fields.name(record, "uuid")
        if uuid and line.agent_id is None:
            self._note(line, record)
            waited = self._summaries.line(uuid, line)
            if waited:
                yield from self._titled(waited.line, waited.title, TitleRank.SUMMARY)
        for event in self._of_type(line, record, size):
            if event.kind is Kind.GIT_ACTION:
                self._requests.reported(event)
            yield event

    def _note(self, line: Line, record: JsonObject) -> None:
        self.facts.place(line.session_id, line.cwd, fields.name(record, "gitBranch"))
        for name in _DESCRIBED:
            self.facts.describe(line.session_id, name, fields.name(record, name))

    def _of_type(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        match record.get("type"):
            case "user" | "assistant":
                yield from self._message(line, record, size)
            case "system":
                if record.get("subtype") == "away_summary" and (summary := fields.text(record, "content")):
                    self.facts.describe(line.session_id, "awaySummary", excerpt(summary, SUMMARY_CHARS))
                yield from system_events(line, record)
            case "attachment" if line.agent_id is None:
                yield from attachment_events(line, fields.record(record, "attachment"))
            case "progress":
                yield from self._progress(line, record, size)
            case "summary":
                yield from self._summary(line, record)
            case "custom-title":
                yield from self._titled(line, fields.text(record, "customTitle"), TitleRank.PERSON)
            case "ai-title":
                yield from self._titled(line, fields.text(record, "aiTitle"), TitleRank.MODEL)
            case "pr-link" if url := fields.path(record, "prUrl"):
                yield from self._requests.link(line, url)
            case _:
                pass

    def _message(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        """A line of either side; what stands in the name of the user in a sub-agent was not typed by a person."""
        message = fields.record(record, "message")
        content = message.get("content")
        if record.get("type") == "assistant":
            yield from response_events(line, record, message)
            yield from self._calls(line, content, size)
            yield from self._responses.note(line, record, message)
            return
        yield from self._results(line, record, content, size)
        if line.agent_id is None:
            yield from user_events(line, record, content)

    def _calls(self, line: Line, content: JsonValue, size: int) -> Iterator[Event]:
        for index, block in _blocks(content, "tool_use"):
            call = call_of(line, index, block)
            yield from self._tools.call(call, size) if call else ()

    def _results(self, line: Line, record: JsonObject, content: JsonValue, size: int) -> Iterator[Event]:
        blocks = _blocks(content, "tool_result")
        for index, block in blocks:
            result = result_of(line, index, block, record, alone=len(blocks) == 1)
            yield from self._tools.result(result, size) if result else ()

    def _progress(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        """A hook at the start, or a whole message of a sub-agent, which is read as if it stood in the agent's file."""
        data = fields.record(record, "data")
        if data.get("type") == "hook_progress":
            yield from start_events(line, data, fields.name(record, "toolUseID"))
        agent = fields.name(data, "agentId")
        message = fields.record(data, "message")
        if data.get("type") != "agent_progress" or agent is None or agent in self._origin.agents_with_files:
            return
        key = fields.name(message, "uuid") or line.key
        ts = timestamp(message) or line.ts
        version = record.get("version")
        inner = replace(line, agent_id=agent, key=key, ts=ts)
        yield from self._message(inner, {**message, "version": version}, size)

    def _summary(self, line: Line, record: JsonObject) -> Iterator[Event]:
        title, leaf = fields.text(record, "summary"), fields.name(record, "leafUuid")
        named = self._summaries.title(line, title, leaf) if title and leaf else None
        if named:
            yield from self._titled(named.line, named.title, TitleRank.SUMMARY)

    def _titled(self, line: Line, title: str | None, rank: TitleRank) -> Iterator[Event]:
        """A title at the very top of a file, before any time stamp, is a fact but no event."""
        if not title:
            return
        short = title[:TITLE_CHARS]
        self.facts.title(line.session_id, short, rank)
        if line.ts is not None:
            yield title_event(line, short, rank.name.lower())


def agent_of(record: JsonObject, of_file: str | None) -> str | None:
    """Which sub-agent wrote the line; None in the main conversation. `of_file` is the agent whose file this is."""
    if of_file is None and not fields.flag(record, "isSidechain"):
        return None
    return fields.name(record, "agentId") or of_file or INLINE_AGENT


def _blocks(content: JsonValue, type: str) -> list[tuple[int, JsonObject]]:
    """The blocks of one type, each with its place in the message."""
    blocks = content if isinstance(content, list) else []
    return [(at, block) for at, block in enumerate(blocks) if isinstance(block, dict) and block.get("type") == type]


def agent_of_file(path: PurePath) -> str | None:
    """The sub-agent whose own file this is."""
    return path.stem.removeprefix("agent-") if path.stem.startswith("agent-") else None


def home(head: Heading, path: PurePath) -> Heading:
    return replace(head, agent_id=agent_of_file(path))


FORMAT = Format("claude-code-jsonl", heading, ClaudeCodeReader, home=home)
