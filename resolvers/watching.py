"""Following transcripts while agents write them, and handing on what is new.

What was not acknowledged is not kept anywhere: it still stands in the files, and is read again from there. A reader
stays in memory while its file grows; for one that has to go on in the middle of a file the reader is made anew from the
lines before, of which nothing is sent a second time.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from errno import EIO
from pathlib import Path

from domain.ingest.batch import Batch, SessionFacts
from domain.ingest.clean import Reason, Unreadable
from domain.ingest.gathering import Gathered
from domain.ingest.packing import fits, pack
from domain.ingest.reading import Reader
from domain.ingest.summary import ImportProblem, ImportSummary
from domain.redaction import redact_json
from domain.values import EventId, SessionId
from persistence.parcel_post import ParcelRefused, Receipt
from persistence.places import Place, Places
from persistence.sweeps import Seen, is_folder, sweep
from persistence.tails import Tail
from persistence.transcripts import Found, TranscriptFile, agents_by_folder, agents_of, look_at, pieces, why

REST_S = 60.0
"""Of a file that nobody wrote to for so long, also what waited for more lines is sent."""
LET_GO_S = 600.0
"""So long its reader stays."""
_MOST_READERS = 64
_TURN_S = 1.0
_SAVE_S = 2.0

Send = Callable[[bytes], Receipt]


@dataclass(slots=True)
class _Watched:
    """`quiet_since`: when the file was written or tried last, by our clock. `at_rest`: all of it was sent. `trouble`:
    why it could not be read, which was told. `due`: it was not looked at since it changed. `behind`: it was, but is too
    long to be read in one turn."""

    seen: Seen
    quiet_since: float
    at_rest: bool = False
    refused: bool = False
    trouble: str = ""
    due: bool = True
    behind: bool = False


@dataclass(slots=True)
class _Followed:
    """A list of lines, read as far as `tail` tells."""

    file: TranscriptFile
    reader: Reader
    gathered: Gathered
    tail: Tail


@dataclass(slots=True)
class _Told:
    """What was sent of a document that is written anew as a whole."""

    events: set[tuple[SessionId, EventId]] = field(default_factory=set[tuple[SessionId, EventId]])
    digests: set[tuple[SessionId, bytes]] = field(default_factory=set[tuple[SessionId, bytes]])
    facts: dict[SessionId, SessionFacts] = field(default_factory=dict[SessionId, SessionFacts])

    def new_in(self, batch: Batch) -> Batch:
        events = tuple(event for event in batch.events if (event.session_id, event.id) not in self.events)
        raw = tuple(line for line in batch.raw if (line.session_id, line.digest) not in self.digests)
        moved = {event.session_id for event in events} | {line.session_id for line in raw}
        facts = {id: told for id, told in batch.sessions.items() if id in moved or self.facts.get(id) != told}
        return replace(batch, sessions=facts, events=events, raw=raw)

    def add(self, batch: Batch) -> None:
        self.events |= {(event.session_id, event.id) for event in batch.events}
        self.digests |= {(line.session_id, line.digest) for line in batch.raw}
        self.facts |= batch.sessions


class Watcher:
    """Watches for transcripts at or below `roots`. `send` returns once a parcel is acknowledged."""

    def __init__(
        self,
        roots: Sequence[Path],
        places: Places,
        send: Send,
        tell: Callable[[ImportProblem], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` is the clock of the files; `tell` hears of each problem once."""
        self.summary = ImportSummary()
        self.backlog = 0
        """How many files wait for their turn."""
        self.look_s = 0.0
        """What it took of a processor to look around last."""
        self._roots = roots
        self._places = places
        self._send = send
        self._tell = tell
        self._now = now
        self._watched: dict[str, _Watched] = {}
        self._followed: OrderedDict[str, _Followed] = OrderedDict()
        self._documents: dict[str, _Told] = {}
        self._seen_once: set[str] = set()
        self._agents: dict[Path, set[str]] = {}
        self._once = False
        self._turn_began = 0.0
        self._saved_at = 0.0

    def send_all(self, progress: Callable[[int], None] = lambda left: None) -> None:
        """Sends all that there is now, as if every file rested. `progress` hears how many files are left."""
        self._once = True
        due = self._due()
        for left, path in zip(range(len(due), 0, -1), due, strict=True):
            progress(left)
            self._handle(path)
            self._save(_SAVE_S)
        self._save(0)

    def turn(self) -> None:
        """Sends what is new: the newest first, and for about a second, so that a new line need not wait for years of
        old ones."""
        due, self._turn_began = self._due(), time.monotonic()
        self.backlog = len(due)
        for path in due:
            self._handle(path)
            self.backlog -= not self._watched[path].behind
            if self._late():
                break
        self._let_go()
        self._save(_SAVE_S if self.backlog else 0)

    def _late(self) -> bool:
        return not self._once and time.monotonic() - self._turn_began > _TURN_S

    def _due(self) -> list[str]:
        began = time.process_time()
        found = sweep(self._roots, self._closed)
        if not self._watched or not self._watched.keys() <= found.keys():
            self._forget(found)
        now = self._now()
        due = [path for path, seen in found.items() if self._is_due(path, seen, now)]
        self.look_s = time.process_time() - began
        if due:
            self._agents = agents_by_folder(Path(path) for path in found if "/agent-" in path)
        return sorted(due, key=lambda path: (self._watched[path].behind, -found[path].mtime_ns))

    def _closed(self, folder: str, error: OSError) -> None:
        """While files are followed, it is left for the next time."""
        if self._once:
            self._problem(folder, 0, why(error))

    def _is_due(self, path: str, seen: Seen, now: float) -> bool:
        watched = self._watched.get(path)
        if watched is None:
            place = self._places.get(path)
            at_rest = (place.size, place.mtime_ns) == (seen.size, seen.mtime_ns)
            self._watched[path] = _Watched(seen, min(now, seen.mtime_ns / 1e9), at_rest, due=not at_rest)
            return not at_rest
        if watched.refused:
            return False
        if watched.seen != seen:
            self._watched[path] = _Watched(seen, now, trouble=watched.trouble, behind=watched.behind)
            return True
        if watched.due or watched.behind:
            return True
        return not watched.at_rest and (self._once or now - watched.quiet_since >= REST_S)

    def _forget(self, found: Mapping[str, Seen]) -> None:
        for path in self._watched.keys() - found.keys():
            del self._watched[path]
            self._followed.pop(path, None)
            self._documents.pop(path, None)
        there = tuple(f"{root}/" for root in self._roots if is_folder(root))
        self._places.keep_only(lambda path: path in found or not path.startswith(there))

    def _let_go(self) -> None:
        now = self._now()
        for path in [*self._followed]:
            if self._watched[path].at_rest and now - self._watched[path].quiet_since >= LET_GO_S:
                del self._followed[path]
        while len(self._followed) > _MOST_READERS:
            self._followed.popitem(last=False)

    def _save(self, seconds: float) -> None:
        if time.monotonic() - self._saved_at >= seconds:
            self._places.save()
            self._saved_at = time.monotonic()

    def _handle(self, path: str) -> None:
        """Whatever is wrong with a file costs that file only."""
        watched = self._watched[path]
        watched.due = False
        rests = self._once or self._now() - watched.quiet_since >= REST_S
        try:
            watched.behind = not self._follow(path, watched, rests)
            watched.at_rest, watched.trouble = rests and not watched.behind, ""
        except FileNotFoundError:
            pass  # the next sweep does not find it either
        except OSError as error:
            self._come_back(path, watched, why(error))
        except Unreadable as problem:  # a document may be half written
            watched.at_rest = rests
            if rests:
                self._problem(path, 0, problem.reason)
        except ParcelRefused as refusal:
            self._problem(path, 0, str(refusal))
            self._followed.pop(path, None)
            watched.refused, watched.behind = True, False

    def _come_back(self, path: str, watched: _Watched, trouble: str) -> None:
        """Tries again later: a drive may be back then, or a folder open."""
        if trouble != watched.trouble:
            self._problem(path, 0, trouble)
        watched.trouble, watched.at_rest, watched.behind, watched.quiet_since = trouble, False, False, self._now()

    def _follow(self, path: str, watched: _Watched, rests: bool) -> bool:
        """Whether all that there is was read."""
        followed = self._followed.get(path)
        if followed is None or self._is_another(path, followed):
            file = self._look(path)
            if file is None:
                return True
            if file.format.split is not None:
                self._read_document(file, watched, rests)
                return True
            followed = self._go_on(path, file)
        self._followed[path] = followed
        self._followed.move_to_end(path)
        done = self._read_lines(path, followed)
        rests = rests and done
        half = self._finish(followed) if rests else False
        self._deliver(path, followed.gathered.take())
        self._places.put(path, _place(followed.tail, watched.seen if rests else None))
        self._count(path)
        if half or self._once:
            del self._followed[path]  # the line will be read again once it is whole
        return done

    def _is_another(self, path: str, followed: _Followed) -> bool:
        """Whether the file was cut or rewritten, or sub-agents got files of their own, which its reader must know."""
        own = agents_of(Path(path), self._agents)
        return own != followed.file.origin.agents_with_files or not followed.tail.stands()

    def _look(self, path: str) -> TranscriptFile | None:
        found = Found()
        look_at(Path(path), self._agents, found)
        for _, reason in found.unreadable:
            raise OSError(EIO, reason)
        self.summary.ignored += len(found.ignored) if self._once else 0
        return found.files[0] if found.files else None

    def _go_on(self, path: str, file: TranscriptFile) -> _Followed:
        """From where the server has everything, if the file still begins with that; else from the start."""
        place = self._places.get(path)
        followed = _begun(file)
        for raw in followed.tail.whole_lines(place.offset) if place.offset <= file.size else ():
            followed.gathered.add(followed.reader.read(raw, followed.tail.lines), len(raw))
            if followed.gathered.full:
                followed.gathered.take()
        followed.gathered.take()
        same = (followed.tail.offset, followed.tail.digest) == (place.offset, place.digest)
        return followed if same and place.offset else _begun(file)

    def _read_lines(self, path: str, followed: _Followed) -> bool:
        """Up to the end, or to that of this turn: others have new lines, too. Whether it was the end."""
        for raw in followed.tail.whole_lines():
            read = followed.reader.read(raw, followed.tail.lines)
            if read.error is not None:
                self._problem(path, read.line, read.error.reason)
            followed.gathered.add(read, len(raw))
            if followed.gathered.full:
                self._deliver(path, followed.gathered.take())
                self._places.put(path, _place(followed.tail, None))
                self._save(_SAVE_S)
                if self._late():
                    return False
        return True

    def _finish(self, followed: _Followed) -> bool:
        """Takes what waited for more lines; True if a last line without its newline was taken as it stands."""
        rest = followed.tail.rest()
        read = followed.reader.read(rest, followed.tail.lines + 1)
        if read.error is None:
            followed.gathered.add(read, len(rest))
        elif self._once or read.error.reason is not Reason.HALF_WRITTEN:
            self._problem(str(followed.file.path), read.line, read.error.reason)
        followed.gathered.events += followed.reader.flush()
        return bool(rest)

    def _read_document(self, file: TranscriptFile, watched: _Watched, rests: bool) -> None:
        path = str(file.path)
        told = self._documents.setdefault(path, _Told())
        followed = _begun(file)
        for number, raw in enumerate(pieces(file), 1):
            read = followed.reader.read(raw, number)
            if read.error is not None and rests:
                self._problem(path, number, read.error.reason)
            followed.gathered.add(read, len(raw))
            if followed.gathered.full:
                self._deliver_new(path, followed.gathered.take(), told)
        if rests:
            followed.gathered.events += followed.reader.flush()
            del self._documents[path]
        self._deliver_new(path, followed.gathered.take(), told)
        if rests:
            self._places.put(path, Place(size=watched.seen.size, mtime_ns=watched.seen.mtime_ns))
        self._count(path)

    def _deliver_new(self, path: str, batch: Batch, told: _Told) -> None:
        self._deliver(path, told.new_in(batch))
        told.add(batch)

    def _deliver(self, path: str, batch: Batch) -> None:
        for line in batch.raw:
            if not fits(line):
                self._problem(path, line.position, "too long to be sent: what it tells is, the line itself is not")
        for parcel in pack(batch):
            receipt = self._send(parcel)
            self.summary.events += receipt.accepted
            self.summary.skipped += receipt.skipped
        self.summary.sessions |= batch.sessions.keys()

    def _count(self, path: str) -> None:
        self._seen_once.add(path)
        self.summary.files = len(self._seen_once)

    def _problem(self, path: str, line: int, reason: str) -> None:
        problem = ImportProblem(path, line, reason)
        if self._once:
            self.summary.errors.append(problem)
        else:
            self._tell(problem)


def _begun(file: TranscriptFile) -> _Followed:
    return _Followed(file, file.format.reader(file.origin, redact_json), Gathered(file.format.name), Tail(file.path))


def _place(tail: Tail, rested: Seen | None) -> Place:
    place = Place(tail.offset, tail.lines, tail.digest)
    return place if rested is None else place._replace(size=rested.size, mtime_ns=rested.mtime_ns)
