"""Media: recordings that reports are made of (sessions, uploaded transcripts), and what may be asked of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import Invalid
from domain.values import KeyId, SessionId, UserId

UploadId = NewType("UploadId", UUID)
MediaId = NewType("MediaId", str)
"""The id of a session, or `media_` and the digits of an upload's id."""

MOST_UPLOAD_BYTES = 64 * 2**20
"""A day of work is seldom a tenth of it."""
MOST_WAITING_BYTES = 2**30
"""So much of an organisation may wait to be read; who uploads more is told to come back."""
LABEL_CHARS, NAME_CHARS, TYPE_CHARS = 200, 255, 100
MOST_PARAMETERS_BYTES = 64 * 2**10
"""Of all parameters of a template together, as JSON: they are kept with the report."""

_UPLOADED = "media_"


class Processing(StrEnum):
    """`PENDING` -> `PROCESSING` -> `COMPLETED` | `FAILED`; the last two are for good."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded transcript. `session_id` is what it was read into, `problem` why it could not be read.

    Its bytes are kept only until it was read.
    """

    id: UploadId
    user_id: UserId
    key_id: KeyId
    label: str
    name: str
    content_type: str
    size: int
    sha256: bytes
    status: Processing
    created_at: datetime
    session_id: SessionId | None = None
    problem: str | None = None

    @property
    def media_id(self) -> MediaId:
        return media_id(self.id)


@dataclass(frozen=True, slots=True)
class Medium:
    """A recording as its workspace sees it. `key_id` and `size` are told of uploads only.

    `expires_at` is when the organisation will erase it; None: kept for good.
    """

    id: MediaId
    session_id: SessionId | None
    user_id: UserId
    key_id: KeyId | None
    label: str
    content_type: str
    size: int | None
    duration_s: float | None
    status: Processing
    created_at: datetime
    problem: str | None = None
    used_at: datetime | None = None
    expires_at: datetime | None = None


def media_id(id: UploadId) -> MediaId:
    return MediaId(f"{_UPLOADED}{id.hex}")


def upload_id(id: MediaId) -> UploadId | None:
    """The upload that `id` names; None where it can only be a session's."""
    digits = id.removeprefix(_UPLOADED)
    if digits == id or len(digits) != 32 or set(digits) - set("0123456789abcdef"):
        return None
    return UploadId(UUID(hex=digits))


def expiry(last_active_at: datetime, retention_days: int | None) -> datetime | None:
    """When an organisation lets go of what was last active then."""
    return None if retention_days is None else last_active_at + timedelta(days=retention_days)


class Template(StrEnum):
    """What a report makes of a medium; each is described in docs/reports.md."""

    GENERAL = "general_report"
    HIRING = "hiring_report"
    PROFILE = "profile_alignment"
    PLAYBOOK = "sales_playbook"

    @property
    def of_people(self) -> bool:
        """Whether it describes a person: whoever asks for the dominant speaker then means the dominant person."""
        return self in (Template.HIRING, Template.PROFILE)


PARAMETERS: dict[Template, tuple[str, ...]] = {
    Template.GENERAL: (),
    Template.HIRING: ("roleTitle", "roleDescription", "companyCulture"),
    Template.PROFILE: ("idealProfile",),
    Template.PLAYBOOK: (),
}
"""What each cannot do without."""


class Strategy(StrEnum):
    """How the one is found whom a report is about."""

    DOMINANT = "dominant"
    TIMERANGE = "timerange"
    ENTITY_ID = "entity_id"
    MAGIC_HINT = "magic_hint"


class OnMiss(StrEnum):
    ERROR = "error"
    FALLBACK = "fallback_dominant"


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeRange(_Asked):
    """[start, end) in seconds from the start of the recording; either side may be open."""

    start_s: float | None = None
    end_s: float | None = None


class Target(_Asked):
    """Whom a report is about."""

    strategy: Strategy = Strategy.DOMINANT
    on_miss: OnMiss = OnMiss.ERROR
    timerange: TimeRange = TimeRange()
    hint: str | None = None
    entity_id: str | None = None


class HookWish(_Asked):
    """Where to tell that a report is done, or failed."""

    url: str
    headers: dict[str, str] = Field(default_factory=dict[str, str])


class ReportWish(_Asked):
    """What a report of a medium was asked for with. `label` names the report, `entity_label` whom it is about."""

    media_id: MediaId
    template: Template
    params: dict[str, object] = Field(default_factory=dict[str, object])
    target: Target = Target()
    label: str | None = None
    entity_label: str | None = None
    hook: HookWish | None = None

    def parameter(self, name: str) -> str:
        """One of the parameters that the template cannot do without."""
        value = self.params[name]
        assert isinstance(value, str)
        return value


def check(wish: ReportWish) -> None:
    """Raises Invalid, with all that is wrong, where a strategy or a template lacks what it needs or has too much."""
    faults = (*_of_target(wish.target), *_of_template(wish))
    if faults:
        raise Invalid(faults[0], faults)


def _of_target(target: Target) -> tuple[str, ...]:
    match target.strategy:
        case Strategy.DOMINANT:
            return ()
        case Strategy.ENTITY_ID:
            return () if target.entity_id else ("target.entity_id is missing",)
        case Strategy.MAGIC_HINT:
            return () if (target.hint or "").strip() else ("target.hint is missing or blank",)
        case Strategy.TIMERANGE:
            return _of_range(target.timerange)


def _of_range(asked: TimeRange) -> tuple[str, ...]:
    start, end = asked.start_s, asked.end_s
    if start is None and end is None:
        return ("target.timerange needs start_seconds or end_seconds",)
    if end is not None and (start or 0.0) >= end:
        return ("target.timerange.start_seconds must lie before end_seconds",)
    return ()


def _of_template(wish: ReportWish) -> tuple[str, ...]:
    if len(orjson.dumps(wish.params)) > MOST_PARAMETERS_BYTES:
        return (f"output.templateParams has more than {MOST_PARAMETERS_BYTES} bytes",)
    wanted = [name for name in PARAMETERS[wish.template] if not _is_text(wish.params.get(name))]
    return tuple(f"output.templateParams.{name} must be a text that is not blank" for name in wanted)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
