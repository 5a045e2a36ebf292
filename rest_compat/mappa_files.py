"""Mappa files: media that reports are made of, which are uploaded transcripts and sessions that were recorded."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

import resolvers.media
import resolvers.uploads
from domain.errors import TooMany
from domain.ingest.clean import storable
from domain.media import LABEL_CHARS, MOST_UPLOAD_BYTES, Medium, Processing, Upload
from domain.values import OrgId
from resolvers.uploads import Sent
from rest_compat.dialect import Operation
from rest_compat.mappa import DIALECT, IDEMPOTENCY_KEY, MEDIA_ID, X_REQUEST_ID, Refusal, media_id
from rest_compat.wire import Time, milliseconds

_AROUND_BYTES = 2**16
"""So much may stand around a file: boundaries, names, a label."""
_MOST_PARTS = 20
_MOST_AT_ONCE = 8
"""So many files of an organisation arrive at a time in this process: each takes up to 64 MiB of disk until then."""
_ARRIVES_WITHIN_S = 600.0
_arriving: Counter[OrgId] = Counter()

Size = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Origin = Literal["NOTETAKER", "MANUAL_UPLOAD", "PLAYGROUND", "SDK"]


class UploadBody(TypedDict):
    """A form of type multipart/form-data; other parts are passed over."""

    file: Annotated[str, Field(json_schema_extra={"format": "binary"})]
    label: NotRequired[Annotated[str, Field(min_length=1, max_length=LABEL_CHARS)]]


class UploadReceiptBody(TypedDict):
    """`source` is SDK for what was uploaded and NOTETAKER for what was recorded as it went on."""

    mediaId: str
    createdAt: Time
    contentType: str
    label: str
    source: Origin
    createdByApiKeyId: str | None
    createdByUserId: str
    workspaceId: str
    sizeBytes: Size | None
    durationSeconds: Seconds | None


class RetentionBody(TypedDict):
    """When the organisation erases it; null where it keeps everything. Nothing can be locked."""

    daysRemaining: int | None
    expiresAt: Time | None
    locked: bool


class FileBody(UploadReceiptBody):
    """`processingError` says of a FAILED one why."""

    hasReports: bool
    lastUsedAt: Time | None
    processingStatus: Processing
    processingError: NotRequired[str]
    retention: RetentionBody


async def upload_file(request: Request) -> Response:
    ctx = DIALECT.context(request)
    with _place(ctx.caller.org_id):
        async with _sent(request) as sent:
            upload = await resolvers.uploads.upload_transcript(ctx, sent, request.headers.get("idempotency-key"))
    return DIALECT.answer(_receipt(upload, ctx.caller.org_id))


async def get_file(request: Request) -> Response:
    ctx = DIALECT.context(request)
    medium = await resolvers.media.get_medium(ctx, media_id(request))
    return DIALECT.answer(_file(medium, ctx.caller.org_id, ctx.now()))


@contextmanager
def _place(org_id: OrgId) -> Generator[None]:
    """One among those that arrive. Raises TooMany if there is none."""
    if _arriving[org_id] >= _MOST_AT_ONCE:
        raise TooMany("Too many files of this workspace arrive at the same time", retry_after_s=5)
    _arriving[org_id] += 1
    try:
        yield
    finally:
        _arriving[org_id] -= 1


@asynccontextmanager
async def _sent(request: Request) -> AsyncGenerator[Sent]:
    """The file of a form, on disk where it is large. Raises Refusal 413 and 422."""
    form = await _form(request)
    try:
        yield _read(form)
    finally:
        await form.close()


async def _form(request: Request) -> FormData:
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise _no_file()
    parser = MultiPartParser(
        request.headers, _counted(request), max_files=_MOST_PARTS, max_fields=_MOST_PARTS, max_part_size=_AROUND_BYTES
    )
    try:
        async with asyncio.timeout(_ARRIVES_WITHIN_S):
            return await parser.parse()
    except TimeoutError:
        raise Refusal(422, "invalid_upload", f"The file did not arrive within {_ARRIVES_WITHIN_S:g} s") from None
    except MultiPartException as error:
        raise Refusal(422, "invalid_upload", error.message) from None


async def _counted(request: Request) -> AsyncGenerator[bytes]:
    """The body as it arrives, as long as it is not too much."""
    left = MOST_UPLOAD_BYTES + _AROUND_BYTES
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise _too_large()
        yield chunk


def _read(form: FormData) -> Sent:
    file, label = form.get("file"), form.get("label")
    if not isinstance(file, UploadFile):
        raise _no_file()
    if label is not None and (not isinstance(label, str) or not label.strip()):
        raise Refusal(422, "validation_error", "label is a text that is not blank")
    size = file.size or 0
    if size > MOST_UPLOAD_BYTES:
        raise _too_large()
    named = (file.filename or "", file.content_type or "", label or "")
    name, kind, label = (str(storable(text)) for text in named)
    return Sent(file.file, size, name, kind, label)


def _no_file() -> Refusal:
    return Refusal(422, "invalid_upload", "No file part")


def _too_large() -> Refusal:
    return Refusal(413, "payload_too_large", f"A file has {MOST_UPLOAD_BYTES} bytes at most")


def _receipt(upload: Upload, org_id: OrgId) -> UploadReceiptBody:
    return {
        "mediaId": upload.media_id,
        "createdAt": milliseconds(upload.created_at),
        "contentType": upload.content_type,
        "label": upload.label,
        "source": "SDK",
        "createdByApiKeyId": str(upload.key_id),
        "createdByUserId": str(upload.user_id),
        "workspaceId": str(org_id),
        "sizeBytes": upload.size,
        "durationSeconds": None,
    }


def _file(medium: Medium, org_id: OrgId, now: datetime) -> Mapping[str, object]:
    expires_at = medium.expires_at
    body: FileBody = {
        "mediaId": medium.id,
        "createdAt": milliseconds(medium.created_at),
        "contentType": medium.content_type,
        "label": medium.label,
        "source": "NOTETAKER" if medium.key_id is None else "SDK",
        "createdByApiKeyId": None if medium.key_id is None else str(medium.key_id),
        "createdByUserId": str(medium.user_id),
        "workspaceId": str(org_id),
        "sizeBytes": medium.size,
        "durationSeconds": medium.duration_s,
        "hasReports": medium.used_at is not None,
        "lastUsedAt": None if medium.used_at is None else milliseconds(medium.used_at),
        "processingStatus": medium.status,
        "retention": {
            "daysRemaining": None if expires_at is None else max(0, (expires_at - now).days),
            "expiresAt": None if expires_at is None else milliseconds(expires_at),
            "locked": False,
        },
    }
    if medium.problem is not None:
        body["processingError"] = medium.problem
    return body


OPERATIONS = (
    Operation(DIALECT, "POST", "/v1/files", upload_file, "Upload a transcript, to make reports of",
              {200: UploadReceiptBody}, (401, 403, 409, 413, 422, 429), body=UploadBody, sent="multipart/form-data",
              headers=(X_REQUEST_ID, IDEMPOTENCY_KEY)),
    Operation(DIALECT, "GET", "/v1/files/{mediaId}", get_file, "A file, or a recorded session", {200: FileBody},
              (401, 403, 404, 429), path_parameters=(MEDIA_ID,), headers=(X_REQUEST_ID,)),
)  # fmt: skip
