"""Lines on their way from a reader into one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import orjson

from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.reading import LineRead
from domain.timeline import Event
from domain.values import SessionId

_MOST_BYTES = 4 * 2**20
_MOST_LINES = 2_000
_MOST_WAITING_BYTES = 16 * 2**20


@dataclass(slots=True)
class Gathered:
    """What was read of one file since the last batch. A session is known once it has an event: raw lines and facts
    that come before it wait, those of a session that never has one are let go."""

    format: str
    events: list[Event] = field(default_factory=list[Event])
    raw: list[RawLine] = field(default_factory=list[RawLine])
    facts: dict[SessionId, SessionFacts] = field(default_factory=dict[SessionId, SessionFacts])
    known: set[SessionId] = field(default_factory=set[SessionId])
    lines: int = 0
    bytes: int = 0

    @property
    def full(self) -> bool:
        return self.bytes >= _MOST_BYTES or self.lines >= _MOST_LINES

    def add(self, read: LineRead, size: int) -> None:
        """`size`: the bytes of the line."""
        self.lines += 1
        self.bytes += size
        self.events += read.events
        self.facts |= read.facts
        if read.record is not None and read.session_id is not None:
            body = orjson.dumps(read.record).decode()
            self.raw.append(RawLine(read.session_id, read.digest, read.line, body))

    def take(self) -> Batch:
        self.known |= {event.session_id for event in self.events}
        batch = Batch(
            self.format,
            {id: self.facts.get(id, SessionFacts()) for id in sorted(self._moved())},
            tuple(self.events),
            tuple(line for line in self.raw if line.session_id in self.known),
        )
        self.raw = list(_first(line for line in self.raw if line.session_id not in self.known))
        self.facts = {id: facts for id, facts in self.facts.items() if id not in self.known}
        self.events, self.lines, self.bytes = [], 0, 0
        return batch

    def _moved(self) -> set[SessionId]:
        named = set(self.facts) | {line.session_id for line in self.raw}
        return {event.session_id for event in self.events} | (named & self.known)


def _first(waiting: Iterable[RawLine]) -> Iterator[RawLine]:
    """As many as may wait: a file of nothing else must not fill the memory."""
    left = _MOST_WAITING_BYTES
    for line in islice(waiting, _MOST_LINES):
        left -= len(line.body)
        if left < 0:
            return
        yield line
