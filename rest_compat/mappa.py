"""The Mappa (Conduit) dialect: camelCase, `{error: {code, message, details?}}`, service keys in a header of their own.

What does not fit a schema is 422, and every answer names the request that it is to.
"""

from typing import Annotated, Literal, NotRequired
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field
from starlette.requests import Request
from typing_extensions import TypedDict

from domain.access import KeyKind
from domain.errors import Invalid, NotFound
from domain.ingest.clean import storable
from domain.media import MediaId
from domain.reports.records import ReportId
from rest_compat.dialect import Dialect, Limit, Parameter, Refused, key_or_address

CLOSED = ConfigDict(extra="forbid", strict=True)
REQUEST_ID = "x-request-id"

_CODES = {
    401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "idempotency_conflict", 413: "payload_too_large",
    415: "unsupported_media_type", 422: "validation_error", 429: "rate_limited", 500: "internal", 503: "unavailable",
}  # fmt: skip
_MOST_ECHOED = 200


class Fault(TypedDict):
    """`code` is for programs; `details` name the places that are wrong, one entry each."""

    code: Annotated[str, Field(min_length=1)]
    message: str
    details: NotRequired[list[str]]


class MappaErrorBody(TypedDict):
    error: Fault


class Refusal(Refused):
    """A refusal with a code of its own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code


def _word_error(status: int, error: Exception) -> MappaErrorBody:
    fault: Fault = {"code": error.code if isinstance(error, Refusal) else _CODES[status], "message": str(error)}
    if isinstance(error, Invalid) and error.details:
        fault["details"] = list(error.details)
    return {"error": fault}


def _echo(request: Request) -> dict[str, str]:
    """The id that the client gave its request, or one of ours."""
    given = request.headers.get(REQUEST_ID, "")
    return {REQUEST_ID: given if 0 < len(given) <= _MOST_ECHOED else f"req_{uuid4().hex}"}


DIALECT = Dialect(
    title="Mappa reports",
    kinds=frozenset({KeyKind.SERVICE}),
    headers=frozenset({"mappa-api-key"}),
    word_error=_word_error,
    error_body=MappaErrorBody,
    refusals=dict.fromkeys(("missing", "prefix", "unknown", "inactive"), "Unauthorized"),
    limit=Limit("mappa", 600, key_or_address),
    statuses={Invalid: 422},
    echo=_echo,
)

_ID = {"type": "string", "minLength": 1}
JOB_ID = Parameter("jobId", "Id of the job.", _ID)
REPORT_ID = Parameter("reportId", "Id of the report.", _ID)
MEDIA_ID = Parameter("mediaId", "Id of the file, or of a recorded session.", _ID)
_ANY: dict[str, object] = {}
"""Whatever stands in a header is a text."""
X_REQUEST_ID = Parameter("X-Request-Id", "Comes back as `x-request-id`.", _ANY)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key", "Whoever asks again with the same key is answered as the first time.", _ANY
)
LANGUAGE = Parameter(
    "Accept-Language", "The language of the report, looked up as RFC 4647 says.", {"type": "string", "default": "en"}
)

Template = Literal["sales_playbook", "general_report", "hiring_report", "profile_alignment"]


def media_id(request: Request) -> MediaId:
    """Of the path, as stored text is spelled."""
    return MediaId(str(storable(request.path_params["mediaId"])))


def job_id(request: Request) -> ReportId:
    return _named(request.path_params["jobId"], "job_", "Job not found")


def report_id(request: Request) -> ReportId:
    return _named(request.path_params["reportId"], "report_", "Report not found")


def _named(text: str, prefix: str, refusal: str) -> ReportId:
    """The row that both a job and its report are. Raises NotFound for what is no id at all."""
    digits = text.removeprefix(prefix)
    if digits == text or len(digits) != 32 or set(digits) - set("0123456789abcdef"):
        raise NotFound(refusal)
    return ReportId(UUID(hex=digits))
