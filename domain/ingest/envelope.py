"""The Promptster envelope as it stands on the wire (domain reference, sections 2.1 and 2.2).

Typed dictionaries with optional keys, because an optional member may be missing but not null. Unknown members
are accepted everywhere and kept.
"""

import re
from datetime import datetime
from typing import Annotated, Literal, Required
from uuid import UUID

from pydantic import (
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
from typing_extensions import TypedDict

from domain.timeline import Attribution, Observability

_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"


def _shaped(pattern: str, what: str) -> BeforeValidator:
    """Lets only text of that shape through: pydantic alone also takes numbers and looser spellings."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> object:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"must be {what}")
        return value

    return BeforeValidator(check, json_schema_input_type=Annotated[str, Field(pattern=pattern)])


def _whole(value: object) -> object:
    """1.0 is an integer in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WireUuid = Annotated[UUID, Field(strict=False), _shaped(_UUID, "a UUID")]
WireTime = Annotated[AwareDatetime, Field(strict=False), _shaped(_TIME, "an RFC 3339 time with an offset")]
WireInt = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
Count = Annotated[int, BeforeValidator(_whole, json_schema_input_type=Annotated[int, Field(ge=0)]), Field(ge=0)]
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Word = Annotated[str, Field(min_length=1, max_length=128)]
ShortText = Annotated[str, Field(max_length=128)]

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


class Envelope(BaseModel):
    """One event as a client posts it to `POST /v1/hooks/ingest`."""

    model_config = ConfigDict(extra="allow", strict=True)

    id: WireUuid
    sessionId: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]  # noqa: N815
    ts: WireTime
    kind: UploadKind
    source: Source | Word
    actor: Actor = {}
    provenance: WireProvenance = {}
    v: Annotated[int, BeforeValidator(_whole, json_schema_input_type=Literal[1]), Field(ge=1, le=1)]
    data: dict[str, JsonValue]

    @model_validator(mode="after")
    def _data_fits_kind(self) -> "Envelope":
        if self.kind in _STRICT:
            try:
                _STRICT[self.kind].validate_python(self.data)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                raise ValueError(f"data.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        return self


WIRE_TIME: TypeAdapter[datetime] = TypeAdapter(WireTime)
