"""Importing transcripts: every readable line once, in small transactions, then waiting for the verdicts."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import persistence.jobs
import persistence.judging
import persistence.transcripts
from domain.access import Caller
from domain.errors import Forbidden
from domain.ingest.batch import Batch
from domain.ingest.clean import Unreadable
from domain.ingest.gathering import Gathered
from domain.ingest.reading import keep_all
from domain.ingest.summary import ImportProblem, ImportSummary
from domain.redaction import redact_json
from domain.values import SessionId
from persistence.database import Tenant
from persistence.transcripts import TranscriptFile
from resolvers.context import Services
from resolvers.ingest import save_batch

_LOOK_AGAIN_S = 0.2

Progress = Callable[[int], None]
"""Told how many bytes were just read."""


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
    batches = _batches(caller, file, summary, progress)
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        await _save(services, caller, batch, summary)


def _batches(caller: Caller, file: TranscriptFile, summary: ImportSummary, progress: Progress) -> Iterator[Batch]:
    """What is read of a file, in pieces of bounded size; to be read beside the event loop, which it would hold up."""
    reader = file.format.reader(file.origin, redact_json if caller.settings.redaction else keep_all)
    gathered = Gathered(file.format.name)
    for number, raw in enumerate(persistence.transcripts.pieces(file), 1):
        read = reader.read(raw, number)
        if read.error is not None:
            summary.errors.append(ImportProblem(str(file.path), number, read.error.reason))
        gathered.add(read, len(raw))
        progress(len(raw))
        if gathered.full:
            yield gathered.take()
    gathered.events += reader.flush()
    yield gathered.take()


async def _save(services: Services, caller: Caller, batch: Batch, summary: ImportSummary) -> None:
    if not batch.sessions:
        return
    saved = await save_batch(services, caller, batch)
    summary.sessions |= set(batch.sessions)
    summary.events += len(saved.events)
    summary.skipped += len({(event.session_id, event.id) for event in batch.events}) - len(saved.events)


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
