"""Exports of OpenCode sessions: messages in, events out (event formats reference, section 9).

An export is one JSON object, made anew each time. The session of a sub-agent is exported apart.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import orjson

from domain.ingest import fields
from domain.ingest.calls import call_events
from domain.ingest.clean import Reason, Unreadable, excerpt
from domain.ingest.facts import TITLE_CHARS, TitleRank
from domain.ingest.line import BY_HUMAN, LAST_PART, Line, event_id
from domain.ingest.opencode_calls import call_of, moment, outcome_of
from domain.ingest.outcomes import outcome_events
from domain.ingest.reading import Format, Heading, Look, Origin, Reader, Redact, keep_all, object_in
from domain.ingest.recent import Recent
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind, Tokens
from domain.values import JsonObject, SessionId

SERVICE = "opencode"
BY_HAND = 64
_UNTITLED = ("New session - ", "Child session - ")
_RAN_BY_HAND = "The following tool was executed by the user"
_ABORTED = "MessageAbortedError"
_LEAST_USD, _MOST_USD = 1e-12, 1e6
"""What is outside is no cost of a response: 0 is what is told to who pays by subscription."""


def heading(look: Look) -> Heading | None:
    """None for what is no export of a session."""
    told = look.document
    info = fields.record(told, "info") if told else {}
    messages = told.get("messages") if told else None
    known = all(fields.name(info, name) for name in ("id", "version")) and fields.path(info, "directory")
    if not known or not isinstance(messages, list) or not all(_is_message(one) for one in fields.records(messages)[:4]):
        return None
    return Heading(_session(info), _created(info), _agent(info))


def _is_message(told: JsonObject) -> bool:
    return fields.name(fields.record(told, "info"), "role") is not None and isinstance(told.get("parts"), list)


def _session(info: JsonObject) -> SessionId:
    """A sub-agent works for the session that called it."""
    return SessionId(fields.name(info, "parentID") or fields.name(info, "id") or "")


def _agent(info: JsonObject) -> str | None:
    return fields.name(info, "id") if fields.name(info, "parentID") else None


def _created(info: JsonObject) -> datetime | None:
    return moment(fields.record(info, "time"), "created")


def split(raw: bytes) -> Iterator[bytes]:
    """What is told of the session, without what changes with each message, then its messages."""
    told = object_in(raw)
    if told is None:
        raise Unreadable(Reason.NOT_AN_OBJECT)
    info = {name: value for name, value in fields.record(told, "info").items() if name != "summary"}
    time = fields.record(info, "time")
    info["time"] = {"created": time.get("created")}
    yield orjson.dumps({"info": info}) + b"\n"
    for message in fields.records(told.get("messages")):
        yield orjson.dumps(message) + b"\n"


class OpenCodeReader(Reader):
    """Reads an export from its beginning. A fork begins with copies of the messages of the session it comes from,
    which are older than the fork and have ids of their own: they are left to that session."""

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._began: datetime | None = None
        self._ts: datetime | None = None
        self._place = 0
        self._version: str | None = None
        self._cwd: str | None = None
        self._by_hand: Recent[str, None] = Recent(BY_HAND)

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        info = fields.record(record, "info")
        if "parts" not in record:
            self._began = _created(info)
            self._version = fields.name(info, "version")
            self._cwd = fields.path(info, "directory")
        ts = _created(info) or self._ts or self._origin.at
        self._place = self._place + 1 if ts == self._ts else 0
        self._ts = ts
        id = fields.name(info, "id")
        return Line(
            session_id=self._origin.session_id,
            agent_id=self._origin.agent_id,
            ts=ts,
            key=f"opencode/{id}" if id and "parts" in record else f"opencode/{id}/{digest.hex()}",
            digest=digest,
            source=self.source(self._version),
            cwd=fields.path(fields.record(info, "path"), "cwd") or self._cwd,
            redacted=redacted,
            place=self._place,
        )

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        info = fields.record(record, "info")
        parts = fields.records(record.get("parts"))
        if "parts" not in record:
            yield from self._session(line, info)
        elif self._is_copy(info):
            return
        elif info.get("role") == "user":
            yield from self._said(line, info, parts)
        elif info.get("role") == "assistant":
            yield from self._answer(line, info, parts)

    def _is_copy(self, info: JsonObject) -> bool:
        created = _created(info)
        return created is not None and self._began is not None and created < self._began

    def _session(self, line: Line, info: JsonObject) -> Iterator[Event]:
        if line.agent_id is not None:
            return
        self.facts.place(line.session_id, self._cwd, None)
        self.facts.describe(line.session_id, "version", self._version)
        title = fields.text(info, "title")
        if title and not title.startswith(_UNTITLED):
            self.facts.title(line.session_id, title, TitleRank.MODEL)
            data: JsonObject = {"title": title[:TITLE_CHARS], "givenBy": "model"}
            # Another title is another event; the rest of what is told of a session changes all the time.
            yield replace(line, key=f"{line.session_id}/title/{title}").event(Kind.SESSION_TITLE, data=data)

    def _said(self, line: Line, info: JsonObject, parts: list[JsonObject]) -> Iterator[Event]:
        """What a person typed. What OpenCode adds is marked as synthetic; to sub-agents only agents speak."""
        if any(part.get("type") == "compaction" for part in parts):
            yield line.event(Kind.CONTEXT_COMPACT, data={})
        if any(part.get("text") == _RAN_BY_HAND for part in parts) and (id := fields.name(info, "id")):
            self._by_hand.put(id, None)
        if line.agent_id is not None:
            return
        for block, part in enumerate(parts):
            if part.get("type") == "subtask" and (name := fields.name(part, "command")):
                data: JsonObject = {"name": name, "args": excerpt(fields.text(part, "prompt") or "", NOTE_CHARS)}
                yield line.event(Kind.SLASH_COMMAND, block, data=data)
        text = "\n".join(_texts(parts))
        if not text.strip():
            return
        mode = fields.name(info, "agent")
        prompt = prompt_data(text)
        attachments = sum(part.get("type") == "file" for part in parts)
        more = {"promptId": fields.name(info, "id"), "permissionMode": mode, "attachments": attachments}
        yield line.event(Kind.PROMPT, part=1, data=prompt | {name: value for name, value in more.items() if value})
        if mode == "plan":
            yield line.event(Kind.PLANNING, part=2, data={"phase": "prompt"}, actor="human", provenance=BY_HUMAN)

    def _answer(self, line: Line, info: JsonObject, parts: list[JsonObject]) -> Iterator[Event]:
        model = fields.name(info, "modelID")
        if line.agent_id is None:
            self.facts.describe(line.session_id, "model", model)
        # An answer that is still being written is read once it is whole; summaries are written for the model.
        is_whole = "completed" in fields.record(info, "time") or "error" in info
        text = "\n\n".join(_texts(parts)) if is_whole and info.get("summary") is not True else ""
        if text.strip():
            answer: JsonObject = {"text": excerpt(text, ANSWER_CHARS)}
            first = next(part for part in parts if part.get("type") == "text")
            at = moment(fields.record(first, "time"), "start")
            yield line.event(Kind.AI_RESPONSE, data=answer | ({"model": model} if model else {}), ts=at)
        by_hand = self._by_hand.has(fields.name(info, "parentID") or "")
        for block, part in enumerate(parts, 1):
            if part.get("type") == "tool":
                yield from _by_person(line, part, block) if by_hand else _called(line, part, block)
            elif part.get("type") == "retry":
                yield line.event(Kind.API_ERROR, block, data=_error(fields.record(part, "error")))
        yield from _usage(line, info, parts, model)
        yield from _end(line, info)


def _texts(parts: list[JsonObject]) -> Iterator[str]:
    for part in parts:
        text = fields.text(part, "text")
        if (
            part.get("type") == "text"
            and text
            and not fields.flag(part, "synthetic")
            and not fields.flag(part, "ignored")
        ):
            yield text


def _called(line: Line, part: JsonObject, block: int) -> Iterator[Event]:
    call = call_of(line, part, block)
    if call is not None:
        yield from call_events(call)
        outcome = outcome_of(call, part)
        yield from outcome_events(outcome, call) if outcome else ()


def _by_person(line: Line, part: JsonObject, block: int) -> Iterator[Event]:
    """A command that a person ran from within the session."""
    call = call_of(line, part, block)
    outcome = outcome_of(call, part) if call else None
    if call is None or outcome is None or outcome.ran is None:
        return
    ran = outcome.ran
    data: JsonObject = {"command": excerpt(call.script or "", NOTE_CHARS), "human": True, "cwd": line.cwd}
    data |= {"exitCode": ran.exit_code, "stdout": excerpt(ran.stdout, NOTE_CHARS)}
    data = {name: value for name, value in data.items() if value is not None}
    yield call.line.event(Kind.COMMAND, block, data=data, actor="human", provenance=BY_HUMAN, exit_code=ran.exit_code)


def _usage(line: Line, info: JsonObject, parts: list[JsonObject], model: str | None) -> Iterator[Event]:
    """What each step used; a message repeats that of its last step, and tells alone only where steps are missing."""
    steps = [(at, part) for at, part in enumerate(parts, 1) if part.get("type") == "step-finish" and "tokens" in part]
    for block, told in steps or [(0, info)]:
        tokens = _tokens(fields.record(told, "tokens"))
        if tokens.total == 0:
            continue
        data: JsonObject = {
            "inputTokens": tokens.input,
            "outputTokens": tokens.output,
            "cacheReadTokens": tokens.cache_read,
            "cacheWriteTokens": tokens.cache_write,
        }
        named = {"model": model, "provider": fields.name(info, "providerID")}
        data |= {name: value for name, value in named.items() if value}
        key = fields.name(told, "id") or line.key
        cost = fields.number(told, "cost") or 0
        yield line.event(
            Kind.API_REQUEST,
            block,
            LAST_PART,
            data=data,
            id=event_id("response", "opencode", key),
            ts=moment(fields.record(info, "time"), "completed"),
            request_id=key[-fields.NAME_CHARS :],
            model=model,
            tokens=tokens,
            cost_usd=Decimal(repr(cost)) if _LEAST_USD <= cost <= _MOST_USD else None,
        )


def _tokens(told: JsonObject) -> Tokens:
    """Reasoning is told beside the output where a total says so; before there were totals, most counted it in."""
    cache = fields.record(told, "cache")
    input, output, reasoning = (max(fields.whole(told, name) or 0, 0) for name in ("input", "output", "reasoning"))
    read, written = (max(fields.whole(cache, name) or 0, 0) for name in ("read", "write"))
    beside = fields.whole(told, "total") == input + output + reasoning + read + written
    return Tokens(input, min(output + reasoning, fields.LARGEST) if beside else output, read, written)


def _end(line: Line, info: JsonObject) -> Iterator[Event]:
    """How a message ended that did not end well."""
    error = fields.record(info, "error")
    at = moment(fields.record(info, "time"), "completed")
    if error.get("name") == _ABORTED and line.agent_id is None:
        yield line.event(Kind.INTERRUPTION, data={}, ts=at)
    elif error and error.get("name") != _ABORTED:
        yield line.event(Kind.API_ERROR, data={**_error(error), "final": True}, ts=at)


def _error(error: JsonObject) -> JsonObject:
    data = fields.record(error, "data")
    message = excerpt(fields.text(data, "message") or fields.text(error, "message") or "", NOTE_CHARS)
    told: JsonObject = {"status": fields.whole(data, "statusCode"), "error": fields.name(error, "name")}
    return {"message": message, **{name: value for name, value in told.items() if value is not None}}


FORMAT = Format("opencode-export-json", heading, OpenCodeReader, split)
