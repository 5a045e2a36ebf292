"""Reading transcripts line by line, whichever agent wrote them: raw lines in, events out, in bounded memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import PurePath

from domain.ingest.batch import SessionFacts
from domain.ingest.clean import Reason, Unreadable, parse
from domain.ingest.facts import Facts
from domain.ingest.line import Line
from domain.ingest.recent import Recent
from domain.timeline import Event
from domain.values import JsonObject, JsonValue, SessionId

VERSIONS = 64

Redact = Callable[[JsonValue], tuple[JsonValue, tuple[str, ...]]]
"""Returns a JSON value without its secrets, and the names of the patterns that found some."""


def keep_all(value: JsonValue) -> tuple[JsonValue, tuple[str, ...]]:
    """For organisations that switched redaction off."""
    return value, ()


@dataclass(frozen=True)
class Look:
    """A first look into a file: its first lines, and the whole of it unless it is a list of lines or too large."""

    lines: Sequence[bytes]
    whole: bytes | None = None

    @cached_property
    def records(self) -> list[JsonObject]:
        """The first lines that are JSON objects."""
        return [record for line in self.lines if (record := object_in(line)) is not None]

    @cached_property
    def document(self) -> JsonObject | None:
        """The whole file as one JSON object."""
        return None if self.whole is None else object_in(self.whole)


def object_in(raw: bytes) -> JsonObject | None:
    """The JSON object in `raw`, if it is one."""
    try:
        value = parse(raw)
    except Unreadable:
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a first look tells of a transcript: its session and the earliest time in it. `agent_id` is told for the
    file of a sub-agent, which may leave the session to the place where the file lies."""

    session_id: SessionId | None
    started_at: datetime | None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that is read: whose it is as far as its name, its place and its first lines tell.

    `agent_id` is given for the file of a sub-agent; `agents_with_files` are the sub-agents of a main file that have
    files of their own. `at` stands in where a format writes no times.
    """

    session_id: SessionId
    agent_id: str | None = None
    agents_with_files: frozenset[str] = frozenset()
    at: datetime | None = None


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


class Reader(ABC):
    """Reads one transcript, line by line: a subclass says where a line belongs and which events it tells.

    Give every line with its newline: a last line without one that cannot be read is half written, and will be whole
    on the next import. Ids of events must follow from the lines alone, so that any order and any repetition of lines
    gives the same ids, as long as what belongs together lies within the memory of this reader. Where lines do not say
    what they belong to, as in Codex's, the file has to be read from its beginning.
    """

    def __init__(self, redact: Redact, service: str) -> None:
        """`service` is the agent, as sessions name it; `facts` takes what becomes known of the sessions."""
        self.facts = Facts(service)
        self.unredacted: JsonObject = {}
        """The line that is being read as it was given: for ids, which may not depend on what counts as a secret."""
        self._redact = redact
        self._service = service
        self._sources: Recent[str, JsonObject] = Recent(VERSIONS)

    def read(self, raw: bytes | str, line: int) -> LineRead:
        """Never raises, whatever the bytes. `line` is the number of the line, for error reports."""
        raw = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        if not raw or raw.isspace():
            return LineRead(line)
        digest = sha256(raw.rstrip(b"\r\n")).digest()
        try:
            record, found = self._record(raw)
            origin = self.line(record, digest, found)
            events = tuple(self.events(origin, record, len(raw)))
        except Unreadable as problem:
            return LineRead(line, digest=digest, error=LineError(line, problem.reason))
        touched = {origin.session_id, *(event.session_id for event in events)}
        return LineRead(line, origin.session_id, events, self.facts.news(touched), record, digest)

    def flush(self) -> tuple[Event, ...]:
        """The events that waited for more lines; call it at the end of the file."""
        return ()

    @abstractmethod
    def line(self, record: JsonObject, digest: bytes, redacted: tuple[str, ...]) -> Line:
        """Where what `record` tells belongs. Raises Unreadable."""

    @abstractmethod
    def events(self, line: Line, record: JsonObject, size: int) -> Iterator[Event]:
        """What a line of `size` bytes tells, and notes its facts. Raises Unreadable."""

    def source(self, version: str | None) -> JsonObject:
        """Where events come from; one object for all events of a version of the agent."""
        known = self._sources.get(version or "")
        if known is not None:
            return known
        source: JsonObject = {"channel": "import", "integration": self._service}
        if version:
            source["emitter"] = f"{self._service}/{version}"[:128]
        self._sources.put(version or "", source)
        return source

    def _record(self, raw: bytes) -> tuple[JsonObject, tuple[str, ...]]:
        try:
            told = parse(raw)
            record, found = self._redact(told)
        except Unreadable as problem:
            if problem.reason is Reason.NOT_JSON and not raw.endswith(b"\n"):
                raise Unreadable(Reason.HALF_WRITTEN) from None
            raise
        if not isinstance(record, dict) or not isinstance(told, dict):
            raise Unreadable(Reason.NOT_AN_OBJECT)
        self.unredacted = told
        return record, found


@dataclass(frozen=True, slots=True)
class Format:
    """One way in which an agent writes its sessions; `name` stands beside the raw lines.

    `heading` is None for a file of another format: it is told by the content, never by the name. `split` cuts a file
    that is written anew as a whole into lines for the reader, such that what did not change gives the same line, and
    raises Unreadable; None where a file is a list of lines already. `home` makes of a heading what the path adds to it,
    such as the sub-agent whose own file it is.
    """

    name: str
    heading: Callable[[Look], Heading | None]
    reader: Callable[[Origin, Redact], Reader]
    split: Callable[[bytes], Iterable[bytes]] | None = None
    home: Callable[[Heading, PurePath], Heading] | None = None
