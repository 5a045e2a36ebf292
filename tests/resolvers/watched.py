"""A server in memory, and what an import of the same files would store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import persistence.transcripts
from domain.ingest.batch import Batch
from domain.ingest.clean import parse_strictly
from domain.ingest.gathering import Gathered
from domain.ingest.parcel import MOST_LEVELS, unpack
from domain.ingest.summary import ImportProblem
from domain.redaction import redact_json
from domain.timeline import Event
from persistence.parcel_post import ParcelRefused, Receipt
from persistence.places import open_places
from resolvers.watching import Watcher

FAR_OFF = 4_000_000_000.0


@dataclass
class Shelf:
    """Keeps what it is sent: of equal events the first, as the server does."""

    events: dict[tuple[str, UUID], Event] = field(default_factory=dict)
    lines: dict[tuple[str, bytes], str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    parcels: int = 0
    refused: set[str] = field(default_factory=set)

    def take(self, parcel: bytes) -> Receipt:
        batch = unpack(parse_strictly(parcel, MOST_LEVELS), redact_json)
        if self.refused & batch.sessions.keys():
            raise ParcelRefused("this session belongs to somebody else")
        self.parcels += 1
        return self.store(batch)

    def store(self, batch: Batch) -> Receipt:
        before, ids = len(self.events), {(event.session_id, event.id) for event in batch.events}
        for event in batch.events:
            self.events.setdefault((event.session_id, event.id), event)
        for line in batch.raw:
            self.lines.setdefault((line.session_id, line.digest), line.body)
        self.titles |= {id: facts.title for id, facts in batch.sessions.items() if facts.title}
        new = len(self.events) - before
        return Receipt(accepted=new, skipped=len(ids) - new)

    @property
    def told(self) -> object:
        return self.events, self.lines, self.titles


def imported(*paths: Path) -> Shelf:
    """What `goalarc import` makes of these files."""
    shelf = Shelf()
    for file in persistence.transcripts.find(paths).files:
        reader, gathered = file.format.reader(file.origin, redact_json), Gathered(file.format.name)
        for number, raw in enumerate(persistence.transcripts.pieces(file), 1):
            gathered.add(reader.read(raw, number), len(raw))
        gathered.events += reader.flush()
        shelf.store(gathered.take())
    return shelf


@dataclass
class Machine:
    """Where the transcripts lie. Its clock stands still unless told: files rest when it is moved far off."""

    folder: Path
    shelf: Shelf = field(default_factory=Shelf)
    problems: list[ImportProblem] = field(default_factory=list)
    clock: list[float] = field(default_factory=lambda: [0.0])

    @contextmanager
    def watcher(self, *roots: Path) -> Iterator[Watcher]:
        state = self.folder.parent / "state" / "places.json"
        with open_places(state) as places:
            yield Watcher(roots or [self.folder], places, self.shelf.take, self.problems.append, lambda: self.clock[0])

    def send_all(self, roots: Sequence[Path] = ()) -> Watcher:
        with self.watcher(*roots) as watcher:
            watcher.send_all()
            return watcher


def grow(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(text)


def caught_up(watcher: Watcher) -> Watcher:
    watcher.turn()
    while watcher.backlog:
        watcher.turn()
    return watcher
