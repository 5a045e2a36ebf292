"""Reading what a client sent and writing times: the parts that the old systems have in common."""

import re
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request

from domain.errors import Invalid
from domain.ingest.clean import Unreadable, parse_strictly
from domain.ingest.envelope import WIRE_TIME, WireUuid
from domain.values import JsonValue
from resolvers.aside import aside
from rest_compat.dialect import Refused

T = TypeVar("T")

MOST_BODY_BYTES = 16 * 2**20
_GZIP = 16 + zlib.MAX_WBITS
_NO_GZIP = "body: not one whole gzip file"

_INTEGER = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
_MOST_DIGITS = 15
_MOST_FAULTS = 20
_MOST_MEMBERS = 1_000
_UUID: TypeAdapter[UUID] = TypeAdapter(WireUuid)

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


def plain(at: datetime) -> Time:
    """RFC 3339 in UTC, with microseconds where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def milliseconds(at: datetime) -> Time:
    """RFC 3339 in UTC with exactly three decimals."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def read_json(request: Request, parse: Callable[[bytes], JsonValue] = parse_strictly) -> tuple[JsonValue, int]:
    """The body, counted while it arrives, and its size. Raises Refused 413 or 415, Invalid for what is no JSON text."""
    body = await read_bytes(request, ("application/json",), zipped=False)
    try:
        return await aside(len(body), lambda: parse(body)), len(body)
    except Unreadable as problem:
        raise Invalid("Invalid request body", (str(problem),)) from None


def is_empty(request: Request) -> bool:
    """Whether there is no body: none is announced, or one of no bytes."""
    length = request.headers.get("content-length", "")
    return length == "0" or not (length or "transfer-encoding" in request.headers)


async def read_bytes(request: Request, kinds: Sequence[str], zipped: bool) -> bytes:
    """The body, counted while it arrives, and while it is unpacked. Raises Refused 413 or 415 (`kinds` are the types
    that are good, the first for want of one), Invalid for what is no gzip."""
    kind = request.headers.get("content-type", kinds[0]).partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in kinds or encoding not in ("identity", *(("gzip",) if zipped else ())):
        raise Refused(415, f"Send {'' if zipped else 'plain '}{' or '.join(kinds)}")
    unpacker = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk if unpacker is None else _unpacked(unpacker, chunk, MOST_BODY_BYTES + 1 - len(body))
        if len(body) > MOST_BODY_BYTES:
            raise Refused(413, f"The body is larger than {MOST_BODY_BYTES} bytes")
    if unpacker is not None and (unpacker.unused_data or not unpacker.eof):
        raise Invalid("Invalid request body", (_NO_GZIP,))
    return bytes(body)


def _unpacked(unpacker: "zlib._Decompress", chunk: bytes, most: int) -> bytes:  # pyright: ignore[reportPrivateUsage] - its only name
    try:
        return unpacker.decompress(chunk, most)
    except zlib.error:
        raise Invalid("Invalid request body", (_NO_GZIP,)) from None


async def read_body(request: Request, shape: TypeAdapter[T]) -> T:
    """The body as `shape`, strictly. Raises Invalid with one detail for each place that does not fit, and as above."""
    body, _ = await read_json(request)
    if isinstance(body, dict) and len(body) > _MOST_MEMBERS:  # each of which would be told of
        raise Invalid("Invalid request body", (f"body: an object with more than {_MOST_MEMBERS} members",))
    try:
        return shape.validate_python(body, strict=True)
    except ValidationError as error:
        raise Invalid("Invalid request body", faults(error)) from None


def faults(error: ValidationError) -> tuple[str, ...]:
    """What does not fit, one entry each."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return tuple(f"{_place(fault['loc'])}: {fault['msg']}" for fault in found[:_MOST_FAULTS])


def _place(loc: tuple[int | str, ...]) -> str:
    """Where in the body; a client's own key may be long."""
    return ".".join(map(str, loc))[:200] or "body"


def number(value: Decimal | None) -> float | None:
    """A decimal as JSON has it."""
    return None if value is None else float(value)


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that `text` is, moved to the nearest bound; None where it is none."""
    if (match := _INTEGER.fullmatch(text)) is None:
        return None
    sign, digits = match.groups()
    if len(digits) > _MOST_DIGITS:
        return least if sign == "-" else most
    return min(max(int(sign + digits), least), most)


def moment(text: str) -> datetime | None:
    """The RFC 3339 time that `text` is; None where it is none."""
    try:
        return WIRE_TIME.validate_python(text)
    except ValidationError:
        return None


def uuid(text: str) -> UUID | None:
    """The UUID that `text` is, in the usual spelling; None where it is none."""
    try:
        return _UUID.validate_python(text)
    except ValidationError:
        return None
