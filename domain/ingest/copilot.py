"""Sessions of GitHub Copilot CLI: raw lines in, events out, in bounded memory (event formats reference, section 7)."""

from collections.abc import Iterator
from datetime import datetime

from domain.ingest import fields
from domain.ingest.clean import excerpt
from domain.ingest.copilot_calls import Tools
from domain.ingest.copilot_usage import Usage
from domain.ingest.facts import TITLE_CHARS, TitleRank
from domain.ingest.line import BY_HUMAN, Line, timestamp
from domain.ingest.reading import Format, Heading, Look, Origin, Reader, Redact, keep_all
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind
from domain.values import JsonObject, SessionId

SERVICE = "copilot-cli"
_STARTS = frozenset(("session.start", "session.resume"))
_BY_PERSON = (None, "user")
"""Sources of messages that somebody typed; skills, schedules and the agent itself write messages, too."""


def heading(look: Look) -> Heading | None:
    """None where no line is one of a Copilot session."""
    lines = [record for record in look.records if _is_event(record)]
    if not lines:
        return None
    ids = (fields.name(fields.record(line, "data"), "sessionId") for line in lines)
    session_id = next((SessionId(id) for id in ids if id), None)
    return Heading(session_id, min((ts for line in lines if (ts := timestamp(line)) is not None), default=None))


def _is_event(record: JsonObject) -> bool:
    type = fields.name(record, "type") or ""
    return "." in type and isinstance(record.get("data"), dict) and {"id", "parentId"} <= record.keys()


class CopilotReader(Reader):
    """Reads the events of a session, those of its sub-agents among them. Every line bears an id of its own."""

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._tools = Tools()
        self._usage = Usage()
        self._ts: datetime | None = None
        self._place = 0
        self._cwd: str | None = None
        self._model: str | None = None
        self._mode: str | None = None
        self._version: str | None = None

    def flush(self) -> tuple[Event, ...]:
        return tuple(self._tools.flush())

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        data = fields.record(record, "data")
        self._settle(fields.name(record, "type"), data)
        ts = timestamp(record) or self._ts
        self._place = self._place + 1 if ts == self._ts else 0
        self._ts = ts
        return Line(
            session_id=self._origin.session_id,
            agent_id=fields.name(record, "agentId") or fields.name(data, "parentToolCallId"),
            ts=ts,
            key=fields.name(record, "id") or f"{self._origin.session_id}/{digest.hex()}",
            digest=digest,
            source=self.source(self._version),
            cwd=self._cwd,
            redacted=redacted,
            place=self._place,
        )

    def _settle(self, type: str | None, data: JsonObject) -> None:
        """What holds until it is said anew."""
        if type in _STARTS or type == "session.context_changed":
            context = fields.record(data, "context") or data
            self._cwd = fields.path(context, "cwd") or self._cwd
            self._version = fields.name(data, "copilotVersion") or self._version
            self._model = fields.name(data, "selectedModel") or self._model
        elif type == "session.model_change":
            self._model = fields.name(data, "newModel") or self._model
        elif type == "session.mode_changed":
            self._mode = fields.name(data, "newMode")

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        data = fields.record(record, "data")
        match record.get("type"):
            case "session.start" | "session.resume" | "session.context_changed" | "session.model_change":
                self._note(line, data)
            case "user.message" if line.agent_id is None:
                yield from self._message(line, data)
            case "assistant.message":
                yield from self._answer(line, data)
            case "tool.execution_start":
                yield from self._tools.call(line, data, size)
            case "tool.execution_complete":
                yield from self._tools.result(line, data, size)
            case "permission.completed":
                self._tools.permission(data)
            case "session.shutdown":
                yield from self._usage.end(line, data)
            case "abort" if line.agent_id is None:
                yield line.event(Kind.INTERRUPTION, data={})
            case "session.compaction_complete" if data.get("success") is not False:
                tokens = fields.whole(data, "preCompactionTokens")
                yield line.event(Kind.CONTEXT_COMPACT, data={} if tokens is None else {"preTokens": tokens})
            case "session.error":
                yield line.event(Kind.API_ERROR, data=_error(data))
            case "session.title_changed" if title := fields.text(data, "title"):
                self.facts.title(line.session_id, title, TitleRank.MODEL)
                named: JsonObject = {"title": title[:TITLE_CHARS], "givenBy": "model"}
                yield line.event(Kind.SESSION_TITLE, data=named)
            case _:
                pass

    def _message(self, line: Line, data: JsonObject) -> Iterator[Event]:
        """What a person typed: a prompt, or a command for the shell."""
        text = fields.text(data, "content") or ""
        if data.get("source") not in _BY_PERSON or not text.strip():
            return
        mode = fields.name(data, "agentMode") or self._mode
        if mode == "shell":
            ran: JsonObject = {"command": excerpt(text, NOTE_CHARS), "human": True}
            ran |= {"cwd": self._cwd} if self._cwd else {}
            yield line.event(Kind.COMMAND, data=ran, actor="human", provenance=BY_HUMAN)
            return
        prompt = prompt_data(text)
        attachments = len(fields.records(data.get("attachments")))
        more = {"promptId": fields.name(data, "interactionId"), "permissionMode": mode, "attachments": attachments}
        prompt |= {name: value for name, value in more.items() if value}
        yield line.event(Kind.PROMPT, part=1, data=prompt)
        if mode == "plan":
            yield line.event(Kind.PLANNING, part=2, data={"phase": "prompt"}, actor="human", provenance=BY_HUMAN)

    def _answer(self, line: Line, data: JsonObject) -> Iterator[Event]:
        model = fields.name(data, "model") or self._model
        text = fields.text(data, "content") or ""
        if text.strip():
            answer: JsonObject = {"text": excerpt(text, ANSWER_CHARS)}
            yield line.event(Kind.AI_RESPONSE, data=answer | ({"model": model} if model else {}))
        yield from self._usage.response(line, data, model)

    def _note(self, line: Line, data: JsonObject) -> None:
        context = fields.record(data, "context") or data
        self.facts.place(line.session_id, fields.path(context, "cwd"), fields.name(context, "branch"))
        self.facts.describe(line.session_id, "repository", fields.path(context, "repository"))
        self.facts.describe(line.session_id, "commit", fields.name(context, "headCommit"))
        self.facts.describe(line.session_id, "version", self._version)
        self.facts.describe(line.session_id, "model", self._model)


def _error(data: JsonObject) -> JsonObject:
    told: JsonObject = {"status": fields.whole(data, "statusCode"), "error": fields.name(data, "errorType")}
    known = {name: value for name, value in told.items() if value is not None}
    return {"message": excerpt(fields.text(data, "message") or "", NOTE_CHARS), "final": True, **known}


FORMAT = Format("copilot-events-jsonl", heading, CopilotReader)
