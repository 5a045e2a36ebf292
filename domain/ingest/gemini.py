"""Sessions of Gemini CLI: messages in, events out, in bounded memory (event formats reference, section 8).

Versions of 2025 write a session as one JSON object, anew with each message; later ones append lines to a file: the
same messages, each again whenever it has grown, and what changed of the session.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

import orjson

from domain.ingest import fields
from domain.ingest.calls import call_events
from domain.ingest.clean import Reason, Unreadable, excerpt
from domain.ingest.facts import TITLE_CHARS, TitleRank
from domain.ingest.gemini_calls import Root, call_of, outcome_of, tool_calls
from domain.ingest.line import LAST_PART, Line, event_id, instant, timestamp
from domain.ingest.outcomes import outcome_events
from domain.ingest.reading import Format, Heading, Look, Origin, Reader, Redact, keep_all, object_in
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, JsonValue, SessionId

SERVICE = "gemini-cli"
_ATTACHED = "\n--- Content from referenced files ---"
_NOT_TYPED = ("<session_context>", "<hook_context>", "This is the Gemini CLI. We are setting up the context")
_GOES_ON = "Please continue."
_SNAPSHOT = "<state_snapshot>"
_SLASH = re.compile(r"/([\w:-]{1,64})(?:\s+(.*))?", re.DOTALL)
_CHANGING = ("messages", "lastUpdated")


def whole(look: Look) -> Heading | None:
    """None for what is no session in one JSON object."""
    told = look.document
    if told is None or not _is_session(told) or not isinstance(told.get("messages"), list):
        return None
    return _heading(told)


def lines(look: Look) -> Heading | None:
    """None where the first line does not begin a session."""
    told = object_in(look.lines[0]) if look.lines else None
    if told is None or not _is_session(told) or "messages" in told:
        return None
    return _heading(told)


def _is_session(told: JsonObject) -> bool:
    return all(fields.name(told, name) for name in ("sessionId", "projectHash", "startTime"))


def _heading(told: JsonObject) -> Heading:
    id, started_at = fields.name(told, "sessionId"), instant(fields.name(told, "startTime"))
    if told.get("kind") == "subagent":
        return Heading(None, started_at, id)
    return Heading(SessionId(id) if id else None, started_at)


def home(head: Heading, path: PurePath) -> Heading:
    """The file of a sub-agent lies in a folder named after its session; elsewhere it is a session of its own."""
    if head.agent_id is None:
        return head
    if path.parent.parent.name == "chats" and len(path.parent.name) <= fields.NAME_CHARS:
        return replace(head, session_id=SessionId(path.parent.name))
    return Heading(SessionId(head.agent_id), head.started_at)


def split(raw: bytes) -> Iterator[bytes]:
    """The session without what changes all the time, then its messages."""
    told = object_in(raw)
    if told is None:
        raise Unreadable(Reason.NOT_AN_OBJECT)
    yield orjson.dumps({name: value for name, value in told.items() if name not in _CHANGING}) + b"\n"
    for message in fields.records(told.get("messages")):
        yield orjson.dumps(message) + b"\n"


class GeminiReader(Reader):
    """Reads a session from its beginning: only its first line tells the project, by a hash of its folder."""

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._root = Root()
        self._ts: datetime | None = None
        self._place = 0

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        changed = fields.record(record, "$set")
        written = fields.name(record, "startTime") or fields.name(changed, "lastUpdated")
        ts = timestamp(record) or instant(written) or self._ts or self._origin.at
        self._place = self._place + 1 if ts == self._ts else 0
        self._ts = ts
        self._root.told(fields.name(record, "projectHash"))
        self._root.seen(tool_calls(record))
        id = fields.name(record, "id")
        return Line(
            session_id=self._origin.session_id,
            agent_id=self._origin.agent_id,
            ts=ts,
            key=f"gemini/{id}" if id else f"gemini/{self._origin.session_id}/{digest.hex()}",
            digest=digest,
            source=self.source(None),
            cwd=self._root.path,
            redacted=redacted,
            place=self._place,
        )

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        if line.agent_id is None:
            self.facts.place(line.session_id, line.cwd, None)
        match record.get("type"):
            case "user":
                yield from _said_to(line, record)
            case "gemini":
                yield from self._answer(line, record)
            case "info" if _text(record.get("content")) == "Request cancelled." and line.agent_id is None:
                yield line.event(Kind.INTERRUPTION, data={})
            case "error" if (message := _text(record.get("content"))).startswith("[API Error"):
                yield line.event(Kind.API_ERROR, data={"message": excerpt(message, NOTE_CHARS), "final": True})
            case None:
                yield from self._session(line, fields.record(record, "$set") or record)
            case _:
                pass

    def _session(self, line: Line, told: JsonObject) -> Iterator[Event]:
        """The beginning of a session, or what changed of it. After a compaction it is told again, shortened."""
        title = fields.text(told, "summary")
        if title and line.agent_id is None:
            self.facts.title(line.session_id, title, TitleRank.MODEL)
            data: JsonObject = {"title": title[:TITLE_CHARS], "givenBy": "model"}
            yield line.event(Kind.SESSION_TITLE, data=data)
        for message in fields.records(told.get("messages")):
            if _SNAPSHOT in _text(message.get("content")):
                id = fields.name(message, "id")
                yield replace(line, key=f"gemini/{id}").event(Kind.CONTEXT_COMPACT, data={})

    def _answer(self, line: Line, record: JsonObject) -> Iterator[Event]:
        model = fields.name(record, "model")
        if line.agent_id is None:
            self.facts.describe(line.session_id, "model", model)
        text = _text(record.get("content"))
        if text.strip():
            answer: JsonObject = {"text": excerpt(text, ANSWER_CHARS)}
            yield line.event(Kind.AI_RESPONSE, data=answer | ({"model": model} if model else {}))
        for at, told in enumerate(tool_calls(record), 1):
            call = call_of(line, told, at)
            if call is not None:
                yield from call_events(call)
                outcome = outcome_of(call, told)
                yield from outcome_events(outcome, call) if outcome else ()
        yield from _usage(line, fields.record(record, "tokens"), model)


def _text(content: JsonValue) -> str:
    """What was written, without thoughts and what is no text; what files hold that it mentions stays out."""
    if isinstance(content, str):
        return content
    parts = [content] if isinstance(content, dict) else content if isinstance(content, list) else []
    texts: list[str] = []
    for part in parts:
        text = part if isinstance(part, str) else fields.text(part, "text") if isinstance(part, dict) else None
        if text and text.startswith(_ATTACHED):
            break
        if text and not (isinstance(part, dict) and part.get("thought")):
            texts.append(text)
    return "".join(texts)


def _answers_calls(content: JsonValue) -> bool:
    return any("functionResponse" in part for part in fields.records(content))


def _said_to(line: Line, record: JsonObject) -> Iterator[Event]:
    """What a person typed. Answers of tools and what the agent tells its model bear the same type."""
    content = record.get("content")
    text = _text(record.get("displayContent")) or _text(content)
    if _SNAPSHOT in text:
        yield line.event(Kind.CONTEXT_COMPACT, data={})
        return
    bare = text.strip()
    if line.agent_id or not bare or bare == _GOES_ON or bare.startswith(_NOT_TYPED) or _answers_calls(content):
        return
    command = _SLASH.fullmatch(bare)
    if command is not None:
        data: JsonObject = {"name": command[1], "args": excerpt(command[2] or "", NOTE_CHARS)}
        yield line.event(Kind.SLASH_COMMAND, data=data)
        return
    prompt = prompt_data(text)
    yield line.event(Kind.PROMPT, data=prompt)


def _usage(line: Line, told: JsonObject, model: str | None) -> Iterator[Event]:
    """Input told includes what was read from the cache; thoughts are told beside the output, and what tools put into
    the prompt beside the input."""
    count = {name: max(fields.whole(told, name) or 0, 0) for name in ("input", "output", "cached", "thoughts", "tool")}
    cached = min(count["cached"], count["input"])
    used = count["input"] - cached + count["tool"], count["output"] + count["thoughts"], cached
    tokens = Tokens(*(min(number, fields.LARGEST) for number in used))
    if tokens.total == 0:
        return
    data: JsonObject = {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheReadTokens": tokens.cache_read,
        "cacheWriteTokens": 0,
    }
    data |= {"model": model} if model else {}
    id, key = event_id("response", line.key), line.key[-fields.NAME_CHARS :]
    yield line.event(Kind.API_REQUEST, part=LAST_PART, data=data, id=id, request_id=key, model=model, tokens=tokens)


FORMAT = Format("gemini-session-json", whole, GeminiReader, split, home=home)
LINES_FORMAT = Format("gemini-session-jsonl", lines, GeminiReader, home=home)
