"""Reading whole files of whichever format, as the importer does."""

from datetime import UTC, datetime
from pathlib import PurePath

from domain.ingest.formats import FORMATS
from domain.ingest.reading import Format, Heading, LineRead, Look, Origin
from domain.timeline import Event
from domain.values import EventId, SessionId

WRITTEN_AT = datetime(2026, 8, 1, 12, tzinfo=UTC)


def look_of(raw: bytes) -> Look:
    return Look(raw.splitlines(keepends=True)[:200], raw)


def known(raw: bytes, path: str = "file") -> tuple[Format, Heading] | None:
    """The format of a file that lies at `path`, and what it makes of it."""
    for format in FORMATS:
        head = format.heading(look_of(raw))
        if head is not None:
            return format, format.home(head, PurePath(path)) if format.home else head
    return None


def lines_read(raw: bytes, path: str = "file", at: datetime = WRITTEN_AT) -> list[LineRead]:
    """What each line of a file gives; it was written last `at`."""
    found = known(raw, path)
    assert found is not None
    format, head = found
    session_id = head.session_id or SessionId(PurePath(path).stem)
    reader = format.reader(Origin(session_id, head.agent_id, at=at), lambda value: (value, ()))
    pieces = format.split(raw) if format.split else raw.splitlines(keepends=True)
    return [reader.read(piece, number) for number, piece in enumerate(pieces, 1)]


def events_of_file(raw: bytes, path: str = "file", at: datetime = WRITTEN_AT) -> list[Event]:
    """Each event once, in the order of the timeline."""
    events: dict[EventId, Event] = {}
    for read in lines_read(raw, path, at):
        assert read.error is None
        for event in read.events:
            events.setdefault(event.id, event)
    return sorted(events.values(), key=lambda event: (event.ts, event.ordinal))
