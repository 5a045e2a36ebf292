"""Taking in uploaded transcripts: stored as they come, read by a job into sessions that are judged like any other."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import UUID

import persistence.access
import persistence.idempotency
import persistence.job_runs
import persistence.jobs
import persistence.uploads
from domain.access import DEFAULT_SCOPES, Caller, KeyKind, Scope
from domain.errors import Conflict, Invalid, TooMany
from domain.ingest.summary import ImportSummary
from domain.jobs import Job
from domain.media import LABEL_CHARS, MOST_WAITING_BYTES, NAME_CHARS, TYPE_CHARS, Processing, Upload, UploadId
from domain.values import OrgId, SessionId
from persistence.bus import JOBS
from persistence.database import Tenant
from persistence.idempotency import OtherRequest, Purpose
from persistence.identifiers import new_id
from persistence.transcripts import TranscriptFile
from persistence.uploads import PIECE_BYTES
from resolvers.context import Context, Services
from resolvers.media import digest
from resolvers.transcripts import find_transcripts, import_transcripts

UNTYPED = "application/octet-stream"
NO_TRANSCRIPT = "it is no transcript of an agent that is known here"
NO_SESSION = "there is no session in it"
GIVEN_UP = "reading it went wrong several times"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent; `body` stands at its beginning. What is too long of the names is cut."""

    body: BinaryIO
    size: int
    name: str = ""
    content_type: str = ""
    label: str = ""


async def upload_transcript(ctx: Context, sent: Sent, key: str | None) -> Upload:
    """Stores a file, to be read in a moment; under a `key` that was used for the same file it is the upload of then.

    Raises Forbidden without the scope, Invalid for an empty file, Conflict where the key was used for another file,
    TooMany while too much waits to be read.
    """
    ctx.caller.require(Scope.MEDIA_WRITE)
    if not sent.size:
        raise Invalid("The file is empty", ("file",))
    upload = await _upload(ctx, sent)
    try:
        first = await _save(ctx, upload, sent.body, key)
    except OtherRequest:
        raise Conflict("Idempotency key reused with a different request") from None
    ctx.services.bus.announce(JOBS)
    return upload if first == upload.id else await _of_then(ctx, first)


async def _save(ctx: Context, upload: Upload, body: BinaryIO, key: str | None) -> UploadId:
    """The id of the upload that there is under the key. Raises OtherRequest, TooMany."""
    org_id = ctx.caller.org_id
    async with ctx.services.database.write(Tenant(org_id)) as db:
        if key:
            claimed = (Purpose.UPLOAD, digest(key), _fingerprint(upload), upload.id)
            first = await persistence.idempotency.claim(db, org_id, *claimed)
            if first != upload.id:
                return UploadId(first)
        if await persistence.uploads.waiting_bytes(db, org_id) + upload.size > MOST_WAITING_BYTES:
            raise TooMany("Too many files of this workspace wait to be read", retry_after_s=10)
        await persistence.uploads.save(db, org_id, upload, body)
        await persistence.jobs.enqueue_upload(db, org_id, upload.user_id, upload.id)
    return upload.id


async def _upload(ctx: Context, sent: Sent) -> Upload:
    name = sent.name[:NAME_CHARS]
    return Upload(
        id=UploadId(new_id()),
        user_id=ctx.caller.user_id,
        key_id=ctx.caller.key_id,
        label=sent.label[:LABEL_CHARS] or name or "upload",
        name=name,
        content_type=sent.content_type[:TYPE_CHARS] or UNTYPED,
        size=sent.size,
        sha256=await asyncio.to_thread(_digest, sent.body),
        status=Processing.PENDING,
        created_at=ctx.now(),
    )


def _digest(body: BinaryIO) -> bytes:
    found = sha256()
    while piece := body.read(PIECE_BYTES):
        found.update(piece)
    body.seek(0)
    return found.digest()


def _fingerprint(upload: Upload) -> bytes:
    """Equal for files that are the same by content, name and label."""
    told = "\0".join((upload.label, upload.name)).encode("utf-8", "surrogatepass")
    return sha256(upload.sha256 + told).digest()


async def _of_then(ctx: Context, id: UploadId) -> Upload:
    async with ctx.services.database.read(Tenant(ctx.caller.org_id)) as db:
        found = await persistence.uploads.find(db, ctx.caller.org_id, id)
    if found is None:
        raise Conflict("Idempotency key was used for a file that is erased")
    return found


async def read_upload(services: Services, job: Job) -> None:
    """The job: reads an upload into its sessions. May be killed at any point and run again. Raises LeaseLost."""
    id = UploadId(UUID(job.key))
    async with services.database.write(Tenant(job.org_id)) as db:
        upload = await persistence.uploads.begin(db, job.org_id, id)
    problem, session_id = None, None
    if upload is not None:
        problem, session_id = await _import(services, job.org_id, upload)
    async with services.database.write(Tenant(job.org_id)) as db:
        if session_id is not None:
            await persistence.uploads.complete(db, job.org_id, id, session_id)
        elif problem is not None:
            await persistence.uploads.fail(db, job.org_id, id, problem)
        await persistence.job_runs.end(db, job)
    services.bus.announce(JOBS)


async def bury_upload(services: Services, job: Job) -> None:
    """The last try to read an upload went wrong, or killed its worker."""
    await asyncio.to_thread(_sweep, UploadId(UUID(job.key)))
    async with services.database.write(Tenant(job.org_id)) as db:
        await persistence.uploads.fail(db, job.org_id, UploadId(UUID(job.key)), GIVEN_UP)


async def _import(services: Services, org_id: OrgId, upload: Upload) -> tuple[str | None, SessionId | None]:
    """Why it could not be read; else the session it is of."""
    async with _on_disk(services, org_id, upload) as path:
        found = await asyncio.to_thread(find_transcripts, [path])
        if not found.files:
            return found.unreadable[0][1] if found.unreadable else NO_TRANSCRIPT, None
        caller = await _caller(services, org_id, upload)
        summary = await import_transcripts(services, caller, found, lambda size: None)
    return _outcome(summary, found.files[0])


def _outcome(summary: ImportSummary, file: TranscriptFile) -> tuple[str | None, SessionId | None]:
    whole = next((error.reason for error in summary.errors if error.line == 0), None)
    if whole is not None:
        return whole, None
    if not summary.sessions:
        return summary.errors[0].reason if summary.errors else NO_SESSION, None
    own = file.origin.session_id
    return None, own if own in summary.sessions else min(summary.sessions)


@asynccontextmanager
async def _on_disk(services: Services, org_id: OrgId, upload: Upload) -> AsyncGenerator[Path]:
    """The bytes as a file, one piece in memory at a time. A session that is not named in it is named after the file:
    the digest keeps those of equal names apart."""
    given = PurePosixPath(_UNSAFE.sub("-", upload.name.replace("\\", "/").rpartition("/")[2]).lstrip(".-")[-80:])
    await asyncio.to_thread(_sweep, upload.id)
    with tempfile.TemporaryDirectory(prefix=_folder(upload.id)) as folder:
        path = Path(folder) / f"{given.stem or 'upload'}-{upload.sha256.hex()[:12]}{given.suffix or '.jsonl'}"
        position = 0
        with path.open("wb") as file:
            while (piece := await _piece(services, org_id, upload.id, position)) is not None:
                await asyncio.to_thread(partial(file.write, piece))
                position += 1
        yield path


def _folder(id: UploadId) -> str:
    return f"goalarc-upload-{id.hex}-"


def _sweep(id: UploadId) -> None:
    """A worker that was killed left what it read, secrets and all, on this machine."""
    for left in Path(tempfile.gettempdir()).glob(f"{_folder(id)}*"):
        shutil.rmtree(left, ignore_errors=True)


async def _piece(services: Services, org_id: OrgId, id: UploadId, position: int) -> bytes | None:
    async with services.database.read(Tenant(org_id)) as db:
        return await persistence.uploads.piece(db, org_id, id, position)


async def _caller(services: Services, org_id: OrgId, upload: Upload) -> Caller:
    """Whoever sent it, as the developer whose session it becomes."""
    async with services.database.read(Tenant(org_id)) as db:
        org = await persistence.access.find_org_by_id(db, org_id)
        [user] = await persistence.access.users_by_id(db, org_id, [upload.user_id])
    assert org is not None
    assert user is not None
    scopes = DEFAULT_SCOPES[KeyKind.DEVELOPER]
    kind = KeyKind.DEVELOPER
    return Caller(org.id, org.environment_id, user.id, user.time_zone, upload.key_id, kind, scopes, org.settings)
