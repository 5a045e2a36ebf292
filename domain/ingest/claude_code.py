"""Claude Code transcripts: raw lines in, events out, in bounded memory (event formats reference, section 1)."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from domain.ingest import fields
from domain.ingest.batch import SessionFacts
from domain.ingest.claude_joins import PullRequests, Summaries, ToolCalls
from domain.ingest.claude_line import Line, agent_of, timestamp
from domain.ingest.claude_messages import (
    attachment_events,
    response_events,
    start_events,
    system_events,
    title_event,
    user_events,
)
from domain.ingest.claude_sessions import SERVICE, Sessions, TitleRank
from domain.ingest.claude_tools import call_of, result_of
from domain.ingest.claude_usage import Responses
from domain.ingest.clean import Reason, Unreadable, excerpt, parse
from domain.ingest.recent import Recent
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId

FORMAT = "claude-code-jsonl"
TITLE_CHARS = 500
SUMMARY_CHARS = 4 * 2**10
VERSIONS = 64

Redact = Callable[[JsonValue], tuple[JsonValue, tuple[str, ...]]]
"""Returns a JSON value without its secrets, and the names of the patterns that found some."""


def keep_all(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
    """For organisations that switched redaction off."""
    return value, ()


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that could not be read; everything else in the file could."""

    line: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class LineRead:
    """What one line gave.

    `events` may belong to earlier lines (a result that found its call, a response that closed). `facts` are those of
    sessions of which something new is known, complete each time. `record` is the line as it may be stored: redacted
    and fit for PostgreSQL; None for blank and unreadable lines. `digest` is the SHA-256 of the line as it was given,
    without its line end.
    """

    line: int
    session_id: SessionId | None = None
    events: tuple[Event, ...] = ()
    facts: dict[SessionId, SessionFacts] = field(default_factory=dict[SessionId, SessionFacts])
    record: "JsonObject | None" = None
    digest: bytes = b""
    error: LineError | None = None


class TranscriptReader:
    """Reads one transcript file, line by line.

    Give every line with its newline: a last line without one that cannot be read is half written, and will be whole
    on the next import. `session_id` is the session whose file this is, for lines that name none. `agent_id` is given
    for the file of a sub-agent. `agents_with_files` are the sub-agents of this session that have files of their own:
    what the main file repeats of them in its progress lines is left to those files.

    Ids of events follow from the lines alone, so any order and any repetition of lines gives the same ids, as long as
    what belongs together lies within the memory of this reader. The time of a line without a time stamp is that of
    the line before it.
    """

    def __init__(
        self,
        session_id: SessionId,
        *,
        agent_id: str | None = None,
        agents_with_files: Collection[str] = frozenset(),
        redact: Redact = keep_all,
    ) -> None:
        self._session_id = session_id
        self._agent_id = agent_id
        self._agents_with_files = agents_with_files
        self._redact = redact
        self._last_ts: datetime | None = None
        self._sources: Recent[str, JsonObject] = Recent(VERSIONS)
        self._sessions = Sessions()
        self._tools = ToolCalls()
        self._responses = Responses()
        self._requests = PullRequests()
        self._summaries = Summaries()

    def read(self, raw: bytes | str, line: int) -> LineRead:
        """Never raises, whatever the bytes. `line` is the number of the line, for error reports."""
        raw = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        if not raw or raw.isspace():
            return LineRead(line)
        digest = sha256(raw.rstrip(b"\r\n")).digest()
        try:
            record, found = self._record(raw)
            origin = self._origin(record, digest, found)
            events = tuple(self._events(origin, record, len(raw)))
        except Unreadable as problem:
            return LineRead(line, digest=digest, error=LineError(line, problem.reason))
        return LineRead(line, origin.session_id, events, self._facts(origin, events), record, digest)

    def flush(self) -> tuple[Event, ...]:
        """The events that waited for more lines; call it at the end of the file."""
        return (*self._tools.flush(), *self._responses.flush(), *self._requests.flush())

    def _facts(self, origin: Line, events: tuple[Event, ...]) -> dict[SessionId, SessionFacts]:
        touched = {origin.session_id, *(event.session_id for event in events)}
        return {id: facts for id in touched if (facts := self._sessions.news(id))}

    def _record(self, raw: bytes) -> tuple[JsonObject, tuple[str, ...]]:
        try:
            record, found = self._redact(parse(raw))
        except Unreadable as problem:
            if problem.reason is Reason.NOT_JSON and not raw.endswith(b"\n"):
                raise Unreadable(Reason.HALF_WRITTEN) from None
            raise
        if not isinstance(record, dict):
            raise Unreadable(Reason.NOT_AN_OBJECT)
        return record, found

    def _origin(self, record: JsonObject, digest: bytes, found: tuple[str, ...]) -> Line:
        session_id = SessionId(fields.name(record, "sessionId") or self._session_id)
        self._last_ts = timestamp(record) or self._last_ts
        return Line(
            session_id=session_id,
            agent_id=agent_of(record, self._agent_id),
            ts=self._last_ts,
            key=fields.name(record, "uuid") or f"{session_id}/{digest.hex()}",
            digest=digest,
            source=self._source(fields.name(record, "version") or ""),
            cwd=fields.path(record, "cwd"),
            redacted=found,
        )

    def _source(self, version: str) -> JsonObject:
        """One object for all events of a version."""
        known = self._sources.get(version)
        if known is not None:
            return known
        source: JsonObject = {"channel": "import", "integration": SERVICE}
        if version:
            source["emitter"] = f"{SERVICE}/{version}"[:128]
        self._sources.put(version, source)
        return source

    def _events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        uuid = fields.name(record, "uuid")
        if uuid and line.agent_id is None:
            self._sessions.note(line.session_id, record)
            waited = self._summaries.line(uuid, line)
            if waited:
                yield from self._titled(waited.line, waited.title, TitleRank.SUMMARY)
        for event in self._of_type(line, record, size):
            if event.kind is Kind.GIT_ACTION:
                self._requests.reported(event)
            yield event

    def _of_type(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        match record.get("type"):
            case "user" | "assistant":
                yield from self._message(line, record, size)
            case "system":
                if record.get("subtype") == "away_summary" and (summary := fields.text(record, "content")):
                    self._sessions.note_away_summary(line.session_id, excerpt(summary, SUMMARY_CHARS))
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
            yield from self._responses.note(line, message, fields.name(record, "version"))
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
        if data.get("type") != "agent_progress" or agent is None or agent in self._agents_with_files:
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
        self._sessions.note_title(line.session_id, short, rank)
        if line.ts is not None:
            yield title_event(line, short, rank.name.lower())


def _blocks(content: JsonValue, type: str) -> list[tuple[int, JsonObject]]:
    """The blocks of one type, each with its place in the message."""
    blocks = content if isinstance(content, list) else []
    return [(at, block) for at, block in enumerate(blocks) if isinstance(block, dict) and block.get("type") == type]
