"""The Promptster envelope as it stands on the wire (domain reference, sections 2.1 and 2.2).

Typed dictionaries with optional keys, because an optional member may be missing but not null. Unknown members
are accepted everywhere and kept.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, LiteralString, Required, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from domain.timeline import Attribution, Observability

_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"


OUT_OF_RANGE = "out_of_range"
"""The type of our own errors about a value that is too small or too large."""


def _fault(text: str, type: LiteralString = "wire", inner: ErrorDetails | None = None) -> PydanticCustomError:
    """A plain ValueError would be told with a prefix. `inner` is the error of a value that was checked on its own."""
    return PydanticCustomError(type, "{text}", {"text": text} if inner is None else {"text": text, "inner": inner})


def _shaped(pattern: str, what: str, format: str) -> BeforeValidator:
    """Lets only text of that shape through: pydantic alone also takes numbers and looser spellings."""
    compiled = re.compile(pattern, re.ASCII)
    described = Field(pattern=pattern, json_schema_extra={"format": format})

    def check(value: object) -> object:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise _fault(f"must be {what}")
        return value

    return BeforeValidator(check, json_schema_input_type=Annotated[str, described])


def whole_number(value: object) -> object:
    """1.0 is an integer in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_utc_too(at: datetime) -> datetime:
    """A time in the years 1 to 9999 may lie outside them in UTC, where no column could hold it."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise _fault("must lie in the years 1 to 9999 of UTC", OUT_OF_RANGE) from None
    return at


def _with_room_around(at: datetime) -> datetime:
    """Days are counted from events, and the database takes the very first and last moment for infinity."""
    if not 2 <= at.year <= 9998:
        raise _fault("must lie in the years 2 to 9998", OUT_OF_RANGE)
    return at


WireUuid = Annotated[UUID, Field(strict=False), _shaped(_UUID, "a UUID", "uuid")]
UuidText = Annotated[str, Field(pattern=_UUID, json_schema_extra={"format": "uuid"})]
"""A UUID as it was spelled."""
WireTime = Annotated[
    AwareDatetime,
    Field(strict=False),
    _shaped(_TIME, "an RFC 3339 time with an offset", "date-time"),
    AfterValidator(_in_utc_too),
]
EventTime = Annotated[WireTime, AfterValidator(_with_room_around)]
WireInt = Annotated[int, BeforeValidator(whole_number, json_schema_input_type=int)]
Count = Annotated[int, Field(ge=0), BeforeValidator(whole_number, json_schema_input_type=Annotated[int, Field(ge=0)])]
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Word = Annotated[str, Field(min_length=1, max_length=128)]
ShortText = Annotated[str, Field(max_length=128)]
Signature = Annotated[str, Field(exclude_if=lambda text: text == "")]
"""Of the published client; kept, not checked."""

_OPEN = ConfigDict(extra="allow", strict=True)

UploadKind = Literal[
    "prompt", "ai_response", "file_diff", "file_create", "file_delete", "command", "test_run", "build_run",
    "git_action", "decision_event", "session_start", "session_end", "checkpoint", "tool_use", "tool_result",
    "planning", "mcp_call", "context_clear", "context_compact", "api_request", "api_error", "tool_call",
]  # fmt: skip


class Source(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues] - how pydantic configures a TypedDict
    channel: Literal["hook", "cli", "mcp", "api", "worker", "import", "ide-extension", "terminal", "unknown"]
    integration: ShortText
    emitter: ShortText


class Actor(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    type: Literal["ai", "human", "system", "unknown"]


class WireProvenance(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    attribution: Attribution
    confidence: Annotated[float, Field(ge=0, le=1)]
    observability: Observability


class CommandData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    command: Required[str]
    exitCode: WireInt
    durationMs: Milliseconds
    stdout: str
    stderr: str


class FileDiffData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    path: Required[str]
    diff: str
    linesAdded: Count
    linesRemoved: Count


class FileCreateData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    path: Required[str]
    content: str
    linesAdded: Count
    sizeBytes: Count


class TestRunData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    suite: str
    passed: Count
    failed: Count
    skipped: Count
    durationMs: Milliseconds


class GitActionData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    action: Required[str]
    ref: str
    message: str
    commit: str


class CheckpointData(TypedDict, total=False):
    __pydantic_config__ = _OPEN  # pyright: ignore[reportGeneralTypeIssues]
    label: str
    trigger: str
    summary: str


_STRICT: dict[str, TypeAdapter[object]] = {
    "command": TypeAdapter(CommandData),
    "file_diff": TypeAdapter(FileDiffData),
    "file_create": TypeAdapter(FileCreateData),
    "test_run": TypeAdapter(TestRunData),
    "git_action": TypeAdapter(GitActionData),
    "checkpoint": TypeAdapter(CheckpointData),
}
"""The kinds whose payload is checked; the others take any object."""


def _describe_data(schema: JsonDict) -> None:
    """Says in the JSON Schema what each kind demands of `data`."""
    checked: list[JsonValue] = [
        {"properties": {"kind": {"const": kind}, "data": data.json_schema()}} for kind, data in _STRICT.items()
    ]
    others: list[JsonValue] = [kind for kind in get_args(UploadKind) if kind not in _STRICT]
    schema["anyOf"] = [*checked, {"properties": {"kind": {"enum": others}}}]


class Envelope(BaseModel):
    """One event as a client posts it to `POST /v1/hooks/ingest`."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra=_describe_data)

    id: WireUuid
    sessionId: Annotated[str, Field(min_length=1, max_length=255)]  # noqa: N815
    ts: EventTime
    kind: UploadKind
    source: Source | Word
    actor: Actor = {}
    provenance: WireProvenance = {}
    v: Annotated[int, Field(ge=1, le=1), BeforeValidator(whole_number, json_schema_input_type=Literal[1])]
    data: dict[str, JsonValue]
    sig: Signature = ""
    prevSig: Signature = ""  # noqa: N815

    @model_validator(mode="after")
    def _data_fits_kind(self) -> "Envelope":
        if self.kind in _STRICT:
            try:
                _STRICT[self.kind].validate_python(self.data)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                text = f"data.{'.'.join(map(str, first['loc']))}: {first['msg']}"
                raise _fault(text, inner=first) from None
        return self


WIRE_TIME: TypeAdapter[datetime] = TypeAdapter(WireTime)
EVENT_TIME: TypeAdapter[datetime] = TypeAdapter(EventTime)
