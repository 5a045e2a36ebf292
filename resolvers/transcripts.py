"""Importing transcripts: every readable line once, in small transactions, then waiting for the verdicts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

import persistence.jobs
import persistence.judging
import persistence.transcripts
from domain.access import Caller
from domain.errors import Forbidden
from domain.ingest.batch import Batch, RawLine, SessionFacts
from domain.ingest.clean import Unreadable
from domain.ingest.reading import LineRead, keep_all
from domain.redaction import redact_json
from domain.timeline import Event
from domain.values import SessionId
from persistence.database import Tenant
from persistence.transcripts import TranscriptFile
from resolvers.context import Services
from resolvers.ingest import save_batch

_BATCH_BYTES = 4 * 2**20
_BATCH_LINES = 2_000
_LOOK_AGAIN_S = 0.2

Progress = Callable[[int], None]
"""Told how many bytes were just read."""


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A line that could not be read, or with line 0 a whole file."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class ImportSummary:
    """`events` were new, `skipped` were there already; `ignored` files are no transcripts of a known agent."""

    files: int = 0
    ignored: int = 0
    sessions: set[SessionId] = field(default_factory=set[SessionId])
    events: int = 0
    skipped: int = 0
    sub_sessions: int = 0
    errors: list[ImportProblem] = field(default_factory=list[ImportProblem])

    @property
    def complete(self) -> bool:
        """Whether every file could be read, if not every line."""
        return all(error.line for error in self.errors)


async def import_transcripts(
    services: Services, caller: Caller, found: persistence.transcripts.Found, progress: Progress
) -> ImportSummary:
    """Imports what `found` holds. May be killed at any point and run again: the end is the same."""
    summary = ImportSummary(ignored=len(found.ignored))
    summary.errors += [ImportProblem(str(path), 0, reason) for path, reason in found.unreadable]
    for file in found.files:
        try:
            await _import_file(services, caller, file, summary, progress)
            summary.files += 1
        except OSError as error:
            summary.errors.append(ImportProblem(str(file.path), 0, error.strerror or type(error).__name__))
        except Unreadable as problem:
            summary.errors.append(ImportProblem(str(file.path), 0, problem.reason))
        except Forbidden as error:  # a session of somebody else costs its file, not the others
            summary.errors.append(ImportProblem(str(file.path), 0, str(error)))
    return summary


async def _import_file(
    services: Services, caller: Caller, file: TranscriptFile, summary: ImportSummary, progress: Progress
) -> None:
    reader = file.format.reader(file.origin, redact_json if caller.settings.redaction else keep_all)
    gathered = _Gathered(file.format.name)
    for number, raw in enumerate(persistence.transcripts.pieces(file), 1):
        read = reader.read(raw, number)
        if read.error is not None:
            summary.errors.append(ImportProblem(str(file.path), number, read.error.reason))
        gathered.add(read)
        progress(len(raw))
        gathered.bytes += len(raw)
        if gathered.full:
            await _save(services, caller, gathered.take(), summary)
    gathered.events += reader.flush()
    await _save(services, caller, gathered.take(), summary)


async def _save(services: Services, caller: Caller, batch: Batch, summary: ImportSummary) -> None:
    if not batch.sessions:
        return
    saved = await save_batch(services, caller, batch)
    summary.sessions |= set(batch.sessions)
    summary.events += len(saved.events)
    summary.skipped += len({(event.session_id, event.id) for event in batch.events}) - len(saved.events)


@dataclass(slots=True)
class _Gathered:
    """Lines on their way into one transaction. A session is known once it has an event: raw lines and facts that
    come before it wait, those of a session that never has one are let go."""

    format: str
    events: list[Event] = field(default_factory=list[Event])
    raw: list[RawLine] = field(default_factory=list[RawLine])
    facts: dict[SessionId, SessionFacts] = field(default_factory=dict[SessionId, SessionFacts])
    known: set[SessionId] = field(default_factory=set[SessionId])
    lines: int = 0
    bytes: int = 0

    @property
    def full(self) -> bool:
        return self.bytes >= _BATCH_BYTES or self.lines >= _BATCH_LINES

    def add(self, read: LineRead) -> None:
        self.lines += 1
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
        self.raw = [line for line in self.raw if line.session_id not in self.known][:_BATCH_LINES]
        self.facts = {id: facts for id, facts in self.facts.items() if id not in self.known}
        self.events, self.lines, self.bytes = [], 0, 0
        return batch

    def _moved(self) -> set[SessionId]:
        named = set(self.facts) | {line.session_id for line in self.raw}
        return {event.session_id for event in self.events} | (named & self.known)


async def wait_until_judged(services: Services, tenant: Tenant, summary: ImportSummary) -> None:
    """Until nothing that was imported waits for its verdict; fills in how many arcs there are."""
    ids = sorted(summary.sessions)
    while await _waiting(services, tenant, ids):
        await asyncio.sleep(_LOOK_AGAIN_S)
    async with services.database.read(tenant) as db:
        summary.sub_sessions = await persistence.judging.count_by_session(db, tenant.org_id, ids)


async def _waiting(services: Services, tenant: Tenant, ids: Sequence[SessionId]) -> int:
    async with services.database.read(tenant) as db:
        return await persistence.jobs.waiting(db, tenant.org_id, ids)


def find_transcripts(paths: Sequence[Path]) -> persistence.transcripts.Found:
    return persistence.transcripts.find(paths)
