"""Transcripts of Cursor's agent: raw lines in, events out (event formats reference, section 6).

Lines bear no ids, no tokens, no model, and no results of what was called; of times only what Cursor writes before a
prompt, to the minute.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from domain.ingest import fields
from domain.ingest.calls import call_events
from domain.ingest.clean import excerpt
from domain.ingest.cursor_calls import call_of, outcome_of
from domain.ingest.hooks import events_of_effects
from domain.ingest.line import Line, sensible
from domain.ingest.reading import Format, Heading, LineRead, Look, Origin, Reader, Redact, keep_all
from domain.ingest.words import ANSWER_CHARS, NOTE_CHARS, prompt_data
from domain.timeline import Event, Kind
from domain.values import JsonObject, JsonValue, SessionId

SERVICE = "cursor"
FOLDER = "agent-transcripts"
_SUB_AGENTS = "subagents"
_ENDED = "turn_ended"
_QUERY, _QUERY_END = "<user_query>", "</user_query>"
_TIMESTAMP = re.compile(
    r"<timestamp>\s*(?:\w{1,12}, )?(\w{3,9} \d{1,2}, \d{4}),? (\d{1,2}:\d{2}) ?([AP]M)"
    r"(?: \(UTC(?:([+-]\d{1,2})(?::?(\d{2}))?)?\))?\s*</timestamp>"
)
_MADE = re.compile(r"<[a-z_]{2,40}[ >]")
"""How text begins that Cursor adds to a prompt; versions before tags wrote what was typed alone."""
_HIDDEN = "[REDACTED]"
"""What stands for a thought."""


def heading(look: Look) -> Heading | None:
    """None where the first lines are not those of a transcript."""
    records = look.records
    if not any(_is_message(record) for record in records):
        return None
    if not all(_is_message(record) or record.get("type") == _ENDED for record in records):
        return None
    texts = (text for record in records for text in _texts(record))
    return Heading(None, next((at for text in texts if (at := _time_in(text)) is not None), None))


def _is_message(record: JsonObject) -> bool:
    """Lines of Claude Code, which look alike, have a type and an id."""
    if record.get("role") not in ("user", "assistant") or record.keys() & {"type", "uuid", "id", "sessionId"}:
        return False
    content = fields.record(record, "message").get("content")
    return isinstance(content, str) or (isinstance(content, list) and len(fields.records(content)) == len(content))


def home(head: Heading, path: PurePath) -> Heading:
    """The file, or the folder around it, is named after the session; below `subagents`, after the sub-agent."""
    above = path.parent
    if above.name == _SUB_AGENTS:
        return replace(head, session_id=_named(above.parent.name), agent_id=path.stem[: fields.NAME_CHARS])
    return replace(head, session_id=_named(above.name if above.parent.name == FOLDER else path.stem))


def _named(name: str) -> SessionId | None:
    return SessionId(name) if 0 < len(name) <= fields.NAME_CHARS and name.isprintable() else None


class CursorReader(Reader):
    """Reads a transcript from its beginning. A line is known by its session, its number and what it says, so that
    what is appended changes nothing of what stood before."""

    def __init__(self, origin: Origin, redact: Redact = keep_all) -> None:
        super().__init__(redact, SERVICE)
        self._origin = origin
        self._number = 0
        self._ts: datetime | None = None
        self._place = 0
        self._taken = 0
        self._cwd: str | None = None

    def read(self, raw: bytes | str, line: int) -> LineRead:
        self._number = line
        return super().read(raw, line)

    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        self._settle(record)
        session, agent = self._origin.session_id, self._origin.agent_id
        return Line(
            session_id=session,
            agent_id=agent,
            ts=self._ts and self._ts + timedelta(milliseconds=self._place),  # so that what begins later is younger
            key=f"cursor/{session}/{agent or ''}/{self._number}/{digest.hex()}",
            digest=digest,
            source=self.source(None),
            cwd=self._cwd,
            redacted=redacted,
            place=self._place,
        )

    def _settle(self, record: JsonObject) -> None:
        """The time of a prompt holds until the next; without any the file was written when it was written last. Times
        never go back: the order of the lines is sure."""
        told = next((at for text in _texts(record) if (at := _time_in(text)) is not None), None)
        known = [at for at in (self._ts, told or (self._origin.at if self._ts is None else None)) if at is not None]
        ts = max(known, default=None)
        self._place = self._place + self._taken if ts == self._ts else 0
        self._ts, self._taken = ts, _blocks(record)

    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        if record.get("type") == _ENDED:
            yield from _end(line, record)
        elif record.get("role") == "user" and line.agent_id is None:
            yield from _prompt(line, record)
        elif record.get("role") == "assistant":
            yield from self._answer(line, record)

    def _answer(self, line: Line, record: JsonObject) -> Iterator[Event]:
        texts = [text.removesuffix(_HIDDEN).strip() for text in _texts(record)]
        answer = "\n\n".join(text for text in texts if text)
        if answer:
            yield line.event(Kind.AI_RESPONSE, data={"text": excerpt(answer, ANSWER_CHARS)})
        for block, told in enumerate(fields.records(fields.record(record, "message").get("content")), 1):
            here = replace(line, cwd=self._cwd)
            call = call_of(here, told, block) if told.get("type") == "tool_use" else None
            if call is None:
                continue
            self._cwd = self._cwd or call.line.cwd
            self.facts.place(line.session_id, self._cwd, None)
            yield from call_events(call)
            yield from events_of_effects(replace(call, plan=None), outcome_of(call))


def _blocks(record: JsonObject) -> int:
    """How many places a line takes among those of the same time."""
    content = fields.record(record, "message").get("content")
    return 1 + (len(content) if isinstance(content, list) else 0)


def _texts(record: JsonObject) -> list[str]:
    content: JsonValue = fields.record(record, "message").get("content")
    if isinstance(content, str):
        return [content]
    blocks = [block for block in fields.records(content) if block.get("type") == "text"]
    return [text for block in blocks if (text := fields.text(block, "text"))]


def _time_in(text: str) -> datetime | None:
    """When a prompt was sent, by the clock of its author."""
    found = _TIMESTAMP.search(text[:NOTE_CHARS])
    if found is None:
        return None
    day, time, half, hours, minutes = found.groups()
    offset = f"{int(hours or 0):+03}{minutes or '00'}"
    for month in ("%B", "%b"):
        try:
            at = datetime.strptime(f"{day} {time} {half} {offset}", f"{month} %d, %Y %I:%M %p %z").astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return sensible(at)
    return None


def _prompt(line: Line, record: JsonObject) -> Iterator[Event]:
    texts = _texts(record)
    typed = [query for text in texts for query in _queries(text)]
    if not any(_QUERY in text for text in texts):
        typed = [text for text in texts if not _MADE.match(text)]
    prompt = "\n".join(typed)
    if prompt.strip():
        data = prompt_data(prompt)
        yield line.event(Kind.PROMPT, data=data)


def _queries(text: str) -> Iterator[str]:
    """What was typed; to the end of the text where that is cut off."""
    for part in text.split(_QUERY)[1:]:
        yield part.partition(_QUERY_END)[0].strip()


def _end(line: Line, record: JsonObject) -> Iterator[Event]:
    """A turn that did not end by itself."""
    error = fields.text(record, "error") or ""
    if record.get("status") not in ("error", "aborted") or line.agent_id is not None:
        return
    if record.get("status") == "aborted" or "aborted" in error.lower():
        yield line.event(Kind.INTERRUPTION, data={})
    else:
        yield line.event(Kind.API_ERROR, data={"message": excerpt(error, NOTE_CHARS), "final": True})


FORMAT = Format("cursor-transcript-jsonl", heading, CursorReader, home=home)
